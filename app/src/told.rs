//! The words of the pages that the server writes without the app, when it refuses a request.

use crate::{
    api::ApiError,
    i18n::{Lang, Words},
};

/// Why there is no other page.
pub enum Reason {
    /// The address leads nowhere.
    Lost,
    /// The answer took too long.
    Late,
    Error(ApiError),
}

/// What such a page says.
pub struct Told {
    pub title: &'static str,
    pub text: String,
    /// The way back.
    pub home: &'static str,
}

/// The words for `reason` in the language of this code.
pub fn told(language: &str, reason: &Reason) -> Told {
    let words = Words(Lang::from_code(language));
    let (title, text) = match reason {
        Reason::Lost => (words.not_found_title(), words.not_found_text().to_owned()),
        Reason::Late => (words.failure_title(), words.failure_late().to_owned()),
        Reason::Error(error) => (words.failure_title(), words.api_error(error)),
    };
    Told { title, text, home: words.not_found_home() }
}
