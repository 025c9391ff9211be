//! Rules that both the form and the server hold a value against; the server's word counts.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One refused value: which field, and what would be accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field's name in the API, such as `checks[0].interval_seconds`.
    pub field: String,
    /// A locale key for the browser.
    pub code: String,
    /// English, for the API and the command line.
    pub message: String,
}

impl FieldError {
    pub fn new(field: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        Self { field: field.into(), code: code.to_owned(), message: message.into() }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}

/// A name that is free for use: 1 to 64 characters, no `/`, no control characters, not `all`.
pub fn device_name(name: &str) -> Result<(), FieldError> {
    let refuse = |code, why: &str| Err(FieldError::new("name", code, why));
    match name {
        _ if name.trim().is_empty() => refuse("error_required", "is required"),
        _ if name.trim() != name => refuse("error_name_spaces", "must not begin or end with a space"),
        _ if name.chars().count() > 64 => refuse("error_too_long", "must have at most 64 characters"),
        _ if name.contains('/') => refuse("error_name_slash", "must not contain '/'"),
        _ if has_control(name) => refuse("error_control", "must not contain control characters"),
        _ if name.eq_ignore_ascii_case("all") => {
            refuse("error_name_reserved", "'all' is reserved; choose another name")
        }
        _ => Ok(()),
    }
}

/// An IP address or a host name as DNS knows them (RFC 1123), at most 253 characters.
pub fn address(address: &str) -> Result<(), FieldError> {
    let refuse = |code, why: &str| Err(FieldError::new("ip_address", code, why));
    if address.is_empty() {
        return refuse("error_required", "is required");
    }
    if address.parse::<std::net::IpAddr>().is_ok() {
        return Ok(());
    }
    let label_fits = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_numeric = address.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if address.len() > 253 || is_numeric || !address.trim_end_matches('.').split('.').all(label_fits) {
        return refuse(
            "error_address",
            "must be an IP address or a host name, such as 192.0.2.1 or router.example.net",
        );
    }
    Ok(())
}

/// Optional one-line text of at most `max_chars` characters.
pub fn line(field: &str, text: &str, max_chars: usize) -> Result<(), FieldError> {
    if text.chars().count() > max_chars {
        return Err(FieldError::new(
            field,
            "error_too_long",
            format!("must have at most {max_chars} characters"),
        ));
    }
    if has_control(text) {
        return Err(FieldError::new(field, "error_control", "must not contain control characters"));
    }
    Ok(())
}

/// An account's name: 1 to 64 letters, digits, `.`, `_`, `-`, `@`.
pub fn user_name(name: &str) -> Result<(), FieldError> {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@');
    if name.is_empty() {
        return Err(FieldError::new("username", "error_required", "is required"));
    }
    if name.chars().count() > 64 || !name.chars().all(fits) {
        return Err(FieldError::new(
            "username",
            "error_user_name",
            "must be 1 to 64 letters, digits or one of . _ - @",
        ));
    }
    Ok(())
}

/// Shortest password, in characters.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Longest password, in characters: a bound on the work of judging and hashing it.
pub const PASSWORD_CHARS_MAX: usize = 256;
/// The same in bytes, whatever the characters.
pub const PASSWORD_BYTES_MAX: usize = 4 * PASSWORD_CHARS_MAX;

/// A password of [`PASSWORD_CHARS_MIN`] to [`PASSWORD_CHARS_MAX`] characters; no rules about which. Whether
/// it is one that everybody tries first, only the server can tell.
pub fn password(field: &str, password: &str) -> Result<(), FieldError> {
    if password.chars().count() < PASSWORD_CHARS_MIN {
        let message = format!("must have at least {PASSWORD_CHARS_MIN} characters");
        return Err(FieldError::new(field, "error_password_short", message));
    }
    if password.chars().count() > PASSWORD_CHARS_MAX {
        let message = format!("must have at most {PASSWORD_CHARS_MAX} characters");
        return Err(FieldError::new(field, "error_too_long", message));
    }
    Ok(())
}

fn has_control(text: &str) -> bool {
    text.chars().any(|c| c.is_control() || is_bidi_control(c))
}

/// Whether a character turns the direction of writing unseen: a name with one may look like another name.
pub fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_are_refused_with_the_field_that_is_wrong() {
        let long = "x".repeat(65);
        for name in ["", " ", " a", "a/b", "a\nb", "a\u{202e}b", "all", "ALL", long.as_str()] {
            assert_eq!(device_name(name).unwrap_err().field, "name", "{name:?}");
        }
        for name in ["CIKARANG", "SUKATANI ALL", "роутер-1", "a", &"x".repeat(64)] {
            assert_eq!(device_name(name), Ok(()), "{name:?}");
        }
        for bad in [
            "",
            "1.2.3",
            "1.2.3.4.5",
            "999.1.1.1",
            "a b",
            "-a",
            "a..b",
            "http://x",
            "x:80",
            &"a.".repeat(130),
        ] {
            assert_eq!(address(bad).unwrap_err().field, "ip_address", "{bad:?}");
        }
        for good in ["127.0.0.1", "::1", "fe80::1", "router", "router.example.net", "a_b.example."] {
            assert_eq!(address(good), Ok(()), "{good:?}");
        }
        assert_eq!(line("location", "roof \u{2066}", 64).unwrap_err().code, "error_control");
        assert_eq!(line("location", "שלום، крыша", 64), Ok(()));
    }
}
