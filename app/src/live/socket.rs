//! The tab's one WebSocket: opened with a one-time ticket, reopened with growing patience.
//!
//! It never trusts a line that is silent: the server says something at least every twenty seconds, so
//! a minute without a word is a lost line, whatever the browser believes.

use super::{Fleet, Heard, Link};
use crate::{
    api::{ApiError, account::ticket, wire},
    browser,
};
use leptos::{ev, prelude::*, task::spawn_local};
use model::{FromBrowser, Timestamp};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{MessageEvent, WebSocket};

const PATH: &str = "/ws/live";
const WAIT_MIN_MS: u64 = 500;
const WAIT_MAX_MS: u64 = 15_000;
/// A line that says nothing for so long is lost, and so is one that does not come to be.
const SILENCE_MAX_MS: i64 = 60_000;
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Somebody who steps through the list watches the device at which they stop.
const WATCH_AFTER: Duration = Duration::from_millis(300);

/// What the effects of one tab share.
struct Line {
    fleet: Fleet,
    socket: RefCell<Option<WebSocket>>,
    wait_ms: Cell<u64>,
    /// Counts the attempts: what an earlier one started no longer matters.
    turn: Cell<u64>,
    heard_at: Cell<Timestamp>,
    /// The tab is leaving: do not come back.
    is_over: Cell<bool>,
}

/// Runs once, in an effect.
pub fn keep_open(fleet: Fleet) {
    let line = Rc::new(Line {
        fleet,
        socket: RefCell::new(None),
        wait_ms: Cell::new(WAIT_MIN_MS),
        turn: Cell::new(0),
        heard_at: Cell::new(browser::now()),
        is_over: Cell::new(false),
    });
    dial(line.clone());
    watch_device(line.clone());
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
    let line = StoredValue::new_local(line);
    on_cleanup(move || {
        offline.remove();
        online.remove();
        if let Ok(looking) = looking {
            looking.clear();
        }
        line.with_value(|line| {
            line.is_over.set(true);
            line.begin();
        });
    });
}

/// Tells the server which device is open; again on every reconnection, because the link is read here.
fn watch_device(line: Rc<Line>) {
    Effect::new(move |_| {
        let id = line.fleet.watched.id.get();
        if line.fleet.link() != Link::Live {
            return;
        }
        let line = line.clone();
        let say = move || line.say(&FromBrowser::Watch { id, interface: None });
        if let Some(waiting) = browser::later(say, WATCH_AFTER) {
            on_cleanup(move || waiting.clear());
        }
    });
}

impl Line {
    fn say(&self, message: &FromBrowser) {
        if let Some(socket) = &*self.socket.borrow() {
            // A closing socket refuses, and its close event is on the way.
            drop(socket.send_with_u8_array(&wire::encode(message)));
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

    /// Whether an attempt still counts. When not, the fleet may be gone already with its page.
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
        let answer = ticket("live".to_owned()).await;
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
    let socket = browser::socket_address(PATH).and_then(|address| WebSocket::new(&address).ok());
    let Some(socket) = socket else { return try_later(line) };
    let on_open = Closure::once_into_js({
        let line = line.clone();
        move || {
            if line.is_current(turn) {
                line.say(&FromBrowser::Hello { ticket });
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
    let message = bytes.and_then(|bytes| wire::decode(&js_sys::Uint8Array::new(&bytes).to_vec()));
    match message.map(|message| line.fleet.hear(message)) {
        Some(Heard::Understood) => line.wait_ms.set(WAIT_MIN_MS),
        // Why it was said is the server's to know: whose session has ended gets no new ticket, and so
        // finds the login page; anybody else comes back. An unknown word is a newer server's, and
        // after a missed change the fleet begins again.
        Some(Heard::Bye | Heard::Gap) | None => try_later(line.clone()),
    }
}

/// Waits twice as long each time, a little differently in each tab, so that a restart is no herd.
fn try_later(line: Rc<Line>) {
    if line.is_over.get() {
        return;
    }
    let turn = line.begin();
    line.fleet.lose();
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
