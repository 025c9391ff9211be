//! How hard a password is to guess, roughly and without a dictionary in the bundle.
//!
//! A hint only: what the server refuses, it says itself.

use model::PASSWORD_CHARS_MIN;

/// From refused to hardly guessable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    TooShort,
    Weak,
    Fair,
    Good,
    Strong,
}

/// Beginnings of what everybody tries first.
const COMMON: [&str; 10] = [
    "password",
    "routewarden",
    "mikrotik",
    "routeros",
    "admin",
    "qwerty",
    "letmein",
    "welcome",
    "parola",
    "rahasia",
];

/// Judges by length and variety; runs, repeats, common words and the account's own name count little.
pub fn strength(password: &str, name: &str) -> Strength {
    if password.chars().count() < PASSWORD_CHARS_MIN {
        return Strength::TooShort;
    }
    match bits(password, name) {
        ..30 => Strength::Weak,
        30..50 => Strength::Fair,
        50..70 => Strength::Good,
        _ => Strength::Strong,
    }
}

fn bits(password: &str, name: &str) -> u32 {
    let mut rest = password.to_lowercase();
    let name = name.to_lowercase();
    let own = (name.chars().count() >= 3).then_some(name.as_str());
    for word in COMMON.into_iter().chain(own) {
        rest = rest.replace(word, "a");
    }
    let letters: Vec<u32> = rest.chars().map(u32::from).collect();
    let is_step = |pair: &&[u32]| pair[0].abs_diff(pair[1]) > 1;
    let surprising = 1 + letters.windows(2).filter(is_step).count();
    (surprising as f64 * alphabet(password).log2()) as u32
}

/// How many signs a guesser would have to try at each place.
fn alphabet(password: &str) -> f64 {
    let has = |fits: fn(char) -> bool, size: f64| if password.chars().any(fits) { size } else { 0.0 };
    let size = has(|c| c.is_ascii_lowercase(), 26.0)
        + has(|c| c.is_ascii_uppercase(), 26.0)
        + has(|c| c.is_ascii_digit(), 10.0)
        + has(|c| c.is_ascii_punctuation() || c == ' ', 20.0)
        + has(|c| !c.is_ascii(), 40.0);
    size.max(2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_judged_by_what_a_guesser_would_have_to_try() {
        let judged = [
            ("short", Strength::TooShort),
            ("aaaaaaaaaaaaaaaa", Strength::Weak),
            ("12345678", Strength::Weak),
            ("Password1", Strength::Weak),
            ("mikrotik2024", Strength::Weak),
            ("kv7w2mqe", Strength::Fair),
            ("correct horse battery", Strength::Strong),
            ("пароль-от-роутера", Strength::Strong),
        ];
        for (password, expected) in judged {
            assert_eq!(strength(password, "ann"), expected, "{password:?}");
        }
    }

    #[test]
    fn the_accounts_own_name_adds_nothing() {
        assert_eq!(strength("margaret99", "margaret"), Strength::Weak);
        assert!(strength("margaret99", "") > Strength::Weak);
    }
}
