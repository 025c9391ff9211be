//! Which alerts the address asks for: `/alerts?state=open&page=2`.

use leptos_router::params::ParamsMap;
use serde::{Deserialize, Serialize};

/// Incidents on one page, as the server answers them.
pub const PAGE: u64 = 50;

/// It travels inside the page with what was loaded for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    pub only_open: bool,
    /// From 1 on.
    pub page: u64,
}

impl Wanted {
    pub fn of(query: &ParamsMap) -> Self {
        let page = query.get_str("page").and_then(|page| page.parse().ok()).unwrap_or(1);
        Self { only_open: query.get_str("state") == Some("open"), page: page.max(1) }
    }

    pub fn offset(self) -> u64 {
        (self.page - 1).saturating_mul(PAGE)
    }

    pub fn href(self) -> String {
        let mut query = Vec::new();
        if self.only_open {
            query.push("state=open".to_owned());
        }
        if self.page > 1 {
            query.push(format!("page={}", self.page));
        }
        if query.is_empty() { "/alerts".to_owned() } else { format!("/alerts?{}", query.join("&")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_back_and_nonsense_is_the_first_page() {
        for (only_open, page) in [(false, 1), (true, 1), (false, 3), (true, 2)] {
            let wanted = Wanted { only_open, page };
            let mut query = ParamsMap::new();
            for pair in wanted.href().split(['?', '&']).skip(1) {
                let (name, text) = pair.split_once('=').unwrap();
                query.insert(name.to_owned(), text.to_owned());
            }
            assert_eq!(Wanted::of(&query), wanted, "{}", wanted.href());
        }
        for nonsense in ["0", "-1", "x", ""] {
            let mut query = ParamsMap::new();
            query.insert("page", nonsense.to_owned());
            assert_eq!(Wanted::of(&query).offset(), 0, "{nonsense}");
        }
    }
}
