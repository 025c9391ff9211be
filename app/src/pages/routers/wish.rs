//! Whether a device is to be watched: asked one after the other, of which the last counts. It would be left to chance
//! which of two that are on their way together arrives last.

use super::Roster;
use crate::{api::devices::set_device_enabled, i18n::Words, parts::Acts};
use leptos::prelude::*;
use model::{Device, DeviceId};
use std::cell::{Cell, RefCell};

struct Wish {
    id: DeviceId,
    /// What is on its way, and what was wanted meanwhile.
    asked: bool,
    wanted: Option<bool>,
}

thread_local! {
    /// It outlasts the list: who leaves at once was heard too.
    static WISHES: RefCell<Vec<Wish>> = const { RefCell::new(Vec::new()) };
    /// The list that shows what came of it: the last that was opened.
    static SHOWN: Cell<Option<Roster>> = const { Cell::new(None) };
}

/// What was asked for in an earlier list shows in this one.
pub fn show_in(roster: Roster) {
    Effect::new(move |_| {
        SHOWN.set(Some(roster));
        roster.devices.update(|devices| lay_over(devices));
    });
}

/// Asks for a device to be watched or not, after what is on its way. Call from event handlers only.
pub fn make((words, acts): (Words, Acts), id: DeviceId, name: String, enabled: bool) {
    let is_on_its_way = WISHES.with_borrow_mut(|wishes| {
        let known = wishes.iter_mut().find(|wish| wish.id == id);
        let is_on_its_way = known.is_some();
        match known {
            Some(wish) => wish.wanted = Some(enabled),
            None => wishes.push(Wish { id, asked: enabled, wanted: None }),
        }
        is_on_its_way
    });
    if let Some(roster) = SHOWN.get() {
        roster.devices.update(|devices| lay_over(devices));
    }
    if is_on_its_way {
        return;
    }
    let told = name.clone();
    let said =
        move |()| if enabled { words.router_said_enabled(&told) } else { words.router_said_paused(&told) };
    acts.run(set_device_enabled(id, enabled), said, move |is_done| {
        let wanted = WISHES.with_borrow_mut(|wishes| {
            let place = wishes.iter().position(|wish| wish.id == id)?;
            wishes.swap_remove(place).wanted
        });
        match (wanted, SHOWN.get()) {
            (Some(wanted), _) if !is_done || wanted != enabled => make((words, acts), id, name, wanted),
            (_, Some(roster)) => roster.refresh(),
            (_, None) => {}
        }
    });
}

/// Whether something is on its way for this device: the list is asked for again when it is done.
pub fn is_made_for(id: DeviceId) -> bool {
    WISHES.with_borrow(|wishes| wishes.iter().any(|wish| wish.id == id))
}

/// What is wanted is shown, whatever the server knew when it was asked.
pub fn lay_over(devices: &mut [Device]) {
    WISHES.with_borrow(|wishes| {
        for wish in wishes {
            let device = devices.iter_mut().find(|device| device.id == wish.id);
            device.into_iter().for_each(|device| device.enabled = wish.wanted.unwrap_or(wish.asked));
        }
    });
}
