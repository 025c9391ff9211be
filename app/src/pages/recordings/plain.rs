//! What a terminal showed as plain lines, to be searched: without colours, titles and movements.
//!
//! It is no screen: what a program drew here and there stands in the order in which it was drawn. It is as long as the
//! tape it is made of allows: all that can be played can be found.

use std::ops::Range;

/// Longest line, in characters: more begins another.
const LINE_CHARS_MAX: usize = 500;
/// Most matches that are shown.
pub const FOUND_MAX: usize = 200;
/// Text that is looked through at once, in bytes: what is more is left for later, so that a page stays quick.
const SLICE_BYTES: usize = 1024 * 1024;
/// Text around a match.
const AROUND_CHARS: usize = 60;
/// Output that is read again to see where a match was drawn, in bytes: an event and a line are shorter.
pub const READ_AGAIN_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Lines, and which event began each.
#[derive(Debug, Default)]
pub struct Plain {
    /// The lines that are whole, each with its end.
    text: String,
    /// Which lines were begun by which event; they ascend.
    marks: Vec<Mark>,
    line: String,
    begun_by: usize,
    /// Where in the output it began.
    begun_at: usize,
    /// Bytes of output that came so far.
    taken: usize,
    state: State,
    /// The beginning of a character whose rest is still to come.
    begun: Vec<u8>,
}

/// Where the first of the lines that an event began is.
#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    /// The number of the event.
    event: usize,
    /// The byte of the text.
    text: usize,
    /// The byte of all output. What comes there is text, at the beginning of a line.
    output: usize,
}

/// A line that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The number of the event that began the line.
    pub event: usize,
    pub text: String,
    pub place: Place,
}

/// Where a match is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The byte of the output from which on it is looked for.
    pub from: usize,
    /// How many bytes of text there are from there to the end of the match.
    length: usize,
    /// As it was printed.
    pub text: String,
}

impl Place {
    /// Up to which byte of all output it is drawn, and no further; `output` is what follows `from`.
    pub fn drawn(&self, output: &[u8]) -> Option<usize> {
        let (mut plain, mut at) = (Plain::default(), self.from);
        for chunk in output.utf8_chunks() {
            for char in chunk.valid().chars() {
                plain.take((0, at), char);
                at += char.len_utf8();
                let length = plain.text.len() + plain.line.len();
                if length == self.length && plain.line.ends_with(&self.text) {
                    return Some(at);
                }
            }
            at += chunk.invalid().len();
        }
        None
    }
}

/// A search, and how far it is. It goes on where it was when more was added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// In small letters; empty when nothing is looked for.
    wanted: String,
    /// How many bytes of the text were looked through.
    passed: usize,
    /// The first of them, in their order.
    pub found: Vec<Found>,
    /// There are more than are shown.
    pub has_more: bool,
}

impl Search {
    /// For this, whatever its capitals.
    pub fn of(text: &str) -> Self {
        let wanted = if text.trim().is_empty() { String::new() } else { text.to_lowercase() };
        Self { wanted, ..Self::default() }
    }

    pub fn is_for_nothing(&self) -> bool {
        self.wanted.is_empty()
    }
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
        let mut at = self.taken.saturating_sub(all.len());
        self.taken += bytes.len();
        all.extend_from_slice(bytes);
        for chunk in all.utf8_chunks() {
            for char in chunk.valid().chars() {
                self.take((event, at), char);
                at += char.len_utf8();
            }
            let invalid = chunk.invalid();
            at += invalid.len();
            let is_at_end = invalid.as_ptr_range().end == all.as_ptr_range().end;
            if is_at_end && str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none()) {
                self.begun = invalid.to_vec();
            }
        }
    }

    /// Ends the line that was begun last: nothing follows, or nothing that belongs to it.
    pub fn end_line(&mut self) {
        if !self.line.trim().is_empty() {
            if self.marks.last().is_none_or(|mark| mark.event != self.begun_by) {
                let (event, text, output) = (self.begun_by, self.text.len(), self.begun_at);
                self.marks.push(Mark { event, text, output });
            }
            self.text.push_str(&self.line);
            self.text.push('\n');
        }
        self.line.clear();
    }

    /// Something is missing here: what was begun before it is not ended by what follows, nor on the screen.
    pub fn break_off(&mut self) {
        self.end_line();
        self.state = State::default();
        self.begun.clear();
    }

    /// Looks a little further; whether that was all, as far as there are whole lines.
    pub fn search(&self, search: &mut Search) -> bool {
        if search.wanted.is_empty() || search.has_more {
            return true;
        }
        let from = search.passed.saturating_add(SLICE_BYTES);
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        let end = rest.iter().position(|byte| *byte == b'\n').map_or(self.text.len(), |at| from + at + 1);
        let slice = self.text.get(search.passed..end).unwrap_or_default();
        // Most of a long text does not hold it: that is seen at once.
        if slice.to_lowercase().contains(&search.wanted) {
            self.look_into(slice, search);
        }
        search.passed = end;
        search.has_more || end == self.text.len()
    }

    fn look_into(&self, slice: &str, search: &mut Search) {
        let mut at = search.passed;
        for line in slice.split_inclusive('\n') {
            if let Some(place) = place(line, &search.wanted) {
                if search.found.len() == FOUND_MAX {
                    search.has_more = true;
                    return;
                }
                let Mark { event, text, output } = self.mark_at(at);
                let length = (at - text) + place.end;
                let printed = line.get(place.clone()).unwrap_or_default().to_owned();
                let text = around(line, place.start);
                let place = Place { from: output, length, text: printed };
                search.found.push(Found { event, text, place });
            }
            at += line.len();
        }
    }

    /// The event up to which a search has looked.
    pub fn reached(&self, search: &Search) -> usize {
        self.mark_at(search.passed).event
    }

    /// The event that began the line at this byte of the text.
    fn mark_at(&self, byte: usize) -> Mark {
        let after = self.marks.partition_point(|mark| mark.text <= byte);
        after.checked_sub(1).and_then(|number| self.marks.get(number)).copied().unwrap_or_default()
    }

    /// The next character, by which event it came and at which byte of all output.
    fn take(&mut self, by: (usize, usize), char: char) {
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
                self.put(by, char);
                State::Text
            }
        };
    }

    fn put(&mut self, by: (usize, usize), char: char) {
        let char = match char {
            '\n' | '\r' | '\u{b}' | '\u{c}' => return self.end_line(),
            '\u{8}' => {
                self.line.pop();
                return;
            }
            '\t' => ' ',
            // Where writing turns is nothing to be read, and would turn what is around it.
            char if char.is_control() || model::is_bidi_control(char) => return,
            char => char,
        };
        if self.line.is_empty() {
            (self.begun_by, self.begun_at) = by;
        }
        self.line.push(char);
        // Bytes bound it as well: a character has four, at most.
        if self.line.len() > 4 * LINE_CHARS_MAX {
            self.end_line();
        }
    }
}

/// Where in a line this stands, whatever its capitals.
fn place(line: &str, wanted: &str) -> Option<Range<usize>> {
    let small_at = line.to_lowercase().find(wanted)?;
    // A small letter may be of more bytes than its capital, or of fewer.
    let (mut passed, mut begins) = (0, None);
    for (at, char) in line.char_indices() {
        passed += char.to_lowercase().map(char::len_utf8).sum::<usize>();
        if passed > small_at {
            let begins = *begins.get_or_insert(at);
            if passed >= small_at + wanted.len() {
                return Some(begins..at + char.len_utf8());
            }
        }
    }
    None
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
        plain.text.lines().map(str::to_owned).collect()
    }

    /// All that is found of this.
    fn found(plain: &Plain, text: &str) -> Search {
        let mut search = Search::of(text);
        while !plain.search(&mut search) {}
        search
    }

    fn events(plain: &Plain, text: &str) -> Vec<usize> {
        found(plain, text).found.into_iter().map(|found| found.event).collect()
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
        plain.end_line();
        let events = |text: &str| events(&plain, text);
        assert_eq!((events("ETHER1"), events("three"), events("e")), (vec![0], vec![2], vec![0, 0, 2]));
        assert_eq!((events("four"), events(""), events(" ")), (vec![], vec![], vec![]));
    }

    #[test]
    fn where_a_match_is_drawn_is_known_to_the_byte_however_it_came() {
        let text =
            "one İ\r\n\x1b[1mtwo\x1b[0m: Ethx\x08er1 \tup\r\n\r\n  \r\n\tЕщё ether1\r\nether1 again\r\n";
        let output = [b"\xff\xfe".as_slice(), text.as_bytes()].concat();
        let ends = |wanted: &str, nth: usize| {
            let begins = text.match_indices(wanted).nth(nth).unwrap().0;
            Some(2 + begins + wanted.len())
        };
        let expected = [ends("Ethx\x08er1", 0), ends("ether1", 0), ends("ether1", 1)];
        for size in 1..output.len() {
            let mut plain = Plain::default();
            for (event, piece) in output.chunks(size).enumerate() {
                plain.add(event, piece);
            }
            let drawn = found(&plain, "ETHER1").found.into_iter().map(|found| {
                let rest = output.get(found.place.from..).unwrap();
                (found.place.drawn(rest), found.place.text)
            });
            let printed = ["Ether1", "ether1", "ether1"].map(str::to_owned);
            assert_eq!(
                drawn.collect::<Vec<_>>(),
                expected.into_iter().zip(printed).collect::<Vec<_>>(),
                "{size}"
            );
        }
        let mut plain = Plain::default();
        plain.add(0, b"Needle\n");
        assert_eq!(found(&plain, "needle").found.remove(0).place.drawn(b"something else"), None);
    }

    #[test]
    fn what_is_found_is_shown_as_it_was_printed() {
        let mut plain = Plain::default();
        // The small form of the first letter is a byte longer.
        plain.add(0, "İİ Ether1 UP, Привет\r\n".as_bytes());
        for wanted in ["ether1", "ETHER1", "привет", "up, п"] {
            assert_eq!(found(&plain, wanted).found[0].text, "İİ Ether1 UP, Привет", "{wanted}");
        }
        let long = format!("{}Needle{}\n", "A".repeat(100), "B".repeat(100));
        plain.add(1, long.as_bytes());
        let expected = format!("{}Needle{}", "A".repeat(AROUND_CHARS / 2), "B".repeat(AROUND_CHARS - 6));
        assert_eq!(found(&plain, "needle").found[0].text, expected);
    }

    #[test]
    fn what_stands_behind_any_flood_is_found() {
        let mut plain = Plain::default();
        for event in 0..400_000 {
            plain.add(event, format!("{event}\r\n").as_bytes());
        }
        plain.add(400_000, b"Needle\r\n");
        assert_eq!(events(&plain, "needle"), [400_000]);
        assert_eq!(events(&plain, "399999"), [399_999]);
        assert!(events(&plain, "no such thing").is_empty());
    }

    #[test]
    fn what_stands_behind_something_missing_is_found_whatever_was_begun_before_it() {
        for begun in ["\x1b]0;a title", "\x1bP", "\x1b[", "\x1b", "shown nee"] {
            let mut plain = Plain::default();
            plain.add(0, begun.as_bytes());
            plain.break_off();
            plain.add(2, b"Needle\r\n");
            let all = found(&plain, "needle").found;
            let shown: Vec<_> = all.iter().map(|found| (found.event, found.text.as_str())).collect();
            assert_eq!(shown, [(2, "Needle")], "{begun:?}");
            assert_eq!(all[0].place.drawn(b"Needle\r\n"), Some(begun.len() + 6), "{begun:?}");
        }
    }

    #[test]
    fn a_search_goes_on_where_it_was_and_says_how_far_it_is() {
        let mut plain = Plain::default();
        let mut search = Search::of("needle");
        assert!(plain.search(&mut search), "of nothing everything was looked at");
        plain.add(1, b"a needle\r\n");
        plain.add(2, &b"hay\r\n".repeat(SLICE_BYTES));
        plain.add(3, b"a Needle\r\nand a nee");
        assert!(!plain.search(&mut search), "there is more");
        assert_eq!((search.found.len(), plain.reached(&search)), (1, 2));
        while !plain.search(&mut search) {}
        assert_eq!((search.found.len(), plain.reached(&search)), (2, 3));
        plain.add(4, b"dle\r\n");
        assert!(plain.search(&mut search));
        let events: Vec<_> = search.found.iter().map(|found| found.event).collect();
        assert_eq!((events, search.has_more), (vec![1, 3, 3], false));
    }

    #[test]
    fn floods_are_bounded() {
        let mut plain = Plain::default();
        plain.add(0, &b"x".repeat(1_000_000));
        assert!(plain.line.len() <= 4 * LINE_CHARS_MAX);
        plain.add(1, &b"\nab".repeat(FOUND_MAX));
        plain.end_line();
        let exactly = found(&plain, "ab");
        assert_eq!((exactly.found.len(), exactly.has_more), (FOUND_MAX, false));
        plain.add(2, b"ab\n");
        let more = found(&plain, "ab");
        assert_eq!((more.found.len(), more.has_more), (FOUND_MAX, true));
        assert!(plain.text.len() < 1_100_000 && plain.marks.len() == 3, "{:?}", plain.marks);
    }
}
