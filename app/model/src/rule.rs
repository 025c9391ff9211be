//! Alert rules: which number, of which devices, must not be where, and for how long it may be there.

use crate::{Device, DeviceKind, FieldError, Measure, RuleId, Severity, Timestamp};
use serde::{Deserialize, Serialize};

/// Longest time that a number may be there before it is told, and longest rest after it was, in seconds.
pub const RULE_SECONDS_MAX: u32 = 7 * 86_400;
/// Most words in one list of a scope.
const SCOPE_MAX: usize = 50;

/// On which side of a limit a number must not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Above,
    Below,
}

impl Side {
    /// The word of the API.
    pub fn word(self) -> &'static str {
        match self {
            Side::Above => "above",
            Side::Below => "below",
        }
    }

    /// The reverse of [`Side::word`].
    pub fn from_word(word: &str) -> Option<Side> {
        [Side::Above, Side::Below].into_iter().find(|side| side.word() == word)
    }

    /// Whether `value` is on this side of `limit`.
    pub fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Side::Above => value > limit,
            Side::Below => value < limit,
        }
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
    /// In the measure's unit.
    pub limit: f64,
    /// The alert is over once the number is back at this; at the limit when absent.
    #[serde(default)]
    pub clear: Option<f64>,
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
    pub fn holds(&self, device: &Device) -> bool {
        let is_in = |list: &[String], word: &str| list.iter().any(|known| known == word);
        let site = device.location.as_deref().unwrap_or_default();
        (self.kinds.is_empty() || self.kinds.contains(&device.kind))
            && (self.tags.is_empty() || device.tags.iter().any(|tag| is_in(&self.tags, tag)))
            && (self.sites.is_empty() || is_in(&self.sites, site))
            && (self.devices.is_empty() || is_in(&self.devices, &device.name))
    }

    /// Lists that are too long, each at its field.
    pub fn errors(&self) -> Vec<FieldError> {
        let lists = [
            ("kinds", self.kinds.len()),
            ("tags", self.tags.len()),
            ("sites", self.sites.len()),
            ("devices", self.devices.len()),
        ];
        let too_long = lists.into_iter().filter(|(_, count)| *count > SCOPE_MAX);
        let why = || format!("must name at most {SCOPE_MAX}");
        too_long.map(|(list, _)| FieldError::new(format!("scope.{list}"), "error_too_long", why())).collect()
    }
}

/// A rule as a person or program asks for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleDraft {
    pub name: String,
    pub enabled: bool,
    pub severity: Severity,
    pub condition: Condition,
    #[serde(default)]
    pub scope: RuleScope,
    /// How long the number may be there, in seconds.
    pub for_s: u32,
    /// After it was over it is not told again for so long, in seconds.
    pub cool_down_s: u32,
}

/// A rule as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    pub id: RuleId,
    #[serde(flatten)]
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
    /// The number that made it sure, in the measure's unit.
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
        let Condition { side, limit, clear, .. } = &self.condition;
        refuse(!limit.is_finite(), "condition.limit", "error_out_of_range", "must be a number".to_owned());
        let is_beyond = clear.is_some_and(|clear| !clear.is_finite() || side.holds(clear, *limit));
        let why = format!("must not be {} the limit", side.word());
        refuse(is_beyond, "condition.clear", "error_out_of_range", why);
        errors.extend(self.scope.errors());
        errors
    }
}
