//! The tab's line to the fleet, and what it says there.

use super::{Fleet, Heard, Link};
use crate::{
    api::wire,
    browser,
    line::{self, Line, Listener},
};
use leptos::prelude::*;
use model::FromBrowser;
use std::{cell::Cell, rc::Rc, time::Duration};

/// Somebody who steps through the list watches the device at which they stop.
const WATCH_AFTER: Duration = Duration::from_millis(300);

impl Listener for Fleet {
    fn path(&self) -> &'static str {
        "/ws/live"
    }

    fn purpose(&self) -> &'static str {
        "live"
    }

    fn hello(&self, ticket: String) -> Vec<u8> {
        wire::encode(&FromBrowser::Hello { ticket })
    }

    fn hear(&self, message: &[u8]) -> bool {
        wire::decode(message).map(|message| Fleet::hear(*self, message)) == Some(Heard::Understood)
    }

    fn lose(&self) {
        Fleet::lose(*self);
    }
}

/// Runs once, in an effect.
pub fn keep_open(fleet: Fleet) {
    let line = line::keep_open(Box::new(fleet));
    watch_device(fleet, line.clone());
    watch_logs(fleet, line);
}

/// Tells the server which device is open; again on every reconnection, because the link is read here.
fn watch_device(fleet: Fleet, line: Rc<Line>) {
    Effect::new(move |_| {
        let id = fleet.watched.id.get();
        if fleet.link() != Link::Live {
            return;
        }
        let line = line.clone();
        let say = move || line.say(&wire::encode(&FromBrowser::Watch { id, interface: None }));
        if let Some(waiting) = browser::later(say, WATCH_AFTER) {
            on_cleanup(move || waiting.clear());
        }
    });
}

/// The same of logs. What was written down before the server knew is asked for once.
fn watch_logs(fleet: Fleet, line: Rc<Line>) {
    let has_said = Cell::new(false);
    Effect::new(move |_| {
        let scope = fleet.logs.scope.get();
        if fleet.link() != Link::Live || !(has_said.get() || scope.is_some()) {
            return;
        }
        has_said.set(true);
        line.say(&wire::encode(&FromBrowser::WatchLogs(scope)));
        if scope.is_some() {
            untrack(|| fleet.logs.have_news());
        }
    });
}
