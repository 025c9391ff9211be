//! What a terminal showed as plain lines, to be searched: without colours, titles and movements.
//!
//! It is no screen: what a program drew here and there stands in the order in which it was drawn.

/// Longest line, in characters: more begins another.
const LINE_CHARS_MAX: usize = 500;
/// Most lines that are kept.
const LINES_MAX: usize = 200_000;
/// Most matches that are shown.
pub const FOUND_MAX: usize = 200;
/// Text around a match.
const AROUND_CHARS: usize = 60;

/// Lines, each with the number of the event that began it.
#[derive(Debug, Default)]
pub struct Plain {
    lines: Vec<(usize, String)>,
    line: String,
    begun_by: usize,
    state: State,
    /// The beginning of a character whose rest is still to come.
    begun: Vec<u8>,
}

/// A line that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The number of the event that began the line.
    pub event: usize,
    pub text: String,
}

/// In what the next character is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    /// Behind ESC.
    Escape,
    /// Behind ESC and a character that another follows.
    Intermediate,
    /// A control sequence, up to its letter.
    Control,
    /// A string for the terminal itself, up to its end.
    String,
    /// Behind an ESC within such a string.
    StringEscape,
}

impl Plain {
    /// Takes the output of the event with this number.
    pub fn add(&mut self, event: usize, bytes: &[u8]) {
        let mut all = std::mem::take(&mut self.begun);
        all.extend_from_slice(bytes);
        for chunk in all.utf8_chunks() {
            for char in chunk.valid().chars() {
                self.take(event, char);
            }
            let invalid = chunk.invalid();
            let is_at_end = invalid.as_ptr_range().end == all.as_ptr_range().end;
            if is_at_end && str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none()) {
                self.begun = invalid.to_vec();
            }
        }
    }

    /// Where this stands, whatever its capitals; the first of them, in their order.
    pub fn find(&self, text: &str) -> Vec<Found> {
        let wanted = text.to_lowercase();
        if wanted.trim().is_empty() {
            return Vec::new();
        }
        let last = (self.begun_by, &self.line);
        let lines = self.lines.iter().map(|(event, line)| (*event, line)).chain([last]);
        let found = lines.filter_map(|(event, line)| {
            let line = line.to_lowercase();
            let at = line.find(&wanted)?;
            Some(Found { event, text: around(&line, at) })
        });
        found.take(FOUND_MAX).collect()
    }

    fn take(&mut self, event: usize, char: char) {
        self.state = match (self.state, char) {
            (State::StringEscape, '\\') | (State::String, '\u{7}' | '\u{9c}') => State::Text,
            // What cancels a sequence does so everywhere.
            (_, '\u{18}' | '\u{1a}') => State::Text,
            (State::String, '\u{1b}') => State::StringEscape,
            (State::String, _) => State::String,
            (_, '\u{1b}') => State::Escape,
            (State::Escape | State::StringEscape, '[') => State::Control,
            (State::Escape | State::StringEscape, ']' | 'P' | 'X' | '^' | '_') => State::String,
            (State::Escape | State::StringEscape | State::Intermediate, ' '..='/') => State::Intermediate,
            (State::Escape | State::StringEscape | State::Intermediate, _) => State::Text,
            (State::Control, '@'..='~') => {
                // To another place: what follows has nothing to do with what was before.
                if matches!(char, 'H' | 'f' | 'd' | 'J') {
                    self.end_line();
                }
                State::Text
            }
            (State::Control, _) => State::Control,
            (State::Text, '\u{9b}') => State::Control,
            (State::Text, '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}') => State::String,
            (State::Text, _) => {
                self.put(event, char);
                State::Text
            }
        };
    }

    fn put(&mut self, event: usize, char: char) {
        match char {
            '\n' | '\r' | '\u{b}' | '\u{c}' => return self.end_line(),
            '\u{8}' => drop(self.line.pop()),
            '\t' => self.line.push(' '),
            // Where writing turns is nothing to be read, and would turn what is around it.
            char if char.is_control() || model::is_bidi_control(char) => {}
            char => {
                if self.line.is_empty() {
                    self.begun_by = event;
                }
                self.line.push(char);
            }
        }
        // Bytes bound it as well: a character has four, at most.
        if self.line.len() > 4 * LINE_CHARS_MAX {
            self.end_line();
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        if !line.trim().is_empty() && self.lines.len() < LINES_MAX {
            self.lines.push((self.begun_by, line));
        }
    }
}

/// The text around a place in a line.
fn around(line: &str, at: usize) -> String {
    let before: Vec<char> = line[..at].chars().rev().take(AROUND_CHARS / 2).collect();
    let before = before.into_iter().rev();
    before.chain(line[at..].chars().take(AROUND_CHARS)).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pieces: &[&[u8]]) -> Vec<String> {
        let mut plain = Plain::default();
        for (event, piece) in pieces.iter().enumerate() {
            plain.add(event, piece);
        }
        plain.end_line();
        plain.lines.into_iter().map(|(_, line)| line).collect()
    }

    #[test]
    fn only_what_could_be_read_is_left() {
        assert_eq!(lines(&[b"\x1b[1;32madmin\x1b[0m@edge > \x1b[Kexport\r\n"]), ["admin@edge > export"]);
        assert_eq!(lines(&[b"\x1b]0;a title\x07shown\x1b]52;c;aGk=\x1b\\!\n"]), ["shown!"]);
        assert_eq!(lines(&[b"ab\x08c\x00d\te\x1b(Bf"]), ["acd ef"]);
        assert_eq!(lines(&[b"top\x1b[2;5Hbottom\x1bPq#0\x1b\\."]), ["top", "bottom."]);
        assert_eq!(lines(&[b"\x1b]8;;http://a/\x1b\\link\x1b]8;;\x1b\\"]), ["link"]);
        assert_eq!(lines(&[b"\x1b[31\x18red"]), ["red"]);
        assert_eq!(lines(&["\u{9b}1mx\u{9d}0;t\u{9c}y".as_bytes()]), ["xy"]);
        assert_eq!(lines(&["abc\u{202e}gpj.exe\u{2066}!".as_bytes()]), ["abcgpj.exe!"]);
    }

    #[test]
    fn sequences_and_characters_that_came_apart_are_put_together() {
        let whole = "\x1b[1mПривет\x1b]0;t\x1b\\👋\r\n".as_bytes();
        for cut in 0..whole.len() {
            assert_eq!(lines(&[&whole[..cut], &whole[cut..]]), ["Привет👋"], "{cut}");
        }
        assert_eq!(lines(&[b"a\xd0\xff\xfeb"]), ["ab"]);
    }

    #[test]
    fn a_line_is_found_where_it_began_whatever_its_capitals() {
        let mut plain = Plain::default();
        for (event, piece) in ["one\r\ntw", "o: Ether1 up\r\n", "three"].iter().enumerate() {
            plain.add(event, piece.as_bytes());
        }
        let found = |text: &str| plain.find(text).into_iter().map(|found| found.event).collect::<Vec<_>>();
        assert_eq!((found("ETHER1"), found("three"), found("e")), (vec![0], vec![2], vec![0, 0, 2]));
        assert_eq!((found("four"), found(""), found(" ")), (vec![], vec![], vec![]));
        assert_eq!(plain.find("ether1")[0].text, "two: ether1 up");
    }

    #[test]
    fn floods_are_bounded() {
        let mut plain = Plain::default();
        plain.add(0, &b"x".repeat(1_000_000));
        assert!(plain.line.len() <= 4 * LINE_CHARS_MAX);
        plain.add(1, &b"ab\n".repeat(LINES_MAX + 10));
        assert_eq!(plain.lines.len(), LINES_MAX);
        assert_eq!(plain.find("a").len(), FOUND_MAX);
    }
}
