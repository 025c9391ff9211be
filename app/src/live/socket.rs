//! The tab's one WebSocket: opened with a one-time ticket, reopened with growing patience.

use super::{Fleet, Heard};
use crate::{
    api::{ApiError, account::ticket, wire},
    browser,
};
use leptos::{prelude::*, task::spawn_local};
use model::FromBrowser;
use std::{cell::RefCell, rc::Rc, time::Duration};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{MessageEvent, WebSocket};

const PATH: &str = "/ws/live";
const WAIT_MIN_MS: u64 = 500;
const WAIT_MAX_MS: u64 = 15_000;

/// What the effects of one tab share.
struct Line {
    fleet: Fleet,
    socket: RefCell<Option<WebSocket>>,
    wait_ms: RefCell<u64>,
    /// The tab is leaving: do not come back.
    is_over: RefCell<bool>,
}

/// Runs once, in an effect.
pub fn keep_open(fleet: Fleet) {
    let line = Rc::new(Line {
        fleet,
        socket: RefCell::new(None),
        wait_ms: RefCell::new(WAIT_MIN_MS),
        is_over: RefCell::new(false),
    });
    dial(line.clone());
    Effect::new({
        let line = line.clone();
        move |_| {
            // Sent again on every reconnection, because the link is read here.
            let id = fleet.watched.id.get();
            if fleet.link() == super::Link::Live {
                line.say(&FromBrowser::Watch { id, interface: None });
            }
        }
    });
    let line = leptos::prelude::StoredValue::new_local(line);
    on_cleanup(move || {
        line.with_value(|line| {
            line.is_over.replace(true);
            if let Some(socket) = line.socket.take() {
                drop(socket.close());
            }
        });
    });
}

impl Line {
    fn say(&self, message: &FromBrowser) {
        if let Some(socket) = &*self.socket.borrow() {
            // A closing socket refuses, and its close event is on the way.
            drop(socket.send_with_u8_array(&wire::encode(message)));
        }
    }
}

fn dial(line: Rc<Line>) {
    if *line.is_over.borrow() {
        return;
    }
    spawn_local(async move {
        match ticket("live".to_owned()).await {
            Ok(ticket) => open(line, ticket),
            Err(ApiError::Unauthenticated) => browser::open("/login"),
            Err(_) => try_later(line),
        }
    });
}

fn open(line: Rc<Line>, ticket: String) {
    let socket = browser::socket_address(PATH).and_then(|address| WebSocket::new(&address).ok());
    let Some(socket) = socket else { return try_later(line) };
    let on_open = Closure::once_into_js({
        let line = line.clone();
        move || line.say(&FromBrowser::Hello { ticket })
    });
    let on_message = {
        let (line, socket) = (line.clone(), socket.clone());
        Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let bytes = event.data().dyn_into::<js_sys::ArrayBuffer>().ok();
            let message = bytes.and_then(|bytes| wire::decode(&js_sys::Uint8Array::new(&bytes).to_vec()));
            match message.map(|message| line.fleet.hear(message)) {
                Some(Heard::Understood) => drop(line.wait_ms.replace(WAIT_MIN_MS)),
                Some(Heard::Bye) => browser::open("/login"),
                // A newer server speaks otherwise, or a change was lost: begin again.
                Some(Heard::Gap) | None => drop(socket.close()),
            }
        })
        .into_js_value()
    };
    let on_close = Closure::once_into_js({
        let line = line.clone();
        move || {
            line.socket.take();
            line.fleet.lose();
            try_later(line);
        }
    });
    socket.set_binary_type(web_sys::BinaryType::Arraybuffer);
    socket.set_onopen(Some(on_open.unchecked_ref()));
    socket.set_onmessage(Some(on_message.unchecked_ref()));
    socket.set_onclose(Some(on_close.unchecked_ref()));
    line.socket.replace(Some(socket));
}

/// Waits twice as long each time, a little differently in each tab, so that a restart is no herd.
fn try_later(line: Rc<Line>) {
    line.fleet.lose();
    let wait = *line.wait_ms.borrow();
    line.wait_ms.replace((wait * 2).min(WAIT_MAX_MS));
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let wait = (wait as f64 * (0.75 + js_sys::Math::random() / 2.0)) as u64;
    set_timeout(move || dial(line), Duration::from_millis(wait));
}
