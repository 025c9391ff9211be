//! Removing a device, which cannot be undone.

use super::editor::Editor;
use crate::{api::devices::remove_device, parts::*};
use leptos::prelude::*;

pub fn remove(editor: Editor) -> AnyView {
    let (words, task, open) = (editor.words, Task::new(), RwSignal::new(false));
    let name = Signal::derive(move || {
        editor.stored.with(|device| device.as_ref().map(|device| device.name.clone()).unwrap_or_default())
    });
    let on_confirm = move |()| {
        let Some(device) = editor.stored.get_untracked() else { return };
        task.run(remove_device(device.id), move |()| {
            open.set(false);
            editor.removed(&device);
        });
    };
    view! {
        <section class="danger-zone">
            <div>
                <h3>{words.router_remove()}</h3>
                <p>{words.router_remove_text()}</p>
            </div>
            <Button look=Look::Danger on:click=move |_| open.set(true)>
                {words.action_remove()}
            </Button>
        </section>
        <ConfirmRemove
            open
            lost=words.router_remove_lost()
            name=name
            task
            on_confirm
        />
    }
    .into_any()
}
