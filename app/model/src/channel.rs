//! A channel is where people are told; its kind says what its settings mean.

use crate::Field;
use serde::{Deserialize, Serialize};

/// The ways of telling people that this program knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    Telegram,
    Email,
    Webhook,
    WebPush,
}

impl ChannelKind {
    pub const ALL: [ChannelKind; 4] =
        [ChannelKind::Telegram, ChannelKind::Email, ChannelKind::Webhook, ChannelKind::WebPush];

    /// The word of the API and of the database.
    pub fn word(self) -> &'static str {
        match self {
            ChannelKind::Telegram => "telegram",
            ChannelKind::Email => "email",
            ChannelKind::Webhook => "webhook",
            ChannelKind::WebPush => "web_push",
        }
    }

    /// The reverse of [`ChannelKind::word`].
    pub fn from_word(word: &str) -> Option<ChannelKind> {
        ChannelKind::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// How much a message matters to whoever gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Critical,
    Warning,
    Info,
    /// What was wrong is over.
    Good,
}

impl Severity {
    pub const ALL: [Severity; 4] = [Severity::Critical, Severity::Warning, Severity::Info, Severity::Good];
    /// From which on somebody may be told.
    pub const LEAST: [Severity; 3] = [Severity::Critical, Severity::Warning, Severity::Info];

    /// The word of the API and of the database.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Critical => "critical",
            Severity::Warning => "warning",
            Severity::Info => "info",
            Severity::Good => "good",
        }
    }

    /// The reverse of [`Severity::word`].
    pub fn from_word(word: &str) -> Option<Severity> {
        Severity::ALL.into_iter().find(|severity| severity.word() == word)
    }
}

/// What the form needs to know of a channel kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelForm {
    pub kind: ChannelKind,
    /// A locale key.
    pub label: String,
    pub fields: Vec<ChannelField>,
}

/// One input of a channel's form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelField {
    pub field: Field,
    /// Goes apart from the settings, is sealed, and never comes back.
    pub is_secret: bool,
    /// The only values it takes, where they are few; each has words by its label's key and itself.
    pub choices: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back_and_is_the_one_of_the_wire() {
        for kind in ChannelKind::ALL {
            assert_eq!(ChannelKind::from_word(kind.word()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
        }
        for severity in Severity::ALL {
            assert_eq!(Severity::from_word(severity.word()), Some(severity));
            assert_eq!(serde_json::to_value(severity).unwrap(), severity.word());
        }
        assert_eq!((ChannelKind::from_word("Email"), Severity::from_word("")), (None, None));
    }
}
