//! Times in which nobody is told: maintenance windows, which do not count either, and silences, which do.

use crate::{FieldError, IncidentId, QuietId, RuleId, RuleScope, Timestamp};
use serde::{Deserialize, Serialize};

/// Longest window, in minutes: 31 days.
pub const QUIET_MINUTES_MAX: u32 = 31 * 24 * 60;
/// Longest title, in characters.
pub const QUIET_TITLE_MAX: usize = 100;

/// What is different meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuietKind {
    /// Nobody is told of what begins in it, and its time does not count.
    Maintenance,
    /// Nobody is told of anything, and the time counts.
    Silence,
}

impl QuietKind {
    pub const ALL: [QuietKind; 2] = [QuietKind::Maintenance, QuietKind::Silence];

    /// The word of the API and of the database.
    pub fn word(self) -> &'static str {
        match self {
            QuietKind::Maintenance => "maintenance",
            QuietKind::Silence => "silence",
        }
    }

    /// The reverse of [`QuietKind::word`].
    pub fn from_word(word: &str) -> Option<QuietKind> {
        QuietKind::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// What it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuietAbout {
    /// Every device that the scope holds; all of them where it is empty.
    Devices(RuleScope),
    /// One incident; only a silence can be.
    Incident(IncidentId),
    /// All incidents of one rule; only a silence can be.
    Rule(RuleId),
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Weekday {
    pub const ALL: [Weekday; 7] =
        [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

    /// The word of the API and of the database.
    pub fn word(self) -> &'static str {
        match self {
            Weekday::Mon => "mon",
            Weekday::Tue => "tue",
            Weekday::Wed => "wed",
            Weekday::Thu => "thu",
            Weekday::Fri => "fri",
            Weekday::Sat => "sat",
            Weekday::Sun => "sun",
        }
    }

    /// The reverse of [`Weekday::word`].
    pub fn from_word(word: &str) -> Option<Weekday> {
        Weekday::ALL.into_iter().find(|day| day.word() == word)
    }
}

/// How often it comes again, by the clock of its zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recurs {
    #[default]
    Once,
    Daily,
    Weekly(Vec<Weekday>),
    /// On this day of the month, 1 to 31; on the last one of a shorter month.
    Monthly(u8),
}

/// In minutes.
const DAY: u32 = 24 * 60;

impl Recurs {
    /// The longest that fits between one time and the next, in minutes, where it comes again at all.
    fn minutes_max(&self) -> Option<u32> {
        match self {
            Recurs::Once => None,
            Recurs::Daily => Some(DAY),
            Recurs::Weekly(days) => {
                let mut places: Vec<u32> = days.iter().map(|day| *day as u32).collect();
                places.sort_unstable();
                // From the last one of a week to the first of the next.
                let around = places.first()? + 7 - places.last()?;
                let between = places.iter().zip(places.iter().skip(1)).map(|(one, next)| next - one);
                between.chain([around]).filter(|days| *days > 0).min().map(|days| days * DAY)
            }
            // As long as February.
            Recurs::Monthly(_) => Some(28 * DAY),
        }
    }
}

/// When it is, by the clock on somebody's wall.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietPlan {
    /// Whose wall: a name such as `Asia/Jakarta`, `UTC`, or an offset such as `+07:00`.
    pub zone: String,
    /// The first time: `2026-11-29T02:00`. A time that the clock leaves out is that much later; of one that it shows
    /// twice the first is meant.
    pub starts: String,
    /// It lasts so long, however the clock is moved meanwhile.
    pub minutes: u32,
    pub recurs: Recurs,
    /// The last day on which it may begin: `2026-12-31`; it comes again for ever when absent.
    pub last_day: Option<String>,
}

/// A maintenance window or a silence as a person or program asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietDraft {
    pub kind: QuietKind,
    pub title: String,
    pub about: QuietAbout,
    pub plan: QuietPlan,
}

/// One that begins now, and once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietWish {
    pub kind: QuietKind,
    pub title: String,
    pub about: QuietAbout,
    pub minutes: u32,
}

/// From when to when something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietSpan {
    pub from: Timestamp,
    pub to: Timestamp,
}

/// A maintenance window or a silence as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    pub id: QuietId,
    pub draft: QuietDraft,
    pub made_by: String,
    pub made_at: Timestamp,
    /// The one that runs.
    pub current: Option<QuietSpan>,
    /// The first that will be.
    pub next: Option<QuietSpan>,
    /// How many devices it is about now; nothing where it is over, or about none.
    pub devices: Option<u32>,
    /// Whose alert it is about, or what its rule is called; nothing where it is about neither, or that is not known any
    /// more.
    pub of: Option<String>,
    /// When it came to an end for good, when it has.
    pub ended_at: Option<Timestamp>,
}

/// What a device wears while one runs that is about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietMark {
    pub id: QuietId,
    pub kind: QuietKind,
    pub title: String,
    pub until: Timestamp,
}

/// By what an incident was kept quiet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hushed {
    pub kind: QuietKind,
    pub title: String,
    pub by: String,
    /// When people were told after all; absent when they never were, or are still to be.
    pub until: Option<Timestamp>,
}

/// A page of them: those that run first, then those to come, then those that are over, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietPage {
    pub quiets: Vec<Quiet>,
    /// How many are over, on all pages.
    pub over: u64,
    /// What a scope may name: every site and tag there is, and every device.
    pub sites: Vec<String>,
    pub tags: Vec<String>,
    pub devices: Vec<String>,
    /// The names of all zones.
    pub zones: Vec<String>,
}

impl QuietDraft {
    /// Everything that is wrong and needs no calendar to be seen, each at its field.
    pub fn errors(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        errors.extend(crate::line("title", &self.title, QUIET_TITLE_MAX).err());
        if self.title.trim().is_empty() {
            errors.push(FieldError::new("title", "error_required", "is required"));
        }
        if !(1..=QUIET_MINUTES_MAX).contains(&self.plan.minutes) {
            let why = format!("must be 1 to {QUIET_MINUTES_MAX}");
            errors.push(FieldError::new("minutes", "error_out_of_range", why));
        } else if let Some(most) = self.plan.recurs.minutes_max().filter(|most| self.plan.minutes > *most) {
            let why = format!("must be at most {most}: it would still run when it comes again");
            errors.push(FieldError::new("minutes", "error_out_of_range", why));
        }
        match &self.about {
            QuietAbout::Devices(scope) => errors.extend(scope.errors()),
            _ if self.kind == QuietKind::Maintenance => {
                let why = "must name devices: only a silence is about an incident or a rule";
                errors.push(FieldError::new("scope", "error_required", why));
            }
            _ => {}
        }
        match &self.plan.recurs {
            Recurs::Weekly(days) if days.is_empty() => {
                errors.push(FieldError::new("weekdays", "error_required", "must name a day"));
            }
            Recurs::Weekly(days) if names_one_twice(days) => {
                errors.push(FieldError::new("weekdays", "error_choice", "must name each day once"));
            }
            Recurs::Monthly(day) if !(1..=31).contains(day) => {
                errors.push(FieldError::new("month_day", "error_out_of_range", "must be 1 to 31"));
            }
            _ => {}
        }
        errors
    }
}

fn names_one_twice(days: &[Weekday]) -> bool {
    days.len() > 7
        || (1..days.len()).any(|next| days.iter().skip(next).any(|day| days.get(next - 1) == Some(day)))
}
