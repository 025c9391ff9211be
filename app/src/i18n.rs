//! The words of the interface, in the visitor's language.
//!
//! `use_words()` gives a [`Words`]; every text of `locales/*.json` is a method of it, with its
//! placeholders as arguments. To add a text: one line in each of the three files. The server carries all of them, the
//! browser fetches those of its language.

use crate::api::ApiError;
use leptos::prelude::*;
use model::{DeviceKind, FieldError, LogLevel, Role, Severity};
use std::fmt::Display;

/// A language that the interface speaks; the order is that of `words.rs`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    #[default]
    En,
    Id,
    Ru,
}

impl Lang {
    pub const ALL: [Lang; 3] = [Lang::En, Lang::Id, Lang::Ru];

    /// The language's code, as in `<html lang>` and the names of the locale files.
    pub fn code(self) -> &'static str {
        LANGUAGES[self as usize]
    }

    /// The reverse of [`Lang::code`]; English for what we do not speak.
    pub fn from_code(code: &str) -> Lang {
        Lang::ALL.into_iter().find(|lang| lang.code() == code).unwrap_or_default()
    }

    /// What its speakers call it.
    pub fn own_name(self) -> &'static str {
        match self {
            Lang::En => "English",
            Lang::Id => "Bahasa Indonesia",
            Lang::Ru => "Русский",
        }
    }

    /// Between the whole and its fraction.
    pub fn decimal_mark(self) -> char {
        if self == Lang::En { '.' } else { ',' }
    }
}

/// All texts in one language. Copy it into closures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Words(pub Lang);

include!(concat!(env!("OUT_DIR"), "/words.rs"));

impl Words {
    pub fn lang(self) -> Lang {
        self.0
    }

    /// The text whose key arrived as data, such as an error's code.
    pub fn by_key(self, key: &str) -> Option<&'static str> {
        let found = BY_KEY.binary_search_by(|(name, _)| (*name).cmp(key)).ok()?;
        Some(self.text(BY_KEY[found].1))
    }

    /// What a device is.
    pub fn kind(self, kind: DeviceKind) -> &'static str {
        match kind {
            DeviceKind::Router => self.kind_router(),
            DeviceKind::Switch => self.kind_switch(),
            DeviceKind::WifiAp => self.kind_wifi_ap(),
            DeviceKind::Server => self.kind_server(),
            DeviceKind::Firewall => self.kind_firewall(),
            DeviceKind::Tunnel => self.kind_tunnel(),
        }
    }

    /// What an account may do.
    pub fn role(self, role: Role) -> &'static str {
        match role {
            Role::Admin => self.role_admin(),
            Role::Viewer => self.role_viewer(),
        }
    }

    /// How much something matters.
    pub fn severity(self, severity: Severity) -> &'static str {
        match severity {
            Severity::Critical => self.severity_critical(),
            Severity::Warning => self.severity_warning(),
            Severity::Info => self.severity_info(),
            Severity::Good => self.severity_good(),
        }
    }

    /// How much a line of a router's log matters.
    pub fn log_level(self, level: LogLevel) -> &'static str {
        match level {
            LogLevel::Debug => self.log_level_debug(),
            LogLevel::Info => self.log_level_info(),
            LogLevel::Warning => self.log_level_warning(),
            LogLevel::Error => self.log_level_error(),
            LogLevel::Critical => self.log_level_critical(),
        }
    }

    /// What is wrong with one field.
    pub fn field_error(self, error: &FieldError) -> String {
        self.by_key(&error.code).map_or_else(|| error.message.clone(), str::to_owned)
    }

    /// What happened, why, and what to try.
    pub fn api_error(self, error: &ApiError) -> String {
        match error {
            ApiError::Unauthenticated => self.failure_unauthenticated().to_owned(),
            ApiError::Forbidden => self.failure_forbidden().to_owned(),
            ApiError::NotFound => self.failure_not_found().to_owned(),
            ApiError::Invalid(errors) if errors.is_empty() => self.failure_invalid().to_owned(),
            ApiError::Invalid(errors) => {
                errors.iter().map(|error| self.field_error(error)).collect::<Vec<_>>().join(" ")
            }
            ApiError::Conflict(error) => self.field_error(error),
            ApiError::Changed { by: Some(by), at: Some(at) } => {
                let time = crate::format::iso(*at);
                self.failure_changed_by(by, &time.replace('T', " ").replace('Z', " UTC"))
            }
            ApiError::Changed { .. } => self.failure_changed().to_owned(),
            ApiError::TooMany { retry_after_s } => self.failure_too_many(*retry_after_s),
            ApiError::Unavailable => self.failure_unavailable().to_owned(),
            ApiError::DiskFull => self.failure_disk_full().to_owned(),
            ApiError::Internal => self.failure_internal().to_owned(),
            ApiError::Unreachable => self.failure_unreachable().to_owned(),
            ApiError::Outdated => self.failure_outdated().to_owned(),
            ApiError::PasswordNeeded => self.failure_password_needed().to_owned(),
            ApiError::Busy { going, .. } => self.failure_busy(going),
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn text(self, index: usize) -> &'static str {
        TEXTS[index][self.0 as usize]
    }

    /// What was fetched: a page speaks one language, and is loaded again for another.
    #[cfg(target_arch = "wasm32")]
    fn text(self, index: usize) -> &'static str {
        TEXTS.with(|texts| texts.get().and_then(|texts| texts.get(index)).copied().unwrap_or_default())
    }

    fn fill(self, index: usize, values: &[(&str, &dyn Display)]) -> String {
        fill(self.text(index), values)
    }

    /// `index` is the first of four rows: one, few, many, other.
    fn count(self, index: usize, n: u64, values: &[(&str, &dyn Display)]) -> String {
        let mut all: Vec<(&str, &dyn Display)> = vec![("n", &n)];
        all.extend_from_slice(values);
        fill(self.text(index + plural_form(self.0, n)), &all)
    }
}

#[cfg(target_arch = "wasm32")]
thread_local! {
    static TEXTS: std::cell::OnceCell<Vec<&'static str>> = const { std::cell::OnceCell::new() };
}

/// Takes the page's language as it was fetched; false when it is not that of this build.
#[cfg(target_arch = "wasm32")]
pub fn take_words(fetched: String) -> bool {
    let mut lines = fetched.leak().split('\n');
    let is_ours = lines.next() == Some(ORDER);
    is_ours && TEXTS.with(|texts| texts.set(lines.collect()).is_ok())
}

/// Which of the forms one, few, many, other a number takes.
fn plural_form(lang: Lang, n: u64) -> usize {
    match (lang, n % 10, n % 100) {
        (Lang::En, ..) => {
            if n == 1 {
                0
            } else {
                3
            }
        }
        (Lang::Id, ..) => 3,
        (Lang::Ru, _, 11..=14) => 2,
        (Lang::Ru, 1, _) => 0,
        (Lang::Ru, 2..=4, _) => 1,
        (Lang::Ru, ..) => 2,
    }
}

fn fill(text: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, hole, after)) = rest
        .split_once('{')
        .and_then(|(before, tail)| tail.split_once('}').map(|(hole, after)| (before, hole, after)))
    {
        filled.push_str(before);
        match values.iter().find(|(name, _)| *name == hole) {
            Some((_, value)) => filled.push_str(&value.to_string()),
            None => filled.extend(["{", hole, "}"]),
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// The words of this page's visitor.
pub fn use_words() -> Words {
    use_context().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_the_form_their_language_gives_them() {
        let forms = |lang, numbers: &[u64]| numbers.iter().map(|n| plural_form(lang, *n)).collect::<Vec<_>>();
        assert_eq!(forms(Lang::En, &[0, 1, 2, 21]), [3, 0, 3, 3]);
        assert_eq!(forms(Lang::Id, &[0, 1, 2]), [3, 3, 3]);
        assert_eq!(
            forms(Lang::Ru, &[0, 1, 2, 4, 5, 11, 12, 14, 21, 22, 25, 101, 111, 112, 122]),
            [2, 0, 1, 1, 2, 2, 2, 2, 0, 1, 2, 0, 2, 2, 1]
        );
    }

    #[test]
    fn a_value_that_looks_like_a_placeholder_is_left_alone() {
        assert_eq!(fill("{a} and {b}", &[("a", &"{b}"), ("b", &2)]), "{b} and 2");
    }

    #[test]
    fn every_text_is_said_somewhere() {
        let mut code = String::new();
        let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    code.push_str(&std::fs::read_to_string(path).unwrap());
                }
            }
        }
        let methods = include_str!(concat!(env!("OUT_DIR"), "/words.rs"))
            .split("pub fn ")
            .skip(1)
            .filter_map(|rest| rest.split_once('(').map(|(name, _)| name));
        let unused: Vec<_> = methods
            .filter(|name| BY_KEY.binary_search_by(|(key, _)| (*key).cmp(name)).is_err())
            // Called, or named in a table.
            .filter(|name| !code.contains(&format!(".{name}(")) && !code.contains(&format!("Words::{name})")))
            .collect();
        assert_eq!(unused, Vec::<&str>::new());
    }

    #[test]
    fn every_act_has_words() {
        let is_mute = |act: &&model::Act| Words(Lang::En).by_key(&format!("act_{}", act.word())).is_none();
        assert_eq!(model::Act::ALL.iter().filter(is_mute).collect::<Vec<_>>(), Vec::<&model::Act>::new());
    }

    #[test]
    fn every_code_of_the_shared_rules_has_words() {
        let mut codes = Vec::new();
        for source in [
            include_str!("../model/src/validate.rs"),
            include_str!("../model/src/device.rs"),
            include_str!("../model/src/check.rs"),
            include_str!("../model/src/history.rs"),
        ] {
            codes.extend(source.split('"').filter(|piece| piece.starts_with("error_")));
        }
        assert!(codes.len() > 10);
        for code in codes {
            for lang in Lang::ALL {
                assert!(Words(lang).by_key(code).is_some(), "{code} in {lang:?}");
            }
        }
    }
}
