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
    api::logs::load_logs,
    i18n::{Words, use_words},
    parts::*,
};
use leptos::prelude::*;
use leptos_meta::Title;
use list::list;
use model::{LogLevel, LogPage, LogScope, LogStranger};
use wanted::{HOME, Wanted};

#[component]
pub fn LogsPage() -> impl IntoView {
    let words = use_words();
    view! {
        <Title text=words.logs_title() />
        <div class="page logs">
            {addressed(Wanted::of, |wanted| load_logs(wanted.wish()), whole)}
        </div>
    }
}

fn whole(page: LogPage, wanted: Wanted) -> AnyView {
    let words = use_words();
    let scope = wanted.device.map_or(LogScope::Fleet, LogScope::Device);
    let (is_empty, is_plain) = (page.lines.is_empty(), wanted.is_plain());
    let older = Signal::stored(page.next.map(|next| wanted.href(Some(next))));
    let newer = wanted.before.map(|_| wanted.href(None));
    let strangers = strangers(words, &page.strangers);
    view! {
        <header class="page-head">
            <div>
                <h1>{words.logs_title()}</h1>
                <p>{words.logs_lead()}</p>
            </div>
            {file_link(wanted.file(), "CSV")}
        </header>
        {filtering(words, &wanted)}
        {list(page, wanted.wish(), scope, list::Way { has_names: true, is_plain })}
        <Pager newer older is_empty />
        {strangers}
    }
    .into_any()
}

fn filtering(words: Words, wanted: &Wanted) -> AnyView {
    let device = wanted.device.map(|id| view! { <input type="hidden" name="device" value=id.to_string() /> });
    let name = wanted.device.is_none().then(|| filter_text(words.log_device(), "name", "text", &wanted.name));
    let severity = view! { <select class="input" name="severity">{levels(words, &wanted.severity)}</select> };
    let fields = view! {
        {device}
        {name}
        {filter_text(words.audit_text(), "search", "search", &wanted.text)}
        {filter_field(words.log_severity(), severity.into_any())}
        {filter_text(words.log_topics(), "topics", "text", &wanted.topics)}
        {filter_text(words.history_from(), "from", "date", &wanted.from)}
        {filter_text(words.history_to(), "to", "date", &wanted.to)}
    };
    filter(HOME, fields.into_any())
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
