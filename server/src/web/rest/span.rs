//! How far back somebody looks, in the words of a query, and how long things lasted, in words for people.

use crate::web::error::Failure;
use chrono::DateTime;
use model::Timestamp;

const HOURS_DEFAULT: u32 = 24;
const DAYS_DEFAULT: u32 = 7;
/// Longest period of statistics, in days.
const DAYS_MAX: u32 = 366;

/// The hours asked for, at most `most`.
pub fn hours(asked: Option<u32>, most: u32) -> Result<u32, Failure> {
    within("hours", asked.unwrap_or(HOURS_DEFAULT), most)
}

/// The days asked for.
pub fn days(asked: Option<u32>) -> Result<u32, Failure> {
    within("days", asked.unwrap_or(DAYS_DEFAULT), DAYS_MAX)
}

/// The moment given at `name`.
pub fn instant(name: &str, text: &str) -> Result<Timestamp, Failure> {
    let why = || Failure::bad_request(format!("{name}: must be a time such as 2026-01-01T00:00:00Z"));
    DateTime::parse_from_rfc3339(text).map(|at| Timestamp(at.timestamp_millis())).map_err(|_| why())
}

fn within(name: &str, number: u32, most: u32) -> Result<u32, Failure> {
    let is_within = (1..=most).contains(&number);
    is_within.then_some(number).ok_or_else(|| Failure::bad_request(format!("{name}: must be 1 to {most}")))
}

/// A duration in its two largest units: `45s`, `30m`, `1h 5m`, `2d 3h`.
pub fn formatted(seconds: u64) -> String {
    const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];
    let first = UNITS.iter().position(|(_, unit)| seconds >= *unit).unwrap_or(UNITS.len() - 1);
    let (mut rest, mut parts) = (seconds, Vec::new());
    for (name, unit) in UNITS.iter().skip(first).take(2) {
        let count = rest / unit;
        rest %= unit;
        if count > 0 || parts.is_empty() {
            parts.push(format!("{count}{name}"));
        }
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_told_in_its_two_largest_units() {
        let told = [0, 45, 60, 61, 1_800, 3_900, 3_601, 183_600, 86_400].map(formatted);
        assert_eq!(told, ["0s", "45s", "1m", "1m 1s", "30m", "1h 5m", "1h", "2d 3h", "1d"]);
    }

    #[test]
    fn what_is_no_time_to_look_back_is_refused_by_its_name() {
        assert_eq!((hours(None, 744).ok(), days(None).ok()), (Some(24), Some(7)));
        assert!(days(Some(0)).is_err_and(|failure| failure.message == "days: must be 1 to 366"));
        assert!(hours(Some(745), 744).is_err());
    }
}
