//! A route whose page is fetched when somebody goes there.

use super::Waiting;
use crate::{api::ApiError, browser, parts::not_loaded};
use leptos::prelude::*;
use leptos_router::{ChooseView, hooks::use_url};
use std::future::pending;

/// The two functions that `parts!` makes of a page.
#[derive(Clone, Copy)]
pub struct LazyPage {
    pub fetch: fn() -> Waiting<()>,
    pub open: fn() -> Waiting<AnyView>,
}

macro_rules! page {
    ($fetch:ident, $open:ident) => {
        LazyPage { fetch: || Box::pin($fetch()), open: || Box::pin($open()) }
    };
}

impl ChooseView for LazyPage {
    async fn choose(self) -> AnyView {
        (self.open)().await.unwrap_or_else(|_| not_loaded(ApiError::Unreachable))
    }

    /// The page before stays until the code is here. A newer server has none that fits: it sends the page whole.
    async fn preload(&self) {
        if (self.fetch)().await.is_err() && browser::is_reachable().await {
            let to = use_url().get_untracked();
            let search = Some(to.search()).filter(|search| !search.is_empty());
            let search = search.map(|search| format!("?{search}")).unwrap_or_default();
            browser::open(&format!("{}{search}{}", to.path(), to.hash()));
            pending::<()>().await;
        }
    }
}
