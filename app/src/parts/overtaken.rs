//! Somebody else saved while a form was open: what they saved can be taken over before one goes on.

use super::{Button, Task};
use crate::{api::ApiError, i18n::use_words};
use leptos::prelude::*;

/// Stands below the refusal that says so; `load` takes over what is stored now.
pub fn overtaken(task: Task, load: impl Fn() + Send + Sync + 'static) -> AnyView {
    let (words, error, load) = (use_words(), task.error(), Callback::new(move |()| load()));
    let is_overtaken = move || error.with(|error| matches!(error, Some(ApiError::Changed { .. })));
    view! {
        <Show when=is_overtaken>
            <p>
                <Button busy=task.is_pending() on:click=move |_| load.run(())>
                    {words.form_load_new()}
                </Button>
            </p>
        </Show>
    }
    .into_any()
}
