//! The log of one router, on its page.

use super::{
    levels,
    list::{Way, list, load_parts},
};
use crate::{api::ApiError, i18n::use_words, parts::*};
use leptos::{ev, prelude::*, task::spawn_local};
use model::{DeviceId, LogLevel, LogPage, LogScope, LogWish};

/// A search goes on until it has found so many lines: there is no second page here.
const ENOUGH: usize = 20;

/// Asked for once the page is awake: what is true now must not wait for what was written, nor for the database.
#[component]
pub fn LogCard(id: DeviceId) -> impl IntoView {
    let words = use_words();
    let (text, level) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let wish = Memo::new(move |_| LogWish {
        device: Some(id),
        text: Some(text.get()).filter(|text| !text.is_empty()),
        level: LogLevel::from_word(&level.get()),
        ..LogWish::default()
    });
    let answer = RwSignal::new(None::<(LogWish, Result<LogPage, ApiError>)>);
    Effect::new(move |_| {
        let asked = wish.get();
        spawn_local(async move {
            let page = load_parts(asked.clone(), ENOUGH).await;
            // What was wished for later may have been answered sooner.
            if wish.try_get_untracked().as_ref() == Some(&asked) {
                answer.try_set(Some((asked, page)));
            }
        });
    });
    let all = move || {
        view! {
            <a class=Look::Plain.class() href=format!("/logs?device={id}")>
                <Icon name=IconName::Lines />
                {words.log_all()}
            </a>
        }
        .into_any()
    };
    let shown = move || match answer.get() {
        None => view! { <Spinner label=words.loading() /> }.into_any(),
        Some((_, Err(error))) => view! { <ErrorNote error=Some(error) /> }.into_any(),
        // Another answer gets a list of its own.
        Some((wish, Ok(page))) => view! {
            <For
                each=move || [(wish.clone(), page.clone())]
                key=|(wish, _)| wish.clone()
                children=move |(wish, page)| {
                    let is_plain = wish == LogWish { device: Some(id), ..LogWish::default() };
                    list(page, wish, LogScope::Device(id), Way { has_names: false, is_plain })
                }
            />
        }
        .into_any(),
    };
    view! {
        <Card title=words.log_title() actions=ViewFn::from(all)>
            {search(id, text, level)}
            <div class="log-box" tabindex="0" role="region" aria-label=words.log_title()>
                {shown}
            </div>
        </Card>
    }
}

/// Without scripts it leads to the page of all logs.
fn search(id: DeviceId, text: RwSignal<String>, level: RwSignal<String>) -> AnyView {
    let (words, typed) = (use_words(), StoredValue::new(String::new()));
    let type_in = move |event: ev::Event| typed.set_value(event_target_value(&event));
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        text.set(typed.with_value(|typed| typed.trim().to_owned()));
    };
    let text_input = view! {
        <input class="input" type="search" name="search" autocomplete="off" maxlength="128" on:input=type_in />
    };
    let severity = view! {
        <select class="input" name="severity" on:change=move |event| level.set(event_target_value(&event))>
            {levels(words, "")}
        </select>
    };
    view! {
        <form class="log-search" role="search" method="get" action="/logs" on:submit=submit>
            <input type="hidden" name="device" value=id.to_string() />
            {filter_field(words.audit_text(), text_input.into_any())}
            {filter_field(words.log_severity(), severity.into_any())}
            <Button submit=true>{words.list_filter()}</Button>
        </form>
    }
    .into_any()
}
