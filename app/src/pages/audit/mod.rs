//! The audit log, for admins: who did what, when, and from where.
//!
//! What it shows was typed by people and sent by strangers; it is only ever text here.

mod chain;
mod wanted;

use crate::{
    api::{ApiError, audit::load_audit, load::load},
    i18n::{Words, use_words},
    pages::{
        history::{provide_zone, use_zone},
        not_allowed::not_allowed,
    },
    parts::*,
    use_visitor,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use model::{Act, AuditEntry, AuditPage as Page};
use wanted::Wanted;

#[component]
pub fn AuditPage() -> impl IntoView {
    let words = use_words();
    if !use_visitor().is_admin() {
        return not_allowed();
    }
    provide_zone();
    let query = use_query_map();
    let wanted = Memo::new(move |_| query.with(Wanted::of));
    let loaded = load(
        move || wanted.get(),
        |wanted| async move { Ok::<_, ApiError>((load_audit(wanted.wish()).await?, wanted)) },
    );
    view! {
        <Title text=words.audit_title() />
        <div class="page audit">
            {when_loaded(loaded, |answer| match answer {
                // Another answer gets a list of its own.
                Ok(answer) => view! {
                    <For each=move || [answer.clone()] key=|answer| answer.1.clone() children=|(page, wanted)| list(page, wanted) />
                }
                .into_any(),
                Err(error) => not_loaded(error),
            })}
        </div>
    }
    .into_any()
}

fn list(page: Page, wanted: Wanted) -> AnyView {
    let words = use_words();
    let file = |ending: &str, text: &'static str| {
        view! {
            <a class=Look::Plain.class() href=wanted.file(ending) download="" rel="external">
                <Icon name=IconName::Download />
                {text}
            </a>
        }
    };
    let is_empty = page.entries.is_empty();
    let rows: Vec<_> = page.entries.into_iter().map(|entry| row(words, entry)).collect();
    let next = page.next.map(|next| {
        let text = if is_empty { words.audit_more() } else { words.alerts_older() };
        view! { <a class="button" href=wanted.href(Some(next))>{text}</a> }
    });
    let newest =
        wanted.before.map(|_| view! { <a class="button" href=wanted.href(None)>{words.alerts_newer()}</a> });
    view! {
        <header class="page-head">
            <div>
                <h1>{words.audit_title()}</h1>
                <p>{words.audit_lead()}</p>
            </div>
            {file("csv", "CSV")} {file("json", "JSON")}
        </header>
        {chain::chain(page.chain)}
        {filter(words, &wanted)}
        <div class="list" role="table" aria-label=words.audit_title()>
            <div class="list-head audit-row" role="row">
                <span role="columnheader">{words.audit_when()}</span>
                <span role="columnheader">{words.audit_who()}</span>
                <span role="columnheader">{words.audit_act()}</span>
                <span role="columnheader">{words.audit_where()}</span>
            </div>
            {rows}
        </div>
        {is_empty.then(|| view! { <p class="list-none">{words.audit_none()}</p> })}
        <nav class="pager" aria-label=words.alerts_pages()>{newest} {next}</nav>
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
    let option = |act: &Act| {
        let (word, is_chosen) = (act.word(), act.word() == wanted.act);
        view! { <option value=word selected=is_chosen>{act_word(words, word)}</option> }
    };
    view! {
        <form class="audit-filter" role="search" method="get" action="/admin/audit">
            {input("who", words.audit_who(), "text", &wanted.who)}
            <label class="audit-field">
                <span>{words.audit_act()}</span>
                <select class="input" name="act">
                    <option value="">{words.audit_all()}</option>
                    {Act::ALL.iter().map(option).collect_view()}
                </select>
            </label>
            {input("text", words.audit_text(), "search", &wanted.text)}
            {input("from", words.history_from(), "date", &wanted.from)}
            {input("to", words.history_to(), "date", &wanted.to)}
            <Button submit=true>{words.audit_filter()}</Button>
        </form>
    }
    .into_any()
}

fn row(words: Words, entry: AuditEntry) -> AnyView {
    let zone = use_zone();
    let at = entry.at;
    let time = Signal::derive(move || zone.get().moment(words, at, true));
    let via = words.by_key(&format!("audit_via_{}", entry.via)).map_or(entry.via, str::to_owned);
    let detail = entry.detail.map(|detail| view! { <small>{detail}</small> });
    view! {
        <div class="audit-row list-row" role="row">
            <span role="cell"><Moment at text=time /></span>
            <span role="cell">
                <strong>{entry.who}</strong>
                <small>{via}</small>
            </span>
            <span role="cell">
                <span>{act_word(words, &entry.act)} {entry.subject.map(|subject| view! { ": " <b>{subject}</b> })}</span>
                {detail}
            </span>
            <span role="cell">{entry.address}</span>
        </div>
    }
    .into_any()
}

/// An act of a newer version stays the word that it is.
fn act_word(words: Words, word: &str) -> String {
    words.by_key(&format!("act_{word}")).map_or_else(|| word.to_owned(), str::to_owned)
}
