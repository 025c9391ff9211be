//! The device's facts in order of urgency: how it stands, why, what it measures, what it is.

use super::{
    acts::Acts,
    alerts::OpenAlerts,
    checks::{Checks, reason},
    interfaces::Interfaces,
    router::Vitals,
    system::{Cost, Endings, Lacking, Sensors, System},
    wan::WanCard,
    week::Week,
};
use crate::{
    i18n::use_words,
    live::{RowSignal, use_fleet},
    pages::logs::LogCard,
    parts::{Beats, Icon, IconName, Since, StateMark, quiet_icon, quiet_told, use_now},
};
use leptos::prelude::*;
use model::{DevicePage, Interface, Metrics, State};

/// What a router told last: from the page at first, then from the live feed.
#[derive(Clone, Copy)]
pub struct Told {
    pub metrics: Memo<Metrics>,
    pub interfaces: Memo<Vec<Interface>>,
}

/// Another device gets a sheet of its own: drawn over, the first one's buttons would still listen.
#[component]
pub fn Detail(page: DevicePage, #[prop(optional)] alone: bool) -> impl IntoView {
    let id = page.device.id;
    view! {
        <For each=move || [id] key=|id| *id let:_id>
            <Sheet page=page.clone() alone />
        </For>
    }
}

#[component]
fn Sheet(
    page: DevicePage,
    /// It is the page, not a part of one: its name is the first heading.
    alone: bool,
) -> impl IntoView {
    let fleet = use_fleet();
    let id = page.device.id;
    let row = fleet.seed_row(&page.row);
    Effect::new(move |_| {
        fleet.watched.set(Some(id));
        on_cleanup(move || fleet.watched.set(None));
    });
    let (first_metrics, first_interfaces) = (page.metrics.clone(), page.interfaces.clone());
    let facts = fleet.watched.facts;
    let told = Told {
        metrics: Memo::new(move |_| {
            let live =
                facts.with(|facts| facts.as_ref().filter(|facts| facts.0 == id).map(|facts| facts.1.clone()));
            live.or_else(|| first_metrics.clone()).unwrap_or_default()
        }),
        interfaces: Memo::new(move |_| {
            let live =
                facts.with(|facts| facts.as_ref().filter(|facts| facts.0 == id).map(|facts| facts.2.clone()));
            live.unwrap_or_else(|| first_interfaces.clone())
        }),
    };
    let is_router = page.device.routeros.is_some();
    let may_log = page.may_log;
    let device = StoredValue::new(page.device.clone());
    let state = row.clone();
    let is_gone = Memo::new(move |_| fleet.is_gone(id));
    view! {
        <article
            class="detail"
            class:gone=move || is_gone.get()
            data-state=move || state.with(|row| row.live.state.word())
        >
            <Removed is_gone />
            <Head page=page.clone() row=row.clone() alone is_gone />
            <Quiet row=row.clone() />
            <Why row=row.clone() />
            <OpenAlerts id row=row.clone() />
            {is_router
                .then(|| {
                    view! {
                        <Vitals told />
                        <WanCard told id />
                    }
                })}
            <Checks row=row.clone() />
            <Week id row=row.clone() />
            {is_router
                .then(|| {
                    view! {
                        <Lacking told />
                        <Interfaces told />
                        <div class="detail-pair">
                            <System told device />
                            <div class="detail-stack">
                                <Sensors told />
                                <Cost told />
                                <Endings told />
                            </div>
                        </div>
                    }
                })}
            {(alone && may_log).then(|| view! { <LogCard id /> })}
        </article>
    }
}

#[component]
fn Head(page: DevicePage, row: RowSignal, alone: bool, is_gone: Memo<bool>) -> impl IntoView {
    let words = use_words();
    let device = page.device;
    let (state, since, beats) = (row.clone(), row.clone(), row.clone());
    let mut facts = vec![words.kind(device.kind).to_owned(), device.address.clone()];
    facts.extend(device.location.clone());
    facts.extend(page.parent_name.map(|parent| words.device_behind(&parent)));
    let note = device.description.clone().map(|note| view! { <p class="detail-note">{note}</p> });
    let name = device.name.clone();
    let name =
        if alone { view! { <h1>{name}</h1> }.into_any() } else { view! { <h2>{name}</h2> }.into_any() };
    let tags = device.tags.iter().map(|tag| view! { <span class="tag">{tag.clone()}</span> }).collect_view();
    view! {
        <header class="detail-head">
            <div class="detail-title">
                {name}
                <p class="detail-facts">{facts.into_iter().map(|fact| view! { <span>{fact}</span> }).collect_view()} {tags}</p>
                {note}
            </div>
            <div class="detail-state">
                <StateMark state=Signal::derive(move || state.with(|row| row.live.state)) />
                <span class="muted">
                    <Since at=Signal::derive(move || since.with(|row| row.live.since)) />
                </span>
                <Beats beats=Signal::derive(move || beats.with(|row| row.beats.clone())) />
            </div>
            {move || (!is_gone.get()).then(|| view! { <Acts device=device.clone() row=row.clone() /> })}
        </header>
    }
}

/// Somebody removed it while this page was open: what it shows is the past.
#[component]
fn Removed(is_gone: Memo<bool>) -> impl IntoView {
    let words = use_words();
    view! {
        <div class="detail-removed" role="status">
            {move || {
                is_gone
                    .get()
                    .then(|| {
                        view! {
                            <div class="note warn">
                                <Icon name=IconName::Warning />
                                <p>{words.device_removed()}</p>
                            </div>
                        }
                    })
            }}
        </div>
    }
}

/// What runs for it, so that nobody is told; where it is seen, it can be ended.
#[component]
fn Quiet(row: RowSignal) -> impl IntoView {
    let (words, now) = (use_words(), use_now());
    let mark = Memo::new(move |_| row.with(|row| row.quiet.clone()));
    move || {
        mark.get().map(|mark| {
            let icon = quiet_icon(mark.kind);
            let text = move || quiet_told(words, &mark, now.get());
            view! {
                <div class="note quiet-note">
                    <Icon name=icon />
                    <p>
                        {text} " " <a href="/admin/maintenance">{words.quiets_title()}</a>
                    </p>
                </div>
            }
        })
    }
}

/// Why it is not up, in the words of the last failure.
#[component]
fn Why(row: RowSignal) -> impl IntoView {
    let words = use_words();
    let why = Memo::new(move |_| {
        row.with(|row| match row.live.state {
            State::Paused => Some((State::Paused, words.device_paused().to_owned())),
            // No state of the device, but something to look after.
            State::Up => reason(words, row).map(|reason| (State::Unknown, reason)),
            state => reason(words, row).map(|reason| (state, reason)),
        })
    });
    move || {
        why.get().map(|(state, text)| {
            view! {
                <div class="note" data-state=state.word()>
                    <Icon name=if state == State::Paused { IconName::Pause } else { IconName::Warning } />
                    <p>{text}</p>
                </div>
            }
        })
    }
}
