//! Lines in, words out; and a router whose log turns over, starts again and changes its clock while it is read.

mod following;
mod sent;
mod simulated;

use super::{shown, topics_of, wall_ms};
use model::LogLevel;

/// 2023-09-12 09:30:00.
const NOW: i64 = 1_694_511_000_000;

#[track_caller]
fn check_wall(text: &str, date_and_time: Option<&str>) {
    let shown = wall_ms(text, NOW).map(|ms| {
        chrono::DateTime::from_timestamp_millis(ms).unwrap().format("%Y-%m-%d %H:%M:%S%.f").to_string()
    });
    assert_eq!(shown.as_deref(), date_and_time, "{text}");
}

#[test]
fn times_of_every_version_are_read_against_the_routers_own_clock() {
    for (text, wall) in [
        ("2023-09-11 10:00:00", "2023-09-11 10:00:00"),
        ("2023-09-11T10:00:00.25", "2023-09-11 10:00:00.250"),
        ("sep/11/2023 10:00:00", "2023-09-11 10:00:00"),
        ("Sep/11/2023 10:00:00", "2023-09-11 10:00:00"),
        ("sep/11 10:00:00", "2023-09-11 10:00:00"),
        ("dec/31 23:59:59", "2022-12-31 23:59:59"),
        ("feb/29 01:00:00", "2020-02-29 01:00:00"),
        ("09-11 10:00:00", "2023-09-11 10:00:00"),
        ("09:29:59", "2023-09-12 09:29:59"),
        ("09:31:00", "2023-09-12 09:31:00"),
        ("23:59:59", "2023-09-11 23:59:59"),
        ("jan/02/1970 00:00:12", "1970-01-02 00:00:12"),
    ] {
        check_wall(text, Some(wall));
    }
    for odd in
        ["", "10:00", "25:00:00", "sep/31 10:00:00", "foo/11 10:00:00", "2023-13-01 10:00:00", "T", "a b"]
    {
        check_wall(odd, None);
    }
}

#[test]
fn topics_are_taken_apart_and_the_worst_of_them_is_the_level() {
    for (text, level, topics) in [
        ("system,error,critical", LogLevel::Critical, vec!["system"]),
        ("system,info,account", LogLevel::Info, vec!["system", "account"]),
        ("dhcp,debug,packet", LogLevel::Debug, vec!["dhcp", "packet"]),
        ("interface,warning", LogLevel::Warning, vec!["interface"]),
        ("", LogLevel::Info, vec![]),
        (",,", LogLevel::Info, vec![]),
        ("script", LogLevel::Info, vec!["script"]),
    ] {
        assert_eq!(topics_of(text), (level, topics.into_iter().map(str::to_owned).collect()), "{text}");
    }
    let many = topics_of(&"topic,".repeat(1_000));
    assert_eq!(many.1.len(), super::TOPICS_MAX);
}

#[test]
fn what_would_move_a_cursor_or_turn_the_writing_is_shown_and_does_nothing() {
    assert_eq!(shown("\u{1b}]0;title\u{7}", 99), "␛]0;title␇");
    assert_eq!(shown("a\u{202e}b\u{9b}c\u{7f}", 99), "a[U+202E]b[U+009B]c␡");
    assert_eq!(shown("<script>alert(1)</script> & \"", 99), "<script>alert(1)</script> & \"");
    assert_eq!(shown("тест 🙂\r\n", 99), "тест 🙂");
    assert_eq!(shown("abcdef", 3), "abc…");
    assert_eq!(shown("a\0b", 99), "a␀b");
}
