//! Reads single values out of a row. A router is not to be trusted: texts are capped, numbers checked,
//! and what does not parse is absent.

use super::super::Row;
use std::time::Duration;

/// Longest text kept of any value.
pub const TEXT_CHARS_MAX: usize = 256;

/// A text as [`clean`] leaves it; `None` when absent or blank.
pub fn text(row: &Row, key: &str) -> Option<String> {
    clean(&row.text(key)?)
}

/// Takes control characters out, shows those that would turn the direction of writing, cuts at
/// [`TEXT_CHARS_MAX`]; `None` when nothing is left.
pub fn clean(raw: &str) -> Option<String> {
    let mut kept = String::new();
    for c in raw.trim().chars().filter(|c| !c.is_control()).take(TEXT_CHARS_MAX) {
        if model::is_bidi_control(c) {
            kept.push_str(&format!("[U+{:04X}]", u32::from(c)));
        } else {
            kept.push(c);
        }
    }
    if let Some((end, _)) = kept.char_indices().nth(TEXT_CHARS_MAX) {
        kept.truncate(end);
    }
    (!kept.is_empty()).then_some(kept)
}

/// `true` and `yes` as RouterOS writes them; absent means the default, which is no.
pub fn flag(row: &Row, key: &str) -> bool {
    row.text(key).is_some_and(|word| matches!(word.as_ref(), "true" | "yes"))
}

/// A whole number, whatever unit is glued to it: `650`, `650MHz`, `36%`.
pub fn whole(row: &Row, key: &str) -> Option<u64> {
    let word = row.text(key)?;
    let (digits, unit) = split_number(word.trim(), |c| c.is_ascii_digit())?;
    is_unit(unit).then(|| digits.parse().ok()).flatten()
}

/// A decimal number, whatever unit is glued to it: `24.3`, `-5`, `24.3V`.
pub fn decimal(row: &Row, key: &str) -> Option<f32> {
    parse_decimal(&row.text(key)?)
}

/// The number of [`decimal`], from a bare word.
pub fn parse_decimal(word: &str) -> Option<f32> {
    let word = word.trim();
    let (sign, magnitude) = word.strip_prefix('-').map_or((1.0, word), |rest| (-1.0, rest));
    let (digits, unit) = split_number(magnitude, |c| c.is_ascii_digit() || c == '.')?;
    let number: f32 = digits.parse().ok()?;
    (is_unit(unit) && number.is_finite()).then_some(sign * number)
}

/// A size in bytes: the API's plain `41943040`, or the terminal's `40.0MiB`.
pub fn bytes(row: &Row, key: &str) -> Option<u64> {
    let word = row.text(key)?;
    let (digits, unit) = split_number(word.trim(), |c| c.is_ascii_digit() || c == '.')?;
    let factor: u64 = match unit.trim() {
        "" | "B" => return digits.parse().ok(),
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        _ => return None,
    };
    let number: f64 = digits.parse().ok()?;
    // No memory or disk reaches 2^53 bytes, so nothing is lost in a double.
    Some((number * factor as f64) as u64)
}

/// How long, in any of RouterOS's spellings: `1w2d3h4m5s`, `4s750ms`, `02:03:04`, `1w2d02:03:04`.
pub fn parse_duration(word: &str) -> Option<Duration> {
    let mut rest = word.trim();
    let mut total = Duration::ZERO;
    let mut largest_allowed = UNITS.len();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        if let Some(clock) = parse_clock(rest) {
            // A clock stands for hours and below: only weeks and days may precede it.
            return (largest_allowed > CLOCK_RANK).then(|| total.checked_add(clock)).flatten();
        }
        let (digits, tail) = split_number(rest, |c| c.is_ascii_digit())?;
        let unit_end = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        let rank = UNITS.iter().position(|(name, _)| *name == unit)?;
        if rank >= largest_allowed {
            return None;
        }
        let nanoseconds = digits.parse::<u64>().ok()?.checked_mul(UNITS[rank].1)?;
        total = total.checked_add(Duration::from_nanos(nanoseconds))?;
        largest_allowed = rank;
        rest = tail.trim_start();
    }
    Some(total)
}

/// Units from the smallest up, in nanoseconds; each may appear once, in falling order.
const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60 * 1_000_000_000),
    ("h", 3_600 * 1_000_000_000),
    ("d", 86_400 * 1_000_000_000),
    ("w", 604_800 * 1_000_000_000),
];

/// The rank of hours in [`UNITS`].
const CLOCK_RANK: usize = 5;

/// `hh:mm:ss`, whole.
fn parse_clock(word: &str) -> Option<Duration> {
    let mut parts = word.split(':');
    let mut part = |max: u64| {
        let digits = parts.next()?;
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse().ok()).flatten().filter(|number| *number <= max)
    };
    let (hours, minutes, seconds): (u64, u64, u64) = (part(99)?, part(59)?, part(59)?);
    parts.next().is_none().then(|| Duration::from_secs(hours * 3_600 + minutes * 60 + seconds))
}

/// The leading characters that `belongs` takes, and the rest; `None` without any.
fn split_number(word: &str, belongs: impl Fn(char) -> bool) -> Option<(&str, &str)> {
    let end = word.find(|c| !belongs(c)).unwrap_or(word.len());
    (end > 0).then(|| word.split_at(end))
}

/// Whether what follows a number is a unit and not more of an unknown format.
fn is_unit(rest: &str) -> bool {
    rest.trim().chars().all(|c| c.is_alphabetic() || c == '%' || c == '°')
}
