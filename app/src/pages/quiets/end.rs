//! Ending a window before its time.

use super::Quiets;
use crate::{api::quiets::end_quiet, i18n::use_words, parts::*};
use leptos::prelude::*;
use model::Recurs;

#[component]
pub fn EndQuiet(quiets: Quiets, open: RwSignal<bool>) -> impl IntoView {
    let words = use_words();
    let name = move || quiets.chosen.with(|chosen| chosen.as_ref().map(|quiet| quiet.draft.title.clone()));
    let title = move || words.quiet_end_of(&name().unwrap_or_default());
    view! {
        <Dialog open title=Signal::derive(title)>
            {question(quiets, open)}
        </Dialog>
    }
}

fn question(quiets: Quiets, open: RwSignal<bool>) -> AnyView {
    let (words, acts, task) = (use_words(), Acts::new(), Task::new());
    let Some(quiet) = quiets.chosen.get_untracked() else { return ().into_any() };
    let comes_again = quiet.draft.plan.recurs != Recurs::Once;
    let id = quiet.id;
    let end = move |only_current: bool| {
        task.run(end_quiet(id, only_current), move |ended| {
            acts.say(words.quiet_said_ended(&ended.draft.title));
            open.try_set(false);
            quiets.refresh();
        });
    };
    let only_current = (comes_again && quiet.current.is_some()).then(|| {
        view! {
            <Button busy=task.is_pending() on:click=move |_| end(true)>
                {words.quiet_end_current()}
            </Button>
        }
    });
    let end_all = if comes_again { words.quiet_end_all() } else { words.quiet_end() };
    view! {
        <div class="form">
            <p>{words.quiet_end_text()}</p>
            <ErrorNote error=task.error() />
            <div class="form-foot">
                <Button on:click=move |_| open.set(false)>{words.action_cancel()}</Button>
                {only_current}
                <Button look=Look::Primary busy=task.is_pending() on:click=move |_| end(false)>
                    {end_all}
                </Button>
            </div>
        </div>
    }
    .into_any()
}
