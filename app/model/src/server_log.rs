//! The program's own log, as admins read it.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// How bad a line is, the worst first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerLogLevel {
    Error,
    Warn,
    Info,
    Debug,
    #[default]
    Trace,
}

impl ServerLogLevel {
    pub const ALL: [Self; 5] = [Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace];

    /// The word of filters and addresses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }

    /// The reverse of [`ServerLogLevel::word`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.word() == word)
    }

    /// The filter that lets Routewarden's own parts say so much. What other people's libraries say below a warning is
    /// about their own affairs.
    pub fn filter(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "warn,server=info,engine=info",
            Self::Debug => "warn,server=debug,engine=debug",
            Self::Trace => "warn,server=trace,engine=trace",
        }
    }
}

/// One line. Control characters and those that turn the direction of writing are written out in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerLine {
    /// Counts up by one from 1 at each start of the program.
    pub seq: u64,
    pub at: Timestamp,
    pub level: ServerLogLevel,
    /// The part of the program that said it, such as `server::journal`.
    pub target: String,
    pub message: String,
    pub fields: Vec<(String, String)>,
    /// What it happened in, the outermost first.
    pub spans: Vec<String>,
}

impl ServerLine {
    /// Its fields as `name=value`, one after the other.
    pub fn details(&self) -> String {
        let fields: Vec<_> = self.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        fields.join(" ")
    }

    /// Whether it is among what is wished for.
    pub fn fits(&self, wish: &ServerLogWish) -> bool {
        self.level <= wish.least && self.has(&wish.text.to_lowercase())
    }

    fn has(&self, text: &str) -> bool {
        let has = |part: &str| part.to_lowercase().contains(text);
        text.is_empty()
            || has(&self.message)
            || has(&self.target)
            || self.spans.iter().any(|span| has(span))
            || has(&self.details())
    }
}

/// Which lines are wished for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ServerLogWish {
    /// Lines that are at least so bad.
    pub least: ServerLogLevel,
    /// Somewhere in a line; capitals do not matter.
    pub text: String,
}

/// Which lines are written at all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogFilter {
    /// As `tracing` writes filters.
    pub now: String,
    /// What it is again after a restart.
    pub at_start: String,
}

/// The page's first paint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerLogPage {
    /// The last lines that fit the wish, the oldest first.
    pub lines: Vec<ServerLine>,
    pub filter: LogFilter,
    /// Tells one start of the program from another.
    pub run: i64,
}

/// What a page says on `/ws/logs`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToServerLog {
    /// First of all. Who comes back says where they were: in which run, and after which line.
    Hello { ticket: String, run: i64, after: u64 },
}

/// What the server says on `/ws/logs`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromServerLog {
    /// First of all. Lines of another run are another program's.
    Begin { run: i64, filter: LogFilter },
    /// What was said next, the oldest first, after so many that are kept no more.
    Lines { missed: u64, lines: Vec<ServerLine> },
    /// Somebody changed it.
    Filter(LogFilter),
    /// Nothing was said for a while, and the line still stands.
    Alive,
    /// The ticket was refused, the session ended, or too much was said.
    Bye { why: String },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_by_what_stands_in_it_and_by_how_bad_it_is() {
        let line = ServerLine {
            seq: 1,
            at: Timestamp(0),
            level: ServerLogLevel::Warn,
            target: "server::journal".to_owned(),
            message: "Не записано".to_owned(),
            fields: vec![("error".to_owned(), "disk full".to_owned())],
            spans: vec!["round".to_owned()],
        };
        let fits = |least, text: &str| line.fits(&ServerLogWish { least, text: text.to_owned() });
        for (is_found, least, text) in [
            (true, ServerLogLevel::Trace, ""),
            (true, ServerLogLevel::Warn, "НЕ ЗАП"),
            (true, ServerLogLevel::Info, "error=DISK"),
            (true, ServerLogLevel::Info, "journal"),
            (true, ServerLogLevel::Info, "round"),
            (false, ServerLogLevel::Error, ""),
            (false, ServerLogLevel::Trace, "elsewhere"),
        ] {
            assert_eq!(fits(least, text), is_found, "{least:?} {text}");
        }
        assert!(
            ServerLogLevel::ALL.iter().all(|level| ServerLogLevel::from_word(level.word()) == Some(*level))
        );
    }
}
