//! Reads each line that is written into the form in which it is kept.

use super::OwnLog;
use model::{ServerLine, ServerLogLevel, is_bidi_control};
use std::fmt::{self, Write};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    layer::Context,
    registry::{LookupSpan, Scope},
};

/// The crates whose lines are kept at every level.
const OURS: &[&str] = &["app", "engine", "migration", "model", "routewarden", "server"];
/// Most bytes of a line's text; what is cut ends in `…`.
const LINE_BYTES_MAX: usize = 4 * 1024;
/// Most fields of a line, and most spans around it.
const FIELDS_MAX: usize = 32;
/// What `log`, by which some libraries speak, adds of its own.
const OF_LOG: &str = "log.";

/// Hears of everything that is written.
pub struct Keeper(pub OwnLog);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Keeper {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let level = level(*metadata.level());
        if level > ServerLogLevel::Info && !is_ours(metadata.target()) {
            return;
        }
        let mut reader = Reader::default();
        event.record(&mut reader);
        let Reader { message, fields, target, .. } = reader;
        let spans = context.event_scope(event).map(Scope::from_root).into_iter().flatten();
        let spans = spans.filter(|span| is_ours(span.metadata().target())).take(FIELDS_MAX);
        let spans = spans.map(|span| span.name().to_owned()).collect();
        let target = target.unwrap_or_else(|| metadata.target().to_owned());
        let at = self.0.0.clock.now();
        self.0.keep(ServerLine { seq: 0, at, level, target, message, fields, spans });
    }
}

fn level(level: Level) -> ServerLogLevel {
    match level {
        Level::ERROR => ServerLogLevel::Error,
        Level::WARN => ServerLogLevel::Warn,
        Level::INFO => ServerLogLevel::Info,
        Level::DEBUG => ServerLogLevel::Debug,
        Level::TRACE => ServerLogLevel::Trace,
    }
}

fn is_ours(target: &str) -> bool {
    OURS.contains(&target.split("::").next().unwrap_or_default())
}

/// What a line says.
struct Reader {
    message: String,
    fields: Vec<(String, String)>,
    /// Who spoke by `log`.
    target: Option<String>,
    bytes_left: usize,
}

impl Default for Reader {
    fn default() -> Self {
        Self { message: String::new(), fields: Vec::new(), target: None, bytes_left: LINE_BYTES_MAX }
    }
}

impl Reader {
    fn take(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        let name = field.name();
        if self.fields.len() >= FIELDS_MAX || name.starts_with(OF_LOG) && name != "log.target" {
            return;
        }
        let mut text = Escaped { text: String::new(), bytes_left: self.bytes_left };
        // It ends early where there is no more room.
        let _ = text.write_fmt(value);
        let Escaped { text, bytes_left } = text;
        self.bytes_left = bytes_left;
        match name {
            "message" => self.message = text,
            "log.target" => self.target = Some(text),
            name => self.fields.push((name.to_owned(), text)),
        }
    }
}

impl Visit for Reader {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.take(field, format_args!("{value:?}"));
    }
}

/// Text in which nothing moves the cursor, begins a line or turns the direction of writing.
struct Escaped {
    text: String,
    bytes_left: usize,
}

impl Write for Escaped {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            let before = self.text.len();
            if is_escaped(character) {
                self.text.extend(character.escape_default());
            } else {
                self.text.push(character);
            }
            let Some(left) = self.bytes_left.checked_sub(self.text.len() - before) else {
                self.text.truncate(before);
                self.text.push('…');
                self.bytes_left = 0;
                return Err(fmt::Error);
            };
            self.bytes_left = left;
        }
        Ok(())
    }
}

fn is_escaped(character: char) -> bool {
    character.is_control() || is_bidi_control(character) || matches!(character, '\u{2028}' | '\u{2029}')
}
