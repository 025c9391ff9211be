//! Whether a device is to be watched: asked one after the other, of which the last counts. It would be left to chance
//! which of two that are on their way together arrives last.

use super::Roster;
use crate::{api::devices::set_device_enabled, i18n::Words, parts::Acts};
use model::{Device, DeviceId};
use std::cell::RefCell;

thread_local! {
    /// What is on its way, and what was wanted meanwhile. It outlasts the list: who leaves at once was heard too.
    static ASKED: RefCell<Vec<(DeviceId, Option<bool>)>> = const { RefCell::new(Vec::new()) };
}

/// Asks for `device` to be as it is given, after what is on its way. Call from event handlers only.
pub fn make(roster: Roster, (words, acts): (Words, Acts), device: Device) {
    roster.put(device.clone());
    let enabled = device.enabled;
    let is_on_its_way = ASKED.with_borrow_mut(|asked| {
        let known =
            asked.iter_mut().find(|(id, _)| *id == device.id).map(|(_, wanted)| *wanted = Some(enabled));
        if known.is_none() {
            asked.push((device.id, None));
        }
        known.is_some()
    });
    if is_on_its_way {
        return;
    }
    let name = device.name.clone();
    let said =
        move |()| if enabled { words.router_said_enabled(&name) } else { words.router_said_paused(&name) };
    acts.run(set_device_enabled(device.id, enabled), said, move |is_done| {
        let wanted = ASKED.with_borrow_mut(|asked| {
            let place = asked.iter().position(|(id, _)| *id == device.id)?;
            asked.swap_remove(place).1
        });
        match wanted {
            Some(wanted) if !is_done || wanted != enabled => {
                make(roster, (words, acts), Device { enabled: wanted, ..device });
            }
            _ => roster.refresh(),
        }
    });
}
