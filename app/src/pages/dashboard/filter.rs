//! The filter's language: words, and tokens such as `state:down site:bandung ros:<7.15 cpu:>80`.
//!
//! Every term must fit; of several states, kinds or sites any one may. To add a token: a line in
//! `term` and one in `fits`.

use super::version::Version;
use model::{DeviceKind, Row, State};
use std::cmp::Ordering;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    terms: Vec<Term>,
}

#[derive(Clone, Debug, PartialEq)]
enum Term {
    Text(String),
    State(State),
    Kind(DeviceKind),
    Site(String),
    Tag(String),
    Version(Compared, String),
    Number(Measure, Compared, f32),
}

/// How a value has to stand to the one that was written.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Compared {
    Is,
    Below,
    AtMost,
    Above,
    AtLeast,
}

impl Compared {
    fn holds(self, order: Ordering, is_same: bool) -> bool {
        match self {
            Compared::Is => is_same,
            Compared::Below => order.is_lt() && !is_same,
            Compared::AtMost => order.is_lt() || is_same,
            Compared::Above => order.is_gt() && !is_same,
            Compared::AtLeast => order.is_gt() || is_same,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Measure {
    Cpu,
    Memory,
    Temperature,
}

impl Filter {
    /// Never fails: what is no token is a word to look for.
    pub fn parse(text: &str) -> Self {
        Self { terms: pieces(text).into_iter().map(|piece| term(&piece.to_lowercase())).collect() }
    }

    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The states asked for, to show them as pressed.
    pub fn has_state(&self, state: State) -> bool {
        self.terms.contains(&Term::State(state))
    }

    pub fn fits(&self, row: &Row) -> bool {
        let any = |is_kind: fn(&Term) -> bool| {
            let mut asked = self.terms.iter().filter(|term| is_kind(term)).peekable();
            asked.peek().is_none() || asked.any(|term| fits(term, row))
        };
        let is_choice = |term: &Term| matches!(term, Term::State(_) | Term::Kind(_) | Term::Site(_));
        any(|term| matches!(term, Term::State(_)))
            && any(|term| matches!(term, Term::Kind(_)))
            && any(|term| matches!(term, Term::Site(_)))
            && self.terms.iter().filter(|term| !is_choice(term)).all(|term| fits(term, row))
    }
}

/// The first piece that looks like a token and is none, or whose value makes no sense.
pub fn unread(text: &str) -> Option<String> {
    let is_token = |piece: &str| {
        let key = piece.split_once(':').map_or("", |(key, _)| key);
        key.len() > 1 && key.bytes().all(|letter| letter.is_ascii_alphabetic())
    };
    let is_unread = |piece: &String| is_token(piece) && matches!(term(&piece.to_lowercase()), Term::Text(_));
    pieces(text).into_iter().find(is_unread)
}

/// The filter's text with one state added, or taken away when it was there.
pub fn toggle_state(text: &str, state: State) -> String {
    let token = format!("state:{}", state.word());
    let kept: Vec<String> =
        pieces(text).into_iter().filter(|piece| !piece.eq_ignore_ascii_case(&token)).collect();
    let was_there = kept.len() < pieces(text).len();
    let mut pieces: Vec<String> = kept.into_iter().map(quoted).collect();
    if !was_there {
        pieces.push(token);
    }
    pieces.join(" ")
}

/// Parts between blanks; quotes keep blanks together, as in `site:"Head office"`.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut is_quoted = false;
    for letter in text.chars() {
        match letter {
            '"' => is_quoted = !is_quoted,
            blank if blank.is_whitespace() && !is_quoted => pieces.push(String::new()),
            other => pieces.last_mut().into_iter().for_each(|piece| piece.push(other)),
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

fn quoted(piece: String) -> String {
    match piece.split_once(':') {
        Some((token, value)) if piece.contains(' ') => format!("{token}:\"{value}\""),
        None if piece.contains(' ') => format!("\"{piece}\""),
        _ => piece,
    }
}

fn term(piece: &str) -> Term {
    let word = || Term::Text(piece.to_owned());
    let Some((token, value)) = piece.split_once(':').filter(|(_, value)| !value.is_empty()) else {
        return word();
    };
    let number = |measure| {
        let (order, value) = compared(value);
        value.parse().map_or_else(|_| word(), |value| Term::Number(measure, order, value))
    };
    match token {
        "state" => State::from_word(value).map_or_else(word, Term::State),
        "type" => DeviceKind::from_word(value).map_or_else(word, Term::Kind),
        "site" => Term::Site(value.to_owned()),
        "tag" => Term::Tag(value.to_owned()),
        "ros" => {
            let (order, value) = compared(value);
            let is_version = value.starts_with(|first: char| first.is_ascii_digit());
            if is_version { Term::Version(order, value.to_owned()) } else { word() }
        }
        "cpu" => number(Measure::Cpu),
        "mem" => number(Measure::Memory),
        "temp" => number(Measure::Temperature),
        _ => word(),
    }
}

fn compared(value: &str) -> (Compared, &str) {
    let signs = [
        ("<=", Compared::AtMost),
        (">=", Compared::AtLeast),
        ("<", Compared::Below),
        (">", Compared::Above),
        ("=", Compared::Is),
    ];
    let found = signs.into_iter().find_map(|(sign, how)| Some((how, value.strip_prefix(sign)?)));
    found.unwrap_or((Compared::Is, value))
}

fn fits(term: &Term, row: &Row) -> bool {
    let has = |text: &str, part: &str| text.to_lowercase().contains(part);
    let router = row.live.router.as_ref();
    match term {
        Term::Text(text) => {
            has(&row.name, text)
                || has(&row.address, text)
                || row.location.as_ref().is_some_and(|site| has(site, text))
                || router.and_then(|router| router.model.as_ref()).is_some_and(|model| has(model, text))
        }
        Term::State(state) => row.live.state == *state,
        Term::Kind(kind) => row.kind == *kind,
        Term::Site(site) => row.location.as_ref().is_some_and(|location| has(location, site)),
        Term::Tag(tag) => row.tags.iter().any(|own| own.to_lowercase() == *tag),
        Term::Version(order, wanted) => {
            router.and_then(|router| router.version.as_ref()).is_some_and(|version| {
                let (version, wanted) = (Version::parse(version), Version::parse(wanted));
                order.holds(version.cmp(&wanted), version.is_one_of(&wanted))
            })
        }
        Term::Number(measure, order, wanted) => {
            let value = router.and_then(|router| match measure {
                Measure::Cpu => router.cpu_percent,
                Measure::Memory => router.memory_percent,
                Measure::Temperature => router.temperature_celsius,
            });
            value.is_some_and(|value| order.holds(value.total_cmp(wanted), (value - wanted).abs() < 0.5))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{DeviceId, Live, RouterLive};

    fn check(filter: &str, expected: bool) {
        let router = RouterLive {
            version: Some("7.14.3 (stable)".to_owned()),
            cpu_percent: Some(42.0),
            ..RouterLive::default()
        };
        let row = Row {
            id: DeviceId(1),
            name: "Edge Bandung".to_owned(),
            kind: DeviceKind::Router,
            address: "Edge-7.example.net".to_owned(),
            location: Some("Head office".to_owned()),
            tags: vec!["Core".to_owned(), "Ядро".to_owned()],
            live: Live { state: State::Down, router: Some(router), ..Live::default() },
            beats: Vec::new(),
            quiet: None,
        };
        assert_eq!(Filter::parse(filter).fits(&row), expected, "{filter}");
    }

    #[test]
    fn every_term_must_fit_and_of_several_states_one() {
        for fitting in
            ["", "  ", "edge", "BANDUNG edge-7", "state:down", "state:up state:down", "type:router"]
        {
            check(fitting, true);
        }
        for refused in ["jakarta", "state:up", "edge state:up", "type:switch", "state:down nothing"] {
            check(refused, false);
        }
    }

    #[test]
    fn tokens_compare_versions_as_numbers() {
        for fitting in [
            "ros:7",
            "ros:7.14",
            "ros:=7.14.3",
            "ros:<7.15",
            "ros:<=7.14.3",
            "ros:>7.9",
            "ros:>=7.14.3",
            "cpu:>40",
            "cpu:>=42",
            "cpu:<=42",
            "cpu:=42",
            "cpu:42",
        ] {
            check(fitting, true);
        }
        for refused in [
            "ros:6",
            "ros:>7.15",
            "ros:>=7.15",
            "ros:>7.14.3",
            "ros:<7.9",
            "ros:<=7.14.2",
            "ros:abc",
            "cpu:<40",
            "cpu:>42",
            "cpu:>=43",
            "cpu:<=41",
            "temp:>1",
        ] {
            check(refused, false);
        }
    }

    #[test]
    fn what_looks_like_a_token_and_is_none_is_named() {
        for (text, named) in [
            ("edge name:core", Some("name:core")),
            ("state:dwn", Some("state:dwn")),
            ("ros:abc", Some("ros:abc")),
            ("cpu:>x", Some("cpu:>x")),
            ("state:down cpu:>=80 edge 10.0.0.1:80 fe80::1", None),
        ] {
            assert_eq!(unread(text).as_deref(), named, "{text}");
        }
    }

    #[test]
    fn quotes_keep_a_sites_name_together() {
        check("site:\"head office\"", true);
        check("site:head", true);
        check("site:\"head bandung\"", false);
        check("tag:core", true);
    }

    #[test]
    fn capitals_never_matter_in_any_alphabet() {
        for fitting in ["tag:CORE", "tag:ядро", "tag:ЯДРО", "Edge-7.Example.Net", "site:HEAD"] {
            check(fitting, true);
        }
        check("tag:ядр", false);
    }

    #[test]
    fn a_count_pressed_twice_leaves_the_filter_as_it_was() {
        let once = toggle_state("site:\"Head office\" edge", State::Down);
        assert_eq!(once, "site:\"Head office\" edge state:down");
        assert_eq!(toggle_state(&once, State::Down), "site:\"Head office\" edge");
    }
}
