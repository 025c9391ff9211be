//! The foot of a form in a dialog.

use super::{Button, Look, Task};
use crate::i18n::use_words;
use leptos::prelude::*;

/// Away with the dialog, or on with what it asks.
pub fn form_foot(open: RwSignal<bool>, task: Task, submit: &'static str) -> AnyView {
    let words = use_words();
    view! {
        <div class="form-foot">
            <Button on:click=move |_| open.set(false)>{words.action_cancel()}</Button>
            <Button look=Look::Primary submit=true busy=task.is_pending()>
                {submit}
            </Button>
        </div>
    }
    .into_any()
}
