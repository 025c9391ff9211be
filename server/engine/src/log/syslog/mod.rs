//! Lines that routers and others send by syslog, UDP or TCP: received within bounds, and understood as far as they can be.
//!
//! A line of RouterOS is known by its topics, wherever they stand and whatever stands before them; of others, RFC 3164
//! and RFC 5424 are read. What is neither stays as it came. Times that senders write are not believed.

mod door;
mod frames;
mod listen;
mod seats;
mod throttle;

pub use door::{Counts, Fate, Known, Outbox, Received};
pub use frames::{Frames, TooLong};
pub use listen::Receiver;
pub use throttle::Lost;

use super::{Line, MESSAGE_CHARS_MAX, shown, topics_of};
use model::{LogLevel, Timestamp};
use syslog_loose::{Protocol, Variant};

/// Longest datagram or line, in bytes.
pub const LINE_BYTES_MAX: usize = 8 * 1024;
/// Words that may stand before the topics of RouterOS: a number, a date and a name.
const HEAD_WORDS_MAX: usize = 6;
/// What may stand before a text in UTF-8, and is no part of it: RFC 5424, section 6.4.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Makes a line of what was sent; nothing of nothing.
pub fn understand(bytes: &[u8], at: Timestamp) -> Option<Line> {
    let bytes = bytes.get(..LINE_BYTES_MAX).unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0' || c == BYTE_ORDER_MARK);
    if text.is_empty() {
        return None;
    }
    let (level, topics, message) = of_routeros(text).unwrap_or_else(|| of_others(text));
    let message = shown(message.trim(), MESSAGE_CHARS_MAX);
    Some(Line { at, level, topics, message, is_after_gap: false })
}

/// `<30>Nov 29 10:00:00 gw system,info,account user admin logged in …`, or without any head.
fn of_routeros(text: &str) -> Option<(LogLevel, Vec<String>, &str)> {
    let body = text.strip_prefix('<').and_then(|rest| rest.split_once('>')).map_or(text, |(_, body)| body);
    let mut rest = body;
    for _ in 0..HEAD_WORDS_MAX {
        let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
        let word = word.strip_suffix(':').unwrap_or(word).trim_start_matches(BYTE_ORDER_MARK);
        if is_topics(word) {
            let (level, topics) = topics_of(word);
            return Some((level, topics, after));
        }
        rest = after.trim_start();
    }
    None
}

/// Several topics, one of them a level: nothing else looks like that.
fn is_topics(word: &str) -> bool {
    let is_topic = |topic: &str| {
        !topic.is_empty()
            && topic.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    word.contains(',')
        && word.split(',').all(is_topic)
        && word.split(',').any(|topic| LogLevel::from_word(topic).is_some())
}

fn of_others(text: &str) -> (LogLevel, Vec<String>, &str) {
    let Some((severity, body)) = severity(text) else { return (LogLevel::Info, Vec::new(), text) };
    let level = match severity {
        0..=2 => LogLevel::Critical,
        3 => LogLevel::Error,
        4 => LogLevel::Warning,
        7 => LogLevel::Debug,
        _ => LogLevel::Info,
    };
    // The year does not matter: the time is not believed.
    let zone = Some(chrono::Utc);
    match syslog_loose::parse_message_with_year_exact_tz(text, |_| 2000, zone, Variant::Either) {
        // Without a time, the first words of a message would be taken for names; and a message with nothing in it says
        // more with its head.
        Ok(read)
            if (read.protocol != Protocol::RFC3164 || read.timestamp.is_some())
                && !without_mark(read.msg).is_empty() =>
        {
            let topics = read.appname.map(|name| topics_of(name).1).unwrap_or_default();
            (level, topics, without_mark(read.msg))
        }
        _ => (level, Vec::new(), body),
    }
}

fn without_mark(message: &str) -> &str {
    message.trim().trim_start_matches(BYTE_ORDER_MARK).trim_start()
}

/// Both standards begin with a number in angle brackets, whose last three bits say how bad it is; what follows it.
fn severity(text: &str) -> Option<(u8, &str)> {
    let (number, body) = text.strip_prefix('<')?.split_once('>')?;
    let number: u8 = number.parse().ok()?;
    (number < 192).then_some((number % 8, body))
}
