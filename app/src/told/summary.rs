//! A report in words.

use super::Lines;
use crate::{
    format,
    i18n::{Lang, Words},
    parts::state_word,
};
use model::{State, Summary, Timestamp};

/// Lines of one list.
const LISTED_MAX: usize = 5;

/// Title and text of a report. Where nothing is wrong, that is said in few words.
pub fn summary(language: &str, summary: &Summary, late_s: Option<i64>) -> (String, String) {
    let words = Words(Lang::from_code(language));
    let mut lines = Lines(String::new());
    lines.add(format!("{} – {} UTC", minute(summary.from), minute(summary.to)));
    let total = summary.counts.total();
    if total == 0 {
        lines.add(words.bot_no_devices());
    } else if is_calm(summary) {
        lines.add(words.bot_all_up(summary.counts.up.into()));
    } else {
        lines.add(counts(words, summary));
    }
    down(words, summary, &mut lines);
    if summary.open > 0 {
        lines.add(words.bot_open(summary.open, &summary.unseen));
    }
    let worst = summary.worst.iter().map(|one| {
        let span = format::span(words, i64::try_from(one.down_ms / 1_000).unwrap_or(i64::MAX));
        let outages = words.bot_outages(one.outages.into());
        format!("{}: {}, {outages}, {span}", one.name, format::share(words, one.uptime))
    });
    list(words.report_worst(), worst, &mut lines);
    let busiest = summary.busiest.iter().map(|one| {
        let (rx, tx) = (format::rate(words, one.rx_bps), format::rate(words, one.tx_bps));
        format!("{} ({}): ↓ {rx} ↑ {tx}", one.name, one.interface)
    });
    list(words.report_busiest(), busiest, &mut lines);
    let reconnects = summary.reconnects.iter().map(|one| format!("{}: {}", one.name, one.total));
    list(words.report_reconnects(), reconnects, &mut lines);
    if let Some(late_s) = late_s {
        lines.add(words.told_late(&format::span(words, late_s)));
    }
    (format!("📋 {}", words.bot_report()), lines.0)
}

/// Nothing that is watched is in any trouble.
fn is_calm(summary: &Summary) -> bool {
    let troubled = [State::Down, State::Degraded, State::Unknown];
    summary.counts.up > 0 && troubled.into_iter().all(|state| summary.counts.of(state) == 0)
}

/// A time for people of whom it is not known where they are, to the minute.
fn minute(at: Timestamp) -> String {
    format::iso(at).replace('T', " ").chars().take("yyyy-mm-dd hh:mm".len()).collect()
}

/// How many are in which state, where there are any.
pub(super) fn counts(words: Words, summary: &Summary) -> String {
    let one = |state: State| {
        let count = summary.counts.of(state);
        let word = state_word(words, state).to_lowercase();
        (count > 0).then(|| format!("{} {count} {word}", super::bot::sign(state)))
    };
    State::ALL.into_iter().filter_map(one).collect::<Vec<_>>().join(" · ")
}

fn down(words: Words, summary: &Summary, lines: &mut Lines) {
    let named = summary.down.iter().take(LISTED_MAX).map(|one| {
        let span = format::span(words, summary.to.since_ms(one.since) / 1_000);
        let cause = one.cause.as_ref().map(|cause| format!(" ({})", words.cause(cause))).unwrap_or_default();
        format!("🔴 {}, {span}{cause}", one.name)
    });
    named.for_each(|line| lines.add(line));
    let left = u64::from(summary.down_total).saturating_sub(LISTED_MAX as u64);
    if left > 0 {
        lines.add(words.told_more(left));
    }
}

/// A list with its heading, when there is anything in it.
fn list(heading: &str, all: impl Iterator<Item = String>, lines: &mut Lines) {
    let all: Vec<String> = all.take(LISTED_MAX).collect();
    if !all.is_empty() {
        lines.add(format!("\n{heading}"));
        all.iter().for_each(|line| lines.add(format!("• {line}")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Busy, Counts, DownNow, Reconnects, Worst};

    fn quiet() -> Summary {
        Summary {
            from: Timestamp(1_795_924_800_000),
            to: Timestamp(1_795_946_400_000),
            counts: Counts { up: 12, ..Counts::default() },
            down: Vec::new(),
            down_total: 0,
            worst: Vec::new(),
            outages: 0,
            busiest: Vec::new(),
            open: 0,
            unseen: 0,
            reconnects: Vec::new(),
        }
    }

    #[test]
    fn where_nothing_is_wrong_that_is_said_in_two_lines() {
        let (title, text) = summary("en", &quiet(), None);
        assert_eq!(title, "📋 Report");
        assert_eq!(text, "2026-11-29 04:00 – 2026-11-29 10:00 UTC\nAll 12 devices are up.\n");
        let paused = Summary { counts: Counts { up: 12, paused: 3, ..Counts::default() }, ..quiet() };
        assert_eq!(summary("en", &paused, None).1, text, "nobody asks what is paused");
        let (_, text) = summary("ru", &quiet(), None);
        assert!(text.ends_with("Все 12 устройств работают.\n"), "{text}");
        let (_, text) = summary("id", &Summary { counts: Counts::default(), ..quiet() }, None);
        assert_eq!(text.lines().count(), 2, "{text}");
    }

    #[test]
    fn what_is_wrong_is_named_and_the_rest_counted() {
        let down = |number: i64| DownNow {
            name: format!("edge{number}"),
            since: Timestamp(1_795_946_400_000 - number * 60_000),
            cause: (number == 1).then(|| "connection refused".to_owned()),
        };
        let told = Summary {
            counts: Counts { up: 10, down: 7, ..Counts::default() },
            down: (1..=7).map(down).collect(),
            down_total: 7,
            worst: vec![Worst { name: "edge".into(), uptime: 0.982, down_ms: 3_600_000, outages: 3 }],
            outages: 3,
            busiest: vec![Busy {
                name: "core".into(),
                interface: "ether1".into(),
                rx_bps: 12_400_000,
                tx_bps: 900,
            }],
            open: 8,
            unseen: 2,
            reconnects: vec![Reconnects { name: "core".into(), total: 53 }],
            ..quiet()
        };
        let (_, text) = summary("en", &told, Some(7_200));
        for line in [
            "🔴 7 down · 🟢 10 up",
            "🔴 edge1, 1min (connection refused)",
            "… and 2 more",
            "8 open alerts, 2 not acknowledged",
            "• edge: 98.20\u{202f}%, 3 outages, 1h",
            "• core (ether1): ↓ 12.4 Mbps ↑ 900 bps",
            "• core: 53",
            "Told late: 2h",
        ] {
            assert!(text.lines().any(|told| told == line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("edge6"));
    }
}
