//! Code that the browser fetches when it is wanted, so that the first page does not wait for what only others need.
//!
//! To add some: a line in `parts!`, which makes a function that fetches it and one that opens it. What names the same
//! part travels together; what several parts need, the build tool puts into files of its own.

mod later;
#[macro_use]
mod page;

pub use later::{at_once, later};

use crate::{
    pages::{self, dashboard::Board},
    shell,
};
use leptos::prelude::*;
use leptos_meta::{Meta, MetaProps};
use model::DevicePage;
use page::LazyPage;
use std::{future::Future, pin::Pin};
use wasm_split_helpers::{SplitLoaderError, wasm_split};

/// What comes with code, or does not come.
pub type Waiting<T> = Pin<Box<dyn Future<Output = Result<T, SplitLoaderError>>>>;

macro_rules! parts {
    ($($part:ident: $fetch:ident, $open:ident($($name:ident: $kind:ty)?) $view:expr;)*) => {
        /// By the names of the parts.
        const ALL: &[(&str, fn() -> Waiting<()>)] = &[$((stringify!($part), || Box::pin($fetch()))),*];
        $(
            #[wasm_split($part, fallible, preload($fetch))]
            pub fn $open($($name: $kind)?) -> Result<AnyView, SplitLoaderError> {
                name(stringify!($part));
                Ok($view.into_any())
            }
        )*
    };
}

parts! {
    device: fetch_device, open_device() pages::device::DevicePage();
    device: fetch_detail, open_detail(page: DevicePage) view! { <pages::device::Detail page /> };
    history: fetch_compare, open_compare() pages::history::ComparePage();
    history: fetch_past, open_past() pages::history::PastPage();
    history: fetch_reports, open_reports() pages::reports::ReportsPage();
    logs: fetch_logs, open_logs() pages::logs::LogsPage();
    routers: fetch_routers, open_routers() pages::routers::RoutersPage();
    alerts: fetch_alerts, open_alerts() pages::alerts::AlertsPage();
    alerts: fetch_quiets, open_quiets() pages::quiets::QuietsPage();
    channels: fetch_channels, open_channels() pages::channels::ChannelsPage();
    rules: fetch_rules, open_rules() pages::rules::RulesPage();
    commands: fetch_commands, open_commands() pages::commands::CommandsPage();
    people: fetch_users, open_users() pages::users::UsersPage();
    people: fetch_audit, open_audit() pages::audit::AuditPage();
    people: fetch_workers, open_workers() pages::workers::WorkersPage();
    people: fetch_server_log, open_server_log() pages::server_log::ServerLogPage();
    people: fetch_account, open_account() pages::account::AccountPage();
    recordings: fetch_recordings, open_recordings() pages::recordings::RecordingsPage();
    recordings: fetch_replay, open_replay() pages::recordings::ReplayPage();
    terminal: fetch_terminal, open_terminal() pages::terminal::TerminalPage();
    gate: fetch_login, open_login() pages::login::LoginPage();
    gate: fetch_setup, open_setup() pages::setup::SetupPage();
    overlays: fetch_search, open_search(open: RwSignal<bool>) shell::search(open);
    overlays: fetch_confirm, open_confirm(open: RwSignal<bool>) shell::confirm_form(open);
    overlays: fetch_bulk, open_bulk(board: Board) pages::dashboard::bulk_acts(board);
}

pub const DEVICE: LazyPage = page!(fetch_device, open_device);
pub const COMPARE: LazyPage = page!(fetch_compare, open_compare);
pub const PAST: LazyPage = page!(fetch_past, open_past);
pub const REPORTS: LazyPage = page!(fetch_reports, open_reports);
pub const LOGS: LazyPage = page!(fetch_logs, open_logs);
pub const ROUTERS: LazyPage = page!(fetch_routers, open_routers);
pub const ALERTS: LazyPage = page!(fetch_alerts, open_alerts);
pub const QUIETS: LazyPage = page!(fetch_quiets, open_quiets);
pub const CHANNELS: LazyPage = page!(fetch_channels, open_channels);
pub const RULES: LazyPage = page!(fetch_rules, open_rules);
pub const COMMANDS: LazyPage = page!(fetch_commands, open_commands);
pub const USERS: LazyPage = page!(fetch_users, open_users);
pub const AUDIT: LazyPage = page!(fetch_audit, open_audit);
pub const WORKERS: LazyPage = page!(fetch_workers, open_workers);
pub const SERVER_LOG: LazyPage = page!(fetch_server_log, open_server_log);
pub const RECORDINGS: LazyPage = page!(fetch_recordings, open_recordings);
pub const REPLAY: LazyPage = page!(fetch_replay, open_replay);
pub const ACCOUNT: LazyPage = page!(fetch_account, open_account);
pub const TERMINAL: LazyPage = page!(fetch_terminal, open_terminal);
pub const LOGIN: LazyPage = page!(fetch_login, open_login);
pub const SETUP: LazyPage = page!(fetch_setup, open_setup);

/// Fetches a part whole, so that what the server has drawn of it can be woken up in one go; false when it did not come.
pub async fn fetch(part: &str) -> bool {
    for (name, fetch) in ALL {
        if *name == part && fetch().await.is_err() {
            return false;
        }
    }
    true
}

/// The server says in the page's head which part the page needs, and the browser fetches it before it wakes the page
/// up (`shell/wake.js`).
fn name(part: &'static str) {
    if cfg!(target_family = "wasm") {
        return;
    }
    let meta = Meta(MetaProps::builder().name("part").content(part).build());
    // In the head it stands by being rendered, wherever that is.
    drop(RenderHtml::to_html(meta));
}
