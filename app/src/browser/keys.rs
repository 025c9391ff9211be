//! Which key is meant, whatever letters stand on it.

use web_sys::KeyboardEvent;

/// The key as a Latin keyboard would say it: on a Russian one `j` is where `о` is.
pub fn pressed(event: &KeyboardEvent) -> String {
    meant(&event.key(), &event.code())
}

fn meant(key: &str, code: &str) -> String {
    match (key, code) {
        // Where `/` and `?` are on a Latin keyboard, a Cyrillic one has these two.
        (".", "Slash") => "/".to_owned(),
        (",", "Slash") => "?".to_owned(),
        _ if key.is_ascii() => key.to_owned(),
        _ => match code.strip_prefix("Key") {
            Some(letter) if key.chars().all(char::is_uppercase) => letter.to_owned(),
            Some(letter) => letter.to_ascii_lowercase(),
            None => key.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn a_cyrillic_keyboard_has_the_same_shortcuts_at_the_same_places() {
        for (key, code, expected) in [
            ("о", "KeyJ", "j"),
            ("Ч", "KeyX", "X"),
            (".", "Slash", "/"),
            (",", "Slash", "?"),
            ("j", "KeyJ", "j"),
            // Of a Latin keyboard the letter counts, not its place: Dvorak's `j` is where `c` was.
            ("j", "KeyC", "j"),
            ("/", "Digit7", "/"),
            (".", "Period", "."),
            ("-", "Slash", "-"),
            ("Escape", "Escape", "Escape"),
            ("ß", "Minus", "ß"),
        ] {
            assert_eq!(meant(key, code), expected, "{key} at {code}");
        }
    }
}
