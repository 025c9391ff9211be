//! What a bot answers, in words.

use super::Lines;
use crate::{
    format,
    i18n::{Lang, Words},
    parts::state_word,
};
use model::{Counts, Incident, IncidentKind, Row, State, Timestamp};

/// Lines of one list.
pub const LISTED_MAX: usize = 30;

/// Title and text.
pub type Said = (String, String);

/// What can be answered in few words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Short {
    /// To whom the bot does not know.
    Stranger,
    /// The code does not count, or not any more.
    WrongCode,
    Unknown,
    /// It waited at Telegram, and was not done.
    Late,
    /// Only an admin may.
    NotAllowed,
    /// The database does not answer.
    Failed,
    NothingDown,
    NothingToAcknowledge,
    /// It was not said for how long to be silent.
    HowLong,
}

pub fn short(language: &str, what: Short) -> Said {
    let words = words(language);
    let text = match what {
        Short::Stranger => words.bot_stranger(),
        Short::WrongCode => words.bot_wrong_code(),
        Short::Unknown => words.bot_unknown(),
        Short::Late => words.bot_late(),
        Short::NotAllowed => words.bot_not_allowed(),
        Short::Failed => words.bot_failed(),
        Short::NothingDown => words.bot_nothing_down(),
        Short::NothingToAcknowledge => words.bot_nothing_to_ack(),
        Short::HowLong => words.bot_mute_how(),
    };
    (String::new(), text.to_owned())
}

/// What may be said, to whoever has just been bound too.
pub fn help(language: &str, newcomer: Option<&str>, is_admin: bool) -> Said {
    let words = words(language);
    let mut lines = Lines(String::new());
    for line in
        [words.bot_help_status(), words.bot_help_devices(), words.bot_help_down(), words.bot_help_summary()]
    {
        lines.add(line);
    }
    if is_admin {
        lines.add(words.bot_help_ack());
        lines.add(words.bot_help_mute());
    }
    lines.add(words.bot_help_help());
    let title = newcomer.map_or_else(|| words.bot_help().to_owned(), |name| words.bot_welcome(&name));
    (title, lines.0)
}

/// How many are in which state, and how many alerts are open.
pub fn status(language: &str, counts: Counts, (open, unseen): (u64, u64)) -> Said {
    let words = words(language);
    let mut lines = Lines(String::new());
    for state in State::ALL {
        if counts.of(state) > 0 {
            lines.add(format!("{} {}: {}", sign(state), state_word(words, state), counts.of(state)));
        }
    }
    if open > 0 {
        lines.add(words.bot_open(open, &unseen));
    }
    let title = if counts.total() == 0 {
        words.bot_no_devices().to_owned()
    } else {
        words.bot_devices(counts.total().into())
    };
    (title, lines.0)
}

/// A page of devices with their states, from the one at `from` on.
pub fn devices(language: &str, rows: &[Row], (page, again): (usize, &str), now: Timestamp) -> Said {
    let words = words(language);
    let from = page.saturating_sub(1).saturating_mul(LISTED_MAX);
    let mut lines = Lines(String::new());
    for row in rows.iter().skip(from).take(LISTED_MAX) {
        lines.add(line(words, row, now));
    }
    let left = rows.len().saturating_sub(from.saturating_add(LISTED_MAX));
    if left > 0 {
        lines.add(format!("{}: {again}", words.told_more(left as u64)));
    }
    (words.bot_devices(rows.len() as u64), lines.0)
}

/// The devices that are down, with the causes.
pub fn down(language: &str, rows: &[Row], now: Timestamp) -> Said {
    let words = words(language);
    let mut lines = Lines(String::new());
    for row in rows.iter().take(LISTED_MAX) {
        let cause = row.live.cause.as_ref().map(|cause| format!(" ({})", words.cause(cause)));
        let cause = cause.unwrap_or_default();
        lines.add(format!("{}{cause}", line(words, row, now)));
    }
    if rows.len() > LISTED_MAX {
        lines.add(words.told_more((rows.len() - LISTED_MAX) as u64));
    }
    (words.bot_down(rows.len() as u64), lines.0)
}

/// Which open alerts there are to choose from.
pub fn which(language: &str, unseen: &[Incident], now: Timestamp) -> Said {
    let words = words(language);
    let mut lines = Lines(String::new());
    for incident in unseen.iter().take(LISTED_MAX) {
        let span = format::span(words, now.since_ms(incident.opened_at) / 1_000);
        let sign = sign(if incident.kind == IncidentKind::Down { State::Down } else { State::Degraded });
        lines.add(format!("{sign} #{} {}, {span}", incident.id, incident.name));
    }
    if unseen.len() > LISTED_MAX {
        lines.add(words.told_more((unseen.len() - LISTED_MAX) as u64));
    }
    (words.bot_which().to_owned(), lines.0)
}

/// What was acknowledged.
pub fn acknowledged(language: &str, devices: &[String]) -> Said {
    let words = words(language);
    let mut lines = Lines(String::new());
    devices.iter().take(LISTED_MAX).for_each(|name| lines.add(format!("• {name}")));
    if devices.len() > LISTED_MAX {
        lines.add(words.told_more((devices.len() - LISTED_MAX) as u64));
    }
    (format!("✅ {}", words.bot_acknowledged()), lines.0)
}

/// Until when nobody is told, of all or of one device.
pub fn muted(language: &str, device: Option<&str>, until: Timestamp) -> Said {
    let (words, until) = (words(language), super::utc(until));
    let text = match device {
        Some(device) => words.bot_silenced(&device, &until),
        None => words.bot_muted(&until),
    };
    (String::new(), text)
}

pub fn no_device(language: &str, name: &str) -> Said {
    (String::new(), words(language).bot_no_device(&name))
}

/// What the button says.
pub fn acknowledge(language: &str) -> &'static str {
    words(language).alert_acknowledge()
}

fn line(words: Words, row: &Row, now: Timestamp) -> String {
    let span = format::span(words, now.since_ms(row.live.since) / 1_000);
    format!("{} {}, {span}", sign(row.live.state), row.name)
}

fn words(language: &str) -> Words {
    Words(Lang::from_code(language))
}

/// A state's colour and shape, where there is only text.
pub(super) fn sign(state: State) -> &'static str {
    match state {
        State::Up => "🟢",
        State::Degraded => "🟡",
        State::Down => "🔴",
        State::Unknown => "⚪",
        State::Paused => "⏸",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{DeviceId, DeviceKind, Live};

    fn row(number: i64, state: State) -> Row {
        Row {
            id: DeviceId(number),
            name: format!("d{number}"),
            kind: DeviceKind::Router,
            address: String::new(),
            location: None,
            tags: Vec::new(),
            live: Live { state, since: Timestamp(0), ..Live::default() },
            beats: Vec::new(),
            quiet: None,
        }
    }

    #[test]
    fn a_long_list_says_how_to_see_the_rest_of_it() {
        let rows: Vec<Row> = (1..=65).map(|number| row(number, State::Up)).collect();
        let now = Timestamp(65_000);
        let (title, text) = devices("en", &rows, (1, "/devices 2"), now);
        assert_eq!((title.as_str(), text.lines().count()), ("65 devices", 31));
        assert!(text.starts_with("🟢 d1, 1min\n") && text.ends_with("… and 35 more: /devices 2\n"), "{text}");
        let (_, text) = devices("en", &rows, (3, "/devices 4"), now);
        assert_eq!((text.lines().count(), text.contains("more")), (5, false));
        assert_eq!(devices("en", &rows, (usize::MAX, ""), now).1, "");
    }

    #[test]
    fn an_admin_is_told_of_more_than_a_viewer() {
        for language in ["en", "id", "ru"] {
            assert!(help(language, None, true).1.contains("/ack"));
            assert!(!help(language, Some("ani"), false).1.contains("/ack"));
            assert!(help(language, Some("ani"), false).0.contains("ani"));
        }
    }

    #[test]
    fn the_status_counts_what_there_is() {
        let counts = Counts { up: 3, down: 1, ..Counts::default() };
        let (title, text) = status("en", counts, (2, 1));
        assert_eq!(
            (title.as_str(), text.as_str()),
            ("4 devices", "🔴 Down: 1\n🟢 Up: 3\n2 open alerts, 1 not acknowledged\n")
        );
        assert_eq!(status("en", Counts::default(), (0, 0)).1, "");
    }
}
