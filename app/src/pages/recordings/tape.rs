//! What a recording holds, as a tape that is played: which events come when, with or without its pauses.

use model::{Happened, RecordedEvents};
use std::ops::Range;

/// The longest pause that is left when pauses are skipped.
const PAUSE_MS_MAX: u64 = 2_000;

/// An event on the tape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Since the beginning.
    pub at_ms: u64,
    /// The same without long pauses.
    pub short_ms: u64,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Where its bytes are in the tape's.
    Output(Range<usize>),
    Resized(u16, u16),
    Gap(u64),
    Ended,
    Full,
}

/// Which of two clocks is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    AsItWas,
    WithoutPauses,
}

/// All that was loaded so far.
#[derive(Debug, Default)]
pub struct Tape {
    bytes: Vec<u8>,
    events: Vec<Event>,
}

impl Tape {
    /// Adds a part behind what is there.
    pub fn add(&mut self, part: &[u8]) {
        for event in RecordedEvents(part) {
            let (last_ms, last_short_ms) =
                self.events.last().map_or((0, 0), |last| (last.at_ms, last.short_ms));
            let at_ms = u64::from(event.at_ms).max(last_ms);
            let short_ms = last_short_ms + (at_ms - last_ms).min(PAUSE_MS_MAX);
            let what = match event.what {
                Happened::Output(bytes) => {
                    let begins = self.bytes.len();
                    self.bytes.extend_from_slice(bytes);
                    What::Output(begins..self.bytes.len())
                }
                Happened::Resized { columns, rows } => What::Resized(columns, rows),
                Happened::Gap { bytes } => What::Gap(bytes),
                Happened::Ended => What::Ended,
                Happened::Full => What::Full,
            };
            self.events.push(Event { at_ms, short_ms, what });
        }
    }

    pub fn count(&self) -> usize {
        self.events.len()
    }

    pub fn events(&self, range: Range<usize>) -> &[Event] {
        self.events.get(range).unwrap_or_default()
    }

    pub fn bytes(&self, range: &Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or_default()
    }

    /// What was output from this byte on, as much of it.
    pub fn output_from(&self, byte: usize, most: usize) -> &[u8] {
        let rest = self.bytes.get(byte..).unwrap_or_default();
        rest.get(..most).unwrap_or(rest)
    }

    /// How many bytes so many events output.
    pub fn output_of(&self, count: usize) -> usize {
        let ends = |event: &Event| match &event.what {
            What::Output(range) => Some(range.end),
            _ => None,
        };
        self.events(0..count.min(self.count())).iter().rev().find_map(ends).unwrap_or_default()
    }

    /// The first event from this number on with which so many bytes were output.
    pub fn event_with(&self, from: usize, bytes: usize) -> Option<usize> {
        let has_it = |event: &Event| matches!(&event.what, What::Output(range) if range.end >= bytes);
        let rest = self.events.get(from..).unwrap_or_default();
        Some(from + rest.iter().position(has_it)?)
    }

    /// How long it is so far.
    pub fn length_ms(&self, pace: Pace) -> u64 {
        self.events.last().map_or(0, |last| time(last, pace))
    }

    /// How many events have happened by then.
    pub fn count_by(&self, at_ms: u64, pace: Pace) -> usize {
        self.events.partition_point(|event| time(event, pace) <= at_ms)
    }

    /// When the event with this number happens; after the last, when that did.
    pub fn time_of(&self, number: usize, pace: Pace) -> u64 {
        self.events.get(number).or(self.events.last()).map_or(0, |event| time(event, pace))
    }

    /// What one clock shows when the other shows this.
    pub fn translated(&self, at_ms: u64, from: Pace, to: Pace) -> u64 {
        let after = self.count_by(at_ms, from);
        let Some(before) = after.checked_sub(1).and_then(|number| self.events.get(number)) else {
            return at_ms.min(self.time_of(0, to));
        };
        let since_ms = at_ms - time(before, from);
        let room_ms = self.time_of(after, to) - time(before, to);
        time(before, to) + since_ms.min(room_ms)
    }
}

fn time(event: &Event, pace: Pace) -> u64 {
    match pace {
        Pace::AsItWas => event.at_ms,
        Pace::WithoutPauses => event.short_ms,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{RecordedEvent, write_event};

    fn tape(times: &[u32]) -> Tape {
        let mut tape = Tape::default();
        for at_ms in times {
            let mut part = Vec::new();
            write_event(&mut part, RecordedEvent { at_ms: *at_ms, what: Happened::Output(b"ab") });
            tape.add(&part);
        }
        tape
    }

    #[test]
    fn pauses_are_shortened_and_everything_else_keeps_its_time() {
        let tape = tape(&[100, 1_100, 61_100, 61_200]);
        let short: Vec<_> = tape.events(0..4).iter().map(|event| event.short_ms).collect();
        assert_eq!(short, [100, 1_100, 3_100, 3_200]);
        assert_eq!(tape.length_ms(Pace::AsItWas), 61_200);
        assert_eq!(tape.length_ms(Pace::WithoutPauses), 3_200);
        assert_eq!(tape.bytes(&(2..4)), b"ab");
    }

    #[test]
    fn a_moment_is_found_and_is_the_same_by_either_clock() {
        let tape = tape(&[100, 1_100, 61_100, 61_200]);
        let count = |at_ms| tape.count_by(at_ms, Pace::AsItWas);
        assert_eq!([count(0), count(99), count(100), count(30_000), count(99_999)], [0, 0, 1, 2, 4]);
        for (was, short) in [(0, 0), (100, 100), (600, 600), (1_100, 1_100), (61_100, 3_100), (61_200, 3_200)]
        {
            assert_eq!(tape.translated(was, Pace::AsItWas, Pace::WithoutPauses), short, "{was}");
            assert_eq!(tape.translated(short, Pace::WithoutPauses, Pace::AsItWas), was, "{short}");
        }
        assert_eq!(tape.translated(40_000, Pace::AsItWas, Pace::WithoutPauses), 3_100, "within a pause");
        assert_eq!(tape.translated(99_999, Pace::AsItWas, Pace::WithoutPauses), 3_200, "behind the end");
    }

    #[test]
    fn how_much_was_output_by_an_event_is_known() {
        let mut tape = tape(&[100, 100]);
        for what in [Happened::Resized { columns: 80, rows: 24 }, Happened::Output(b"cde")] {
            let mut part = Vec::new();
            write_event(&mut part, RecordedEvent { at_ms: 100, what });
            tape.add(&part);
        }
        assert_eq!([0, 1, 2, 3, 4, 9].map(|count| tape.output_of(count)), [0, 2, 4, 4, 7, 7]);
        let with = |bytes| tape.event_with(1, bytes);
        assert_eq!([with(1), with(4), with(5), with(7), with(8)], [Some(1), Some(1), Some(3), Some(3), None]);
        assert_eq!((tape.output_from(4, 2), tape.output_from(4, 9)), (b"cd".as_slice(), b"cde".as_slice()));
        assert!(tape.output_from(9, 1).is_empty());
    }

    #[test]
    fn an_empty_tape_and_one_that_goes_back_are_no_trouble() {
        let empty = Tape::default();
        assert_eq!(
            (empty.count(), empty.length_ms(Pace::AsItWas), empty.count_by(5, Pace::AsItWas)),
            (0, 0, 0)
        );
        assert_eq!(empty.translated(5, Pace::AsItWas, Pace::WithoutPauses), 0);
        assert!(empty.events(0..3).is_empty());
        let back = tape(&[500, 100]);
        assert_eq!(back.length_ms(Pace::AsItWas), 500);
    }
}
