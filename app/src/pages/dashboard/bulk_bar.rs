//! Below the list while devices are picked: what may be done to them, or how far it is.

use super::{
    board::Board,
    bulk::{Act, Bulk, Progress, use_bulk},
};
use crate::{
    i18n::{Words, use_words},
    lazy,
    pages::commands,
    parts::{Button, ConfirmRemove, Icon, IconName, Look, Task},
};
use leptos::prelude::*;
use model::{DeviceId, State};

/// So many are named before they are lost; the others are counted.
const NAMED_MAX: usize = 8;

#[component]
pub fn BulkBar(board: Board) -> impl IntoView {
    let (words, bulk) = (use_words(), use_bulk());
    let count = Memo::new(move |_| board.picks.ids.with(Vec::len));
    // Its code comes with the first device that is picked, and stays.
    let is_wanted = Memo::new(move |was| was == Some(&true) || count.get() > 0 || bulk.running().is_some());
    view! {
        <p class="hidden" role="status">
            {move || (count.get() > 0).then(|| words.bulk_picked(count.get() as u64))}
        </p>
        {move || {
            is_wanted
                .get()
                .then(|| lazy::later(lazy::fetch_bulk, move || lazy::at_once(lazy::open_bulk(board))))
        }}
    }
}

/// What it holds.
pub fn bulk_acts(board: Board) -> AnyView {
    let (words, bulk) = (use_words(), use_bulk());
    let ids = board.picks.ids;
    let count = Memo::new(move |_| ids.with(Vec::len));
    // What is asked about stays what was picked then, whatever the fleet does in the meantime.
    let (removing, doomed) = (RwSignal::new(false), RwSignal::new(Vec::new()));
    let ask = Callback::new(move |()| {
        doomed.set(ids.get_untracked());
        removing.set(true);
    });
    let remove = move |()| {
        removing.set(false);
        bulk.start(Act::Remove, doomed.get_untracked(), board.picks);
    };
    // Made anew only when it comes and goes, not with every device that is picked.
    let is_running = Memo::new(move |_| bulk.running().is_some());
    let is_any = Memo::new(move |_| count.get() > 0);
    let bar = move || match (is_running.get(), is_any.get()) {
        (true, _) => Some(progress(words, bulk)),
        (false, true) => Some(acts(board, bulk, ask)),
        (false, false) => None,
    };
    view! {
        {bar}
        <ConfirmRemove
            open=removing
            title=Signal::derive(move || words.bulk_remove_title(doomed.with(Vec::len) as u64))
            lost=Signal::derive(move || words.bulk_remove_lost(&doomed.with(|ids| named(words, board, ids))))
            name=Signal::derive(move || doomed.with(|ids| typed_name(board, ids)))
            task=Task::new()
            on_confirm=remove
        />
    }
    .into_any()
}

fn progress(words: Words, bulk: Bulk) -> AnyView {
    let of = move |pick: fn(Progress) -> usize| bulk.running().map(pick).unwrap_or_default();
    let doing = move || bulk.running().map(|running| running.act.doing(words));
    let far = move || words.toolbar_shown(&of(|running| running.total), &of(|running| running.ended));
    view! {
        <section class="bulk" aria-label=words.bulk_label()>
            <p class="bulk-count">{doing} " " {far}</p>
            <progress
                aria-label=doing
                max=move || of(|running| running.total).to_string()
                prop:value=move || of(|running| running.ended).to_string()
            ></progress>
            <Button on:click=move |_| bulk.stop()>{words.action_cancel()}</Button>
        </section>
    }
    .into_any()
}

fn acts(board: Board, bulk: Bulk, on_remove: Callback<()>) -> AnyView {
    let words = use_words();
    let picks = board.picks;
    let button = move |act: Act, icon, label: &'static str| {
        let fitting = Memo::new(move |_| fitting(board, act).len());
        view! {
            <Button
                disabled=Signal::derive(move || fitting.get() == 0)
                on:click=move |_| bulk.start(act, untrack(|| self::fitting(board, act)), picks)
            >
                <Icon name=icon />
                <span>{label}</span>
            </Button>
        }
    };
    let all = move || board.shown.with(|shown| shown.len());
    view! {
        <section class="bulk" aria-label=words.bulk_label()>
            <p class="bulk-count">{move || words.bulk_picked(picks.ids.with(Vec::len) as u64)}</p>
            <button
                type="button"
                class="button quiet bulk-all"
                disabled=move || picks.has_all()
                on:click=move |_| picks.set_all(true)
            >
                {move || words.bulk_all(&all())}
            </button>
            <div class="bulk-acts">
                {button(Act::Check, IconName::Refresh, words.device_check())}
                {button(Act::Pause, IconName::Pause, words.device_pause())}
                {button(Act::Resume, IconName::Play, words.device_resume())}
                <a class=Look::Plain.class() href=move || picks.ids.with(|ids| commands::path(ids))>
                    <Icon name=IconName::Terminal />
                    <span>{words.command_here()}</span>
                </a>
                <Button look=Look::Danger on:click=move |_| on_remove.run(())>
                    <Icon name=IconName::Trash />
                    <span>{words.action_remove()}</span>
                </Button>
            </div>
            <button
                type="button"
                class="button quiet icon-only"
                aria-label=words.bulk_clear()
                title=words.bulk_clear()
                on:click=move |_| picks.set_all(false)
            >
                <Icon name=IconName::Close />
            </button>
        </section>
    }
    .into_any()
}

/// Those of the picked ones to which the act does something.
fn fitting(board: Board, act: Act) -> Vec<DeviceId> {
    // Told when any device changes its state, which is enough and cheaper than listening to each.
    board.fleet.counts();
    let mut ids = board.picks.ids.get();
    ids.retain(|id| {
        let state = board.fleet.with_row(*id, |row| row.live.state);
        match act {
            Act::Check | Act::Pause => state.is_some_and(|state| state != State::Paused),
            Act::Resume => state == Some(State::Paused),
            Act::Remove => true,
        }
    });
    ids
}

/// What is to be typed: the one device's name, or how many they are.
fn typed_name(board: Board, ids: &[DeviceId]) -> String {
    match ids {
        [id] => name_of(board, *id).unwrap_or_default(),
        ids => ids.len().to_string(),
    }
}

fn named(words: Words, board: Board, ids: &[DeviceId]) -> String {
    let names: Vec<_> = ids.iter().take(NAMED_MAX).filter_map(|id| name_of(board, *id)).collect();
    let names = names.join(", ");
    match ids.len().saturating_sub(NAMED_MAX) {
        0 => names,
        more => words.bulk_remove_more(&more, &names),
    }
}

fn name_of(board: Board, id: DeviceId) -> Option<String> {
    board.fleet.with_row(id, |row| row.name.clone())
}
