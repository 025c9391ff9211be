//! What a parser says of a request, in words for people: which value, and what it must be.

use model::{EVERY_MAX, INTERVAL_S, QUIET_MINUTES_MAX, REPLAY_DAYS_MAX, RULE_SECONDS_MAX, TIMEOUT_S};
use std::ops::RangeInclusive;

/// Of a body: without the line and column, which are no use for one-line bodies.
pub(super) fn of_body(text: &str) -> String {
    let why = text.split_once("target type: ").map_or(text, |(_, why)| why);
    let why = why.rsplit_once(" at line ").map_or(why, |(why, _)| why);
    in_our_words(why).unwrap_or_else(|| why.to_owned())
}

/// `ssh.port: invalid value: integer `70000`, expected u16` is of a programming language.
fn in_our_words(why: &str) -> Option<String> {
    let (field, rest) = why.split_once(": invalid ")?;
    let (_, expected) = rest.rsplit_once(", expected ")?;
    let name = field.rsplit('.').next().unwrap_or(field);
    let is_port = name.ends_with("port");
    let must = match expected {
        "u8" if name == "month_day" => whole(1..=31),
        "u8" => whole(0..=u8::MAX.into()),
        // A port of 0 is nobody's.
        "u16" => whole(u32::from(is_port)..=u16::MAX.into()),
        "u32" => whole(bounds(name)),
        "u64" | "usize" => "must be a whole number, and not negative".to_owned(),
        "i8" | "i16" | "i32" | "i64" | "isize" => "must be a whole number".to_owned(),
        "f32" | "f64" => "must be a number".to_owned(),
        object if object.starts_with("struct ") => "must be an object with named values".to_owned(),
        _ => return None,
    };
    Some(format!("{field}: {must}"))
}

/// What a number of this name may be, wherever it stands.
fn bounds(name: &str) -> RangeInclusive<u32> {
    match name {
        "for_seconds" | "cool_down_seconds" => 0..=RULE_SECONDS_MAX,
        "minutes" => 1..=QUIET_MINUTES_MAX,
        "every" => 1..=EVERY_MAX,
        "days" => 1..=REPLAY_DAYS_MAX,
        "interval_seconds" => INTERVAL_S,
        "timeout_seconds" => TIMEOUT_S,
        _ => 0..=u32::MAX,
    }
}

fn whole(range: RangeInclusive<u32>) -> String {
    format!("must be a whole number from {} to {}", range.start(), range.end())
}

/// Of a query.
pub(super) fn of_query(text: &str) -> String {
    const NUMBER: &str = "must be a whole number, and not negative";
    let why = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(text);
    [
        ("invalid digit found in string", NUMBER),
        ("cannot parse integer from empty string", NUMBER),
        ("number too large to fit in target type", "is too large"),
        ("number too small to fit in target type", "is too small"),
    ]
    .into_iter()
    .fold(why.to_owned(), |why, (theirs, ours)| why.replace(theirs, ours))
}

#[cfg(test)]
mod tests {
    use super::of_body;

    #[track_caller]
    fn check(theirs: &str, ours: &str) {
        let text =
            format!("Failed to deserialize the JSON body into the target type: {theirs} at line 1 column 40");
        assert_eq!(of_body(&text), ours);
    }

    #[test]
    fn a_number_out_of_range_is_told_with_its_field_and_its_range() {
        let port = "ssh.port: must be a whole number from 1 to 65535";
        for value in ["invalid value: integer `70000`", "invalid type: string \"a, expected u8\""] {
            check(&format!("ssh.port: {value}, expected u16"), port);
        }
        check(
            "checks[0].timeout_seconds: invalid value: integer `-1`, expected u32",
            "checks[0].timeout_seconds: must be a whole number from 1 to 60",
        );
        check(
            "checks[0].interval_seconds: invalid value: integer `-1`, expected u32",
            "checks[0].interval_seconds: must be a whole number from 5 to 86400",
        );
        check(
            "condition.every: invalid value: integer `-1`, expected u32",
            "condition.every: must be a whole number from 1 to 10000",
        );
        check("days: invalid value: integer `-1`, expected u32", "days: must be a whole number from 1 to 30");
        check(
            "month_day: invalid value: integer `-1`, expected u8",
            "month_day: must be a whole number from 1 to 31",
        );
        check(
            "confirm: invalid value: integer `-1`, expected u32",
            "confirm: must be a whole number from 0 to 4294967295",
        );
        check(
            "rule.for_seconds: invalid value: integer `-1`, expected u32",
            "rule.for_seconds: must be a whole number from 0 to 604800",
        );
        check(
            "minutes: invalid value: integer `-1`, expected u32",
            "minutes: must be a whole number from 1 to 44640",
        );
        check(
            "ssh: invalid type: integer `1`, expected struct SshInput",
            "ssh: must be an object with named values",
        );
    }

    #[test]
    fn what_is_said_for_people_already_stays() {
        for why in [
            "unknown field `x`, expected `name` or `port`",
            "name: invalid type: integer `1`, expected a string",
            "missing field `name`",
        ] {
            check(why, why);
        }
    }
}
