//! An address that leads nowhere: its page says so to people, and the status of the answer to everybody else.

use leptos::prelude::*;
use std::sync::Arc;

/// What a page tells that its address leads nowhere, while it is drawn for an answer.
#[derive(Clone)]
pub struct Lost(Arc<dyn Fn() + Send + Sync>);

impl Lost {
    pub fn new(hear: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(hear))
    }
}

/// Tells it. In a browser there is no answer any more.
pub(crate) fn say_lost() {
    if cfg!(target_family = "wasm") {
        return;
    }
    if let Some(Lost(hear)) = use_context() {
        hear();
    }
}
