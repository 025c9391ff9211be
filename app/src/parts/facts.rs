//! Facts, each with its name.

use leptos::prelude::*;

#[component]
pub fn Facts(#[prop(into)] all: Signal<Vec<(String, String)>>) -> impl IntoView {
    let lines = move || {
        all.get()
            .into_iter()
            .map(|(name, fact)| {
                view! {
                    <div>
                        <dt>{name}</dt>
                        <dd>{fact}</dd>
                    </div>
                }
            })
            .collect_view()
    };
    view! { <dl class="facts">{lines}</dl> }
}
