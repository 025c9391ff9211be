//! Above the table: the filter, how much of the fleet it shows, and which columns there are.

use super::{board::Board, columns::Column};
use crate::{
    i18n::use_words,
    parts::{Icon, IconName, Look},
    use_visitor,
};
use leptos::{ev, prelude::*};

/// The filter's field, for the key that leads to it.
pub const FILTER_ID: &str = "filter";

#[component]
pub fn Toolbar(board: Board) -> impl IntoView {
    let words = use_words();
    let is_admin = use_visitor().is_admin();
    let leave = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            // One press, one act: the list has a use for this key too.
            event.stop_propagation();
            board.set_filter(String::new());
            crate::browser::element("main").inspect(|main| drop(main.focus()));
        }
    };
    let told = move || {
        let (shown, all) = (board.shown.with(|shown| shown.len()), board.fleet.counts().total());
        let is_filtered = board.filter.with(|filter| !filter.is_empty());
        is_filtered.then(|| words.toolbar_shown(&all, &shown))
    };
    view! {
        <div class="toolbar">
            <label class="filter">
                <Icon name=IconName::Search />
                <span class="hidden">{words.toolbar_filter()}</span>
                <input
                    id=FILTER_ID
                    class="input"
                    type="search"
                    placeholder="state:down site:bandung ros:<7.15"
                    autocomplete="off"
                    spellcheck="false"
                    value=board.text.get_untracked()
                    prop:value=move || board.text.get()
                    on:input=move |event| board.text.set(event_target_value(&event))
                    on:change=move |event| board.set_filter(event_target_value(&event))
                    on:keydown=leave
                />
                <kbd aria-hidden="true">"/"</kbd>
            </label>
            <p class="toolbar-shown">{told}</p>
            <ColumnChooser board />
            {is_admin
                .then(|| {
                    view! {
                        <a class=Look::Primary.class() href="/admin/routers/new">
                            <Icon name=IconName::Plus />
                            <span>{words.dashboard_add_device()}</span>
                        </a>
                    }
                })}
        </div>
    }
}

#[component]
fn ColumnChooser(board: Board) -> impl IntoView {
    let words = use_words();
    let choices = Column::ALL.into_iter().filter(|column| !column.is_fixed()).map(|column| {
        view! {
            <label class="menu-item">
                <input
                    type="checkbox"
                    checked=untrack(|| board.has_column(column))
                    prop:checked=move || board.has_column(column)
                    on:change=move |_| board.toggle_column(column)
                />
                {column.label(words)}
            </label>
        }
    });
    view! {
        <button type="button" class="button columns-button" popovertarget="columns">
            <Icon name=IconName::Columns />
            <span>{words.toolbar_columns()}</span>
        </button>
        <div id="columns" class="menu columns-menu" popover="auto">
            {choices.collect_view()}
        </div>
    }
}
