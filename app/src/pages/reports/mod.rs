//! Reports: how everything is and was, to print or to hand on; and, for admins, where it is sent by itself.

mod plan;
mod sheet;

use crate::{
    api::{load::load, reports::load_report_page},
    i18n::use_words,
    parts::*,
    use_visitor,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use plan::Plan;

/// Periods that can be chosen, in days.
const DAYS: [u32; 3] = [1, 7, 30];
const DAYS_DEFAULT: u32 = 7;

#[component]
pub fn ReportsPage() -> impl IntoView {
    let (words, query) = (use_words(), use_query_map());
    let days = Memo::new(move |_| {
        let asked = query.with(|query| query.get("days")?.parse().ok());
        asked.filter(|days| DAYS.contains(days)).unwrap_or(DAYS_DEFAULT)
    });
    let loaded = load(move || days.get(), load_report_page);
    let link = move |number: u32, text: &'static str| {
        let is_it = move || if days.get() == number { "page" } else { "false" };
        view! {
            <a href=format!("/reports?days={number}") data-noscroll="" aria-current=is_it>
                {text}
            </a>
        }
    };
    let csv = move || format!("/api/reports/uptime.csv?days={}", days.get());
    view! {
        <Title text=words.report_title() />
        <div class="page reports">
            <header class="page-head">
                <div>
                    <h1>{words.report_title()}</h1>
                    <p class="screen-only">{words.report_lead()}</p>
                </div>
                <nav class="segmented" aria-label=words.history_period()>
                    {link(DAYS[0], words.history_day())}
                    {link(DAYS[1], words.history_week())}
                    {link(DAYS[2], words.history_month())}
                </nav>
                <Button on:click=move |_| crate::browser::print()>{words.report_print()}</Button>
                {file_link(Signal::derive(csv), "CSV")}
            </header>
            {when_found(loaded, sheet::sheet)}
            {use_visitor().is_admin().then(|| view! { <Plan /> })}
        </div>
    }
}
