//! What an address asks for. The router's own map of it takes percent signs apart twice, and who searched a log for
//! `%41` was shown what has an `A`.

use leptos::prelude::*;
use leptos_router::{hooks::use_location, location::Url, params::ParamsMap};

/// The names and values behind the question mark, as the address has them now.
pub fn use_query() -> Memo<ParamsMap> {
    let search = use_location().search;
    Memo::new(move |_| search.with(|search| read(search)))
}

fn read(search: &str) -> ParamsMap {
    let pairs = search.trim_start_matches('?').split('&').filter(|pair| !pair.is_empty());
    let read = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        // The map takes the percent signs of a value apart by itself, once.
        (Url::unescape(&name.replace('+', " ")), value.replace('+', " "))
    };
    pairs.map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn what_was_typed_is_what_is_read() {
        let query = read("text=100%25+%2541&severity=error&empty=&alone&a%5Bb%5D=%D0%B6&text=last%26");
        let get = |name| query.get_str(name);
        assert_eq!(query.get_all("text").unwrap(), ["100% %41", "last&"]);
        assert_eq!((get("severity"), get("empty"), get("alone")), (Some("error"), Some(""), Some("")));
        assert_eq!((get("a[b]"), get("other")), (Some("ж"), None));
        assert_eq!(read("?q=x").get_str("q"), Some("x"));
        assert_eq!(read("").get_str(""), None);
    }
}
