//! The question before something is lost for good.

use super::{Button, Dialog, ErrorNote, Field, Look, Task};
use crate::i18n::use_words;
use leptos::{ev, prelude::*};

/// Says what will be lost and waits until the `name` of it is typed.
#[component]
pub fn ConfirmRemove(
    open: RwSignal<bool>,
    /// Where it is not one thing that is asked about by its name.
    #[prop(optional, into)]
    title: Option<Signal<String>>,
    /// What is lost, and what stays.
    #[prop(into)]
    lost: Signal<String>,
    #[prop(into)] name: Signal<String>,
    task: Task,
    #[prop(into)] on_confirm: Callback<()>,
) -> impl IntoView {
    let words = use_words();
    let title = title.unwrap_or_else(|| Signal::derive(move || name.with(|name| words.remove_title(name))));
    let typed = RwSignal::new(String::new());
    Effect::new(move || {
        if open.get() {
            typed.set(String::new());
            task.forgive();
        }
    });
    let differs = Signal::derive(move || typed.with(|typed| name.with(|name| typed.trim() != name)));
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if !differs.get_untracked() {
            on_confirm.run(());
        }
    };
    view! {
        <Dialog open title firm=true>
            <form class="form" method="post" on:submit=on_submit>
                <p>{move || lost.get()}</p>
                <ErrorNote error=task.error() />
                <Field label=words.remove_type(&name.get_untracked()) name="confirm-name">
                    <input
                        class="input"
                        id="confirm-name"
                        autocomplete="off"
                        autocapitalize="none"
                        spellcheck="false"
                        autofocus=true
                        prop:value=move || typed.get()
                        on:input=move |event| typed.set(event_target_value(&event))
                    />
                </Field>
                <div class="form-foot">
                    <Button on:click=move |_| open.set(false)>{words.action_cancel()}</Button>
                    <Button look=Look::Danger submit=true busy=task.is_pending() disabled=differs>
                        {words.remove_do()}
                    </Button>
                </div>
            </form>
        </Dialog>
    }
}
