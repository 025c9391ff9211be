//! The devices beside each other, those with the least uptime first.

use super::{
    cells::Cells,
    sla::budget_mark,
    spent::{Figures, length, share, sum},
};
use crate::{
    api::{history::load_report, load::load},
    i18n::use_words,
    parts::*,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use model::{Compared, Comparison};
use std::sync::Arc;

/// Periods that can be chosen, in days.
const DAYS: [u32; 3] = [1, 7, 30];
const DAYS_DEFAULT: u32 = 7;

#[component]
pub fn ComparePage() -> impl IntoView {
    let (words, query) = (use_words(), use_query_map());
    let days = Memo::new(move |_| {
        let asked = query.with(|query| query.get("days")?.parse().ok());
        asked.filter(|days| DAYS.contains(days)).unwrap_or(DAYS_DEFAULT)
    });
    let loaded = load(move || days.get(), |days| load_report(days, None));
    let link = move |number: u32, text: &'static str| {
        let is_it = move || if days.get() == number { "page" } else { "false" };
        view! {
            <a href=format!("/history?days={number}") data-noscroll="" aria-current=is_it>
                {text}
            </a>
        }
    };
    // It is kept when another period is chosen.
    let typed = RwSignal::new(String::new());
    view! {
        <Title text=words.history_title() />
        <div class="page history">
            <header class="page-head">
                <div>
                    <h1>{words.history_title()}</h1>
                    <p>{words.history_lead()}</p>
                </div>
                <nav class="segmented" aria-label=words.history_period()>
                    {link(DAYS[0], words.history_day())}
                    {link(DAYS[1], words.history_week())}
                    {link(DAYS[2], words.history_month())}
                </nav>
                <a class=Look::Plain.class() href="/reports">
                    {words.report_title()}
                </a>
            </header>
            {when_loaded(loaded, move |loaded| match loaded {
                Ok(loaded) if loaded.total == 0 => view! { <Nothing /> }.into_any(),
                Ok(loaded) => {
                    let key = loaded.days;
                    // What listens in it must not listen twice.
                    view! {
                        <For each=move || [key] key=|key| *key let:_key>
                            <Table loaded=loaded.clone() typed />
                        </For>
                    }
                        .into_any()
                }
                Err(error) => not_loaded(error),
            })}
        </div>
    }
}

#[component]
fn Nothing() -> impl IntoView {
    let words = use_words();
    view! {
        <Empty icon=IconName::History title=words.history_none_title() text=words.history_none_text()>
            <a class=Look::Primary.class() href="/">
                {words.nav_dashboard()}
            </a>
        </Empty>
    }
}

#[component]
fn Table(loaded: Comparison, typed: RwSignal<String>) -> impl IntoView {
    let words = use_words();
    let spent = sum(loaded.rows.iter().map(|row| &row.spent));
    let outages = loaded.rows.iter().map(|row| row.outages).sum();
    let shown = u32::try_from(loaded.rows.len()).unwrap_or(u32::MAX);
    let cut = (shown < loaded.total).then(|| {
        view! { <p class="history-more">{words.history_cut(&shown, &loaded.total)}</p> }
    });
    let days = loaded.days;
    let rows = Arc::new(loaded.rows);
    let (listed, drawn) = (rows.clone(), rows);
    let found = Memo::new(move |_| {
        let wanted = typed.get().to_lowercase();
        let fits = |row: &&Compared| fits(row, &wanted);
        listed.iter().filter(fits).map(|row| row.id.0).collect::<Vec<_>>()
    });
    let draw = move |id: i64| {
        drawn.iter().find(|row| row.id.0 == id).map(|row| view! { <Line row=row.clone() days /> }).into_any()
    };
    view! {
        <Figures spent outages devices=loaded.total />
        <Filter typed shown=Signal::derive(move || found.with(Vec::len)) total=loaded.total />
        <div class="list" role="table" aria-label=words.history_title()>
            <div class="list-head history-row" role="row">
                <span role="columnheader">{words.column_name()}</span>
                <span role="columnheader">{words.history_states()}</span>
                <span role="columnheader" class="num">{words.history_uptime()}</span>
                <span role="columnheader" class="num">{words.history_downtime()}</span>
                <span role="columnheader" class="num">{words.history_outages()}</span>
                <span role="columnheader" class="num">{words.history_observed()}</span>
            </div>
            {each(move || found.get(), draw)}
        </div>
        <p class="list-none" role="status">
            {move || found.with(Vec::is_empty).then(|| words.history_filter_none())}
        </p>
        {cut}
    }
}

/// Every word must be somewhere in what is known of it.
fn fits(row: &Compared, wanted: &str) -> bool {
    let known = format!("{} {} {}", row.name, row.address, row.location.as_deref().unwrap_or_default());
    let known = known.to_lowercase();
    wanted.split_whitespace().all(|word| known.contains(word))
}

#[component]
fn Filter(typed: RwSignal<String>, shown: Signal<usize>, total: u32) -> impl IntoView {
    let words = use_words();
    let count = move || {
        let is_filtered = typed.with(|typed| !typed.trim().is_empty());
        is_filtered.then(|| words.history_shown(&shown.get(), &total))
    };
    view! {
        <div class="search">
            <Icon name=IconName::Search />
            <input
                class="input"
                type="search"
                name="filter"
                aria-label=words.history_filter()
                placeholder=words.history_filter()
                autocomplete="off"
                spellcheck="false"
                prop:value=move || typed.get()
                on:input=move |event| typed.set(event_target_value(&event))
            />
            <span class="search-count" role="status">{count}</span>
        </div>
    }
}

#[component]
fn Line(row: Compared, days: u32) -> impl IntoView {
    let words = use_words();
    let uptime = share(words, row.spent.uptime);
    let label = words.history_cells_label(row.outages.into(), &uptime);
    let range = if days == 1 { "24h".to_owned() } else { format!("{days}d") };
    let mut facts = vec![words.kind(row.kind).to_owned(), row.address.clone()];
    facts.extend(row.location.clone());
    let is_whole = row.spent.down_ms == 0 && row.spent.uptime.is_some();
    view! {
        <div class="history-row list-row" role="row">
            <span role="cell" class="history-who">
                <StateMark state=row.state quiet=true />
                <span>
                    <a href=format!("/history/{}?range={range}", row.id)>{row.name}</a>
                    <small>{facts.join(" · ")}</small>
                </span>
            </span>
            <span role="cell" class="history-cells">
                <Cells cells=row.cells label />
            </span>
            <span role="cell" class="num history-uptime" class:whole=is_whole data-label=words.history_uptime()>
                {uptime} {row.sla.map(|sla| budget_mark(words, &sla))}
            </span>
            <span role="cell" class="num" class:faint=row.spent.down_ms == 0 data-label=words.history_downtime()>
                {length(words, row.spent.down_ms)}
            </span>
            <span role="cell" class="num" class:faint=row.outages == 0 data-label=words.history_outages()>
                {row.outages}
            </span>
            <span role="cell" class="num" data-label=words.history_observed()>
                {share(words, row.spent.observed_share())}
            </span>
        </div>
    }
}
