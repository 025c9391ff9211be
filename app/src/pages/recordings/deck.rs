//! What plays a tape onto a screen: where it is, how fast it goes, and what the screen shows.
//!
//! Everything that a view keeps of it is a signal, so that the page can be drawn on the server, where nothing plays.

use super::{
    plain::{Found, Plain, READ_AGAIN_BYTES_MAX, Search},
    tape::{Pace, Tape, What},
};
use crate::{
    api::ApiError,
    browser::{self, Replay},
    format,
    i18n::Words,
};
use leptos::prelude::*;
use model::RecordingEnd;
use send_wrapper::SendWrapper;
use std::ops::Range;

/// A browser that was busy, or a tab that was away, goes on where it was and not where it would be.
const STEP_MS_MAX: i64 = 500;

/// How many times as fast as it was.
pub const SPEEDS: [f64; 6] = [0.5, 1.0, 2.0, 4.0, 8.0, 16.0];

/// What the player is at.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// Nothing is there yet.
    Loading,
    /// It can be played, as far as it was loaded.
    Ready,
    /// The session goes on, and is shown as it does.
    Live,
    Failed(ApiError),
}

#[derive(Clone, Copy)]
pub struct Deck {
    tape: StoredValue<Tape>,
    plain: StoredValue<Plain>,
    screen: StoredValue<Option<SendWrapper<Replay>>>,
    /// How many events the screen has.
    drawn: StoredValue<usize>,
    /// How many bytes of output it has: where a match was gone to, the next event is drawn in part.
    drawn_bytes: StoredValue<usize>,
    /// The size with which it began.
    size: (u16, u16),
    /// When the last step was, by the clock of this machine.
    stepped_ms: StoredValue<i64>,
    words: Words,
    pub phase: RwSignal<Phase>,
    /// All of it was loaded, or came.
    pub is_whole: RwSignal<bool>,
    /// Why a session ended that was looked at.
    pub ended: RwSignal<Option<RecordingEnd>>,
    pub is_playing: RwSignal<bool>,
    /// One of [`SPEEDS`].
    pub speed: RwSignal<f64>,
    pub pace: RwSignal<Pace>,
    /// Where it is and how long it is, by that pace.
    pub at_ms: RwSignal<u64>,
    pub length_ms: RwSignal<u64>,
}

impl Deck {
    pub fn new(words: Words, size: (u16, u16)) -> Self {
        Self {
            tape: StoredValue::new(Tape::default()),
            plain: StoredValue::new(Plain::default()),
            screen: StoredValue::new(None),
            drawn: StoredValue::new(0),
            drawn_bytes: StoredValue::new(0),
            size,
            stepped_ms: StoredValue::new(0),
            words,
            phase: RwSignal::new(Phase::Loading),
            is_whole: RwSignal::new(false),
            ended: RwSignal::new(None),
            is_playing: RwSignal::new(false),
            speed: RwSignal::new(1.0),
            pace: RwSignal::new(Pace::WithoutPauses),
            at_ms: RwSignal::new(0),
            length_ms: RwSignal::new(0),
        }
    }

    /// Opens the screen in an element; false when it did not come.
    pub async fn open(self, host: &web_sys::HtmlElement, label: &str) -> bool {
        let Some(screen) = Replay::open(host, label, self.size).await else { return false };
        self.screen.try_set_value(Some(SendWrapper::new(screen))).is_none()
    }

    pub fn close(self) {
        let screen = self.screen.try_update_value(Option::take).flatten();
        if let Some(screen) = screen {
            screen.dispose();
        }
    }

    /// Adds what was loaded or came; false when the page has gone meanwhile.
    pub fn add(self, part: &[u8]) -> bool {
        let added = self.tape.try_update_value(|tape| {
            let before = tape.count();
            tape.add(part);
            before..tape.count()
        });
        let Some(added) = added else { return false };
        self.tape.with_value(|tape| {
            self.plain.update_value(|plain| {
                for (number, event) in added.clone().zip(tape.events(added.clone())) {
                    match &event.what {
                        What::Output(range) => plain.add(number, tape.bytes(range)),
                        What::Gap(_) | What::Full => plain.break_off(),
                        What::Resized(..) | What::Ended => {}
                    }
                }
            });
        });
        self.measure();
        if self.phase.get_untracked() == Phase::Live {
            self.show(added.end, self.length_ms.get_untracked());
        }
        true
    }

    /// Nothing more will be added.
    pub fn finish(self) {
        self.plain.try_update_value(Plain::end_line);
        self.is_whole.try_set(true);
    }

    fn measure(self) {
        let pace = self.pace.get_untracked();
        self.length_ms.set(self.tape.with_value(|tape| tape.length_ms(pace)));
    }

    /// Plays, from the beginning where it was at its end; or plays no more.
    pub fn toggle(self) {
        if self.is_playing.get_untracked() {
            return self.is_playing.set(false);
        }
        let is_all_drawn = self.drawn.get_value() >= self.tape.with_value(Tape::count);
        if is_all_drawn && self.at_ms.get_untracked() >= self.length_ms.get_untracked() {
            self.seek(0);
        }
        self.is_playing.set(true);
        self.stepped_ms.set_value(browser::now().0);
        self.step_later();
    }

    fn step_later(self) {
        browser::when_drawn(move || {
            if self.is_playing.try_get_untracked() == Some(true) {
                self.step();
                self.step_later();
            }
        });
    }

    fn step(self) {
        let now_ms = browser::now().0;
        let since_ms = (now_ms - self.stepped_ms.get_value()).clamp(0, STEP_MS_MAX);
        self.stepped_ms.set_value(now_ms);
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let more_ms = (since_ms as f64 * self.speed.get_untracked()).round() as u64;
        let length_ms = self.length_ms.get_untracked();
        let at_ms = (self.at_ms.get_untracked() + more_ms).min(length_ms);
        self.show(self.count_by(at_ms), at_ms);
        if at_ms >= length_ms {
            self.is_playing.set(false);
        }
    }

    /// Goes to a moment, forwards or backwards.
    pub fn seek(self, at_ms: u64) {
        let at_ms = at_ms.min(self.length_ms.get_untracked());
        let count = self.count_by(at_ms);
        self.go_back_for(count, self.tape.with_value(|tape| tape.output_of(count)));
        self.show(count, at_ms);
    }

    /// Clears the screen where it has more than so many events and so many bytes of output.
    fn go_back_for(self, count: usize, bytes: usize) {
        if count < self.drawn.get_value() || bytes < self.drawn_bytes.get_value() {
            self.drawn.set_value(0);
            self.drawn_bytes.set_value(0);
            self.with_screen(|screen| screen.begin_again(self.size));
        }
    }

    /// Goes on or back by this much.
    pub fn seek_by(self, ms: i64) {
        self.seek(self.at_ms.get_untracked().saturating_add_signed(ms));
    }

    /// Goes to the first of these that is still to come; behind the last, to the first of all where there will be no
    /// more. Whether it went anywhere.
    pub fn seek_next(self, found: &[Found], is_all: bool) -> bool {
        let drawn_bytes = self.drawn_bytes.get_value();
        let passed = found.partition_point(|found| self.place_of(found).1 <= drawn_bytes);
        let next = found.get(passed).or(found.first().filter(|_| is_all));
        if let Some(next) = next {
            self.seek_found(next);
        }
        next.is_some()
    }

    /// Draws up to a match and no further, in whatever flood it is, and marks it.
    pub fn seek_found(self, found: &Found) {
        self.is_playing.set(false);
        let (event, bytes) = self.place_of(found);
        self.go_back_for(event, bytes);
        let drawn = self.drawn.get_value();
        self.with_screen(|screen| {
            self.draw(screen, drawn..event + 1, bytes);
            screen.mark(&found.place.text);
        });
        self.drawn.set_value(event);
        self.drawn_bytes.set_value(bytes);
        let pace = self.pace.get_untracked();
        self.at_ms.set(self.tape.with_value(|tape| tape.time_of(event, pace)));
    }

    /// The event with which a match is all drawn, and how many bytes were output up to its end.
    fn place_of(self, found: &Found) -> (usize, usize) {
        self.tape.with_value(|tape| {
            let output = tape.output_from(found.place.from, READ_AGAIN_BYTES_MAX);
            let drawn = found.place.drawn(output);
            let place = drawn.and_then(|bytes| Some((tape.event_with(found.event, bytes)?, bytes)));
            place.unwrap_or_else(|| (found.event, tape.output_of(found.event + 1)))
        })
    }

    /// The next of [`SPEEDS`], as far as there is one.
    pub fn change_speed(self, is_faster: bool) {
        let speed = self.speed.get_untracked();
        let next = match is_faster {
            true => SPEEDS.into_iter().find(|next| *next > speed),
            false => SPEEDS.into_iter().rev().find(|next| *next < speed),
        };
        if let Some(next) = next {
            self.speed.set(next);
        }
    }

    /// Keeps the moment that is shown, by another clock.
    pub fn set_pace(self, pace: Pace) {
        let before = self.pace.get_untracked();
        let at_ms = self.at_ms.get_untracked();
        self.pace.set(pace);
        self.at_ms.set(self.tape.with_value(|tape| tape.translated(at_ms, before, pace)));
        self.measure();
    }

    /// Looks a little further; whether all that is here was looked at.
    pub fn search(self, search: &mut Search) -> bool {
        self.plain.try_with_value(|plain| plain.search(search)).unwrap_or(true)
    }

    /// Up to when a search has looked, by the pace that is shown.
    pub fn searched_ms(self, search: &Search) -> u64 {
        self.time_of(self.plain.with_value(|plain| plain.reached(search)))
    }

    /// When an event was, by the pace that is shown.
    pub fn time_of(self, number: usize) -> u64 {
        let pace = self.pace.get();
        self.tape.with_value(|tape| tape.time_of(number, pace))
    }

    fn count_by(self, at_ms: u64) -> usize {
        let pace = self.pace.get_untracked();
        self.tape.with_value(|tape| tape.count_by(at_ms, pace))
    }

    fn show(self, count: usize, at_ms: u64) {
        let drawn = self.drawn.get_value();
        if count > drawn {
            self.with_screen(|screen| self.draw(screen, drawn..count, usize::MAX));
            self.drawn.set_value(count);
            self.drawn_bytes.set_value(self.tape.with_value(|tape| tape.output_of(count)));
        }
        self.at_ms.set(at_ms);
    }

    /// Draws these events, of their output what is not drawn yet and up to a byte. What follows one another is written
    /// at once.
    fn draw(self, screen: &Replay, numbers: Range<usize>, until: usize) {
        let drawn_bytes = self.drawn_bytes.get_value();
        self.tape.with_value(|tape| {
            let mut waiting = 0..0;
            for event in tape.events(numbers) {
                match &event.what {
                    What::Output(range) => {
                        let begins =
                            if waiting.is_empty() { range.start.max(drawn_bytes) } else { waiting.start };
                        waiting = begins..range.end.min(until);
                    }
                    other => {
                        screen.write(tape.bytes(&std::mem::take(&mut waiting)));
                        match other {
                            What::Resized(columns, rows) => screen.resize(*columns, *rows),
                            What::Gap(bytes) => screen.write(self.gap(*bytes).as_bytes()),
                            What::Full => screen.write(across(self.words.recording_full()).as_bytes()),
                            What::Output(_) | What::Ended => {}
                        }
                    }
                }
            }
            screen.write(tape.bytes(&waiting));
        });
    }

    fn gap(self, bytes: u64) -> String {
        let size = format::bytes(self.words, bytes);
        across(&self.words.recording_lost(&size))
    }

    fn with_screen(self, act: impl FnOnce(&Replay)) {
        self.screen.with_value(|screen| {
            if let Some(screen) = screen {
                act(screen);
            }
        });
    }
}

/// A line across what is drawn, which nobody takes for the device's.
fn across(text: &str) -> String {
    format!("\x1b[0m\r\n\x1b[7m {text} \x1b[0m\r\n")
}
