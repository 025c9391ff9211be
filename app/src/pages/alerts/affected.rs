//! The devices that cannot be seen because of an incident: how many, the first of them, and all when asked for.

use crate::{api::alerts::load_affected, i18n::use_words, parts::*};
use leptos::{prelude::*, task::spawn_local};
use model::{Affected, Alert, IncidentId};

pub fn affected(alert: Memo<Option<Alert>>, id: IncidentId) -> AnyView {
    let words = use_words();
    let count = Memo::new(move |_| alert.with(|alert| alert.as_ref().map_or(0, |alert| alert.affected)));
    let first = Memo::new(move |_| {
        alert.with(|alert| alert.as_ref().map(|alert| alert.incident.affected.clone()).unwrap_or_default())
    });
    let is_over =
        alert.with_untracked(|alert| alert.as_ref().is_some_and(|alert| alert.incident.closed_at.is_some()));
    let (all, wants_all) = (RwSignal::new(None::<Vec<Affected>>), RwSignal::new(false));
    // Again when the first of them change: so may have the others.
    Effect::new(move |_| {
        if wants_all.get() && (first.with(Vec::len), count.get()) != (0, 0) {
            spawn_local(async move {
                if let Ok(loaded) = load_affected(id).await {
                    all.try_set(Some(loaded));
                }
            });
        }
    });
    let shown = move || all.get().unwrap_or_else(|| first.get());
    let has_more = move || count.get() > first.with(|first| first.len() as u64) && all.with(Option::is_none);
    let is_of_several =
        alert.with_untracked(|alert| alert.as_ref().is_some_and(|alert| alert.incident.together.is_some()));
    let summary = move || {
        if is_of_several {
            format!("{}: {}", words.table_label(), count.get())
        } else if is_over {
            words.alert_hid(count.get())
        } else {
            words.alert_hides(count.get())
        }
    };
    view! {
        <Show when=move || { count.get() > 0 }>
            <details class="fold alert-affected">
                <summary>{summary}</summary>
                <ul>{move || shown().into_iter().map(one).collect_view()}</ul>
                <Show when=has_more>
                    <Button busy=wants_all on:click=move |_| wants_all.set(true)>
                        {move || words.alert_show_all(&count.get())}
                    </Button>
                </Show>
            </details>
        </Show>
    }
    .into_any()
}

fn one(device: Affected) -> AnyView {
    let words = use_words();
    let is_back = device.until.is_some().then(|| view! { <small>{words.alert_seen_again()}</small> });
    view! {
        <li>
            <a href=format!("/devices/{}", device.device)>{device.name}</a>
            {is_back}
        </li>
    }
    .into_any()
}
