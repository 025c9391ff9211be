//! What routers write into their logs: of the whole fleet on a page of its own, of one router as a card of its page.
//!
//! Every word of it was written by routers, and by whoever made them write it; it is only ever text here.

mod card;
mod line;
mod list;
mod trouble;
mod wanted;

pub use card::LogCard;

use crate::{
    api::{ApiError, load::load, logs::load_logs},
    i18n::{Words, use_words},
    parts::*,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use list::list;
use model::{LogLevel, LogPage, LogScope, LogStranger};
use wanted::Wanted;

#[component]
pub fn LogsPage() -> impl IntoView {
    let words = use_words();
    let query = use_query_map();
    let wanted = Memo::new(move |_| query.with(Wanted::of));
    let loaded = load(
        move || wanted.get(),
        |wanted| async move { Ok::<_, ApiError>((load_logs(wanted.wish()).await?, wanted)) },
    );
    view! {
        <Title text=words.logs_title() />
        <div class="page logs">
            {when_loaded(loaded, |answer| match answer {
                // Another answer gets a list of its own.
                Ok(answer) => view! {
                    <For each=move || [answer.clone()] key=|answer| answer.1.clone() children=|(page, wanted)| whole(page, wanted) />
                }
                .into_any(),
                Err(error) => not_loaded(error),
            })}
        </div>
    }
}

fn whole(page: LogPage, wanted: Wanted) -> AnyView {
    let words = use_words();
    let scope = wanted.device.map_or(LogScope::Fleet, LogScope::Device);
    let (is_empty, is_plain) = (page.lines.is_empty(), wanted.is_plain());
    let next = page.next.map(|next| {
        let text = if is_empty { words.audit_more() } else { words.alerts_older() };
        view! { <a class="button" href=wanted.href(Some(next))>{text}</a> }
    });
    let newest =
        wanted.before.map(|_| view! { <a class="button" href=wanted.href(None)>{words.alerts_newer()}</a> });
    let strangers = strangers(words, &page.strangers);
    view! {
        <header class="page-head">
            <div>
                <h1>{words.logs_title()}</h1>
                <p>{words.logs_lead()}</p>
            </div>
            <a class=Look::Plain.class() href=wanted.file() download="" rel="external">
                <Icon name=IconName::Download />
                "CSV"
            </a>
        </header>
        {filter(words, &wanted)}
        {list(page, wanted.wish(), scope, list::Way { has_names: true, is_plain })}
        <nav class="pager" aria-label=words.alerts_pages()>{newest} {next}</nav>
        {strangers}
    }
    .into_any()
}

/// A form that works without scripts: what it asks for stands in the address.
fn filter(words: Words, wanted: &Wanted) -> AnyView {
    let input = |name: &'static str, label: &'static str, kind: &'static str, value: &str| {
        view! {
            <label class="audit-field">
                <span>{label}</span>
                <input class="input" type=kind name=name value=value.to_owned() autocomplete="off" maxlength="128" />
            </label>
        }
    };
    let device = wanted.device.map(|id| view! { <input type="hidden" name="device" value=id.to_string() /> });
    let name = wanted.device.is_none().then(|| input("name", words.log_device(), "text", &wanted.name));
    view! {
        <form class="audit-filter" role="search" method="get" action="/logs">
            {device} {name} {input("search", words.audit_text(), "search", &wanted.text)}
            <label class="audit-field">
                <span>{words.log_severity()}</span>
                <select class="input" name="severity">{levels(words, &wanted.severity)}</select>
            </label>
            {input("topics", words.log_topics(), "text", &wanted.topics)}
            {input("from", words.history_from(), "date", &wanted.from)}
            {input("to", words.history_to(), "date", &wanted.to)}
            <Button submit=true>{words.audit_filter()}</Button>
        </form>
    }
    .into_any()
}

/// The levels of a menu: at least this one.
fn levels(words: Words, chosen: &str) -> AnyView {
    let option = |level: LogLevel| {
        let (word, is_chosen) = (level.word(), level.word() == chosen);
        view! { <option value=word selected=is_chosen>{words.log_level(level)}</option> }
    };
    let rest = [LogLevel::Info, LogLevel::Warning, LogLevel::Error, LogLevel::Critical];
    view! {
        <option value="">{words.log_any()}</option>
        {rest.map(option).collect_view()}
    }
    .into_any()
}

/// Machines that send lines and are no devices: said once, and none of their lines is kept.
fn strangers(words: Words, all: &[LogStranger]) -> Option<AnyView> {
    let row = |stranger: &LogStranger| {
        view! {
            <li>
                <code>{stranger.address.clone()}</code>
                " "
                {words.log_sent(stranger.lines)}
                ", "
                <Ago at=stranger.last_at />
            </li>
        }
    };
    let rows = all.iter().map(row).collect_view();
    (!all.is_empty()).then(|| {
        view! {
            <section class="log-strangers">
                <h2>{words.log_strangers()}</h2>
                <p class="muted">{words.log_strangers_text()}</p>
                <ul>{rows}</ul>
            </section>
        }
        .into_any()
    })
}
