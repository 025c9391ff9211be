//! Pages whose code the browser fetches when they are wanted: the first page is not to wait for the others.
//!
//! To add one: a line in `pages!`. Pages that name the same part are fetched together.

use crate::{api::ApiError, browser, parts::not_loaded};
use leptos::prelude::*;
use leptos_meta::{Meta, MetaProps};
use leptos_router::{ChooseView, hooks::use_url};
use std::{
    future::{Future, pending},
    pin::Pin,
};
use wasm_split_helpers::{SplitLoaderError, wasm_split};

type Waiting<T> = Pin<Box<dyn Future<Output = Result<T, SplitLoaderError>>>>;

/// A page whose code is in a part of its own.
#[derive(Clone, Copy)]
pub struct Lazy {
    part: &'static str,
    fetch: fn() -> Waiting<()>,
    open: fn() -> Waiting<AnyView>,
}

impl ChooseView for Lazy {
    async fn choose(self) -> AnyView {
        match (self.open)().await {
            Ok(page) => self.named(page),
            Err(_) => not_loaded(ApiError::Unreachable),
        }
    }

    /// The page before stays until the code is here. Of an older build there is none any more: the browser gets the
    /// page from the server.
    async fn preload(&self) {
        if (self.fetch)().await.is_err() && browser::is_reachable().await {
            let to = use_url().get_untracked();
            let search = if to.search().is_empty() { String::new() } else { format!("?{}", to.search()) };
            browser::open(&format!("{}{search}{}", to.path(), to.hash()));
            pending::<()>().await;
        }
    }
}

impl Lazy {
    /// The server says in the page's head which part the page needs, and the browser fetches it before it wakes the
    /// page up (`shell/wake.js`).
    fn named(self, page: AnyView) -> AnyView {
        if !cfg!(feature = "ssr") {
            return page;
        }
        let name = MetaProps::builder().name("page").content(self.part).build();
        (Meta(name), page).into_any()
    }
}

macro_rules! pages {
    ($($name:ident: $part:ident, $fetch:ident, $open:ident, $page:path;)*) => {
        const ALL: &[Lazy] = &[$($name),*];
        $(
            pub const $name: Lazy =
                Lazy { part: stringify!($part), fetch: || Box::pin($fetch()), open: || Box::pin($open()) };

            #[wasm_split($part, fallible, preload($fetch))]
            fn $open() -> Result<AnyView, SplitLoaderError> {
                Ok($page().into_any())
            }
        )*
    };
}

pages! {
    DEVICE: device, fetch_device, open_device, super::device::DevicePage;
    ROUTERS: routers, fetch_routers, open_routers, super::routers::RoutersPage;
    USERS: users, fetch_users, open_users, super::users::UsersPage;
    WORKERS: workers, fetch_workers, open_workers, super::workers::WorkersPage;
    ACCOUNT: account, fetch_account, open_account, super::account::AccountPage;
    LOGIN: login, fetch_login, open_login, super::login::LoginPage;
    SETUP: setup, fetch_setup, open_setup, super::setup::SetupPage;
}

/// Fetches the part of a page that is there already, so that it can be woken up in one go; false when it did not come.
pub async fn fetch(part: &str) -> bool {
    match ALL.iter().find(|page| page.part == part) {
        Some(page) => (page.fetch)().await.is_ok(),
        None => true,
    }
}
