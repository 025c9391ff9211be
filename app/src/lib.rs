//! What a person sees and may ask: pages, server functions, and the port behind them.

pub mod api;
mod browser;
mod cause;
mod format;
mod i18n;
mod lazy;
mod line;
mod live;
mod lost;
mod pages;
mod parts;
mod query;
mod shell;
pub mod told;

use crate::i18n::{Lang, Words};
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};
use model::Visitor;

#[cfg(feature = "ssr")]
pub use shell::document as shell;

/// What must be settled before the pages wake up, and with them the router.
pub fn prepare_browser() {
    parts::hear_back_first();
}

#[cfg(target_arch = "wasm32")]
pub use i18n::take_words;
pub use lazy::fetch as fetch_part;
pub use lost::Lost;

/// Every page, inside or outside of the door.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let visitor = shell::share_visitor();
    provide_context(Words(Lang::from_code(&visitor.language)));
    provide_context(visitor);
    provide_context(parts::Toasts::new());
    view! {
        <Title formatter=shell::title />
        <Router>
            <Routes fallback=pages::not_found::NotFoundPage>
                <ParentRoute path=path!("") view=shell::Inside>
                    <Route path=path!("") view=pages::dashboard::DashboardPage ssr=SsrMode::Async />
                    <Route path=path!("devices/:id") view=lazy::DEVICE ssr=SsrMode::Async />
                    <Route path=path!("history") view=lazy::COMPARE ssr=SsrMode::Async />
                    <Route path=path!("history/:id") view=lazy::PAST ssr=SsrMode::Async />
                    <Route path=path!("reports") view=lazy::REPORTS ssr=SsrMode::Async />
                    <Route path=path!("admin/routers/:id?") view=lazy::ROUTERS ssr=SsrMode::Async />
                    <Route path=path!("alerts") view=lazy::ALERTS ssr=SsrMode::Async />
                    <Route path=path!("admin/maintenance") view=lazy::QUIETS ssr=SsrMode::Async />
                    <Route path=path!("admin/channels") view=lazy::CHANNELS ssr=SsrMode::Async />
                    <Route path=path!("admin/rules") view=lazy::RULES ssr=SsrMode::Async />
                    <Route path=path!("admin/users") view=lazy::USERS ssr=SsrMode::Async />
                    <Route path=path!("admin/audit") view=lazy::AUDIT ssr=SsrMode::Async />
                    <Route path=path!("admin/recordings") view=lazy::RECORDINGS ssr=SsrMode::Async />
                    <Route path=path!("admin/recordings/:id") view=lazy::REPLAY ssr=SsrMode::Async />
                    <Route path=path!("admin/workers") view=lazy::WORKERS ssr=SsrMode::Async />
                    <Route path=path!("commands") view=lazy::COMMANDS ssr=SsrMode::Async />
                    <Route path=path!("admin/logs") view=lazy::SERVER_LOG ssr=SsrMode::Async />
                    <Route path=path!("router/:name/terminal") view=lazy::TERMINAL ssr=SsrMode::Async />
                    <Route path=path!("logs") view=lazy::LOGS ssr=SsrMode::Async />
                    <Route path=path!("account") view=lazy::ACCOUNT ssr=SsrMode::Async />
                </ParentRoute>
                <ParentRoute path=path!("") view=shell::Outside>
                    <Route path=path!("login") view=lazy::LOGIN ssr=SsrMode::Async />
                    <Route path=path!("setup") view=lazy::SETUP ssr=SsrMode::Async />
                </ParentRoute>
            </Routes>
        </Router>
        <parts::ToastStack />
    }
}

/// Who is looking, for pages that offer more to admins. Hides only; the server guards.
pub(crate) fn use_visitor() -> Visitor {
    use_context().unwrap_or_default()
}
