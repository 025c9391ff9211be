//! When the device was down, and why: the newest first.

use super::{
    spent::length,
    zone::{Zone, use_zone},
};
use crate::{
    format,
    i18n::{Words, use_words},
    parts::Card,
};
use leptos::prelude::*;
use model::{HistoryPage, PastOutage, Timestamp};

#[component]
pub fn Outages(page: HistoryPage) -> impl IntoView {
    let words = use_words();
    let shown = u32::try_from(page.outages.len()).unwrap_or(u32::MAX);
    let more = (shown < page.outages_total).then(|| {
        let text = words.history_outages_more(&shown, &page.outages_total);
        view! { <p class="history-more">{text}</p> }
    });
    let now = page.now;
    let content = if page.outages.is_empty() {
        view! { <p class="history-quiet">{words.history_outages_none()}</p> }.into_any()
    } else {
        let lines = page.outages.into_iter().map(|outage| line(words, outage, now)).collect_view();
        view! {
            <div class="outages" role="table" aria-label=words.history_outages() tabindex="0">
                <div class="outage-row outage-head" role="row">
                    <span role="columnheader">{words.history_start()}</span>
                    <span role="columnheader">{words.history_end()}</span>
                    <span role="columnheader" class="num">{words.history_length()}</span>
                    <span role="columnheader">{words.history_cause()}</span>
                </div>
                {lines}
            </div>
        }
        .into_any()
    };
    view! { <Card title=words.history_outages()>{content} {more}</Card> }
}

fn line(words: Words, outage: PastOutage, now: Timestamp) -> impl IntoView {
    let lasted = outage.end.unwrap_or(now).since_ms(outage.start).unsigned_abs();
    let end = match outage.end {
        Some(end) => view! { <Instant at=end /> }.into_any(),
        None => view! { <span class="outage-open">{words.history_ongoing()}</span> }.into_any(),
    };
    view! {
        <div class="outage-row" role="row">
            <span role="cell" data-label=words.history_start()>
                <Instant at=outage.start />
            </span>
            <span role="cell" data-label=words.history_end()>{end}</span>
            <span role="cell" class="num" data-label=words.history_length()>{length(words, lasted)}</span>
            <span role="cell" class="outage-cause" data-label=words.history_cause()>
                {outage.cause.map_or_else(|| words.history_cause_none().to_owned(), |cause| words.cause(&cause))}
            </span>
        </div>
    }
}

/// A moment by the reader's clock, to the second.
#[component]
fn Instant(at: Timestamp) -> impl IntoView {
    let (words, zone) = (use_words(), use_zone());
    let text = move || Zone::moment(zone.get(), words, at, true);
    view! { <time datetime=format::iso(at)>{text}</time> }
}
