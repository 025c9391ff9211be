//! Lists whose address says what they show. The form that filters one works without scripts.

use super::{Button, when_found};
use crate::{
    api::{ApiError, load::load},
    i18n::use_words,
    query::use_query,
};
use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use serde::{Serialize, de::DeserializeOwned};
use std::{future::Future, hash::Hash};

/// What `ask` answers to what `read` finds in the address, drawn anew whenever that is something else.
pub fn addressed<W, P, F>(read: fn(&ParamsMap) -> W, ask: fn(&W) -> F, draw: fn(P, W) -> AnyView) -> AnyView
where
    W: Clone + Eq + Hash + Serialize + DeserializeOwned + Send + Sync + 'static,
    P: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    F: Future<Output = Result<P, ApiError>> + Send + 'static,
{
    let query = use_query();
    let wanted = Memo::new(move |_| query.with(read));
    let loaded = load(
        move || wanted.get(),
        move |wanted| {
            let asked = ask(&wanted);
            async move { Ok::<_, ApiError>((asked.await?, wanted)) }
        },
    );
    when_found(loaded, move |answer| {
        // Another answer gets a list of its own.
        view! {
            <For
                each=move || [answer.clone()]
                key=|answer| answer.1.clone()
                children=move |(page, wanted)| draw(page, wanted)
            />
        }
        .into_any()
    })
}

/// The form over such a list, which stands at `home`.
pub fn filter(home: &'static str, fields: AnyView) -> AnyView {
    let words = use_words();
    view! {
        <form class="list-filter" role="search" method="get" action=home>
            {fields}
            <Button submit=true>{words.list_filter()}</Button>
        </form>
    }
    .into_any()
}

/// A control with its label.
pub fn filter_field(label: &'static str, control: AnyView) -> AnyView {
    view! {
        <label class="list-field">
            <span>{label}</span>
            {control}
        </label>
    }
    .into_any()
}

/// Something to type; `kind` is `text`, `search` or `date`.
pub fn filter_text(label: &'static str, name: &'static str, kind: &'static str, value: &str) -> AnyView {
    let value = value.to_owned();
    let input =
        view! { <input class="input" type=kind name=name value=value autocomplete="off" maxlength="128" /> };
    filter_field(label, input.into_any())
}
