//! What a message to a bot asks for. Pure.

use crate::store::Which;
use model::{IncidentId, QUIET_MINUTES_MAX};

/// Longest name of a device that is looked for, in characters.
const NAME_CHARS_MAX: usize = 64;
/// Longest code that is looked at, in bytes.
const CODE_BYTES_MAX: usize = 64;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Start(Option<String>),
    Help,
    Status,
    Devices {
        /// Words that must be in the name, address or site.
        filter: String,
        /// From 1 on.
        page: usize,
    },
    Down,
    /// Nothing: whatever it is when it is only one.
    Acknowledge(Option<Which>),
    /// For so many minutes, all or one device; nothing when it was not said for how long.
    Mute(Option<(u32, Option<String>)>),
    Summary,
    /// Begins like a command, and is none of ours.
    Unknown,
}

/// The command in `text`; nothing when it is none, or one for another bot.
pub fn parse(text: &str, own_name: Option<&str>) -> Option<Command> {
    // No name has it, and not every database takes it.
    let text = text.replace('\0', "");
    let text = text.trim();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let word = word.strip_prefix('/')?;
    let (word, to) = word.split_once('@').map_or((word, None), |(word, to)| (word, Some(to)));
    if to.is_some_and(|to| !own_name.is_some_and(|own| own.eq_ignore_ascii_case(to))) {
        return None;
    }
    let rest = rest.trim();
    Some(match word.to_ascii_lowercase().as_str() {
        "start" => {
            Command::Start((!rest.is_empty() && rest.len() <= CODE_BYTES_MAX).then(|| rest.to_owned()))
        }
        "help" => Command::Help,
        "status" => Command::Status,
        "devices" => devices(rest),
        "down" => Command::Down,
        "ack" => Command::Acknowledge(which(rest)),
        "mute" => Command::Mute(mute(rest)),
        "summary" => Command::Summary,
        _ => Command::Unknown,
    })
}

/// Words to look for, and at the end the number of a page.
fn devices(rest: &str) -> Command {
    let (filter, last) = rest.rsplit_once(char::is_whitespace).unwrap_or(("", rest));
    let page = last.parse().ok().filter(|page| (1..=10_000).contains(page));
    let filter = if page.is_some() { filter } else { rest };
    Command::Devices {
        filter: filter.trim().chars().take(NAME_CHARS_MAX).collect::<String>().to_lowercase(),
        page: page.unwrap_or(1),
    }
}

/// `all`, an incident's number, or a device's name.
fn which(rest: &str) -> Option<Which> {
    if rest.is_empty() {
        return None;
    }
    if rest.eq_ignore_ascii_case("all") {
        return Some(Which::All);
    }
    match rest.trim_start_matches('#').parse() {
        Ok(number) => Some(Which::One(IncidentId(number))),
        Err(_) => Some(Which::Of(rest.chars().take(NAME_CHARS_MAX).collect())),
    }
}

/// For how long, and whom.
fn mute(rest: &str) -> Option<(u32, Option<String>)> {
    let (length, device) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let device = device.trim().chars().take(NAME_CHARS_MAX).collect::<String>();
    Some((minutes(length)?, Some(device).filter(|device| !device.is_empty())))
}

/// `30m`, `1h`, `2d`, `1h30m`, as far as a silence may last.
fn minutes(text: &str) -> Option<u32> {
    let (mut sum, mut rest) = (0_u32, text);
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, after) = rest.split_at(end);
        let unit = after.chars().next()?;
        let each = match unit.to_ascii_lowercase() {
            'm' => 1,
            'h' => 60,
            'd' => 24 * 60,
            _ => return None,
        };
        sum = sum.checked_add(number.parse::<u32>().ok()?.checked_mul(each)?)?;
        rest = after.get(unit.len_utf8()..)?;
    }
    (1..=QUIET_MINUTES_MAX).contains(&sum).then_some(sum)
}

/// What a button says when it is pressed.
pub fn pressed(data: &str) -> Option<Command> {
    let id = data.strip_prefix("ack ")?.parse().ok()?;
    Some(Command::Acknowledge(Some(Which::One(IncidentId(id)))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ours(text: &str) -> Option<Command> {
        parse(text, Some("Our_Bot"))
    }

    #[test]
    fn commands_are_understood_as_people_type_them() {
        let devices = |filter: &str, page| Some(Command::Devices { filter: filter.into(), page });
        let ack = |which| Some(Command::Acknowledge(which));
        for (text, command) in [
            ("/status", Some(Command::Status)),
            ("  /STATUS  ", Some(Command::Status)),
            ("/status@our_bot now", Some(Command::Status)),
            ("/status@their_bot", None),
            ("status", None),
            ("", None),
            ("/", Some(Command::Unknown)),
            ("/reboot all", Some(Command::Unknown)),
            ("/start", Some(Command::Start(None))),
            ("/start  ABCD-EFGH ", Some(Command::Start(Some("ABCD-EFGH".into())))),
            ("/devices", devices("", 1)),
            ("/devices 3", devices("", 3)),
            ("/devices Edge\tBandung 2", devices("edge\tbandung", 2)),
            ("/devices 0", devices("0", 1)),
            ("/down", Some(Command::Down)),
            ("/ack", ack(None)),
            ("/ack ALL", ack(Some(Which::All))),
            ("/ack #17", ack(Some(Which::One(IncidentId(17))))),
            ("/ack core router", ack(Some(Which::Of("core router".into())))),
            ("/summary", Some(Command::Summary)),
            ("/ack \0edge", ack(Some(Which::Of("edge".into())))),
        ] {
            assert_eq!(ours(text), command, "{text}");
        }
        assert_eq!(parse("/status@our_bot", None), None, "a bot that does not know its name");
    }

    #[test]
    fn a_length_is_read_as_people_type_it_and_has_its_bounds() {
        for (text, length) in [
            ("30m", Some(30)),
            ("1h", Some(60)),
            ("1h30m", Some(90)),
            ("2D", Some(2_880)),
            ("31d", Some(QUIET_MINUTES_MAX)),
            ("32d", None),
            ("0m", None),
            ("", None),
            ("1", None),
            ("h", None),
            ("1w", None),
            ("-1h", None),
            ("99999999999h", None),
            ("1ы", None),
        ] {
            assert_eq!(minutes(text), length, "{text}");
        }
        assert_eq!(
            ours("/mute 1h  core router"),
            Some(Command::Mute(Some((60, Some("core router".into())))))
        );
        assert_eq!(ours("/mute 1h"), Some(Command::Mute(Some((60, None)))));
        assert_eq!(ours("/mute core"), Some(Command::Mute(None)));
    }

    #[test]
    fn a_button_says_what_it_is_for() {
        assert_eq!(pressed("ack 5"), Some(Command::Acknowledge(Some(Which::One(IncidentId(5))))));
        for data in ["", "ack", "ack x", "ack all", "mute 5", "ack 5 6"] {
            assert_eq!(pressed(data), None, "{data}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_said_nothing_of_it_is_longer_than_what_is_looked_for(text in "(/[a-z]{0,8})?.{0,300}") {
            match ours(&text) {
                Some(Command::Start(Some(code))) => prop_assert!(code.len() <= CODE_BYTES_MAX),
                Some(Command::Devices { filter, page }) => {
                    // A small letter may take more characters than its capital.
                    prop_assert!(filter.chars().count() <= 3 * NAME_CHARS_MAX && page > 0);
                }
                Some(Command::Acknowledge(Some(Which::Of(name)))) => {
                    prop_assert!(!name.is_empty() && name.chars().count() <= NAME_CHARS_MAX);
                }
                _ => {}
            }
        }

        #[test]
        fn what_is_for_another_bot_is_not_for_us(name in "[A-Za-z0-9_]{1,32}", word in "[a-z]{1,9}") {
            let is_us = name.eq_ignore_ascii_case("our_bot");
            let text = format!("/{word}@{name}");
            prop_assert_eq!(ours(&text).is_some(), is_us);
        }

        #[test]
        fn an_alert_s_number_is_always_read_back(id in any::<i64>()) {
            let expected = Some(Command::Acknowledge(Some(Which::One(IncidentId(id)))));
            let text = format!("/ack {id}");
            prop_assert_eq!(ours(&text), expected.clone());
            let data = format!("ack {id}");
            prop_assert_eq!(pressed(&data), expected);
        }
    }
}
