//! Alert rules: which number, or which state, of which devices is worth telling, and for how long it may be so.

use crate::{Device, DeviceKind, FieldError, IncidentKind, Measure, RuleId, Severity, Timestamp};
use serde::{Deserialize, Serialize};

/// Longest time that a number may be there before it is told, and longest rest after it was, in seconds.
pub const RULE_SECONDS_MAX: u32 = 7 * 86_400;
/// Most words in one list of a scope.
const SCOPE_MAX: usize = 50;
/// Longest of these words, and longest name of a check or interface, in characters.
const WORD_MAX: usize = 64;
/// Lost sessions that are told together, at most.
pub const EVERY_MAX: u32 = 10_000;
/// Largest change, in percent.
const PERCENT_MAX: f64 = 10_000.0;

/// Where a number must not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Above,
    Below,
    /// Nowhere at all: it is measured no more.
    Missing,
}

impl Side {
    pub const ALL: [Side; 3] = [Side::Above, Side::Below, Side::Missing];

    /// The word of the API.
    pub fn word(self) -> &'static str {
        match self {
            Side::Above => "above",
            Side::Below => "below",
            Side::Missing => "missing",
        }
    }

    /// The reverse of [`Side::word`].
    pub fn from_word(word: &str) -> Option<Side> {
        Side::ALL.into_iter().find(|side| side.word() == word)
    }

    /// Whether `value` is on this side of `limit`.
    pub fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Side::Above => value > limit,
            Side::Below => value < limit,
            Side::Missing => false,
        }
    }
}

/// What a number is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// The limit itself.
    #[default]
    Limit,
    /// Its mean in the same hour of the last seven days; of the last hour, until there are two such days.
    SameHour,
    /// Its mean in the last hour.
    LastHour,
}

impl Against {
    pub const ALL: [Against; 3] = [Against::Limit, Against::SameHour, Against::LastHour];

    /// The word of the API.
    pub fn word(self) -> &'static str {
        match self {
            Against::Limit => "limit",
            Against::SameHour => "same_hour",
            Against::LastHour => "last_hour",
        }
    }

    /// The reverse of [`Against::word`].
    pub fn from_word(word: &str) -> Option<Against> {
        Against::ALL.into_iter().find(|against| against.word() == word)
    }
}

/// Where a number must not be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    pub measure: Measure,
    /// Only this check or interface; every one when absent.
    #[serde(default)]
    pub subject: Option<String>,
    pub side: Side,
    /// In the measure's unit; by how many percent it differs, where it is compared. Of no meaning for what is missing.
    pub limit: f64,
    /// The alert is over once the number is back at this; at the limit when absent.
    #[serde(default)]
    pub clear: Option<f64>,
    #[serde(default)]
    pub against: Against,
    /// What it is compared with must be this at least: of little, a little is much. In the measure's unit.
    #[serde(default)]
    pub usual_least: Option<f64>,
    /// It may be beyond its limit where it usually is so in this hour.
    #[serde(default)]
    pub unless_usual: bool,
}

impl Condition {
    /// A limit, for one number or all of this measure.
    pub fn new(measure: Measure, side: Side, limit: f64) -> Self {
        Self {
            measure,
            subject: None,
            side,
            limit,
            clear: None,
            against: Against::Limit,
            usual_least: None,
            unless_usual: false,
        }
    }

    /// Whether it must be known what the number usually is.
    pub fn wants_usual(&self) -> bool {
        self.side != Side::Missing && (self.against != Against::Limit || self.unless_usual)
    }

    /// Whether it is about numbers of this name.
    pub fn is_about(&self, measure: Measure, subject: &str) -> bool {
        self.measure == measure && self.subject.as_deref().is_none_or(|own| own == subject)
    }

    /// Whether `value` is where it must not be; nothing when that cannot be said, for it is not known what is `usual`.
    pub fn holds(&self, value: f64, usual: Option<f64>) -> Option<bool> {
        self.judge(value, usual, self.limit)
    }

    /// Whether it is not yet back, once it was.
    pub fn holds_still(&self, value: f64, usual: Option<f64>) -> Option<bool> {
        self.judge(value, usual, self.clear.unwrap_or(self.limit))
    }

    fn judge(&self, value: f64, usual: Option<f64>, limit: f64) -> Option<bool> {
        if self.against == Against::Limit {
            if !self.side.holds(value, limit) || !self.unless_usual {
                return Some(self.side.holds(value, limit));
            }
            return usual.map(|usual| !self.side.holds(usual, self.limit));
        }
        let usual = usual?;
        if self.usual_least.is_some_and(|least| usual < least) {
            return Some(false);
        }
        let part = usual.abs() * limit / 100.0;
        Some(match self.side {
            Side::Above => value > usual + part,
            Side::Below => value < usual - part,
            Side::Missing => false,
        })
    }
}

/// What may happen to a device, as a rule has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub state: IncidentKind,
    /// Of lost sessions, so many are told together.
    #[serde(default = "fifty")]
    pub every: u32,
}

fn fifty() -> u32 {
    Event::EVERY
}

impl Event {
    pub const EVERY: u32 = 50;
    /// What rules may be about.
    pub const STATES: [IncidentKind; 6] = [
        IncidentKind::Down,
        IncidentKind::Degraded,
        IncidentKind::Reconnects,
        IncidentKind::Rebooted,
        IncidentKind::Certificate,
        IncidentKind::Update,
    ];

    pub fn new(state: IncidentKind) -> Self {
        Self { state, every: Event::EVERY }
    }

    /// Whether it goes on for a time, and is not over as it happens.
    pub fn lasts(&self) -> bool {
        matches!(self.state, IncidentKind::Down | IncidentKind::Degraded)
    }
}

/// What a rule is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    Number(Condition),
    State(Event),
}

impl About {
    pub fn number(&self) -> Option<&Condition> {
        match self {
            About::Number(condition) => Some(condition),
            About::State(_) => None,
        }
    }

    pub fn event(&self) -> Option<&Event> {
        match self {
            About::Number(_) => None,
            About::State(event) => Some(event),
        }
    }
}

/// Which devices a rule is about. Each list that is not empty must hold the device's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleScope {
    pub kinds: Vec<DeviceKind>,
    pub tags: Vec<String>,
    pub sites: Vec<String>,
    /// By name.
    pub devices: Vec<String>,
}

impl RuleScope {
    /// Whether it names nothing, and holds everywhere.
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    pub fn holds(&self, device: &Device) -> bool {
        let is_in = |list: &[String], word: &str| list.iter().any(|known| known == word);
        let site = device.location.as_deref().unwrap_or_default();
        (self.kinds.is_empty() || self.kinds.contains(&device.kind))
            && (self.tags.is_empty() || device.tags.iter().any(|tag| is_in(&self.tags, tag)))
            && (self.sites.is_empty() || is_in(&self.sites, site))
            && (self.devices.is_empty() || is_in(&self.devices, &device.name))
    }

    /// Lists that are too long or hold words that are, each at its field.
    pub fn errors(&self) -> Vec<FieldError> {
        let lists = [
            ("kinds", self.kinds.len()),
            ("tags", self.tags.len()),
            ("sites", self.sites.len()),
            ("devices", self.devices.len()),
        ];
        let too_long = lists.into_iter().filter(|(_, count)| *count > SCOPE_MAX);
        let why = || format!("must name at most {SCOPE_MAX}");
        let mut errors: Vec<_> = too_long
            .map(|(list, _)| FieldError::new(format!("scope.{list}"), "error_too_long", why()))
            .collect();
        for (list, words) in [("tags", &self.tags), ("sites", &self.sites), ("devices", &self.devices)] {
            let field = format!("scope.{list}");
            errors.extend(words.iter().find_map(|word| crate::line(&field, word, WORD_MAX).err()));
        }
        errors
    }
}

/// A rule as a person or program asks for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleDraft {
    pub name: String,
    pub enabled: bool,
    pub severity: Severity,
    pub about: About,
    #[serde(default)]
    pub scope: RuleScope,
    /// How long it may be so, in seconds.
    pub for_s: u32,
    /// After it was over it is not told again for so long, in seconds.
    pub cool_down_s: u32,
}

/// A rule as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    pub id: RuleId,
    pub draft: RuleDraft,
}

/// Why a rule fired: what was measured, and what the rule said then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Crossing {
    /// The rule's name at that time.
    pub rule: String,
    pub measure: Measure,
    /// Empty where there is but one.
    pub subject: String,
    pub side: Side,
    pub limit: f64,
    #[serde(default)]
    pub against: Against,
    /// What it usually is, where that was asked.
    #[serde(default)]
    pub usual: Option<f64>,
    /// The number that made it sure, or the last that was measured; in the measure's unit.
    pub value: f64,
    /// How long it had been there, in seconds.
    pub for_s: u32,
    /// Since when.
    pub since: Timestamp,
}

/// Numbers are equal when they are the same: none of them is NaN, for JSON has none.
impl Eq for Crossing {}

impl RuleDraft {
    /// Everything that is wrong, each at its field.
    pub fn errors(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        errors.extend(crate::line("name", self.name.trim(), 64).err());
        let mut refuse = |is_wrong: bool, field: &str, code: &str, why: String| {
            if is_wrong {
                errors.push(FieldError::new(field, code, why));
            }
        };
        refuse(self.name.trim().is_empty(), "name", "error_required", "is required".to_owned());
        refuse(
            self.severity == Severity::Good,
            "severity",
            "error_required",
            "must be one of critical, warning, info".to_owned(),
        );
        for (field, seconds) in [("for_seconds", self.for_s), ("cool_down_seconds", self.cool_down_s)] {
            let why = format!("must be at most {RULE_SECONDS_MAX}");
            refuse(seconds > RULE_SECONDS_MAX, field, "error_out_of_range", why);
        }
        errors.extend(self.scope.errors());
        match &self.about {
            About::Number(condition) => condition.refuse(&mut errors),
            About::State(event) => event.refuse(&mut errors),
        }
        errors
    }
}

impl Condition {
    fn refuse(&self, errors: &mut Vec<FieldError>) {
        let Self { side, limit, clear, against, usual_least, subject, .. } = self;
        let is_compared = *against != Against::Limit;
        errors.extend(
            subject.iter().filter_map(|subject| crate::line("condition.subject", subject, WORD_MAX).err()),
        );
        let mut refuse = |is_wrong: bool, field: &str, why: &str| {
            let code = if field == "condition.limit" && is_compared {
                "error_percent"
            } else {
                "error_out_of_range"
            };
            if is_wrong {
                errors.push(FieldError::new(field, code, why));
            }
        };
        let (least, most) = self.measure.range();
        // Of what is missing no number says anything.
        let is_possible = |value: f64| match side {
            Side::Missing => value.is_finite(),
            Side::Above | Side::Below => (least..=most).contains(&value),
        };
        let is_percent = *limit > 0.0 && *limit <= PERCENT_MAX && (*side == Side::Above || *limit <= 100.0);
        if is_compared {
            refuse(
                !is_percent,
                "condition.limit",
                "must be a percentage above 0, and at most 100 for a fall",
            );
        } else {
            let why = format!("must be {least} to {most} for {}", self.measure.word());
            refuse(!is_possible(*limit), "condition.limit", &why);
        }
        let is_beyond = clear.is_some_and(|clear| {
            let is_farther =
                if is_compared { clear > *limit || clear < 0.0 } else { side.holds(clear, *limit) };
            !clear.is_finite() || is_farther || (!is_compared && !is_possible(clear))
        });
        refuse(is_beyond, "condition.clear", "must not be beyond the limit");
        let is_odd = usual_least.is_some_and(|least| !(0.0..=most).contains(&least));
        refuse(is_odd, "condition.usual_least", &format!("must be 0 to {most}"));
        refuse(*side == Side::Missing && is_compared, "condition.against", "what is missing is not compared");
    }
}

impl Event {
    fn refuse(&self, errors: &mut Vec<FieldError>) {
        if !Event::STATES.contains(&self.state) {
            let all = Event::STATES.map(IncidentKind::word).join(", ");
            errors.push(FieldError::new(
                "condition.state",
                "error_required",
                format!("must be one of {all}"),
            ));
        }
        if !(1..=EVERY_MAX).contains(&self.every) {
            let why = format!("must be 1 to {EVERY_MAX}");
            errors.push(FieldError::new("condition.every", "error_out_of_range", why));
        }
    }
}
