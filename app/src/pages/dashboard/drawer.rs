//! One device beside the list, at its own address (`/?d=7`).

use super::{board::Board, keys::row_link};
use crate::{
    api::{
        ApiError,
        devices::load_device_page,
        load::{Loaded, load},
    },
    browser,
    i18n::use_words,
    lazy,
    parts::{ErrorNote, Icon, IconName, when_loaded},
};
use leptos::prelude::*;
use leptos_router::components::A;
use model::DevicePage;

/// What the drawer shows, while it is open.
pub type Opened = Loaded<Option<Result<DevicePage, ApiError>>>;

/// Made once with the page, so that both sides count the same resources.
pub fn device_in(board: Board) -> Opened {
    load(
        move || board.open.get(),
        |id| async move {
            match id {
                Some(id) => {
                    let (page, _) =
                        futures::join!(load_device_page(id), async { lazy::fetch_detail().await.is_ok() });
                    Some(page)
                }
                None => None,
            }
        },
    )
}

#[component]
pub fn Drawer(board: Board, opened: Opened) -> impl IntoView {
    let words = use_words();
    let content = move || {
        when_loaded(opened, |page| match page {
            Some(Ok(page)) => lazy::at_once(lazy::open_detail(page)),
            Some(Err(error)) => view! { <ErrorNote error=Some(error) /> }.into_any(),
            None => ().into_any(),
        })
    };
    let frame = move || {
        board.open.get()?;
        Some(view! {
            <aside class="drawer" tabindex="-1" aria-label=words.drawer_label()>
                <div class="drawer-bar">
                    <A href=move || board.open.get().map(|id| format!("/devices/{id}")).unwrap_or_default()>
                        {words.drawer_page()}
                    </A>
                    <button
                        type="button"
                        class="button quiet icon-only"
                        aria-label=words.action_close()
                        on:click=move |_| board.close()
                    >
                        <Icon name=IconName::Close />
                    </button>
                </div>
                <div class="drawer-body">
                    {content()}
                </div>
            </aside>
        })
    };
    let is_open = Memo::new(move |_| board.open.get().is_some());
    // The keyboard goes into the drawer, and back to the row it was opened from or stepped to.
    Effect::new(move |was_open: Option<bool>| {
        let is_open = is_open.get();
        let to = match (was_open, is_open) {
            (Some(false), true) => Some(".drawer".to_owned()),
            (Some(true), false) => {
                Some(board.cursor.get_untracked().map_or_else(|| "#main".to_owned(), row_link))
            }
            _ => None,
        };
        if let Some(to) = to {
            browser::when_drawn(move || {
                if !browser::focus(&to) {
                    browser::focus("#main");
                }
            });
        }
        is_open
    });
    move || if is_open.get() { untrack(frame) } else { None }
}
