//! The audit log, for admins: who did what, when, and from where.
//!
//! What it shows was typed by people and sent by strangers; it is only ever text here.

mod chain;
mod wanted;

use crate::{
    api::audit::load_audit,
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
use model::{Act, AuditEntry, AuditPage as Page};
use wanted::{HOME, Wanted};

#[component]
pub fn AuditPage() -> impl IntoView {
    let words = use_words();
    if !use_visitor().is_admin() {
        return not_allowed();
    }
    provide_zone();
    view! {
        <Title text=words.audit_title() />
        <div class="page audit">
            {addressed(Wanted::of, |wanted| load_audit(wanted.wish()), list)}
        </div>
    }
    .into_any()
}

fn list(page: Page, wanted: Wanted) -> AnyView {
    let words = use_words();
    let is_empty = page.entries.is_empty();
    let rows: Vec<_> = page.entries.into_iter().map(|entry| row(words, entry)).collect();
    let older = Signal::stored(page.next.map(|next| wanted.href(Some(next))));
    let newer = wanted.before.map(|_| wanted.href(None));
    view! {
        <header class="page-head">
            <div>
                <h1>{words.audit_title()}</h1>
                <p>{words.audit_lead()}</p>
            </div>
            {file_link(wanted.file("csv"), "CSV")} {file_link(wanted.file("json"), "JSON")}
        </header>
        {chain::chain(page.chain)}
        {filtering(words, &wanted)}
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
        <Pager newer older is_empty />
    }
    .into_any()
}

fn filtering(words: Words, wanted: &Wanted) -> AnyView {
    let option = |act: &Act| {
        let (word, is_chosen) = (act.word(), act.word() == wanted.act);
        view! { <option value=word selected=is_chosen>{act_word(words, word)}</option> }
    };
    let acts = view! {
        <select class="input" name="act">
            <option value="">{words.audit_all()}</option>
            {Act::ALL.iter().map(option).collect_view()}
        </select>
    };
    let fields = view! {
        {filter_text(words.audit_who(), "who", "text", &wanted.who)}
        {filter_field(words.audit_act(), acts.into_any())}
        {filter_text(words.audit_text(), "text", "search", &wanted.text)}
        {filter_text(words.history_from(), "from", "date", &wanted.from)}
        {filter_text(words.history_to(), "to", "date", &wanted.to)}
    };
    filter(HOME, fields.into_any())
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
