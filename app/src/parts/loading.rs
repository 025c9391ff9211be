//! What was loaded, drawn as soon as it is there.

use super::{Spinner, not_loaded};
use crate::{
    api::{ApiError, load::Loaded},
    i18n::use_words,
};
use leptos::prelude::*;
use std::{
    future::IntoFuture,
    pin::pin,
    task::{Context, Poll, Waker},
};

/// Draws what was loaded, and a spinner until then. What needs no waiting is drawn straight away:
/// inside a `Suspense` the server would walk the whole view three times to find what it waits for.
pub fn when_loaded<T: Clone + Send + Sync + 'static>(
    loaded: Loaded<T>,
    draw: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let words = use_words();
    // What the view reads is for its own parts to follow; it is made anew only for another answer.
    let draw = move |value| untrack(|| draw(value));
    let spinner = move || view! { <Spinner label=words.loading() /> };
    if at_hand(loaded).is_some() {
        // What a page carries is numbered, and a boundary takes a number: where one side waits and the other
        // does not, what is loaded later would be taken for something else.
        if let Some(carried) = Owner::current_shared_context() {
            carried.next_id();
        }
        return (move || at_hand(loaded).map_or_else(|| spinner().into_any(), &draw)).into_any();
    }
    view! { <Transition fallback=spinner>{move || loaded.get().map(&draw)}</Transition> }.into_any()
}

/// Draws what was found, or says why nothing was.
pub fn when_found<T: Clone + Send + Sync + 'static>(
    loaded: Loaded<Result<T, ApiError>>,
    draw: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    when_loaded(loaded, move |answer| match answer {
        Ok(found) => draw(found),
        Err(error) => not_loaded(error),
    })
}

/// What is loaded already; who reads it is told of the next.
fn at_hand<T: Clone + Send + Sync + 'static>(loaded: Loaded<T>) -> Option<T> {
    match pin!(loaded.into_future()).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}
