//! The report itself.

use crate::{
    format,
    i18n::{Words, use_words},
    pages::history::{length, share},
    parts::*,
};
use leptos::prelude::*;
use model::{Compared, ReportPage, State, Summary};

/// The whole report, without anything that listens: it is drawn again for another period.
pub fn sheet(page: ReportPage) -> AnyView {
    let words = use_words();
    let ReportPage { summary, uptimes, now } = page;
    provide_now(now);
    let lists = [
        down(words, &summary),
        worst(words, &summary),
        busiest(words, &summary),
        reconnects(words, &summary),
    ];
    let shown = u32::try_from(uptimes.rows.len()).unwrap_or(u32::MAX);
    let cut = (shown < uptimes.total)
        .then(|| view! { <p class="history-more">{words.history_cut(&shown, &uptimes.total)}</p> });
    let rows = uptimes.rows.iter().map(|row| line(words, row)).collect_view();
    view! {
        <p class="report-period">{format!("{} – {}", moment(summary.from), moment(summary.to))}</p>
        {figures(words, &summary)}
        <div class="report-lists">{lists}</div>
        <div class="report-table">
            <table class="report-uptimes">
                <thead>
                    <tr>
                        <th>{words.column_name()}</th>
                        <th class="num">{words.history_uptime()}</th>
                        <th class="num">{words.history_downtime()}</th>
                        <th class="num">{words.history_outages()}</th>
                        <th class="num">{words.history_observed()}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {cut}
    }
    .into_any()
}

/// For people of whom it is not known where they are: the sheet is printed and handed on.
fn moment(at: model::Timestamp) -> String {
    let iso = format::iso(at);
    let (day, time) = iso.split_once('T').unwrap_or((&iso, ""));
    format!("{day} {} UTC", time.chars().take("hh:mm".len()).collect::<String>())
}

fn figures(words: Words, summary: &Summary) -> AnyView {
    let figure = |name: String, value: String, look: &'static str| {
        view! {
            <div class="vital figure" data-state=look>
                <dt>{name}</dt>
                <dd>
                    <strong>{value}</strong>
                </dd>
            </div>
        }
    };
    let counted = State::ALL
        .into_iter()
        .filter(|state| *state == State::Up || *state == State::Down || summary.counts.of(*state) > 0);
    let counts = counted.map(|state| {
        let count = summary.counts.of(state);
        let look = if count > 0 { state.word() } else { "" };
        figure(state_word(words, state).to_owned(), count.to_string(), look)
    });
    let unseen = (summary.unseen > 0).then(|| {
        let text = format!("{} {}", summary.unseen, words.report_unseen());
        view! { <span class="muted">{text}</span> }
    });
    view! {
        <dl class="vitals figures">
            {counts.collect_view()}
            {figure(words.history_outages().to_owned(), summary.outages.to_string(), "")}
            <div class="vital figure">
                <dt>{words.report_open()}</dt>
                <dd>
                    <strong>{summary.open}</strong>
                    {unseen}
                </dd>
            </div>
        </dl>
    }
    .into_any()
}

fn list(title: &str, rows: Vec<(String, String)>, more: Option<String>) -> Option<AnyView> {
    if rows.is_empty() {
        return None;
    }
    let rows = rows.into_iter().map(|(name, what)| {
        view! {
            <li>
                <strong>{name}</strong>
                <span>{what}</span>
            </li>
        }
    });
    let more = more.map(|more| view! { <li>{more}</li> });
    Some(
        view! {
            <section class="report-list">
                <h2>{title.to_owned()}</h2>
                <ul>{rows.collect_view()} {more}</ul>
            </section>
        }
        .into_any(),
    )
}

fn down(words: Words, summary: &Summary) -> Option<AnyView> {
    let row = |one: &model::DownNow| {
        let span = format::span(words, summary.to.since_ms(one.since) / 1_000);
        let cause = one.cause.as_ref().map(|cause| format!(" · {}", words.cause(cause))).unwrap_or_default();
        (one.name.clone(), format!("{span}{cause}"))
    };
    let rows: Vec<_> = summary.down.iter().map(row).collect();
    let left = u64::from(summary.down_total).saturating_sub(rows.len() as u64);
    list(words.report_down(), rows, (left > 0).then(|| words.told_more(left)))
}

fn worst(words: Words, summary: &Summary) -> Option<AnyView> {
    let row = |one: &model::Worst| {
        (one.name.clone(), format!("{} · {}", format::share(words, one.uptime), length(words, one.down_ms)))
    };
    list(words.report_worst(), summary.worst.iter().map(row).collect(), None)
}

fn busiest(words: Words, summary: &Summary) -> Option<AnyView> {
    let row = |one: &model::Busy| {
        let (rx, tx) = (format::rate(words, one.rx_bps), format::rate(words, one.tx_bps));
        (format!("{} · {}", one.name, one.interface), format!("↓ {rx} ↑ {tx}"))
    };
    list(words.report_busiest(), summary.busiest.iter().map(row).collect(), None)
}

fn reconnects(words: Words, summary: &Summary) -> Option<AnyView> {
    let row = |one: &model::Reconnects| (one.name.clone(), one.total.to_string());
    list(words.report_reconnects(), summary.reconnects.iter().map(row).collect(), None)
}

fn line(words: Words, row: &Compared) -> AnyView {
    let state = row.state;
    view! {
        <tr>
            <td>
                <StateMark state=Signal::stored(state) quiet=true />
                " "
                <a href=format!("/history/{}", row.id)>{row.name.clone()}</a>
            </td>
            <td class="num">{share(words, row.spent.uptime)}</td>
            <td class="num">{length(words, row.spent.down_ms)}</td>
            <td class="num">{row.outages}</td>
            <td class="num">{share(words, row.spent.observed_share())}</td>
        </tr>
    }
    .into_any()
}
