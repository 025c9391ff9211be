//! A likely parent, taken over with one press.

use super::editor::Editor;
use crate::{api::devices::load_device_page, parts::*};
use leptos::{prelude::*, task::spawn_local};
use model::DeviceId;

/// Nothing where there is a parent, or none is likely.
pub fn suggested(editor: Editor) -> AnyView {
    let (words, form) = (editor.words, editor.form);
    let found = RwSignal::new(None::<DeviceId>);
    let own = Memo::new(move |_| editor.stored.with(|device| device.as_ref().map(|device| device.id)));
    Effect::new(move |_| {
        if let Some(id) = own.get() {
            spawn_local(async move {
                if let Ok(page) = load_device_page(id).await {
                    found.try_set(page.suggested_parent);
                }
            });
        }
    });
    let likely = Memo::new(move |_| {
        let id = found.get().filter(|_| form.with(|form| form.parent.is_none()))?;
        editor
            .roster
            .devices
            .with(|all| all.iter().find(|device| device.id == id).map(|device| (id, device.name.clone())))
    });
    let take = move |_| {
        let id = likely.get_untracked().map(|(id, _)| id);
        form.update(|form| form.parent = id);
    };
    let text = move || likely.get().map(|(_, name)| words.router_suggested(&name));
    view! {
        <Show when=move || likely.with(Option::is_some)>
            <Button on:click=take>{text}</Button>
        </Show>
    }
    .into_any()
}
