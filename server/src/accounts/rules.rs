//! What a chosen password must be: long enough, and none of those that anybody would try first.
//!
//! No rules about which characters. Judging takes up to milliseconds, so it happens where hashing does.

use model::FieldError;
use zxcvbn::{Score, zxcvbn};

/// What a guesser tries first at this program: its surroundings, and what people of its languages type.
const CONTEXT: &[&str] = &[
    "routewarden",
    "mikrotik",
    "routeros",
    "winbox",
    "rahasia",
    "katasandi",
    "indonesia",
    "пароль",
    "секрет",
    "йцукен",
];
/// Shortest part of a name that counts as a word, and what must be left of a password without such words.
const PART_CHARS_MIN: usize = 3;

/// Why the account `name` may not choose `password`; `field` is where it was typed.
pub fn refusal(field: &str, name: &str, password: &str) -> Option<FieldError> {
    if let Err(error) = model::password(field, password) {
        return Some(error);
    }
    // A name that is refused anyway may be of any length.
    let name = if model::user_name(name).is_ok() { name } else { "" };
    let parts = name.split(['.', '_', '-', '@']).filter(|part| part.chars().count() >= PART_CHARS_MIN);
    let known: Vec<&str> = CONTEXT.iter().copied().chain([name]).chain(parts).collect();
    let is_guessed_soon = is_made_of(password, &known) || zxcvbn(password, &known).score() < Score::Two;
    is_guessed_soon.then(|| {
        let message = "is among the first that anybody would try; use a few unrelated words";
        FieldError::new(field, "error_password_common", message)
    })
}

/// Whether next to nothing is left without these words, however often and in whatever order they stand there.
fn is_made_of(password: &str, words: &[&str]) -> bool {
    let mut rest = password.to_lowercase();
    for word in words.iter().filter(|word| word.chars().count() >= PART_CHARS_MIN) {
        rest = rest.replace(&word.to_lowercase(), " ");
    }
    rest.chars().filter(|c| c.is_alphanumeric()).count() < PART_CHARS_MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(name: &str, password: &str) -> Option<String> {
        let error = refusal("new_password", name, password)?;
        assert_eq!(error.field, "new_password");
        Some(error.code)
    }

    #[test]
    fn common_passwords_and_those_of_the_context_are_refused_and_others_are_not() {
        for common in [
            "password",
            "12345678",
            "1q2w3e4r",
            "qwertyuiop",
            "iloveyou",
            "Password1",
            "P@ssw0rd",
            "aaaaaaaaaaaa",
            "abcdefghij",
            "11111111",
            "routewarden",
            "Mikrotik123",
            "mikrotik1",
            "winbox2024",
            "rahasia123",
            "пароль123",
            "йцукен12",
            "anna.kowalska",
            "annakowalska1",
            "kowalska1",
            "Anna-Anna",
            "mikrotik.routewarden!",
        ] {
            assert_eq!(code("anna.kowalska", common).as_deref(), Some("error_password_common"), "{common}");
        }
        for fine in [
            "correct horse",
            "better battery",
            "another password",
            "CHANGE THIS then",
            "vgT3-kk9x",
            "сорок тысяч обезьян",
            "burung hantu di atap",
        ] {
            assert_eq!(code("anna.kowalska", fine), None, "{fine}");
        }
    }

    #[test]
    fn the_length_is_counted_in_characters() {
        let fits = |password: &str| code("anna", password);
        assert_eq!(fits("k7!Zq2w").as_deref(), Some("error_password_short"));
        assert_eq!(fits("k7!Zq2wж"), None);
        let long: String = "от края до края ".chars().cycle().take(256).collect();
        assert_eq!(fits(&long), None);
        assert_eq!(fits(&format!("{long}x")).as_deref(), Some("error_too_long"));
        assert_eq!(code(&"x".repeat(1 << 20), "correct horse"), None, "the name is judged elsewhere");
    }
}
