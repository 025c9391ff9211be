//! What routers write into their logs, read without missing a line or taking one twice, as far as they let us.
//!
//! `follow` decides which lines are new (pure), `wall` reads a router's times, `read` asks over the router's session,
//! `syslog` understands what is sent instead. Nothing here is trusted: lines are cut, and what would move a cursor or
//! turn the direction of writing is made visible. Where lines are kept is the program's affair.

mod follow;
mod read;
pub mod syslog;
#[cfg(test)]
mod tests;
mod wall;

pub use read::{LogReader, Reading};
pub use wall::wall_ms;

use model::{LogLevel, Timestamp, is_bidi_control};

/// Longest message kept, in characters: RouterOS itself writes at most about a thousand.
pub const MESSAGE_CHARS_MAX: usize = 2_000;
/// Longest topic, and most topics of a line.
const TOPIC_CHARS_MAX: usize = 24;
const TOPICS_MAX: usize = 8;

/// One line, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub at: Timestamp,
    pub level: LogLevel,
    /// Without the one that is the level.
    pub topics: Vec<String>,
    pub message: String,
    /// Lines before it were lost, or may have been.
    pub is_after_gap: bool,
}

/// A line's topics taken apart: `system,error,critical` is about `system` and matters as `critical`.
pub fn topics_of(text: &str) -> (LogLevel, Vec<String>) {
    let mut level: Option<LogLevel> = None;
    let mut topics = Vec::new();
    for topic in text.split(',').map(str::trim).filter(|topic| !topic.is_empty()) {
        match LogLevel::from_word(topic) {
            Some(known) => level = level.max(Some(known)),
            None if topics.len() < TOPICS_MAX => topics.push(shown(topic, TOPIC_CHARS_MAX)),
            None => {}
        }
    }
    (level.unwrap_or_default(), topics)
}

/// Text of a stranger, as text: control characters as their pictures, what turns the direction of writing by its number,
/// and no more than `chars_max` characters.
pub fn shown(text: &str, chars_max: usize) -> String {
    let mut shown = String::with_capacity(text.len().min(4 * chars_max));
    let mut chars = text.trim_end().chars();
    for c in chars.by_ref().take(chars_max) {
        match u32::from(c) {
            code @ 0..0x20 => shown.push(char::from_u32(0x2400 + code).unwrap_or('\u{fffd}')),
            0x7f => shown.push('\u{2421}'),
            code @ 0x80..0xa0 => shown.push_str(&format!("[U+{code:04X}]")),
            code if is_bidi_control(c) => shown.push_str(&format!("[U+{code:04X}]")),
            _ => shown.push(c),
        }
    }
    if chars.next().is_some() {
        shown.push('…');
    }
    shown
}
