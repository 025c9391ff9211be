//! What somebody writes to say which lines are written.

use model::FieldError;
use tracing::{Level, Metadata, Subscriber, subscriber::Interest};
use tracing_subscriber::{EnvFilter, Layer, filter::LevelFilter, layer::Context};

/// Longest filter, in characters.
const CHARS_MAX: usize = 512;
const FIELD: &str = "filter";

/// A filter, and how it is written.
pub struct Wanted {
    pub filter: EnvFilter,
    pub text: String,
}

/// Reads a filter: a level, or parts with theirs, such as `warn,server=debug`.
pub fn read(text: &str) -> Result<Wanted, FieldError> {
    if text.trim().is_empty() {
        return Err(FieldError::new(FIELD, "error_required", "is required"));
    }
    model::line(FIELD, text, CHARS_MAX)?;
    // A space would be taken for a letter of a part's name.
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    // Patterns would be compared with every value of every span, at the price that their author likes.
    let builder = EnvFilter::builder().with_regex(false);
    let is_fine = |part: &str| !is_trap(part) && builder.parse(part).is_ok();
    if let Some(wrong) = parts.iter().find(|part| !is_fine(part)) {
        return Err(refused(wrong));
    }
    let text = parts.join(",");
    let filter = builder.parse(&text).map_err(|_| refused(&text))?;
    Ok(Wanted { filter, text })
}

/// What would be taken for the name of a part with every line of it, and all others without any.
fn is_trap(part: &str) -> bool {
    let is_level = part.parse::<LevelFilter>().is_ok();
    part.is_empty() || part.ends_with('=') || !part.contains(['=', '[']) && !is_level
}

fn refused(part: &str) -> FieldError {
    let why = format!(
        "'{part}' is no filter; write a level (error, warn, info, debug, trace, off) or parts with their levels, such \
         as warn,server=debug"
    );
    FieldError::new(FIELD, "error_log_filter", why)
}

/// Leaves out the SSH library's own lines whatever the filter says, of it or of a part of it: devices could write them
/// without end, and in them is what travels.
pub struct Quiet;

impl Quiet {
    fn lets_through(metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::ERROR || !metadata.target().starts_with("russh")
    }
}

impl<S: Subscriber> Layer<S> for Quiet {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if Self::lets_through(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        Self::lets_through(metadata)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_parts_are_taken_and_what_would_silence_everything_by_mistake_is_not() {
        for good in
            ["info", "WARN", "off", "warn,server=debug", "server::journal=trace, info", "server[round]=info"]
        {
            assert!(read(good).is_ok(), "{good}");
        }
        for (bad, code) in [
            ("", "error_required"),
            ("inof", "error_log_filter"),
            ("server", "error_log_filter"),
            ("warn,", "error_log_filter"),
            (" ", "error_required"),
            ("server=", "error_log_filter"),
            ("server=loud", "error_log_filter"),
            ("server=warn=info", "error_log_filter"),
            ("[", "error_log_filter"),
            ("warn\n", "error_control"),
            ("warn\u{202e}", "error_control"),
            (&"x".repeat(513), "error_too_long"),
        ] {
            let refused = read(bad).err().map(|error| error.code);
            assert_eq!(refused.as_deref(), Some(code), "{bad:?}");
        }
        let refused = read("warn,server=loud").err().unwrap();
        assert!(refused.message.starts_with("'server=loud'"), "{refused}");
        let wanted = read(" warn , server=debug ").unwrap();
        assert_eq!(
            (wanted.text.as_str(), wanted.filter.to_string().as_str()),
            ("warn,server=debug", "server=debug,warn")
        );
    }
}
