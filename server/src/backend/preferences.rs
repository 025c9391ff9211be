//! A browser's language, theme and view of the fleet, kept in cookies that the pages write.

use crate::web::cookie;
use axum::http::{HeaderMap, header};

const LANGUAGES: [&str; 3] = ["en", "id", "ru"];
const THEMES: [&str; 3] = ["auto", "light", "dark"];

/// How this browser wants its pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preferences {
    pub language: String,
    pub theme: String,
    /// How wide the window is, and which columns it shows, so that the first paint has what the page's script would
    /// change it to.
    pub screen_px: Option<u32>,
    pub columns: Option<u32>,
}

impl Preferences {
    /// What was chosen; else the first language the browser asks for that we speak.
    pub fn read(headers: &HeaderMap) -> Self {
        let known = |name, words: &[&'static str]| {
            let value = cookie(headers, name)?;
            words.iter().find(|word| **word == value).copied()
        };
        let language = known("language", &LANGUAGES).unwrap_or_else(|| asked_for(headers));
        let theme = known("theme", &THEMES).unwrap_or("auto");
        let number = |name| cookie(headers, name)?.parse().ok();
        Self {
            language: language.to_owned(),
            theme: theme.to_owned(),
            screen_px: number("screen"),
            columns: number("columns"),
        }
    }
}

fn asked_for(headers: &HeaderMap) -> &'static str {
    let wishes =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut wishes: Vec<(f32, &str)> = wishes
        .split(',')
        .map(|wish| {
            let (tag, quality) = wish.split_once(";q=").unwrap_or((wish, "1"));
            (quality.trim().parse().unwrap_or(0.0), tag.trim().split('-').next().unwrap_or_default())
        })
        .collect();
    wishes.sort_by(|a, b| b.0.total_cmp(&a.0));
    let spoken = |tag: &str| LANGUAGES.into_iter().find(|language| tag.eq_ignore_ascii_case(language));
    wishes.into_iter().filter(|(quality, _)| *quality > 0.0).find_map(|(_, tag)| spoken(tag)).unwrap_or("en")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn the_cookie_decides_and_else_what_the_browser_asks_for_first() {
        let language = |accept: &'static str, cookie: &'static str| {
            let headers = HeaderMap::from_iter([
                (header::ACCEPT_LANGUAGE, HeaderValue::from_static(accept)),
                (header::COOKIE, HeaderValue::from_static(cookie)),
            ]);
            Preferences::read(&headers).language
        };
        let view = |cookie: &'static str| {
            let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(cookie))]);
            let Preferences { screen_px, columns, .. } = Preferences::read(&headers);
            (screen_px, columns)
        };
        assert_eq!(view("screen=412; columns=7"), (Some(412), Some(7)));
        assert_eq!(view("screen=-1; columns=7x"), (None, None));
        assert_eq!(language("de, id-ID;q=0.8, ru;q=0.9", ""), "ru");
        assert_eq!(language("ru", "language=id"), "id");
        assert_eq!(language("ru", "language=xx; theme=dark"), "ru");
        assert_eq!(language("de, ru;q=0", ""), "en");
    }
}
