//! A WebSocket of this tab: opened with a one-time ticket, reopened with growing patience.
//!
//! It never trusts a line that is silent: the server says something at least every twenty seconds, so
//! a minute without a word is a lost line, whatever the browser believes.

use crate::{
    api::{ApiError, account::ticket},
    browser,
};
use leptos::{ev, prelude::*, task::spawn_local};
use model::Timestamp;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{MessageEvent, WebSocket};

const WAIT_MIN_MS: u64 = 500;
const WAIT_MAX_MS: u64 = 15_000;
/// A line that says nothing for so long is lost, and so is one that does not come to be.
const SILENCE_MAX_MS: i64 = 60_000;
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Who listens at a line.
pub trait Listener {
    fn path(&self) -> &'static str;
    /// What the ticket is for.
    fn purpose(&self) -> &'static str;
    /// The first message.
    fn hello(&self, ticket: String) -> Vec<u8>;
    /// Whether it was understood, and nothing missed; else the line begins again.
    fn hear(&self, message: &[u8]) -> bool;
    /// From now on what is shown is getting old: also when the line never came to be.
    fn lose(&self);
}

/// What the effects of one tab share.
pub struct Line {
    listener: Box<dyn Listener>,
    socket: RefCell<Option<WebSocket>>,
    wait_ms: Cell<u64>,
    /// Counts the attempts: what an earlier one started no longer matters.
    turn: Cell<u64>,
    heard_at: Cell<Timestamp>,
    /// The tab is leaving: do not come back.
    is_over: Cell<bool>,
}

/// Keeps a line open until its owner goes. To be called in an effect.
pub fn keep_open(listener: Box<dyn Listener>) -> Rc<Line> {
    let line = Rc::new(Line {
        listener,
        socket: RefCell::new(None),
        wait_ms: Cell::new(WAIT_MIN_MS),
        turn: Cell::new(0),
        heard_at: Cell::new(browser::now()),
        is_over: Cell::new(false),
    });
    dial(line.clone());
    let look = {
        let line = line.clone();
        move || {
            if browser::now().since_ms(line.heard_at.get()) > SILENCE_MAX_MS {
                try_later(line.clone());
            }
        }
    };
    let looking = set_interval_with_handle(look, LOOK_EVERY);
    let offline = window_event_listener(ev::offline, {
        let line = line.clone();
        move |_| try_later(line.clone())
    });
    let online = window_event_listener(ev::online, {
        let line = line.clone();
        move |_| {
            line.wait_ms.set(WAIT_MIN_MS);
            dial(line.clone());
        }
    });
    let ending = StoredValue::new_local(line.clone());
    on_cleanup(move || {
        offline.remove();
        online.remove();
        if let Ok(looking) = looking {
            looking.clear();
        }
        ending.with_value(|line| {
            line.is_over.set(true);
            line.begin();
        });
    });
    line
}

impl Line {
    pub fn say(&self, message: &[u8]) {
        if let Some(socket) = &*self.socket.borrow() {
            // A closing socket refuses, and its close event is on the way.
            drop(socket.send_with_u8_array(message));
        }
    }

    /// Begins a new attempt; the one before is over, and nobody waits for its farewell.
    fn begin(&self) -> u64 {
        if let Some(socket) = self.socket.take() {
            drop(socket.close());
        }
        self.heard_at.set(browser::now());
        self.turn.set(self.turn.get() + 1);
        self.turn.get()
    }

    /// Whether an attempt still counts. When not, the listener may be gone already with its page.
    fn is_current(&self, turn: u64) -> bool {
        !self.is_over.get() && self.turn.get() == turn
    }
}

fn dial(line: Rc<Line>) {
    if line.is_over.get() {
        return;
    }
    let turn = line.begin();
    spawn_local(async move {
        let answer = ticket(line.listener.purpose().to_owned()).await;
        if !line.is_current(turn) {
            return;
        }
        match answer {
            Ok(ticket) => open(line, turn, ticket),
            Err(ApiError::Unauthenticated) => browser::open("/login?ended"),
            Err(_) => try_later(line),
        }
    });
}

fn open(line: Rc<Line>, turn: u64, ticket: String) {
    let address = browser::socket_address(line.listener.path());
    let Some(socket) = address.and_then(|address| WebSocket::new(&address).ok()) else {
        return try_later(line);
    };
    let on_open = Closure::once_into_js({
        let line = line.clone();
        move || {
            if line.is_current(turn) {
                line.say(&line.listener.hello(ticket));
            }
        }
    });
    let on_message = {
        let line = line.clone();
        Closure::<dyn Fn(MessageEvent)>::new(move |event| {
            if line.is_current(turn) {
                hear(&line, &event);
            }
        })
        .into_js_value()
    };
    let on_close = Closure::once_into_js({
        let line = line.clone();
        move || {
            if line.is_current(turn) {
                try_later(line);
            }
        }
    });
    socket.set_binary_type(web_sys::BinaryType::Arraybuffer);
    socket.set_onopen(Some(on_open.unchecked_ref()));
    socket.set_onmessage(Some(on_message.unchecked_ref()));
    socket.set_onclose(Some(on_close.unchecked_ref()));
    line.socket.replace(Some(socket));
}

fn hear(line: &Rc<Line>, event: &MessageEvent) {
    line.heard_at.set(browser::now());
    let bytes = event.data().dyn_into::<js_sys::ArrayBuffer>().ok();
    if bytes.is_some_and(|bytes| line.listener.hear(&js_sys::Uint8Array::new(&bytes).to_vec())) {
        line.wait_ms.set(WAIT_MIN_MS);
    } else {
        // Why it was said is the server's to know: whose session has ended gets no new ticket, and so
        // finds the login page; anybody else comes back. An unknown word is a newer server's, and
        // after something was missed everything begins again.
        try_later(line.clone());
    }
}

/// Waits twice as long each time, a little differently in each tab, so that a restart is no herd.
fn try_later(line: Rc<Line>) {
    if line.is_over.get() {
        return;
    }
    let turn = line.begin();
    line.listener.lose();
    let wait = line.wait_ms.get();
    line.wait_ms.set((wait * 2).min(WAIT_MAX_MS));
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let wait = (wait as f64 * (0.75 + js_sys::Math::random() / 2.0)) as u64;
    let again = move || {
        if line.is_current(turn) {
            dial(line);
        }
    };
    browser::later(again, Duration::from_millis(wait));
}
