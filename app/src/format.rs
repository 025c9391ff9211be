//! Numbers and times as people read them: SI units, bits for rates, the reader's decimal mark.

mod digits;

pub use digits::{beside, measured, whole};

use crate::i18n::Words;
use model::{Against, Crossing, Measure, Side, Timestamp};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const RATES: &[&str] = &["bps", "kbps", "Mbps", "Gbps", "Tbps"];

/// A length of time by its two largest units: `12s`, `5min`, `3h 5min`, `2d 4h`.
pub fn span(words: Words, seconds: i64) -> String {
    units(words, seconds, 2)
}

/// An uptime: `3d 5h 20min`.
pub fn uptime(words: Words, seconds: u64) -> String {
    units(words, i64::try_from(seconds).unwrap_or(i64::MAX), 3)
}

fn units(words: Words, seconds: i64, most: usize) -> String {
    let parts = [
        (seconds / DAY, words.unit_days(&(seconds / DAY))),
        (seconds % DAY / HOUR, words.unit_hours(&(seconds % DAY / HOUR))),
        (seconds % HOUR / MINUTE, words.unit_minutes(&(seconds % HOUR / MINUTE))),
    ];
    let shown: Vec<String> = parts
        .into_iter()
        .skip_while(|(number, _)| *number == 0)
        .take(most)
        .filter(|(number, _)| *number > 0)
        .map(|(_, text)| text)
        .collect();
    if shown.is_empty() { words.unit_seconds(&seconds.max(0)) } else { shown.join(" ") }
}

/// A rate in bits per second, three digits: `12.4 Mbps`.
pub fn rate(words: Words, bps: u64) -> String {
    #[allow(clippy::cast_precision_loss)]
    scaled(words, bps as f64, 1000.0, RATES)
}

/// An amount of data, in the powers of 1024 that routers print: `256 MiB`.
pub fn bytes(words: Words, bytes: u64) -> String {
    #[allow(clippy::cast_precision_loss)]
    scaled(words, bytes as f64, 1024.0, &["B", "KiB", "MiB", "GiB", "TiB", "PiB"])
}

fn scaled(words: Words, number: f64, step: f64, units: &'static [&'static str]) -> String {
    let (number, _, places, unit) = scale(number, step, units);
    format!("{} {unit}", decimal(words, number, places))
}

/// A number in the largest of `units` of which it is one: how many, how much each is, with how many digits behind the
/// mark they are three, and the unit.
fn scale(mut number: f64, step: f64, units: &'static [&'static str]) -> (f64, f64, usize, &'static str) {
    let (mut unit, mut each) = (0, 1.0);
    // 999.5 would be printed as 1000 of the smaller unit.
    while number >= step - 0.5 && unit + 1 < units.len() {
        number /= step;
        each *= step;
        unit += 1;
    }
    let places = if unit == 0 || number >= 99.95 {
        0
    } else if number >= 9.995 {
        1
    } else {
        2
    };
    (number, each, places, units[unit])
}

/// A number with `places` digits after the reader's decimal mark.
pub fn decimal(words: Words, number: f64, places: usize) -> String {
    let text = format!("{number:.places$}");
    if words.lang().decimal_mark() == '.' { text } else { text.replace('.', ",") }
}

/// A round trip: `0.4 ms`, `23 ms`.
pub fn milliseconds(words: Words, ms: f32) -> String {
    let places = if ms < 9.95 { 1 } else { 0 };
    format!("{} {}", decimal(words, f64::from(ms), places), words.unit_ms())
}

pub fn percent(words: Words, percent: f32) -> String {
    format!("{}\u{202f}%", decimal(words, f64::from(percent), 0))
}

pub fn celsius(words: Words, celsius: f32) -> String {
    format!("{}\u{202f}°C", decimal(words, f64::from(celsius), 0))
}

pub fn volts(words: Words, volts: f32) -> String {
    format!("{}\u{202f}V", decimal(words, f64::from(volts), 1))
}

/// What a rule saw: `CPU load 97 %, above 90 % for 10min`.
pub fn crossed(words: Words, crossing: &Crossing) -> String {
    let Crossing { measure, side, limit, value, for_s, .. } = crossing;
    let number = |number: f64| measured(words, *measure, number);
    let what = measured_what(words, crossing);
    let lasted = span(words, (*for_s).into());
    let usual = crossing.usual.filter(|_| crossing.against != Against::Limit).map(number);
    let by = whole(words, Measure::CpuLoad, *limit);
    let limited = || (whole(words, *measure, *limit), beside(words, *measure, *value, *limit));
    let seen = match (side, usual) {
        (Side::Above, None) => {
            let (limit, value) = limited();
            words.told_above(&limit, &value, &what)
        }
        (Side::Below, None) => {
            let (limit, value) = limited();
            words.told_below(&limit, &value, &what)
        }
        (Side::Above, Some(usual)) => words.told_rise(&by, &usual, &number(*value), &what),
        (Side::Below, Some(usual)) => words.told_fall(&by, &usual, &number(*value), &what),
        (Side::Missing, _) => return words.told_missing(&lasted, &number(*value), &what),
    };
    // A rule that waits for nothing has no time to name.
    if *for_s == 0 { seen } else { format!("{seen} {}", words.alert_for(&lasted)) }
}

/// What was measured: `traffic in ether1`.
pub fn measured_what(words: Words, crossing: &Crossing) -> String {
    format!("{} {}", measure_word(words, crossing.measure), crossing.subject).trim_end().to_owned()
}

/// What a number is called in the middle of a sentence.
pub fn measure_word(words: Words, measure: Measure) -> &'static str {
    match measure {
        Measure::RoundTrip => words.measure_round_trip(),
        Measure::CpuLoad => words.measure_cpu_load(),
        Measure::MemoryUse => words.measure_memory_use(),
        Measure::Temperature => words.measure_temperature(),
        Measure::Voltage => words.measure_voltage(),
        Measure::RxRate => words.measure_rx_rate(),
        Measure::TxRate => words.measure_tx_rate(),
    }
}

/// A share of one in percent. Never rounded up: with any downtime it is less than 100.
pub fn share(words: Words, share: f64) -> String {
    let hundredths = (share * 10_000.0 + 1e-9).floor() / 100.0;
    let places = if hundredths >= 100.0 || hundredths <= 0.0 { 0 } else { 2 };
    format!("{}\u{202f}%", decimal(words, hundredths, places))
}

/// A number with at most two digits behind the decimal mark, and no noughts at its end.
pub fn trimmed(words: Words, number: f64) -> String {
    let text = decimal(words, number, 2);
    text.trim_end_matches('0').trim_end_matches(['.', ',']).to_owned()
}

/// RFC 3339 in UTC, for machines (`<time datetime>`).
pub fn iso(at: Timestamp) -> String {
    let Wall { year, month, day, hour, minute, second } = wall(at.0);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// What a calendar and a clock on the wall show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wall {
    pub year: i64,
    /// 1 to 12.
    pub month: i64,
    pub day: i64,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
}

/// What they show so many milliseconds after 1970 began where they hang.
pub fn wall(ms: i64) -> Wall {
    let seconds = ms.div_euclid(1000);
    let (days, second) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / HOUR, second % HOUR / MINUTE, second % MINUTE);
    Wall { year, month, day, hour, minute, second }
}

/// When the day of a date field, such as `2026-11-01`, begins in UTC.
pub fn day(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let is_real = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    is_real.then(|| first_ms(year, month, day))
}

/// The reverse of [`wall`] for the first moment of a day, in milliseconds (Howard Hinnant's `days_from_civil`).
pub fn first_ms(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let shifted = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * shifted + 2) / 5 + day - 1;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
    (era * 146_097 + of_era - 719_468) * DAY * 1000
}

/// Year, month and day of a count of days since 1970-01-01 (Howard Hinnant's `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    const EN: Words = Words(Lang::En);

    #[test]
    fn lengths_of_time_are_told_by_their_largest_units() {
        let told: Vec<_> = [0, 59, 60, 3_600, 11_100, 86_400, 277_200].map(|s| span(EN, s)).into();
        assert_eq!(told, ["0s", "59s", "1min", "1h", "3h 5min", "1d", "3d 5h"]);
        assert_eq!(uptime(EN, 278_400), "3d 5h 20min");
        assert_eq!(uptime(EN, 86_400 + 1_200), "1d 20min");
    }

    #[test]
    fn what_a_rule_saw_at_once_names_no_time() {
        let crossing = |for_s| Crossing {
            rule: "Load".to_owned(),
            measure: Measure::CpuLoad,
            subject: String::new(),
            side: Side::Above,
            limit: 90.0,
            against: Against::Limit,
            usual: None,
            value: 97.0,
            for_s,
            since: Timestamp(0),
        };
        assert_eq!(crossed(EN, &crossing(600)), "CPU load 97\u{202f}%, above 90\u{202f}% for 10min");
        assert_eq!(crossed(EN, &crossing(0)), "CPU load 97\u{202f}%, above 90\u{202f}%");
    }

    #[test]
    fn rates_keep_three_digits_and_the_readers_decimal_mark() {
        let told: Vec<_> =
            [0, 999, 1_000, 12_440_000, 999_600_000, 2_500_000_000].map(|r| rate(EN, r)).into();
        assert_eq!(told, ["0 bps", "999 bps", "1.00 kbps", "12.4 Mbps", "1.00 Gbps", "2.50 Gbps"]);
        assert_eq!(rate(Words(Lang::Ru), 12_440_000), "12,4 Mbps");
        assert_eq!(bytes(EN, 256 << 20), "256 MiB");
    }

    #[test]
    fn a_share_is_never_rounded_up_to_the_whole() {
        let told: Vec<_> = [1.0, 0.999_999, 0.998, 0.5, 0.0].map(|part| share(EN, part)).into();
        let expected = ["100", "99.99", "99.80", "50.00", "0"].map(|text| format!("{text}\u{202f}%"));
        assert_eq!(told, expected);
        assert_eq!([0.0, 2.5, 10.0, 100.0].map(|number| trimmed(EN, number)), ["0", "2.5", "10", "100"]);
        assert_eq!(trimmed(Words(Lang::Ru), 0.25), "0,25");
    }

    #[test]
    fn a_day_begins_when_its_calendar_says() {
        for (year, month, day) in [(1970, 1, 1), (2000, 2, 29), (2026, 12, 31), (1969, 3, 1), (2024, 2, 29)] {
            let at = wall(first_ms(year, month, day));
            assert_eq!((at.year, at.month, at.day, at.hour, at.second), (year, month, day, 0, 0));
        }
    }

    #[test]
    fn instants_are_written_as_rfc_3339() {
        assert_eq!(iso(Timestamp(0)), "1970-01-01T00:00:00Z");
        assert_eq!(iso(Timestamp(951_782_400_000)), "2000-02-29T00:00:00Z");
        assert_eq!(iso(Timestamp(1_767_225_599_999)), "2025-12-31T23:59:59Z");
        assert_eq!(iso(Timestamp(-1)), "1969-12-31T23:59:59Z");
    }
}
