//! What routers write into their logs: a line, what is wished for, and a part of what was found.

use crate::{DeviceId, FieldError, Timestamp};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// How much a line matters, by RouterOS's own topics: the least first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    Debug,
    #[default]
    Info,
    Warning,
    Error,
    Critical,
}

impl LogLevel {
    pub const ALL: [LogLevel; 5] =
        [LogLevel::Debug, LogLevel::Info, LogLevel::Warning, LogLevel::Error, LogLevel::Critical];

    /// The topic of RouterOS, and the word of the interfaces.
    pub fn word(self) -> &'static str {
        match self {
            LogLevel::Debug => "debug",
            LogLevel::Info => "info",
            LogLevel::Warning => "warning",
            LogLevel::Error => "error",
            LogLevel::Critical => "critical",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.word() == word)
    }

    /// The number of the database: the more it matters, the larger.
    pub fn code(self) -> i16 {
        match self {
            LogLevel::Debug => 0,
            LogLevel::Info => 1,
            LogLevel::Warning => 2,
            LogLevel::Error => 3,
            LogLevel::Critical => 4,
        }
    }

    /// The reverse of [`LogLevel::code`]; an unknown number is a plain line.
    pub fn from_code(code: i16) -> Self {
        Self::ALL.into_iter().find(|level| level.code() == code).unwrap_or_default()
    }
}

/// How a line came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogWay {
    /// Read from the router.
    Api,
    /// Sent by the router.
    Syslog,
    /// It is no line of the router: so many that it sent were not taken.
    Dropped(LogLoss),
}

impl LogWay {
    pub fn word(self) -> &'static str {
        match self {
            LogWay::Api => "api",
            LogWay::Syslog | LogWay::Dropped(_) => "syslog",
        }
    }
}

/// Lines that were sent by syslog and not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLoss {
    pub lines: u64,
    pub why: LossCause,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LossCause {
    /// The device sent more than it may.
    TooMany,
    /// All devices together sent more than could be written down.
    NoRoom,
}

impl LogLoss {
    /// Lines a second that a device may send for long; one of more than a kibibyte counts as several.
    pub const LINES_PER_S: u32 = 200;
    /// Lines that it may send at once, after a pause.
    pub const BURST: u32 = 4_000;
}

impl fmt::Display for LogLoss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let were = if self.lines == 1 { "line was" } else { "lines were" };
        write!(f, "{} {were} dropped: ", self.lines)?;
        match self.why {
            LossCause::TooMany => write!(f, "more than {} a second came", Self::LINES_PER_S),
            LossCause::NoRoom => f.write_str("more came than could be written down"),
        }
    }
}

/// One line of a router's log. Whatever the router wrote is text here, with what cannot be seen made visible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    pub id: i64,
    pub device: DeviceId,
    /// The device's name now.
    pub name: String,
    pub at: Timestamp,
    pub level: LogLevel,
    /// Without the one that is the level.
    pub topics: Vec<String>,
    pub message: String,
    pub way: LogWay,
    /// Lines of this router between the one before and this one were lost, or may have been.
    pub is_after_gap: bool,
}

impl LogLine {
    pub fn place(&self) -> LogPlace {
        LogPlace { at: self.at, id: self.id }
    }
}

/// Where a list goes on: lines stand in the order of their times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LogPlace {
    pub at: Timestamp,
    pub id: i64,
}

impl fmt::Display for LogPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.0, self.id)
    }
}

impl FromStr for LogPlace {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (at, id) = text.split_once('.').ok_or(())?;
        Ok(Self { at: Timestamp(at.parse().map_err(drop)?), id: id.parse().map_err(drop)? })
    }
}

/// Which lines are wished for. All that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct LogWish {
    pub device: Option<DeviceId>,
    /// A part of the device's name.
    pub name: Option<String>,
    /// Somewhere in the message or the topics; capitals do not matter.
    pub text: Option<String>,
    /// One of these.
    pub topics: Vec<String>,
    /// At least so much.
    pub level: Option<LogLevel>,
    pub from: Option<Timestamp>,
    /// Up to and without.
    pub to: Option<Timestamp>,
    /// Only what stands before this place: where to go on. Of what is new: what was written down before that line.
    pub before: Option<LogPlace>,
    /// Only what was written down after the line with this id: what is new.
    pub after: Option<i64>,
}

impl LogWish {
    /// Longest word of a wish, in characters.
    pub const WORD_MAX: usize = 128;
    /// Most topics of a wish.
    const TOPICS_MAX: usize = 10;

    /// Everything that is wrong, each at its field: not every database takes every character.
    pub fn errors(&self) -> Vec<FieldError> {
        let words = [("text", &self.text), ("name", &self.name)];
        let judged = words.into_iter().filter_map(|(field, word)| {
            crate::line(field, word.as_deref().unwrap_or_default(), Self::WORD_MAX).err()
        });
        let mut errors: Vec<FieldError> = judged.collect();
        errors.extend(
            self.topics.iter().filter_map(|topic| crate::line("topics", topic, Self::WORD_MAX).err()).take(1),
        );
        if self.topics.len() > Self::TOPICS_MAX {
            errors.push(FieldError::new("topics", "error_too_long", "must be at most 10 topics"));
        }
        errors
    }
}

/// Why a router's log is not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogTrouble {
    /// The device has no RouterOS login.
    NoLogin,
    /// There is no session with the router now.
    NotConnected,
    /// The login may not read the log: it lacks the policy `read`.
    NoPermission,
    /// The router keeps more lines than are read at once.
    TooLarge,
    /// The router's own words.
    Refused(String),
}

/// How a router's log is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogState {
    /// Somebody wants it to be read; so it is unless an admin switched it off.
    pub is_on: bool,
    /// When it was last read whole.
    pub read_at: Option<Timestamp>,
    pub trouble: Option<LogTrouble>,
}

/// A machine that sends lines by syslog and is no device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogStranger {
    pub address: String,
    /// How many lines it has sent since the program started; none of them is kept.
    pub lines: u64,
    pub last_at: Timestamp,
}

/// A part of what was wished for, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogPage {
    pub lines: Vec<LogLine>,
    /// Where to go on; nothing at the end. A search looks at a part of the lines at a time: there may be more even where
    /// nothing was found.
    pub next: Option<LogPlace>,
    /// The id of the last line that was written down, whatever was wished for.
    pub newest: i64,
    /// Of the one device that was wished for.
    pub state: Option<LogState>,
    /// Who sends lines and is no device.
    pub strangers: Vec<LogStranger>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back_as_it_was_written() {
        let place = LogPlace { at: Timestamp(-5), id: 77 };
        assert_eq!(place.to_string().parse(), Ok(place));
        for odd in ["", ".", "1", "1.", "x.1", "1.x"] {
            assert_eq!(odd.parse::<LogPlace>(), Err(()), "{odd}");
        }
    }

    #[test]
    fn how_many_lines_were_dropped_is_said_with_the_reason() {
        let said = |lines, why| LogLoss { lines, why }.to_string();
        assert_eq!(said(1, LossCause::NoRoom), "1 line was dropped: more came than could be written down");
        assert_eq!(said(56, LossCause::TooMany), "56 lines were dropped: more than 200 a second came");
    }

    #[test]
    fn a_level_is_known_by_its_word_and_by_its_number_and_grows_with_both() {
        for level in LogLevel::ALL {
            assert_eq!(LogLevel::from_word(level.word()), Some(level));
            assert_eq!(LogLevel::from_code(level.code()), level);
        }
        assert!(LogLevel::ALL.windows(2).all(|pair| pair[0] < pair[1] && pair[0].code() < pair[1].code()));
        assert_eq!(LogLevel::from_code(99), LogLevel::Info);
    }
}
