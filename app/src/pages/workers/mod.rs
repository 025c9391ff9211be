//! The program's own workers, for admins: which run, what they last did, and what went wrong.

use crate::{
    api::{load::load, workers::load_workers},
    i18n::{Words, use_words},
    pages::not_allowed::not_allowed,
    parts::*,
    use_visitor,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use model::{Timestamp, Worker, WorkerState};
use std::time::Duration;

/// Between two questions to the server, while the page is open.
const ASK_EVERY: Duration = Duration::from_secs(5);

#[component]
pub fn WorkersPage() -> impl IntoView {
    let words = use_words();
    if !use_visitor().is_admin() {
        return not_allowed();
    }
    let loaded = load(|| (), |()| load_workers());
    view! {
        <Title text=words.workers_title() />
        <div class="page">
        {when_found(loaded, worker_list)}
        </div>
    }
    .into_any()
}

fn worker_list(loaded: Vec<Worker>) -> AnyView {
    let words = use_words();
    let list = RwSignal::new(loaded);
    follow(list);
    let names = move || list.with(|all| all.iter().map(|worker| worker.name.clone()).collect::<Vec<_>>());
    view! {
        <header class="page-head">
            <div>
                <h1>{words.workers_title()}</h1>
                <p>{words.workers_lead()}</p>
            </div>
        </header>
        <div class="list" role="table" aria-label=words.workers_title()>
            <div class="list-head worker-row" role="row">
                <span role="columnheader">{words.worker_name()}</span>
                <span role="columnheader">{words.worker_state()}</span>
                <span role="columnheader">{words.worker_last_run()}</span>
                <span role="columnheader">{words.worker_restarts()}</span>
                <span role="columnheader">{words.worker_last_error()}</span>
            </div>
            <For each=names key=|name| name.clone() let:name>
                <WorkerRow list name />
            </For>
        </div>
    }
    .into_any()
}

/// Asks the server again and again. What does not answer leaves the list as it was; the banner says so.
fn follow(list: RwSignal<Vec<Worker>>) {
    Effect::new(move |_| {
        let ask = move || {
            spawn_local(async move {
                if let Ok(workers) = load_workers().await {
                    list.try_set(workers);
                }
            });
        };
        if let Ok(asking) = set_interval_with_handle(ask, ASK_EVERY) {
            on_cleanup(move || asking.clear());
        }
    });
}

#[component]
fn WorkerRow(list: RwSignal<Vec<Worker>>, name: String) -> impl IntoView {
    let words = use_words();
    let known = name.clone();
    let worker = Memo::new(move |_| list.with(|all| all.iter().find(|worker| worker.name == known).cloned()));
    let state =
        move || worker.with(|worker| worker.as_ref().map_or(WorkerState::Ended, |worker| worker.state));
    let restarts = move || worker.with(|worker| worker.as_ref().map_or(0, |worker| worker.restarts));
    let last_run =
        Memo::new(move |_| worker.with(|worker| worker.as_ref().and_then(|worker| worker.last_run)));
    let error = move || worker.with(|worker| worker.as_ref().and_then(|worker| worker.last_error.clone()));
    let error_at = Memo::new(move |_| error().map(|error| error.at));
    view! {
        <div class="worker-row list-row" role="row">
            <span role="cell" class="worker-name">
                <strong>{name.clone()}</strong>
                <small>{what_it_does(words, &name)}</small>
            </span>
            <span role="cell">
                <span class="state" data-state=move || look(state())>
                    <span class="state-word">{move || state_word(words, state())}</span>
                </span>
            </span>
            <span role="cell" data-label=words.worker_last_run()>{moment(last_run, words.worker_not_yet())}</span>
            <span role="cell" data-label=words.worker_restarts()>{restarts}</span>
            <span role="cell" class="worker-error" data-label=words.worker_last_error()>
                {moment(error_at, words.worker_none())}
                <span>{move || error().map(|error| error.what)}</span>
            </span>
        </div>
    }
}

fn moment(at: Memo<Option<Timestamp>>, otherwise: &'static str) -> AnyView {
    view! {
        <Show when=move || at.get().is_some() fallback=move || otherwise>
            <Ago at=Signal::derive(move || at.get().unwrap_or_default()) />
        </Show>
    }
    .into_any()
}

/// The state of a device whose colour it wears.
fn look(state: WorkerState) -> &'static str {
    match state {
        WorkerState::Running => "up",
        WorkerState::Restarting => "degraded",
        WorkerState::Ended => "down",
    }
}

fn state_word(words: Words, state: WorkerState) -> &'static str {
    match state {
        WorkerState::Running => words.worker_running(),
        WorkerState::Restarting => words.worker_restarting(),
        WorkerState::Ended => words.worker_ended(),
    }
}

/// In a few words; nothing of a worker that is newer than they are.
fn what_it_does(words: Words, name: &str) -> Option<&'static str> {
    words.by_key(&format!("worker_does_{name}"))
}
