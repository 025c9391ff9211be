//! The dashboard: counts, heat-map, table, and one device beside them. Never a modal over the list.

mod board;
mod bulk;
mod bulk_bar;
mod columns;
mod drawer;
mod filter;
mod heat;
mod keys;
mod order;
mod picks;
mod row;
mod strip;
mod table;
mod toolbar;
mod version;

pub use board::{Board, provide_columns};
pub use bulk::provide_bulk;
pub use bulk_bar::bulk_acts;
pub use columns::wan_word;
pub use filter::Filter;
pub use order::natural;
pub use row::short_version;

use crate::{
    api::{ApiError, devices::load_overview, load::load},
    i18n::use_words,
    live::use_fleet,
    parts::{Empty, IconName, Look, not_loaded, when_loaded},
    use_visitor,
};
use filter::unread;
use leptos::prelude::*;
use leptos_meta::Title;
use model::Overview;

#[component]
pub fn DashboardPage() -> impl IntoView {
    let words = use_words();
    let fleet = use_fleet();
    // Coming back from another page, the tab knows the fleet already.
    let overview = load(
        || (),
        move |()| {
            let is_known = fleet.is_seeded();
            async move {
                if is_known { Ok(None) } else { load_overview(table::FIRST_ROWS as u32).await.map(Some) }
            }
        },
    );
    let board = Board::new();
    let drawer = drawer::device_in(board);
    let content = when_loaded(overview, move |answer: Result<Option<Overview>, ApiError>| match answer {
        Ok(overview) => {
            overview.inspect(|overview| fleet.seed(overview));
            view! { <Fleetboard board drawer /> }.into_any()
        }
        Err(error) => not_loaded(error),
    });
    view! {
        <Title text=words.nav_dashboard() />
        <h1 class="hidden">{words.nav_dashboard()}</h1>
        {content}
    }
}

#[component]
fn Fleetboard(board: Board, drawer: drawer::Opened) -> impl IntoView {
    let is_admin = use_visitor().is_admin();
    let is_empty = Memo::new(move |_| board.fleet.counts().total() == 0);
    move || {
        if is_empty.get() {
            return view! { <NoDevices /> }.into_any();
        }
        view! {
            <div class="dashboard" class:with-drawer=move || board.open.get().is_some()>
                <div class="dashboard-list">
                    <strip::Strip board />
                    <heat::HeatMap board />
                    <toolbar::Toolbar board />
                    <table::DeviceTable board />
                    <NoMatch board />
                    {is_admin.then(|| view! { <bulk_bar::BulkBar board /> })}
                </div>
                <drawer::Drawer board opened=drawer />
                <keys::ListKeys board />
            </div>
        }
        .into_any()
    }
}

/// A fresh installation: what to do first.
#[component]
fn NoDevices() -> impl IntoView {
    let words = use_words();
    let is_admin = use_visitor().is_admin();
    if !is_admin {
        return view! {
            <Empty icon=IconName::Devices title=words.empty_title() text=words.empty_viewer() />
        }
        .into_any();
    }
    view! {
        <Empty icon=IconName::Devices title=words.empty_title() text=words.empty_text()>
            <a class=Look::Primary.class() href="/admin/routers/new">
                {words.empty_add()}
            </a>
            <div class="empty-more">
                <p>{words.empty_import()}</p>
                <code>"routewarden import config.json"</code>
            </div>
        </Empty>
    }
    .into_any()
}

/// The filter hides everything: say so, and offer the way back.
#[component]
fn NoMatch(board: Board) -> impl IntoView {
    let words = use_words();
    move || {
        let is_none = board.shown.with(|shown| shown.is_empty());
        is_none.then(|| {
            view! {
                <div class="no-match" role="status">
                    <p>{words.filter_none()}</p>
                    <p>
                        {move || board.text.with(|text| unread(text)).map(|word| words.filter_unread(&word))} " "
                        {words.filter_words()}
                    </p>
                    <button type="button" class="button" on:click=move |_| board.set_filter(String::new())>
                        {words.filter_clear()}
                    </button>
                </div>
            }
        })
    }
}
