//! The open ones before those that are over, and what stands there when there are none.

use super::{
    Alerts,
    acknowledge::Acknowledge,
    row, silence,
    wanted::{PAGE, Wanted},
};
use crate::{
    format,
    i18n::{Words, use_words},
    parts::*,
    use_visitor,
};
use leptos::prelude::*;
use model::IncidentId;
use std::cmp::Reverse;

pub fn list(alerts: Alerts) -> AnyView {
    let words = use_words();
    let [answering, silencing] = [(); 2].map(|()| RwSignal::new(false));
    let is_admin = use_visitor().is_admin();
    let open = move || alerts.page.with(|page| page.open);
    let some = move |is_over: bool| {
        let ids = move || ids(alerts, is_over);
        let title = if is_over { words.alerts_over() } else { words.alerts_open() };
        view! {
            <Show when=move || !ids().is_empty()>
                <section>
                    <h2>
                        {title} {(!is_over).then(|| view! { <span class="alerts-count" title=move || words.alerts_said(open())>{open}</span> })}
                    </h2>
                    <ol class="list">
                        {each(ids, move |id| row::row(alerts, IncidentId(id), is_over, (answering, silencing)))}
                    </ol>
                </section>
            </Show>
        }
    };
    view! {
        <header class="page-head">
            <div>
                <h1>{words.alerts_title()}</h1>
                <p>
                    {words.alerts_lead()} " " <a href="/account">{words.push_offer()}</a>
                </p>
            </div>
            <a class=Look::Plain.class() href="/admin/maintenance">
                <Icon name=IconName::Wrench />
                {words.quiets_title()}
            </a>
            <a class=Look::Plain.class() href="/admin/rules">
                <Icon name=IconName::Check />
                {words.alerts_rules()}
            </a>
            {filter(words, alerts.wanted)}
        </header>
        // Said when it changes, and the numbers of the seconds are not.
        <p class="hidden" role="status">{move || words.alerts_said(open())}</p>
        <Show when=move || is_admin && !alerts.page.with(|page| page.is_told)>
            {untold(words)}
        </Show>
        {some(false)}
        {calm(alerts)}
        {some(true)}
        {pager(alerts)}
        <Acknowledge alerts open=answering />
        {silence::silence(alerts, silencing)}
    }
    .into_any()
}

fn ids(alerts: Alerts, is_over: bool) -> Vec<i64> {
    alerts.page.with(|page| {
        let some = page.alerts.iter().filter(|alert| alert.incident.closed_at.is_some() == is_over);
        let mut some: Vec<_> = some.map(|alert| &alert.incident).collect();
        if !is_over {
            // What matters most, and of that the newest.
            some.sort_by_key(|incident| (incident.severity, Reverse(incident.opened_at)));
        }
        some.into_iter().map(|incident| incident.id.0).collect()
    })
}

/// Links, so that they work without scripts and can be kept.
fn filter(words: Words, wanted: Wanted) -> AnyView {
    let link = |text: &'static str, only_open: bool| {
        let is_here = (wanted.only_open == only_open).then_some("page");
        view! {
            <a class="button" href=Wanted { only_open, page: 1 }.href() aria-current=is_here>
                {text}
            </a>
        }
    };
    view! {
        <nav class="segments" aria-label=words.alerts_filter()>
            {link(words.alerts_all(), false)} {link(words.alerts_only_open(), true)}
        </nav>
    }
    .into_any()
}

/// Without a channel only those know who look.
fn untold(words: Words) -> AnyView {
    view! {
        <div class="note warn alerts-untold">
            <Icon name=IconName::Bell />
            <p>
                {words.alerts_untold()} " " <a href="/admin/channels">{words.alerts_untold_add()}</a>
            </p>
        </div>
    }
    .into_any()
}

/// What stands where nothing is wrong: alone, or above what is over.
fn calm(alerts: Alerts) -> AnyView {
    let (words, now) = (use_words(), use_now());
    let is_admin = use_visitor().is_admin();
    let with = move || alerts.page.with(|page| (page.open, page.watched, page.alerts.is_empty()));
    let kind = Memo::new(move |_| match with() {
        // Beyond the last page.
        (_, _, true) if alerts.wanted.page > 1 => Calm::Beyond,
        (1.., ..) => Calm::Not,
        (0, _, false) if alerts.wanted.page > 1 => Calm::Not,
        (0, _, false) => Calm::Line,
        (0, 0, true) => Calm::Unwatched,
        (0, _, true) => Calm::Alone,
    });
    let text = move || {
        let (watched, since) = alerts.page.with(|page| (page.watched, page.watching_since));
        words.alerts_calm_text(watched, &format::span(words, now.get().since_ms(since) / 1000))
    };
    view! {
        <Show when=move || kind.get() == Calm::Line>
            <div class="note good alerts-calm">
                <Icon name=IconName::Check />
                <p>
                    <strong>{words.alerts_calm()}</strong> " " {text}
                </p>
            </div>
        </Show>
        <Show when=move || kind.get() == Calm::Alone>
            <div class="empty">
                <span class="empty-icon good">
                    <Icon name=IconName::Check />
                </span>
                <h2>{words.alerts_calm()}</h2>
                <p>{text}</p>
            </div>
        </Show>
        <Show when=move || kind.get() == Calm::Unwatched>
            <Empty
                title=words.empty_title()
                text=if is_admin { words.empty_text() } else { words.empty_viewer() }
            >
                {is_admin.then(|| view! { <a class=Look::Primary.class() href="/admin/routers/new">{words.empty_add()}</a> })}
            </Empty>
        </Show>
        <Show when=move || kind.get() == Calm::Beyond>
            <Empty icon=IconName::Bell title=words.alerts_beyond() text=words.alerts_beyond_text()>
                <a class=Look::Plain.class() href=Wanted { page: 1, ..alerts.wanted }.href()>
                    {words.alerts_newest()}
                </a>
            </Empty>
        </Show>
    }
    .into_any()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Calm {
    /// Something is wrong.
    Not,
    Line,
    Alone,
    Unwatched,
    Beyond,
}

fn pager(alerts: Alerts) -> AnyView {
    let words = use_words();
    let wanted = alerts.wanted;
    let to = move |page: u64| Wanted { page, ..wanted }.href();
    let range = move || {
        let (shown, total) = alerts.page.with(|page| (page.alerts.len() as u64, page.total));
        (shown > 0).then(|| words.list_range(&(wanted.offset() + 1), &(wanted.offset() + shown), &total))
    };
    let has_older = move || alerts.page.with(|page| wanted.offset() + PAGE < page.total);
    let newer = (wanted.page > 1).then(|| to(wanted.page - 1));
    let older = Signal::derive(move || has_older().then(|| to(wanted.page + 1)));
    view! { <Pager newer older range=Signal::derive(range) /> }.into_any()
}
