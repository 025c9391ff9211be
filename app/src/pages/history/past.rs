//! One device's past: its states, what was measured, and its outages.

use super::{
    graph::{Cursor, Graph, Line},
    outages::Outages,
    range::{Range, RangeBar},
    sla::Promise,
    spent::Figures,
    states::States,
    zone::{Zone, provide_zone, use_zone},
};
use crate::{
    api::{ApiError, history::load_history, load::load},
    browser, format,
    i18n::{Words, use_words},
    pages::{dashboard::natural, device::Gone},
    parts::*,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map, use_query_map},
};
use model::{DeviceId, HistoryPage, Measure, Plot, State};

/// What the page asks the server for.
#[derive(Clone, PartialEq)]
struct Asked {
    id: Option<DeviceId>,
    range: Range,
    interface: Option<String>,
    /// Counts up to ask again.
    again: u32,
}

/// What the parts of the page tell each other.
#[derive(Clone, Copy)]
struct Asking {
    again: RwSignal<u32>,
    /// Another answer is on its way.
    is_busy: RwSignal<bool>,
    /// Somebody chose an interface, and goes on from there.
    is_choosing: RwSignal<bool>,
}

#[component]
pub fn PastPage() -> impl IntoView {
    let (words, params, query, now) = (use_words(), use_params_map(), use_query_map(), use_now());
    let asking =
        Asking { again: RwSignal::new(0), is_busy: RwSignal::new(false), is_choosing: RwSignal::new(false) };
    provide_context(asking);
    provide_context(Cursor(RwSignal::new(None)));
    provide_zone();
    let id = Memo::new(move |_| params.with(|params| params.get("id")?.parse::<DeviceId>().ok()));
    let range = Memo::new(move |_| query.with(Range::of));
    let interface = Memo::new(move |_| query.with(|query| query.get("interface")));
    let asked = Memo::new(move |_| Asked {
        id: id.get(),
        range: range.get(),
        interface: interface.get(),
        again: asking.again.get(),
    });
    Effect::new(move |before: Option<Asked>| {
        let asked = asked.get();
        if before.is_some_and(|before| before != asked) {
            asking.is_busy.set(true);
        }
        asked
    });
    let page = load(
        move || asked.get(),
        move |asked| async move {
            let (from, to) = asked.range.span(now.get_untracked());
            match asked.id {
                Some(id) => load_history(id, from, to, asked.interface).await,
                None => Err(ApiError::NotFound),
            }
        },
    );
    let span = Signal::derive(move || range.get().span(now.get_untracked()));
    view! {
        <div class="page history" class:busy=move || asking.is_busy.get()>
            <For each=move || id.get() key=|id| *id let:id>
                <div class="history-bar">
                    <a class="back" href=format!("/devices/{id}")>
                        <Icon name=IconName::Back />
                        {words.history_device()}
                    </a>
                    <RangeBar id range interface span />
                </div>
            </For>
            {when_loaded(page, move |page| answer(page, asking))}
        </div>
    }
}

fn answer(page: Result<HistoryPage, ApiError>, asking: Asking) -> AnyView {
    let words = use_words();
    Effect::new(move |_| asking.is_busy.set(false));
    match page {
        // Another answer gets a sheet of its own: drawn over, the first one's graphs would still listen.
        Ok(page) => {
            let key = (page.id, page.from, page.to, page.interface.clone(), page.now);
            view! {
                <For each=move || [key.clone()] key=|key| key.clone() let:_key>
                    <Sheet page=page.clone() />
                </For>
            }
            .into_any()
        }
        Err(ApiError::NotFound) => view! { <Gone /> }.into_any(),
        Err(error) => view! {
            <Title text=words.history_title() />
            <header class="page-head">
                <h1>{words.history_title()}</h1>
            </header>
            <div class="not-loaded">
                <ErrorNote error=Some(error) />
                <Button on:click=move |_| asking.again.update(|again| *again += 1)>{words.action_again()}</Button>
            </div>
        }
        .into_any(),
    }
}

#[component]
fn Sheet(page: HistoryPage) -> impl IntoView {
    let words = use_words();
    let span = (page.from, page.to);
    let paused = (page.state == State::Paused).then(|| {
        view! {
            <div class="note" data-state="paused">
                <Icon name=IconName::Pause />
                <p>{words.device_paused()}</p>
            </div>
        }
    });
    let measured = if page.plots.is_empty() {
        view! { <Empty icon=IconName::History title=words.history_empty_title() text=words.history_empty_text() /> }
            .into_any()
    } else {
        view! { <Graphs page=page.clone() /> }.into_any()
    };
    view! {
        <Title text=words.history_of(&page.name) />
        <div class="history-sheet">
            <Head page=page.clone() />
            {paused}
            <Figures spent=page.spent outages=page.outages_total />
            {page.sla.map(|sla| view! { <Promise sla /> })}
            <section class="card history-card">
                <States segments=page.segments.clone() windows=page.windows.clone() span />
            </section>
            {measured}
            <Outages page />
        </div>
    }
}

#[component]
fn Head(page: HistoryPage) -> impl IntoView {
    let (words, zone) = (use_words(), use_zone());
    let asking = use_context::<Asking>();
    let again = move |_| {
        if let Some(asking) = asking {
            asking.again.update(|again| *again += 1);
        }
    };
    let file = |what: &str| {
        let (from, to) = (format::iso(page.from), format::iso(page.to));
        format!("/api/devices/{}/{what}.csv?from={from}&to={to}", page.id)
    };
    let link = |what: &str, text: &'static str| file_link(file(what), text);
    let (from, to) = (page.from, page.to);
    let period = move || {
        let zone = zone.get();
        let whose = if zone == Zone::Utc { words.history_zone_utc() } else { words.history_zone_local() };
        let (from, to) = (zone.moment(words, from, false), zone.moment(words, to, false));
        format!("{from} – {to}, {whose}")
    };
    view! {
        <header class="page-head">
            <div>
                <h1>{page.name.clone()}</h1>
                <p class="history-facts">
                    <StateMark state=page.state />
                    <span>{format!("{} · {}", words.kind(page.kind), page.address)}</span>
                    <span>{period}</span>
                </p>
            </div>
            {link("history", words.history_csv_series())}
            {link("outages", words.history_csv_outages())}
            <Button on:click=again>
                <Icon name=IconName::Refresh />
                {words.history_refresh()}
            </Button>
        </header>
    }
}

#[component]
fn Graphs(page: HistoryPage) -> impl IntoView {
    let words = use_words();
    let span = (page.from, page.to);
    let of = |measure: Measure| page.plots.iter().filter(move |plot| plot.measure == measure).cloned();
    let alone = |plot: Plot| vec![Line { name: "", plot }];
    let trips = of(Measure::RoundTrip).map(|plot| {
        let title = words.history_round_trip(&check_word(words, &plot.subject));
        view! {
            <section class="card history-card">
                <Graph title measure=Measure::RoundTrip span lines=alone(plot) />
            </section>
        }
    });
    let traffic: Vec<Line> =
        [(Measure::RxRate, words.column_download()), (Measure::TxRate, words.column_upload())]
            .into_iter()
            .flat_map(|(measure, name)| of(measure).map(move |plot| Line { name, plot }))
            .collect();
    let traffic = (!traffic.is_empty()).then(|| {
        let title = words.history_traffic(&page.interface.clone().unwrap_or_default());
        view! {
            <section class="card history-card">
                <Interfaces page=page.clone() />
                <Graph title measure=Measure::RxRate span lines=traffic />
            </section>
        }
    });
    let small = [
        (Measure::CpuLoad, words.column_cpu()),
        (Measure::MemoryUse, words.column_memory()),
        (Measure::Temperature, words.history_temperature()),
        (Measure::Voltage, words.history_voltage()),
    ];
    let small: Vec<_> = small
        .into_iter()
        .flat_map(|(measure, title)| of(measure).map(move |plot| (measure, title, plot)))
        .map(|(measure, title, plot)| {
            view! {
                <section class="card history-card">
                    <Graph title measure span lines=alone(plot) small=true />
                </section>
            }
        })
        .collect();
    let small = (!small.is_empty()).then(|| view! { <div class="history-small">{small}</div> });
    view! {
        {trips.collect_view()}
        {traffic}
        {small}
    }
}

/// Which interface the traffic is of.
#[component]
fn Interfaces(page: HistoryPage) -> impl IntoView {
    let (words, query, navigate) = (use_words(), use_query_map(), use_navigate());
    let asking = use_context::<Asking>();
    let mut names = page.interfaces;
    names.sort_by_cached_key(|name| natural(name));
    let id = page.id;
    let choose = move |event| {
        let address = query.with_untracked(Range::of).address(id, Some(event_target_value(&event)));
        if let Some(asking) = asking {
            asking.is_choosing.set(true);
        }
        let options = NavigateOptions { scroll: false, replace: true, ..NavigateOptions::default() };
        navigate(&address, options);
    };
    // What was chosen with keys is gone on from with keys, though the page was drawn anew.
    Effect::new(move |_| {
        if asking.is_some_and(|asking| asking.is_choosing.try_update(std::mem::take).unwrap_or_default()) {
            browser::when_drawn(|| {
                browser::focus("#interface");
            });
        }
    });
    let option = |name: String| {
        let is_chosen = Some(&name) == page.interface.as_ref();
        view! { <option value=name.clone() selected=is_chosen>{name.clone()}</option> }
    };
    view! {
        <label class="history-interface">
            <span>{words.history_interface()}</span>
            <select id="interface" class="input" on:change=choose>
                {names.into_iter().map(option).collect_view()}
            </select>
        </label>
    }
}

/// A check by its subject: `icmp`, `tcp:443`, `routeros`.
fn check_word(words: Words, subject: &str) -> String {
    let (kind, port) = subject.split_once(':').unwrap_or((subject, ""));
    let word = match kind {
        "icmp" => words.check_icmp(),
        "tcp" => words.check_tcp(),
        "routeros" => words.check_routeros(),
        other => other,
    };
    format!("{word} {port}").trim_end().to_owned()
}
