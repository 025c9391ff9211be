//! Removing a device, which cannot be undone.

use super::editor::Editor;
use crate::{api::devices::remove_device, parts::*};
use leptos::prelude::*;
use model::Device;

pub fn remove(editor: Editor, device: &Device) -> AnyView {
    let (words, task, open) = (editor.words, Task::new(), RwSignal::new(false));
    let name = device.name.clone();
    let device = StoredValue::new(device.clone());
    let on_confirm = move |()| {
        let device = device.get_value();
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
            title=words.router_remove_of(&name)
            lost=words.router_remove_lost()
            name=name
            task
            on_confirm
        />
    }
    .into_any()
}
