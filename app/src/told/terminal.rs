//! What a terminal asks for where no login is stored.

use crate::i18n::{Lang, Words};

/// The questions after name and password, in the language of this code.
pub fn terminal_login(language: &str) -> [String; 2] {
    let words = Words(Lang::from_code(language));
    [words.login_username().to_owned(), words.password().to_owned()]
}
