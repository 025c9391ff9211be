//! The words that the server writes without the app: pages where it refuses a request, and messages to channels.

#[cfg(feature = "ssr")]
pub mod offline;
pub mod own;

pub mod bot;
pub mod summary;
mod terminal;
pub mod unwritten;

pub use terminal::terminal_login;

use crate::{
    api::ApiError,
    format,
    i18n::{Lang, Words},
};
use model::{Affected, Incident, IncidentEnd, IncidentKind, Timestamp, Together};

/// Why there is no other page.
pub enum Reason {
    /// The address leads nowhere.
    Lost,
    /// The answer took too long.
    Late,
    Error(ApiError),
}

/// What such a page says.
pub struct Told {
    pub title: &'static str,
    pub text: String,
    /// The way back.
    pub home: &'static str,
}

/// The words for `reason` in the language of this code.
pub fn told(language: &str, reason: &Reason) -> Told {
    let words = Words(Lang::from_code(language));
    let (title, text) = match reason {
        Reason::Lost => (words.not_found_title(), words.not_found_text().to_owned()),
        Reason::Late => (words.failure_title(), words.failure_late().to_owned()),
        Reason::Error(error) => (words.failure_title(), words.api_error(error)),
    };
    Told { title, text, home: words.not_found_home() }
}

/// What a message tells of one incident.
pub struct News<'a> {
    pub incident: &'a Incident,
    pub is_over: bool,
    /// Of several some are back, and others are not.
    pub is_partly: bool,
    /// How long ago it should have been told, in seconds, when that is worth a word.
    pub late_s: Option<i64>,
    /// How many of the affected devices are named.
    pub affected_named_max: usize,
}

/// Title and text of a message about one incident.
pub fn alert(language: &str, news: &News<'_>) -> (String, String) {
    let words = Words(Lang::from_code(language));
    let mut lines = Lines(String::new());
    let Incident { address, cause, affected, .. } = news.incident;
    if !address.is_empty() {
        lines.add(words.told_address(address));
    }
    if news.incident.kind == IncidentKind::CutOff && news.is_over {
        lines.add(
            words
                .told_blind(&utc(news.incident.opened_at), &utc(news.incident.closed_at.unwrap_or_default())),
        );
    }
    if !news.is_over {
        lines.add(words.told_at(&utc(news.incident.opened_at)));
        // Of an update it is the version, and said already.
        if let Some(cause) = cause.as_ref().filter(|_| news.incident.kind != IncidentKind::Update) {
            lines.add(words.told_cause(&words.cause(cause)));
        }
    }
    // Those that are down themselves, and those that cannot be seen because of it.
    let (down, hidden): (Vec<_>, Vec<_>) = affected.iter().partition(|one| one.is_down);
    let down: Vec<_> = down.into_iter().filter(|one| !news.is_partly || one.until.is_none()).collect();
    if !down.is_empty() {
        lines.add(named(&down, news));
    }
    if !hidden.is_empty() && !news.is_over {
        lines.add(format!("{} {}", words.told_affected(hidden.len() as u64), named(&hidden, news)));
    }
    // Those that went out of sight once it was told were in no message.
    let late: Vec<_> = hidden.into_iter().filter(|one| one.since > news.incident.told_at).collect();
    if !late.is_empty() && news.is_over {
        lines.add(format!("{} {}", words.told_affected_late(late.len() as u64), named(&late, news)));
    }
    if let Some(late_s) = news.late_s {
        lines.add(words.told_late(&format::span(words, late_s)));
    }
    (title(words, news), lines.0)
}

/// The first of them by name.
fn named(devices: &[&Affected], news: &News<'_>) -> String {
    let names: Vec<&str> =
        devices.iter().take(news.affected_named_max).map(|one| one.name.as_str()).collect();
    let more = if names.len() < devices.len() { ", …" } else { "" };
    format!("{}{more}", names.join(", "))
}

/// Title and text of one message in the place of many, the causes first.
pub fn storm(language: &str, all: &[News<'_>], named_max: usize) -> (String, String) {
    let words = Words(Lang::from_code(language));
    let (over, open): (Vec<_>, Vec<_>) = all.iter().partition(|news| news.is_over);
    let mut lines = Lines(String::new());
    // What hides most others is the likeliest cause of the rest.
    let mut open = open;
    open.sort_by_key(|news| std::cmp::Reverse(news.incident.affected.len()));
    for news in open.iter().chain(&over).take(named_max) {
        let hidden = news.incident.affected.iter().filter(|one| !one.is_down).count();
        let behind =
            if hidden > 0 && !news.is_over { words.told_hides(hidden as u64) } else { String::new() };
        lines.add(format!("{} {behind}", title(words, news)).trim_end());
    }
    let left = all.len().saturating_sub(named_max);
    if left > 0 {
        lines.add(words.told_more(left as u64));
    }
    if let Some(late_s) = all.iter().filter_map(|news| news.late_s).max() {
        lines.add(words.told_late(&format::span(words, late_s)));
    }
    let begun = (!open.is_empty()).then(|| words.told_storm(open.len() as u64));
    let ended = (!over.is_empty()).then(|| words.told_storm_over(over.len() as u64));
    (begun.into_iter().chain(ended).collect::<Vec<_>>().join(" · "), lines.0)
}

/// Title and text of the test button's message.
pub fn trial(language: &str, channel: &str) -> (String, String) {
    let words = Words(Lang::from_code(language));
    (words.told_trial_title().to_owned(), format!("{}\n", words.told_trial(&channel)))
}

fn title(words: Words, news: &News<'_>) -> String {
    let incident = news.incident;
    let name = &incident.name;
    if let Some(title) = together(words, news) {
        return title;
    }
    if news.is_over {
        let lasted_s = incident.closed_at.unwrap_or(incident.opened_at).since_ms(incident.opened_at) / 1_000;
        let span = format::span(words, lasted_s);
        return match incident.ending {
            Some(IncidentEnd::Paused) => words.told_paused(name),
            Some(IncidentEnd::Removed) => words.told_removed(name),
            Some(IncidentEnd::Withdrawn) => match &incident.crossing {
                Some(crossing) => words.told_withdrawn_number(name, &format::measured_what(words, crossing)),
                None => words.told_withdrawn(name),
            },
            Some(IncidentEnd::Degraded) => words.told_half_up(name, &span),
            Some(IncidentEnd::Accepted) => words.told_key_accepted(name, &span),
            _ if incident.kind == IncidentKind::HostKey => words.told_key_again(name, &span),
            _ if incident.kind == IncidentKind::CutOff => words.told_restored(&span),
            _ if incident.kind == IncidentKind::Threshold => {
                let what = incident.crossing.as_ref().map(|crossing| format::measured_what(words, crossing));
                words.told_back(name, &span, &what.unwrap_or_default())
            }
            _ => words.told_up(name, &span),
        };
    }
    match incident.kind {
        IncidentKind::CutOff => words.told_cut_off().to_owned(),
        IncidentKind::Down => words.told_down(name),
        IncidentKind::Degraded => words.told_degraded(name),
        IncidentKind::Rebooted => words.told_rebooted(name),
        IncidentKind::Reconnects => words.told_reconnects(name, &incident.number.unwrap_or(0)),
        IncidentKind::Certificate => words.told_certificate(name),
        IncidentKind::HostKey => words.told_host_key(name),
        IncidentKind::Update => words.told_update(name, &incident.cause.as_deref().unwrap_or_default()),
        IncidentKind::Threshold => {
            let what = incident.crossing.as_ref().map(|crossing| format::crossed(words, crossing));
            words.told_threshold(name, &what.unwrap_or_default())
        }
    }
}

/// What is said of several devices at one address.
fn together(words: Words, news: &News<'_>) -> Option<String> {
    let Incident { together, address, opened_at, closed_at, ending, .. } = news.incident;
    let Together { devices, down } = (*together)?;
    // Nobody knows whether they are back.
    if news.is_over && *ending == Some(IncidentEnd::Withdrawn) {
        return None;
    }
    Some(if news.is_over {
        let lasted_s = closed_at.unwrap_or(*opened_at).since_ms(*opened_at) / 1_000;
        words.told_all_up(u64::from(devices), address, &format::span(words, lasted_s))
    } else if news.is_partly {
        words.told_partly(address, &(devices - down.min(devices)), &devices)
    } else {
        words.told_all_down(u64::from(devices), address)
    })
}

/// An instant for people of whom it is not known where they are.
fn utc(at: Timestamp) -> String {
    let iso = format::iso(at);
    let (day, time) = iso.split_once('T').unwrap_or((&iso, ""));
    format!("{day} {} UTC", time.chars().take("hh:mm:ss".len()).collect::<String>())
}

struct Lines(String);

impl Lines {
    fn add(&mut self, line: impl AsRef<str>) {
        self.0.push_str(line.as_ref());
        self.0.push('\n');
    }
}
