//! Which recordings the address asks for: `/admin/recordings?device=edge-1&user=ani&page=2`.

use crate::parts::query::{asked_word, asking, filled};
use leptos_router::params::ParamsMap;
use model::RecordingWish;
use serde::{Deserialize, Serialize};

/// Where the list is.
pub const HOME: &str = "/admin/recordings";
/// Recordings on one page, as the server answers them.
pub const PAGE: u64 = 50;

/// As it is typed. It travels inside the page with what was loaded for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Wanted {
    pub device: String,
    pub user: String,
    /// From 1 on.
    pub page: u64,
}

impl Wanted {
    pub fn of(query: &ParamsMap) -> Self {
        let page = query.get_str("page").and_then(|page| page.parse().ok()).unwrap_or(1);
        Self { device: asked_word(query, "device"), user: asked_word(query, "user"), page: page.max(1) }
    }

    pub fn wish(&self) -> RecordingWish {
        RecordingWish { device: filled(&self.device), user: filled(&self.user) }
    }

    pub fn is_filtered(&self) -> bool {
        !self.device.is_empty() || !self.user.is_empty()
    }

    pub fn offset(&self) -> u64 {
        (self.page - 1).saturating_mul(PAGE)
    }

    pub fn href(&self, page: u64) -> String {
        let mut query = asking([("device", self.device.as_str()), ("user", &self.user)]);
        if page > 1 {
            query.insert("page", page.to_string());
        }
        format!("{HOME}{}", query.to_query_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_asks_for_what_it_names_and_nonsense_for_the_first_page() {
        let query = |pairs: &[(&'static str, &str)]| {
            pairs.iter().map(|(name, text)| (*name, (*text).to_owned())).collect::<ParamsMap>()
        };
        let wanted = Wanted::of(&query(&[("device", " edge & co "), ("page", "3")]));
        assert_eq!((wanted.offset(), wanted.is_filtered()), (100, true));
        assert_eq!(wanted.wish(), RecordingWish { device: Some("edge & co".to_owned()), user: None });
        assert_eq!(wanted.href(2), "/admin/recordings?device=edge%20%26%20co&page=2");
        for nonsense in ["0", "-1", "x", ""] {
            let wanted = Wanted::of(&query(&[("page", nonsense)]));
            assert_eq!((wanted.offset(), wanted.href(1).as_str()), (0, "/admin/recordings"), "{nonsense}");
            assert_eq!(wanted.wish(), RecordingWish::default());
        }
    }
}
