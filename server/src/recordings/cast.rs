//! A recording as asciicast v2: <https://docs.asciinema.org/manual/asciicast/v2/>. A line of JSON that says what it is,
//! then a line for each event.
//!
//! The format holds text only: a character whose bytes came apart is written once it is whole, and bytes that are no
//! UTF-8 become U+FFFD, as terminals draw them. What is missing is told as a marker, which players show.

use model::{Happened, RecordedEvent, Recording};
use serde_json::json;

/// The line that says what a recording is.
pub fn head(recording: &Recording) -> String {
    let head = json!({
        "version": 2,
        "width": recording.columns,
        "height": recording.rows,
        "timestamp": recording.begun_at.0.div_euclid(1_000),
        "duration": seconds(recording.length_ms()),
        "title": format!("{} · {}", recording.device, recording.who),
        "env": {"TERM": "xterm-256color"},
    });
    format!("{head}\n")
}

/// Writes event after event; each line ends.
#[derive(Debug, Default)]
pub struct Cast {
    /// The beginning of a character whose rest is still to come.
    begun: Vec<u8>,
    last_ms: u32,
}

impl Cast {
    /// The lines of these events.
    pub fn lines<'a>(&mut self, events: impl IntoIterator<Item = RecordedEvent<'a>>) -> String {
        let mut lines = String::new();
        for RecordedEvent { at_ms, what } in events {
            self.last_ms = at_ms;
            match what {
                Happened::Output(bytes) => {
                    let text = self.text(bytes);
                    if !text.is_empty() {
                        line(&mut lines, at_ms, "o", &text);
                    }
                }
                Happened::Resized { columns, rows } => {
                    line(&mut lines, at_ms, "r", &format!("{columns}x{rows}"))
                }
                Happened::Ended => {}
                Happened::Full => {
                    lines += &self.end();
                    line(
                        &mut lines,
                        at_ms,
                        "m",
                        "the recording reached its limit: little is kept from here on",
                    );
                }
                Happened::Gap { bytes } => {
                    lines += &self.end();
                    line(&mut lines, at_ms, "m", &format!("{bytes} bytes were not recorded"));
                }
            }
        }
        lines
    }

    /// What is left of a character that never became whole.
    pub fn end(&mut self) -> String {
        let mut lines = String::new();
        if !std::mem::take(&mut self.begun).is_empty() {
            line(&mut lines, self.last_ms, "o", "\u{fffd}");
        }
        lines
    }

    /// As much text as is whole.
    fn text(&mut self, bytes: &[u8]) -> String {
        let mut all = std::mem::take(&mut self.begun);
        all.extend_from_slice(bytes);
        let mut text = String::with_capacity(all.len());
        for chunk in all.utf8_chunks() {
            text += chunk.valid();
            let invalid = chunk.invalid();
            if invalid.is_empty() {
                continue;
            }
            // The last bytes may be the beginning of a character.
            if is_begun(&all, invalid) {
                self.begun = invalid.to_vec();
            } else {
                text.push('\u{fffd}');
            }
        }
        text
    }
}

/// Whether these bytes, which stand at the end of `all`, are a character's without its end.
fn is_begun(all: &[u8], invalid: &[u8]) -> bool {
    let is_at_end = all.as_ptr_range().end == invalid.as_ptr_range().end;
    is_at_end && str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none())
}

fn line(lines: &mut String, at_ms: u32, kind: &str, text: &str) {
    *lines += &json!([seconds(at_ms.into()), kind, text]).to_string();
    lines.push('\n');
}

fn seconds(ms: i64) -> f64 {
    ms as f64 / 1_000.0
}
