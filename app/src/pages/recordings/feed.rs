//! Where a player's tape comes from: parts that are stored, or the socket while the session goes on.

use super::deck::{Deck, Phase};
use crate::{
    api::{ApiError, account::ticket, recordings::load_recorded, wire},
    browser,
};
use leptos::{prelude::*, task::spawn_local};
use model::{FromWatcher, RecordedAt, RecordingId, ToWatcher};
use std::{cell::Cell, rc::Rc, time::Duration};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{MessageEvent, WebSocket};

/// How long a lost line waits before it is tried again.
const AGAIN_AFTER: Duration = Duration::from_secs(2);
/// A line that says nothing for so long is lost: the server says something every twenty seconds.
const SILENCE_MAX_MS: i64 = 60_000;
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Loads part after part; what was loaded can be played meanwhile.
pub async fn load_all(deck: Deck, id: RecordingId) {
    let mut from = Some(0);
    while let Some(chunk) = from {
        match load_recorded(id, chunk).await {
            Ok(part) => {
                if !deck.add(&part.events) {
                    return;
                }
                from = part.next;
                if deck.phase.get_untracked() == Phase::Loading {
                    deck.phase.set(Phase::Ready);
                }
            }
            Err(error) => {
                deck.phase.try_set(Phase::Failed(error));
                return;
            }
        }
    }
    deck.finish();
}

/// What the tries of one player share.
struct Line {
    deck: Deck,
    id: RecordingId,
    /// From where the next try goes on.
    at: Cell<RecordedAt>,
    heard_at_ms: Cell<i64>,
    /// Counts the tries: what an earlier one began no longer matters.
    turn: Cell<u64>,
    is_over: Cell<bool>,
    socket: Cell<Option<WebSocket>>,
}

/// Shows what comes until the session is over, or the page goes. Runs once, in an effect.
pub fn follow(deck: Deck, id: RecordingId) {
    let line = Rc::new(Line {
        deck,
        id,
        at: Cell::default(),
        heard_at_ms: Cell::new(browser::now().0),
        turn: Cell::new(0),
        is_over: Cell::new(false),
        socket: Cell::new(None),
    });
    dial(line.clone());
    let look = {
        let line = line.clone();
        move || {
            if browser::now().0 - line.heard_at_ms.get() > SILENCE_MAX_MS {
                dial(line.clone());
            }
        }
    };
    let looking = set_interval_with_handle(look, LOOK_EVERY);
    let line = StoredValue::new_local(line);
    on_cleanup(move || {
        if let Ok(looking) = looking {
            looking.clear();
        }
        line.with_value(|line| line.end());
    });
}

impl Line {
    fn begin(&self) -> u64 {
        if let Some(socket) = self.socket.take() {
            drop(socket.close());
        }
        self.heard_at_ms.set(browser::now().0);
        self.turn.set(self.turn.get() + 1);
        self.turn.get()
    }

    fn is_current(&self, turn: u64) -> bool {
        !self.is_over.get() && self.turn.get() == turn
    }

    fn end(&self) {
        self.begin();
        self.is_over.set(true);
    }
}

fn dial(line: Rc<Line>) {
    if line.is_over.get() {
        return;
    }
    let turn = line.begin();
    spawn_local(async move {
        let answer = ticket(format!("watch:{}", line.id)).await;
        if !line.is_current(turn) {
            return;
        }
        match answer {
            Ok(ticket) => open(&line, turn, ticket),
            Err(ApiError::Unreachable | ApiError::Unavailable | ApiError::TooMany { .. }) => {
                later(line, turn)
            }
            Err(error) => {
                line.end();
                line.deck.phase.try_set(Phase::Failed(error));
            }
        }
    });
}

fn later(line: Rc<Line>, turn: u64) {
    browser::later(
        move || {
            if line.is_current(turn) {
                dial(line);
            }
        },
        AGAIN_AFTER,
    );
}

fn open(line: &Rc<Line>, turn: u64, ticket: String) {
    let address = browser::socket_address(&format!("/ws/watch/{}", line.id));
    let Some(socket) = address.and_then(|address| WebSocket::new(&address).ok()) else {
        return later(line.clone(), turn);
    };
    let on_open = Closure::once_into_js({
        let (line, socket) = (line.clone(), socket.clone());
        move || {
            let hello = FromWatcher::Hello { ticket, from: line.at.get() };
            // A closing socket refuses, and its close event is on the way.
            drop(socket.send_with_u8_array(&wire::encode(&hello)));
        }
    });
    let on_message = {
        let line = line.clone();
        Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
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
                later(line, turn);
            }
        }
    });
    socket.set_binary_type(web_sys::BinaryType::Arraybuffer);
    socket.set_onopen(Some(on_open.unchecked_ref()));
    socket.set_onmessage(Some(on_message.unchecked_ref()));
    socket.set_onclose(Some(on_close.unchecked_ref()));
    line.socket.set(Some(socket));
}

fn hear(line: &Line, event: &MessageEvent) {
    line.heard_at_ms.set(browser::now().0);
    let bytes = event.data().dyn_into::<js_sys::ArrayBuffer>().ok();
    let word = bytes.and_then(|bytes| wire::decode(&js_sys::Uint8Array::new(&bytes).to_vec()));
    match word {
        Some(ToWatcher::Events { events, next }) => {
            line.at.set(next);
            if !line.deck.add(&events) {
                line.end();
            }
        }
        // From now on it can be played like any other.
        Some(ToWatcher::Over { end }) => {
            line.end();
            line.deck.finish();
            line.deck.ended.try_set(end);
            line.deck.phase.try_set(Phase::Ready);
        }
        // The close event follows, and with it another try: whoever may not any more gets no ticket.
        Some(ToWatcher::Alive | ToWatcher::Bye { .. }) | None => {}
    }
}
