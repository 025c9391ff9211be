//! What stands around a list of things that people add, change and remove, and what its rows have in common.

use super::{Button, Dialog, Empty, Icon, IconName, Look, each};
use crate::i18n::use_words;
use leptos::prelude::*;
use std::sync::Arc;

/// The words of a list, and how it is drawn.
pub struct Listing {
    pub title: &'static str,
    pub lead: &'static str,
    /// While there is nothing: that it is so, and what to do next.
    pub empty: (&'static str, &'static str),
    /// What adds a line, for those who may.
    pub add: Option<(&'static str, Callback<()>)>,
    /// The classes of the list, and of the head over its columns.
    pub class: (&'static str, &'static str),
    /// What the columns are called; one for the acts comes last, and is called nothing.
    pub columns: Vec<&'static str>,
}

impl Listing {
    pub fn view(
        self,
        numbers: Signal<Vec<i64>>,
        row: impl Fn(i64) -> AnyView + Send + Sync + 'static,
    ) -> AnyView {
        let Self { title, lead, empty: (nothing, next), add, class: (class, head), columns } = self;
        let row = Arc::new(row);
        let rows = move || {
            let row = row.clone();
            each(move || numbers.get(), move |number| row(number))
        };
        let add = move || add.map(|(text, add)| add_button(text, add));
        let is_empty = Memo::new(move |_| numbers.with(Vec::is_empty));
        view! {
            <header class="page-head">
                <div>
                    <h1>{title}</h1>
                    <p>{lead}</p>
                </div>
                <Show when=move || !is_empty.get()>{add()}</Show>
            </header>
            <Show
                when=move || !is_empty.get()
                fallback=move || {
                    view! {
                        <Empty icon=IconName::Bell title=nothing text=next>
                            {add()}
                        </Empty>
                    }
                }
            >
                <div class=class role="table" aria-label=title>
                    {list_head(head, &columns)}
                    {rows()}
                </div>
            </Show>
        }
        .into_any()
    }
}

fn add_button(text: &'static str, add: Callback<()>) -> AnyView {
    view! {
        <Button look=Look::Primary on:click=move |_| add.run(())>
            <Icon name=IconName::Plus />
            {text}
        </Button>
    }
    .into_any()
}

/// The head over the columns of a list; one for the acts comes last.
pub fn list_head(class: &'static str, columns: &[&'static str]) -> AnyView {
    let words = use_words();
    let heads: Vec<_> =
        columns.iter().map(|column| view! { <span role="columnheader">{*column}</span> }).collect();
    view! {
        <div class=format!("list-head {class}") role="row">
            {heads}
            <span role="columnheader">
                <span class="hidden">{words.list_actions()}</span>
            </span>
        </div>
    }
    .into_any()
}

/// A button at the end of a row; `label` says of which one, to those who do not see that.
pub fn row_act(
    icon: IconName,
    text: &'static str,
    label: Signal<String>,
    act: impl Fn() + Send + Sync + 'static,
) -> AnyView {
    view! {
        <Button look=Look::Quiet attr:aria-label=move || label.get() on:click=move |_| act()>
            <Icon name=icon />
            {text}
        </Button>
    }
    .into_any()
}

/// The dialog that adds something or changes what was chosen; its form is made anew each time.
pub fn edit_dialog(
    open: RwSignal<bool>,
    title: impl Fn() -> String + Send + Sync + 'static,
    form: impl Fn() -> AnyView + Send + Sync + 'static,
) -> AnyView {
    view! {
        <Dialog open title=Signal::derive(title) firm=true wide=true>
            {form()}
        </Dialog>
    }
    .into_any()
}
