//! Single values: texts, numbers, sizes, durations.

use super::super::words::{TEXT_CHARS_MAX, bytes, clean, decimal, flag, parse_duration, text, whole};
use super::row;
use proptest::prelude::*;
use std::time::Duration;

fn check_duration(word: &str, expected_ms: Option<u64>) {
    assert_eq!(parse_duration(word), expected_ms.map(Duration::from_millis), "{word:?}");
}

#[test]
fn durations_are_read_in_every_spelling_of_routeros() {
    const S: u64 = 1_000;
    const H: u64 = 3_600 * S;
    const D: u64 = 24 * H;
    check_duration("1w2d3h4m5s", Some(9 * D + 3 * H + 245 * S));
    check_duration("5d9m11s", Some(5 * D + 551 * S));
    check_duration("4s750ms", Some(4_750));
    check_duration("170ms", Some(170));
    check_duration("1m30s", Some(90 * S));
    check_duration("0s", Some(0));
    check_duration("60w", Some(60 * 7 * D));
    check_duration("1w4d23h26m9s", Some(11 * D + 23 * H + 26 * 60 * S + 9 * S));
    check_duration("00:03:59", Some(239 * S));
    check_duration("1d02:03:04", Some(D + 2 * H + 184 * S));
    check_duration("3w1d 02:03:04", Some(22 * D + 2 * H + 184 * S));
}

#[test]
fn what_is_no_duration_is_unknown_and_not_zero() {
    for word in [
        "",
        "never",
        "5",
        "5x",
        "s",
        "-5s",
        "5s4m",
        "1h1h",
        "1:2",
        "1:2:3:4",
        "00:60:00",
        "5m00:00:01",
        "5h 00:00:01",
        "99999999999999999999s",
        "18446744073709551615w",
        "\u{661}s",
    ] {
        check_duration(word, None);
    }
}

proptest! {
    #[test]
    fn a_duration_survives_being_written_as_routeros_writes_it(seconds in 0u64..10_000_000_000) {
        let mut word = String::new();
        let mut rest = seconds;
        for (unit, size) in [("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)] {
            if rest / size > 0 || (unit == "s" && word.is_empty()) {
                word += &format!("{}{unit}", rest / size);
            }
            rest %= size;
        }
        prop_assert_eq!(parse_duration(&word), Some(Duration::from_secs(seconds)));
    }

    #[test]
    fn a_clock_after_days_means_the_same_as_its_units(days in 0u64..500, h in 0u64..24, m in 0u64..60, s in 0u64..60) {
        let clock = parse_duration(&format!("{days}d{h:02}:{m:02}:{s:02}"));
        prop_assert_eq!(clock, parse_duration(&format!("{days}d{h}h{m}m{s}s")));
        prop_assert!(clock.is_some());
    }

    #[test]
    fn no_value_of_a_router_breaks_a_reader(word in "\\PC{0,40}|[0-9a-zA-Z:.%-]{0,40}") {
        let row = row(&[("key", &word)]);
        let _ = (parse_duration(&word), whole(&row, "key"), decimal(&row, "key"), bytes(&row, "key"));
        prop_assert!(text(&row, "key").is_none_or(|kept| kept.chars().count() <= TEXT_CHARS_MAX));
    }
}

#[test]
fn numbers_may_carry_their_unit() {
    let row = row(&[
        ("plain", "650"),
        ("mhz", "1500MHz"),
        ("percent", "36%"),
        ("volts", "24.3"),
        ("cold", "-5"),
        ("rate", "65Mbps-20MHz/1S"),
        ("state", "ok"),
        ("huge", "18446744073709551616"),
        ("dots", "1.2.3"),
    ]);
    assert_eq!(
        [whole(&row, "plain"), whole(&row, "mhz"), whole(&row, "percent")],
        [Some(650), Some(1500), Some(36)]
    );
    assert_eq!([decimal(&row, "volts"), decimal(&row, "cold")], [Some(24.3), Some(-5.0)]);
    for key in ["rate", "state", "huge", "dots", "absent"] {
        assert_eq!(whole(&row, key), None, "{key}");
    }
    assert_eq!([decimal(&row, "dots"), decimal(&row, "state")], [None, None]);
}

#[test]
fn sizes_are_bytes_over_the_api_and_have_units_in_the_terminal() {
    let row =
        row(&[("api", "268435456"), ("terminal", "64.0MiB"), ("small", "1196.0KiB"), ("odd", "5 apples")]);
    assert_eq!(bytes(&row, "api"), Some(268_435_456));
    assert_eq!(bytes(&row, "terminal"), Some(64 << 20));
    assert_eq!(bytes(&row, "small"), Some(1196 << 10));
    assert_eq!(bytes(&row, "odd"), None);
}

#[test]
fn a_text_is_one_clean_line_of_bounded_length() {
    let long = "x".repeat(100_000);
    let row = row(&[("long", &long), ("blank", "  "), ("control", "\u{1b}[31mred\r\nline")]);
    assert_eq!(text(&row, "long").map(|text| text.len()), Some(TEXT_CHARS_MAX));
    assert_eq!(text(&row, "blank"), None);
    assert_eq!(text(&row, "control").as_deref(), Some("[31mredline"));
    assert_eq!(clean("core\u{202e}1-retuor").as_deref(), Some("core[U+202E]1-retuor"));
    assert_eq!(clean(&"\u{2066}".repeat(300)).map(|text| text.len()), Some(TEXT_CHARS_MAX));
    assert_eq!(clean("ж".repeat(300).as_str()).map(|text| text.chars().count()), Some(TEXT_CHARS_MAX));
}

#[test]
fn flags_are_yes_only_when_the_router_says_so() {
    let row = row(&[("a", "true"), ("b", "yes"), ("c", "false"), ("d", "")]);
    assert_eq!(["a", "b", "c", "d", "e"].map(|key| flag(&row, key)), [true, true, false, false, false]);
}
