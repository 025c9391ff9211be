//! Removing a device from its own page, which ends with it.

use crate::{api::devices::remove_device, i18n::use_words, parts::*};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use model::DeviceId;

#[component]
pub fn RemoveDialog(id: DeviceId, name: String, open: RwSignal<bool>) -> impl IntoView {
    let (words, acts, task) = (use_words(), Acts::new(), Task::new());
    let navigate = StoredValue::new_local(use_navigate());
    let said = StoredValue::new(words.router_said_removed(&name));
    let on_confirm = move |()| {
        task.run(remove_device(id), move |()| {
            open.set(false);
            acts.say(said.get_value());
            navigate.with_value(|navigate| navigate("/", Default::default()));
        });
    };
    view! {
        <ConfirmRemove
            open
            title=words.remove_title(&name)
            lost=words.router_remove_lost()
            name=name
            task
            on_confirm
        />
    }
}
