//! The line between a terminal's screen and the server: one WebSocket, opened with a one-time ticket.
//!
//! What is typed waits in a queue while the socket is full, so that a long paste is sent as fast as the device takes it
//! and nothing of it is lost. What is drawn is told back, so that a device that floods is held up by the screen.

use super::{
    budget::Budget,
    session::{Phase, Session},
};
use crate::{
    api::{ApiError, account::ticket, wire},
    browser::{self, Screen},
};
use js_sys::{ArrayBuffer, Uint8Array};
use leptos::{prelude::*, task::spawn_local};
use model::{
    FromTerminal, TERMINAL_AHEAD_MAX, TERMINAL_ANSWER, TERMINAL_BYTES, TERMINAL_WORD, TerminalStep,
    ToTerminal,
};
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
    time::Duration,
};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{BinaryType, MessageEvent, WebSocket};

/// Most bytes of one message with what was typed.
const PIECE_BYTES_MAX: usize = 16 * 1024;
/// More waits here, and not in the browser, where nothing can be taken back.
const BUFFERED_BYTES_MAX: u32 = 32 * 1024;
/// Until the socket is looked at again, while it is full.
const LOOK_AFTER: Duration = Duration::from_millis(10);
/// From here on a paste is long enough to be told of.
const TOLD_FROM_BYTES: usize = 64 * 1024;
/// The server is told so often what was drawn; it must not wait for what is not told yet.
const DRAWN_TOLD_BYTES: u32 = TERMINAL_AHEAD_MAX / 4;
/// What Ctrl-C types.
const INTERRUPT: &[u8] = b"\x03";

pub struct Line {
    session: Session,
    pub screen: Screen,
    socket: RefCell<Option<WebSocket>>,
    /// Counts the attempts: what an earlier one started no longer matters.
    turn: Cell<u64>,
    /// What was typed and is not sent yet.
    outbox: RefCell<VecDeque<u8>>,
    budget: Cell<Budget>,
    /// Somebody looks after the outbox already.
    is_looked_after: Cell<bool>,
    drawn_bytes: Cell<u32>,
}

impl Line {
    pub fn new(session: Session, screen: Screen) -> Self {
        Self {
            session,
            screen,
            socket: RefCell::new(None),
            turn: Cell::new(0),
            outbox: RefCell::new(VecDeque::new()),
            budget: Cell::new(Budget::new(browser::now())),
            is_looked_after: Cell::new(false),
            drawn_bytes: Cell::new(0),
        }
    }

    /// Ends this attempt, and begins to count another.
    pub fn hang_up(&self) -> u64 {
        if let Some(socket) = self.socket.take() {
            drop(socket.close());
        }
        self.outbox.take();
        self.budget.set(Budget::new(browser::now()));
        self.drawn_bytes.set(0);
        self.turn.set(self.turn.get() + 1);
        self.turn.get()
    }

    /// Connects.
    pub fn dial(self: &Rc<Self>) {
        let (line, turn) = (self.clone(), self.hang_up());
        self.session.forget();
        self.session.enter(Phase::Step(TerminalStep::Connecting));
        let purpose = format!("ssh:{}", self.session.target.with_value(|target| target.id));
        spawn_local(async move {
            let answer = ticket(purpose).await;
            if line.turn.get() != turn {
                return;
            }
            match answer {
                Ok(ticket) => line.open(turn, ticket),
                Err(ApiError::Unauthenticated) => browser::open("/login?ended"),
                Err(error) => line.session.enter(Phase::Refused(error)),
            }
        });
    }

    fn open(self: &Rc<Self>, turn: u64, ticket: String) {
        let path = format!("/ws/ssh/{}", self.session.target.with_value(|target| target.id));
        let socket = browser::socket_address(&path).and_then(|address| WebSocket::new(&address).ok());
        let Some(socket) = socket else { return self.session.enter(Phase::Gone) };
        let line = self.clone();
        let on_open = Closure::once_into_js(move || {
            let (columns, rows) = line.screen.size();
            line.in_turn(turn, || line.say(&FromTerminal::Hello { ticket, columns, rows }));
        });
        let line = self.clone();
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            line.in_turn(turn, || line.hear(&event));
        });
        let line = self.clone();
        let on_close = Closure::once_into_js(move || {
            line.in_turn(turn, || {
                line.hang_up();
                line.session.enter(Phase::Gone);
            });
        });
        socket.set_binary_type(BinaryType::Arraybuffer);
        socket.set_onopen(Some(on_open.unchecked_ref()));
        socket.set_onmessage(Some(on_message.into_js_value().unchecked_ref()));
        socket.set_onclose(Some(on_close.unchecked_ref()));
        self.socket.replace(Some(socket));
    }

    fn in_turn(&self, turn: u64, act: impl FnOnce()) {
        if self.turn.get() == turn {
            act();
        }
    }

    fn hear(&self, event: &MessageEvent) {
        let Ok(message) = event.data().dyn_into::<ArrayBuffer>() else { return };
        let message = Uint8Array::new(&message);
        let rest = message.subarray(1, message.length());
        if message.length() > 1 && message.get_index(0) == TERMINAL_BYTES {
            return self.screen.write(&rest);
        }
        let is_word = message.length() > 1 && message.get_index(0) == TERMINAL_WORD;
        let word = if is_word { wire::decode::<ToTerminal>(&rest.to_vec()) } else { None };
        let is_last = match word {
            Some(word) => {
                let is_open = matches!(word, ToTerminal::Open { .. });
                let is_last = self.session.hear(word);
                if is_open {
                    self.screen.focus();
                }
                is_last
            }
            // Another build's word.
            None => {
                self.session.enter(Phase::Refused(ApiError::Outdated));
                true
            }
        };
        if is_last {
            self.hang_up();
        }
    }

    /// Says something, once the line is open.
    pub fn say(&self, word: &FromTerminal) {
        let is_hello = matches!(word, FromTerminal::Hello { .. });
        if let Some(socket) = &*self.socket.borrow()
            && (is_hello || socket.ready_state() == WebSocket::OPEN)
        {
            let mut message = vec![TERMINAL_WORD];
            message.extend(wire::encode(word));
            // A closing socket refuses, and its close event is on the way.
            drop(socket.send_with_u8_array(&message));
        }
    }

    pub fn note_drawn(&self, bytes: u32) {
        let bytes = self.drawn_bytes.get() + bytes;
        let is_due = bytes >= DRAWN_TOLD_BYTES;
        self.drawn_bytes.set(if is_due { 0 } else { bytes });
        if is_due {
            self.say(&FromTerminal::Drawn { bytes });
        }
    }

    /// Sends what was typed, in its order; Ctrl-C comes before what was pasted and not sent yet, and in its place.
    pub fn type_in(self: &Rc<Self>, mut bytes: Vec<u8>) {
        let session = self.session;
        let may_begin = session.phase.with_untracked(|(_, phase)| phase.may_begin_again());
        if may_begin && bytes == b"\r" {
            return session.again();
        }
        if session.phase.with_untracked(|(_, phase)| *phase != Phase::Open) {
            return;
        }
        if session.has_ctrl.get_untracked() {
            session.has_ctrl.set(false);
            with_ctrl(&mut bytes);
        }
        if session.ends_at.get_untracked().is_some() {
            session.ends_at.set(None);
        }
        let mut outbox = self.outbox.borrow_mut();
        if bytes == INTERRUPT {
            outbox.clear();
        }
        outbox.extend(bytes);
        drop(outbox);
        self.empty_outbox();
    }

    /// Sends what the screen itself says to the device; behind a paste that is still being sent, as a part of it.
    pub fn answer(self: &Rc<Self>, bytes: Vec<u8>) {
        if self.session.phase.with_untracked(|(_, phase)| *phase != Phase::Open) {
            return;
        }
        let is_small = bytes.len() <= PIECE_BYTES_MAX;
        if self.outbox.borrow().is_empty() && is_small && self.may_send(bytes.len()) {
            if let Some(socket) = &*self.socket.borrow() {
                let message: Vec<u8> = std::iter::once(TERMINAL_ANSWER).chain(bytes).collect();
                // A closing socket refuses, and its close event is on the way.
                drop(socket.send_with_u8_array(&message));
            }
            return;
        }
        self.outbox.borrow_mut().extend(bytes);
        self.empty_outbox();
    }

    fn may_send(&self, bytes: usize) -> bool {
        let mut budget = self.budget.get();
        let may = budget.admits(bytes, browser::now());
        self.budget.set(budget);
        may
    }

    fn empty_outbox(self: &Rc<Self>) {
        let socket = self.socket.borrow().clone();
        let Some(socket) = socket else { return };
        let mut outbox = self.outbox.borrow_mut();
        while !outbox.is_empty() && socket.buffered_amount() < BUFFERED_BYTES_MAX {
            let piece = outbox.len().min(PIECE_BYTES_MAX);
            if !self.may_send(piece) {
                break;
            }
            let message: Vec<u8> = std::iter::once(TERMINAL_BYTES).chain(outbox.drain(..piece)).collect();
            // A closing socket refuses, and its close event is on the way.
            drop(socket.send_with_u8_array(&message));
        }
        let left = outbox.len();
        drop(outbox);
        let told = if left >= TOLD_FROM_BYTES { left } else { 0 };
        if self.session.left_bytes.get_untracked() != told {
            self.session.left_bytes.set(told);
        }
        if left > 0 && !self.is_looked_after.replace(true) {
            let line = self.clone();
            let look = move || {
                line.is_looked_after.set(false);
                if !line.session.phase.is_disposed() {
                    line.empty_outbox();
                }
            };
            browser::later(look, LOOK_AFTER);
        }
    }
}

/// One key as it is with Ctrl, by ASCII: the letter without its two highest bits. Longer input stays as it is.
fn with_ctrl(bytes: &mut [u8]) {
    if let [key] = bytes {
        *key = match *key {
            b' ' => 0,
            b'?' => 0x7f,
            b'@'..=b'~' => *key & 0x1f,
            other => other,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::with_ctrl;

    #[track_caller]
    fn check(typed: &[u8], sent: &[u8]) {
        let mut bytes = typed.to_vec();
        with_ctrl(&mut bytes);
        assert_eq!(bytes, sent, "{typed:?}");
    }

    #[test]
    fn a_key_with_ctrl_is_a_control_character() {
        check(b"c", b"\x03");
        check(b"C", b"\x03");
        check(b"[", b"\x1b");
        check(b" ", b"\0");
        check(b"?", b"\x7f");
    }

    #[test]
    fn what_has_no_control_character_stays_as_it_is() {
        check(b"1", b"1");
        check(b"\r", b"\r");
        check("я".as_bytes(), "я".as_bytes());
        check(b"\x1b[A", b"\x1b[A");
    }
}
