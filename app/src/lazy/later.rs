//! Lazy pieces of a page that is there.

use crate::{
    api::ApiError,
    browser,
    i18n::use_words,
    parts::{Spinner, focus_in_dialog, not_loaded},
};
use leptos::{prelude::*, task::spawn_local};
use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};
use wasm_split_helpers::SplitLoaderError;

/// Opens what was fetched before: there is nothing to wait for.
pub fn at_once(open: impl Future<Output = Result<AnyView, SplitLoaderError>>) -> AnyView {
    ready(open).unwrap_or_else(|| not_loaded(ApiError::Unreachable))
}

/// Fetches a piece and draws it. Only for what a person opens: the server would draw it and the waking page not.
pub fn later<F>(fetch: impl Fn() -> F, draw: impl Fn() -> AnyView + Send + Sync + 'static) -> AnyView
where
    F: Future<Output = Result<(), SplitLoaderError>> + 'static,
{
    if ready(fetch()).is_some() {
        return draw();
    }
    let words = use_words();
    let outcome = RwSignal::new(None);
    let fetching = fetch();
    spawn_local(async move {
        let known = match fetching.await {
            Ok(()) => Ok(()),
            // A newer server has no code that fits this page.
            Err(_) if browser::is_reachable().await => Err(ApiError::Outdated),
            Err(_) => Err(ApiError::Unreachable),
        };
        outcome.try_set(Some(known));
    });
    let view = move || match outcome.get() {
        None => view! { <Spinner label=words.loading() /> }.into_any(),
        Some(Ok(())) => {
            browser::when_drawn(focus_in_dialog);
            untrack(&draw)
        }
        Some(Err(error)) => not_loaded(error),
    };
    view.into_any()
}

/// The outcome of what needs no waiting.
fn ready<T>(future: impl Future<Output = Result<T, SplitLoaderError>>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome.ok(),
        Poll::Pending => None,
    }
}
