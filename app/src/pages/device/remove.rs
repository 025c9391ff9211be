//! Removing a device cannot be undone: what is lost is named, and the name must be typed.

use crate::{
    api::devices::remove_device,
    browser,
    i18n::use_words,
    parts::{Button, Dialog, ErrorNote, Look, TextField},
};
use leptos::{ev, prelude::*, task::spawn_local};
use model::DeviceId;

#[component]
pub fn RemoveDialog(id: DeviceId, name: String, open: RwSignal<bool>) -> impl IntoView {
    let words = use_words();
    let title = words.remove_title(&name);
    let name = StoredValue::new(name);
    view! {
        <Dialog open=open title=title>
            <Confirm id name open />
        </Dialog>
    }
}

#[component]
fn Confirm(id: DeviceId, name: StoredValue<String>, open: RwSignal<bool>) -> impl IntoView {
    let words = use_words();
    let (typed, busy, error) = (RwSignal::new(String::new()), RwSignal::new(false), RwSignal::new(None));
    let is_wrong = move || name.with_value(|name| typed.with(|typed| typed.trim() != name));
    let remove = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if untrack(is_wrong) {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            match remove_device(id).await {
                Ok(()) => browser::open("/"),
                Err(failed) => {
                    busy.set(false);
                    error.set(Some(failed));
                }
            }
        });
    };
    view! {
        <form class="dialog-form" on:submit=remove>
            <p>{words.remove_text()}</p>
            <ErrorNote error />
            <TextField
                label=words.remove_type(&name.get_value())
                name="confirm-name"
                value=typed
                autocomplete="off"
            />
            <div class="dialog-acts">
                <Button on:click=move |_| open.set(false)>{words.action_cancel()}</Button>
                <Button look=Look::Danger submit=true busy disabled=Signal::derive(is_wrong)>
                    {words.remove_do()}
                </Button>
            </div>
        </form>
    }
}
