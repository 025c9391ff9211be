//! A check is one way of asking a device; its kind says what its settings mean.

use crate::{CheckId, FieldError, Settings};
use serde::{Deserialize, Serialize};

/// Shortest and longest interval between two rounds, in seconds.
pub const INTERVAL_S: std::ops::RangeInclusive<u32> = 5..=86_400;
/// Shortest and longest time one try may take, in seconds.
pub const TIMEOUT_S: std::ops::RangeInclusive<u32> = 1..=60;

/// The ways of asking a device that this program knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckKind {
    Icmp,
    Tcp,
    Routeros,
}

impl CheckKind {
    pub const ALL: [CheckKind; 3] = [CheckKind::Icmp, CheckKind::Tcp, CheckKind::Routeros];

    /// The word of the API and of the database.
    pub fn word(self) -> &'static str {
        match self {
            CheckKind::Icmp => "icmp",
            CheckKind::Tcp => "tcp",
            CheckKind::Routeros => "routeros",
        }
    }

    /// The reverse of [`CheckKind::word`].
    pub fn from_word(word: &str) -> Option<CheckKind> {
        CheckKind::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A check as it is stored and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    pub id: CheckId,
    pub kind: CheckKind,
    pub interval_s: u32,
    pub timeout_s: u32,
    pub settings: Settings,
}

impl Check {
    /// Names it among the checks of its device, as the history does: `icmp`, `tcp:443`, `routeros`.
    pub fn subject(&self) -> String {
        match (self.kind, self.port()) {
            (CheckKind::Tcp, Some(port)) => format!("{}:{port}", self.kind.word()),
            (kind, _) => kind.word().to_owned(),
        }
    }

    /// The port that a check by TCP asks.
    pub fn port(&self) -> Option<u16> {
        (self.kind == CheckKind::Tcp).then(|| self.settings.get("port")?.trim().parse().ok()).flatten()
    }
}

/// A check as a person or program asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckDraft {
    pub kind: CheckKind,
    /// The kind's default when absent.
    #[serde(default)]
    pub interval_s: Option<u32>,
    #[serde(default)]
    pub timeout_s: Option<u32>,
    #[serde(default)]
    pub settings: Settings,
}

impl CheckDraft {
    /// Refuses what is outside [`INTERVAL_S`] and [`TIMEOUT_S`], naming the field under `at`.
    pub fn errors(&self, at: &str) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut within = |value: Option<u32>, range: std::ops::RangeInclusive<u32>, field: &str| {
            if value.is_some_and(|value| !range.contains(&value)) {
                errors.push(FieldError::new(
                    format!("{at}.{field}"),
                    "error_out_of_range",
                    format!("must be {} to {} seconds", range.start(), range.end()),
                ));
            }
        };
        within(self.interval_s, INTERVAL_S, "interval_seconds");
        within(self.timeout_s, TIMEOUT_S, "timeout_seconds");
        errors
    }
}

/// One input of a check kind's form; the form is drawn from these, the server judges the values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    pub name: String,
    /// A locale key, never a sentence.
    pub label: String,
    pub input: Input,
    pub required: bool,
    pub default: Option<String>,
}

/// What kind of value a [`Field`] takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    Number {
        min: u32,
        max: u32,
    },
    Text {
        max_chars: u32,
    },
    /// Several lines with places to fill: a [`crate::Template`].
    Template {
        max_chars: u32,
    },
    Switch,
}

impl Field {
    /// The setting's value: as given, else the default.
    pub fn value<'a>(&'a self, given: Option<&'a str>) -> Option<&'a str> {
        given.map(str::trim).filter(|text| !text.is_empty()).or(self.default.as_deref())
    }
}

impl Input {
    /// What is wrong with the value, as a locale key and in English.
    pub fn refusal(&self, value: Option<&str>, required: bool) -> Option<(&'static str, String)> {
        let Some(value) = value else {
            return required.then(|| ("error_required", "is required".to_owned()));
        };
        match *self {
            Input::Number { min, max } => {
                let fits = value.parse().is_ok_and(|number: u32| (min..=max).contains(&number));
                (!fits).then(|| ("error_out_of_range", format!("must be a whole number, {min} to {max}")))
            }
            Input::Text { max_chars } => crate::line("", value, max_chars as usize)
                .err()
                .map(|_| ("error_too_long", format!("must be one line of at most {max_chars} characters"))),
            Input::Template { max_chars } => match crate::Template::parse(value) {
                Err(why) => Some(("error_template", why.to_string())),
                Ok(_) if value.chars().count() > max_chars as usize || has_control(value) => {
                    Some(("error_too_long", format!("must have at most {max_chars} characters")))
                }
                Ok(_) => None,
            },
            Input::Switch => (!matches!(value, "true" | "false"))
                .then(|| ("error_switch", "must be true or false".to_owned())),
        }
    }
}

/// What the form needs to know of a check kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckForm {
    pub kind: CheckKind,
    /// A locale key.
    pub label: String,
    /// Seconds between two rounds by default; the device's own default when absent.
    pub interval_s: Option<u32>,
    pub fields: Vec<Field>,
}

/// Whether a text of several lines holds what no line does.
fn has_control(text: &str) -> bool {
    text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_named_by_what_it_asks() {
        let check = |kind, name: &str, value: &str| {
            let settings = [(name.to_owned(), value.to_owned())].into_iter().collect();
            Check { id: CheckId(1), kind, interval_s: 30, timeout_s: 5, settings }.subject()
        };
        assert_eq!(check(CheckKind::Icmp, "count", "3"), "icmp");
        assert_eq!(check(CheckKind::Tcp, "port", " 0443 "), "tcp:443");
    }
}
