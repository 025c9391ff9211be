//! Words of one's own for messages: text with a few places to fill, and nothing else. No conditions, no loops, no
//! escapes but `{{` and `}}`: what is filled in stays text, whatever a device calls itself.

use std::{fmt, iter};

/// What a message may name, in the order in which it is offered.
pub const PLACES: [&str; 11] =
    ["title", "text", "name", "address", "site", "time", "cause", "duration", "severity", "affected", "url"];

/// A text with places to fill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Vec<Piece>>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Place(&'static str),
}

/// Why a text is no template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoTemplate {
    /// There is no such place.
    Unknown(String),
    /// A brace has no partner.
    Open,
}

impl fmt::Display for NoTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoTemplate::Unknown(place) => {
                write!(f, "there is no {{{place}}}; there are {{{}}}", PLACES.join("}, {"))
            }
            NoTemplate::Open => {
                f.write_str("a brace has no partner; write {{ or }} for the character itself")
            }
        }
    }
}

impl Template {
    /// Reads a text; each of its lines stays a line.
    pub fn parse(text: &str) -> Result<Self, NoTemplate> {
        text.lines().map(line).collect::<Result<_, _>>().map(Self)
    }

    /// The text with its places filled. A line whose places all turn out to be empty is left out.
    pub fn fill(&self, value: impl Fn(&str) -> String) -> String {
        let mut lines = Vec::new();
        for pieces in &self.0 {
            let (mut filled, mut places, mut empty) = (String::new(), 0, 0);
            for piece in pieces {
                match piece {
                    Piece::Text(text) => filled.push_str(text),
                    Piece::Place(name) => {
                        let value = value(name);
                        places += 1;
                        empty += usize::from(value.trim().is_empty());
                        filled.push_str(value.trim_end_matches('\n'));
                    }
                }
            }
            if places == 0 || empty < places {
                lines.push(filled);
            }
        }
        lines.join("\n")
    }
}

fn line(line: &str) -> Result<Vec<Piece>, NoTemplate> {
    let (mut pieces, mut text) = (Vec::new(), String::new());
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '{' | '}' if chars.peek() == Some(&c) => {
                chars.next();
                text.push(c);
            }
            '}' => return Err(NoTemplate::Open),
            '{' => {
                let mut is_closed = false;
                let inside = iter::from_fn(|| chars.next());
                let name: String = inside
                    .take_while(|c| {
                        is_closed = *c == '}';
                        !is_closed
                    })
                    .collect();
                if !is_closed {
                    return Err(NoTemplate::Open);
                }
                let known = PLACES.into_iter().find(|place| *place == name.trim());
                let place = known.ok_or_else(|| NoTemplate::Unknown(name.trim().to_owned()))?;
                pieces.push(Piece::Text(std::mem::take(&mut text)));
                pieces.push(Piece::Place(place));
            }
            c => text.push(c),
        }
    }
    pieces.push(Piece::Text(text));
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filled(text: &str) -> String {
        Template::parse(text).unwrap().fill(|place| match place {
            "cause" | "url" => String::new(),
            "text" => "one\ntwo\n".to_owned(),
            place => format!("<{place}>"),
        })
    }

    #[test]
    fn places_are_filled_and_what_is_filled_in_is_not_read_again() {
        assert_eq!(filled("[{site}] {name}: {{down}}"), "[<site>] <name>: {down}");
        assert_eq!(filled("{ name }"), "<name>");
        let twice = Template::parse("{name}").unwrap().fill(|_| "{address}".to_owned());
        assert_eq!(twice, "{address}");
    }

    #[test]
    fn a_line_about_nothing_is_left_out() {
        assert_eq!(filled("a\nWhy: {cause}\n\n{cause} {name}\n{text}"), "a\n\n <name>\none\ntwo");
    }

    #[test]
    fn what_is_no_template_says_why() {
        assert_eq!(Template::parse("{nmae}"), Err(NoTemplate::Unknown("nmae".into())));
        assert!(
            NoTemplate::Unknown("nmae".into())
                .to_string()
                .starts_with("there is no {nmae}; there are {title}")
        );
        for text in ["{name", "name}", "{", "a {name}} b"] {
            assert_eq!(Template::parse(text), Err(NoTemplate::Open), "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_typed_it_is_refused_or_filled(text in any::<String>(), value in any::<String>()) {
            if let Ok(template) = Template::parse(&text) {
                template.fill(|_| value.clone());
            }
        }

        #[test]
        fn a_text_without_braces_is_itself(text in "[^{}\r\n]{0,40}") {
            prop_assert_eq!(Template::parse(&text).unwrap().fill(|_| String::new()), text);
        }
    }
}
