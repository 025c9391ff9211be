//! Removing a device from its own page, which ends with it, or from the drawer, which closes.

use crate::{api::devices::remove_device, i18n::use_words, parts::*};
use leptos::prelude::*;
use leptos_router::{
    hooks::{use_location, use_navigate},
    location::Location,
};
use model::DeviceId;

#[component]
pub fn RemoveDialog(id: DeviceId, name: String, open: RwSignal<bool>) -> impl IntoView {
    let (words, acts, task) = (use_words(), Acts::new(), Task::new());
    let navigate = StoredValue::new(use_navigate());
    let location = use_location();
    let said = StoredValue::new(words.router_said_removed(&name));
    let on_confirm = move |()| {
        // Taken now: the feed may tell of the removal first, and this dialog is gone with its device.
        let (said, navigate) = (said.get_value(), navigate.with_value(Clone::clone));
        let list = list_behind(&location);
        task.run(remove_device(id), move |()| {
            acts.say(said);
            navigate(&list, Default::default());
        });
    };
    view! {
        <ConfirmRemove
            open
            lost=words.router_remove_lost()
            name=name
            task
            on_confirm
        />
    }
}

/// The dashboard, filtered as it is where the device is open beside it.
fn list_behind(location: &Location) -> String {
    if location.pathname.get_untracked() != "/" {
        return "/".to_owned();
    }
    let mut query = location.query.get_untracked();
    drop(query.remove("d"));
    format!("/{}", query.to_query_string())
}
