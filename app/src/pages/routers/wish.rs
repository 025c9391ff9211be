//! Whether a device is to be watched: asked one after the other, of which the last counts. It would be left to chance
//! which of two that are on their way together arrives last.

use super::Roster;
use crate::{api::devices::set_device_enabled, i18n::Words, parts::Acts};
use leptos::prelude::*;
use model::{Device, DeviceId};
use std::cell::{Cell, RefCell};

thread_local! {
    /// What is on its way, and what was wanted meanwhile. It outlasts the list: who leaves at once was heard too.
    static ASKED: RefCell<Vec<(DeviceId, Option<Device>)>> = const { RefCell::new(Vec::new()) };
    /// The list that shows what came of it: the last that was opened.
    static SHOWN: Cell<Option<Roster>> = const { Cell::new(None) };
}

/// What was asked for in an earlier list shows in this one.
pub fn show_in(roster: Roster) {
    Effect::new(move |_| SHOWN.set(Some(roster)));
}

/// Asks for `device` to be as it is given, after what is on its way. Call from event handlers only.
pub fn make((words, acts): (Words, Acts), device: Device) {
    if let Some(roster) = SHOWN.get() {
        roster.put(device.clone());
    }
    let (id, enabled) = (device.id, device.enabled);
    let is_on_its_way = ASKED.with_borrow_mut(|asked| {
        let known = asked.iter_mut().find(|(other, _)| *other == id);
        let is_on_its_way = known.is_some();
        match known {
            Some((_, wanted)) => *wanted = Some(device.clone()),
            None => asked.push((id, None)),
        }
        is_on_its_way
    });
    if is_on_its_way {
        return;
    }
    let said = move |()| {
        if enabled { words.router_said_enabled(&device.name) } else { words.router_said_paused(&device.name) }
    };
    acts.run(set_device_enabled(id, enabled), said, move |is_done| {
        let wanted = ASKED.with_borrow_mut(|asked| {
            let place = asked.iter().position(|(other, _)| *other == id)?;
            asked.swap_remove(place).1
        });
        match (wanted, SHOWN.get()) {
            (Some(wanted), _) if !is_done || wanted.enabled != enabled => make((words, acts), wanted),
            (_, Some(roster)) => roster.refresh(),
            (_, None) => {}
        }
    });
}
