//! Lists whose rows are kept by number. One for all of them: each `For` of its own is a copy in the bundle.

use leptos::prelude::*;
use std::sync::Arc;

/// A row for each number: a new one is drawn, one that is gone leaves, and the others keep what they hold.
pub fn each(
    numbers: impl Fn() -> Vec<i64> + Send + Sync + 'static,
    draw: impl Fn(i64) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    listed(Signal::derive(numbers), Arc::new(draw))
}

fn listed(numbers: Signal<Vec<i64>>, draw: Arc<dyn Fn(i64) -> AnyView + Send + Sync>) -> AnyView {
    view! { <For each=move || numbers.get() key=|number| *number children=move |number| draw(number) /> }
        .into_any()
}
