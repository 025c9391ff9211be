//! One terminal of the page: how it stands, and what may be done with it.

use super::line::Line;
use crate::{
    api::ApiError,
    browser::{self, Screen, Told},
};
use leptos::{prelude::*, task::spawn_local};
use model::{
    DeviceId, FromTerminal, LoginAsked, TerminalEnd, TerminalQuestion, TerminalStep, Timestamp, ToTerminal,
};
use send_wrapper::SendWrapper;
use std::rc::Rc;
use web_sys::HtmlElement;

/// The device behind a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub id: DeviceId,
    pub name: String,
}

/// How far a terminal is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The screen is being fetched.
    Waiting,
    Step(TerminalStep),
    HostKey {
        host: String,
        algorithm: String,
        fingerprint: String,
    },
    Ask {
        title: String,
        questions: Vec<TerminalQuestion>,
        /// It is a login that is asked for, not by the device.
        login: Option<LoginAsked>,
        /// The same was answered just now: that answer was not taken.
        is_again: bool,
    },
    Open,
    Ended(TerminalEnd),
    /// This server would not begin.
    Refused(ApiError),
    /// Somebody cancelled it.
    GivenUp,
    /// The line to this server broke.
    Gone,
    /// The screen did not come.
    NoScreen,
}

impl Phase {
    /// Whether a new attempt may be offered: not to a device that is not there any more.
    pub fn may_begin_again(&self) -> bool {
        match self {
            Phase::Ended(TerminalEnd::Removed) | Phase::Refused(ApiError::NotFound) => false,
            Phase::Ended(_) | Phase::Refused(_) | Phase::GivenUp | Phase::Gone | Phase::NoScreen => true,
            Phase::Waiting | Phase::Step(_) | Phase::HostKey { .. } | Phase::Ask { .. } | Phase::Open => {
                false
            }
        }
    }
}

/// Copy it into closures.
#[derive(Clone, Copy)]
pub struct Session {
    pub target: StoredValue<Target>,
    /// How often the phase changed, and what it is: a phase of the same kind is another one.
    pub phase: RwSignal<(u32, Phase)>,
    pub is_recorded: RwSignal<bool>,
    /// Of what follows only a little is recorded.
    pub is_recording_full: RwSignal<bool>,
    /// Nothing is recorded just now.
    pub is_unrecorded: RwSignal<bool>,
    /// When it ends unless somebody is there.
    pub ends_at: RwSignal<Option<Timestamp>>,
    pub watchers: RwSignal<u32>,
    /// Columns and rows.
    pub size: RwSignal<(u16, u16)>,
    pub has_picked: RwSignal<bool>,
    /// The next key is pressed with Ctrl.
    pub has_ctrl: RwSignal<bool>,
    pub is_searching: RwSignal<bool>,
    /// Which match is shown, and of how many.
    pub found: RwSignal<(u32, u32)>,
    /// The link that somebody wants to follow.
    pub link: RwSignal<Option<String>>,
    /// The lines that are to be pasted, while that is asked.
    pub pasting: RwSignal<Option<String>>,
    /// What of a long paste is still to be sent, in bytes.
    pub left_bytes: RwSignal<usize>,
    line: StoredValue<Option<SendWrapper<Rc<Line>>>>,
    /// What was asked last in this attempt.
    asked: StoredValue<Vec<TerminalQuestion>>,
    /// Counts the screens: one that comes after its tab was closed is not wanted any more.
    turn: StoredValue<u32>,
}

impl Session {
    pub fn new(target: Target) -> Self {
        Self {
            target: StoredValue::new(target),
            phase: RwSignal::new((0, Phase::Waiting)),
            is_recorded: RwSignal::new(false),
            is_recording_full: RwSignal::new(false),
            is_unrecorded: RwSignal::new(false),
            ends_at: RwSignal::new(None),
            watchers: RwSignal::new(0),
            size: RwSignal::new((0, 0)),
            has_picked: RwSignal::new(false),
            has_ctrl: RwSignal::new(false),
            is_searching: RwSignal::new(false),
            found: RwSignal::new((0, 0)),
            link: RwSignal::new(None),
            pasting: RwSignal::new(None),
            left_bytes: RwSignal::new(0),
            line: StoredValue::new(None),
            asked: StoredValue::new(Vec::new()),
            turn: StoredValue::new(0),
        }
    }

    /// Begins anew: opens its screen in an element, and then the line to the device. Call it from an effect.
    pub fn begin(self, host: HtmlElement, label: String) {
        for was in [self.has_picked, self.has_ctrl, self.is_searching] {
            was.set(false);
        }
        self.enter(Phase::Waiting);
        let turn = self.turn.get_value();
        spawn_local(async move {
            let screen = Screen::open(&host, &label, move |told| self.hear_screen(told)).await;
            match (screen, self.turn.try_get_value() == Some(turn)) {
                (Some(screen), true) => {
                    self.size.set(screen.size());
                    let line = Rc::new(Line::new(self, screen));
                    self.line.set_value(Some(SendWrapper::new(line.clone())));
                    line.dial();
                }
                (Some(screen), false) => screen.dispose(),
                (None, true) => self.enter(Phase::NoScreen),
                (None, false) => {}
            }
        });
    }

    /// Tries again.
    pub fn again(self) {
        match self.line.try_get_value().flatten() {
            Some(line) => {
                line.screen.calm();
                line.dial();
            }
            // Without its screen the page is of no use.
            None => browser::reload(),
        }
    }

    /// Ends it with all that belongs to it.
    pub fn end(self) {
        self.turn.try_update_value(|turn| *turn += 1);
        if let Some(line) = self.line.try_update_value(Option::take).flatten() {
            line.hang_up();
            line.screen.dispose();
        }
    }

    /// Does something with the screen, if it is there.
    pub fn on_screen(self, act: impl FnOnce(&Screen)) {
        self.with_line(|line| act(&line.screen));
    }

    /// Says something to the server, and gives the keyboard back to the screen.
    pub fn say(self, word: &FromTerminal) {
        self.ends_at.set(None);
        self.with_line(|line| {
            line.say(word);
            line.screen.focus();
        });
    }

    /// Answers a question, or agrees to a key: until the server says more, it is at work.
    pub fn go_on(self, word: &FromTerminal) {
        self.enter(Phase::Step(TerminalStep::SigningIn));
        self.say(word);
    }

    /// Gives up what is being tried.
    pub fn give_up(self) {
        self.with_line(|line| {
            line.say(&FromTerminal::GiveUp);
            line.hang_up();
        });
        self.enter(Phase::GivenUp);
    }

    /// Goes over to a phase; of a page that is gone nothing is left to do.
    pub fn enter(self, phase: Phase) {
        self.phase.try_update(|(count, now)| {
            *count += 1;
            *now = phase;
        });
    }

    /// Whether something would be lost with it.
    pub fn is_open(self) -> bool {
        self.phase.with(|(_, phase)| *phase == Phase::Open)
    }

    fn with_line(self, act: impl FnOnce(&Rc<Line>)) {
        // Out of the store first: what is called may come back here.
        if let Some(line) = self.line.try_get_value().flatten() {
            act(&line);
        }
    }

    fn hear_screen(self, told: Told) {
        match told {
            Told::Typed(bytes) => self.with_line(|line| line.type_in(bytes)),
            Told::Answer(bytes) => self.with_line(|line| line.answer(bytes)),
            Told::Drawn(bytes) => self.with_line(|line| line.note_drawn(bytes)),
            Told::Size(columns, rows) => {
                self.size.try_set((columns, rows));
                self.with_line(|line| line.say(&FromTerminal::Resize { columns, rows }));
            }
            Told::Picked(has) => _ = self.has_picked.try_set(has),
            Told::Found(at, of) => _ = self.found.try_set((at, of)),
            Told::Link(uri) => _ = self.link.try_set(Some(uri)),
            Told::Search => _ = self.is_searching.try_set(true),
            // Where nothing is typed, nothing is pasted.
            Told::Pasting(text) => {
                if self.phase.try_with_untracked(|(_, phase)| *phase == Phase::Open) == Some(true) {
                    self.pasting.set(Some(text));
                }
            }
        }
    }

    /// What the server says. Whether that was its last word.
    pub(super) fn hear(self, word: ToTerminal) -> bool {
        match word {
            ToTerminal::Step(step) => self.enter(Phase::Step(step)),
            ToTerminal::HostKey { host, algorithm, fingerprint } => {
                self.enter(Phase::HostKey { host, algorithm, fingerprint });
            }
            ToTerminal::Ask { title, questions, login } => {
                let is_again = !questions.is_empty() && self.asked.get_value() == questions;
                self.asked.set_value(questions.clone());
                self.enter(Phase::Ask { title, questions, login, is_again });
            }
            ToTerminal::Open { recording } => {
                self.is_recorded.set(recording.is_some());
                self.enter(Phase::Open);
            }
            ToTerminal::Idle { seconds_left } => {
                self.ends_at.set(Some(Timestamp(browser::now().0 + i64::from(seconds_left) * 1000)));
            }
            ToTerminal::Watched { by } => self.watchers.set(by),
            ToTerminal::RecordingFull => self.is_recording_full.set(true),
            ToTerminal::Unrecorded { is_now } => self.is_unrecorded.set(is_now),
            ToTerminal::Ended(end) => {
                self.is_unrecorded.set(false);
                self.enter(Phase::Ended(end));
                return true;
            }
        }
        false
    }

    /// A new attempt begins with nothing of the last one.
    pub(super) fn forget(self) {
        self.is_recorded.set(false);
        self.is_recording_full.set(false);
        self.is_unrecorded.set(false);
        self.ends_at.set(None);
        self.watchers.set(0);
        self.left_bytes.set(0);
        self.asked.set_value(Vec::new());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_is_gone_is_not_offered_again_and_what_else_ended_is() {
        let lost = TerminalEnd::Lost { why: "reset".to_owned() };
        for ended in [TerminalEnd::Changed, TerminalEnd::Closed { exit_code: None }, lost] {
            assert!(Phase::Ended(ended.clone()).may_begin_again(), "{ended:?}");
        }
        assert!(Phase::GivenUp.may_begin_again());
        assert!(Phase::Gone.may_begin_again() && Phase::Refused(ApiError::Unavailable).may_begin_again());
        assert!(!Phase::Ended(TerminalEnd::Removed).may_begin_again());
        assert!(!Phase::Refused(ApiError::NotFound).may_begin_again());
        assert!(!Phase::Open.may_begin_again() && !Phase::Waiting.may_begin_again());
    }
}
