//! The heat-map: one cell per device, grouped by site, so that a bad site is seen from across the room.
//!
//! For the eye only: the table says the same to everybody else.

use super::{
    board::{Board, fitting},
    columns::natural,
};
use crate::{
    format,
    i18n::{Words, use_words},
    parts::{state_word, use_now},
};
use leptos::{ev, prelude::*};
use model::{DeviceId, Row, State, Timestamp};
use std::{collections::HashSet, sync::Arc};
use wasm_bindgen::JsCast;

/// Up to so many devices there is room for their names.
const TILES_MAX: u32 = 30;
/// Beyond so many the cells shrink.
const CELLS_MAX: u32 = 400;

/// A site and its devices with their names.
type Group = (Option<String>, Vec<(DeviceId, String)>);

#[component]
pub fn HeatMap(board: Board) -> impl IntoView {
    let words = use_words();
    let size = Memo::new(move |_| match board.fleet.counts().total() {
        0..=TILES_MAX => "tiles",
        n if n <= CELLS_MAX => "cells",
        _ => "dots",
    });
    let groups = Memo::new(move |_| groups(board));
    let fitting = fitting(board);
    let pointed = RwSignal::new(None::<DeviceId>);
    let point = move |event: ev::PointerEvent| pointed.set(device_under(event.target()));
    let open = move |event: ev::MouseEvent| {
        if let Some(id) = device_under(event.target()) {
            board.show(id);
        }
    };
    view! {
        <section
            class="heat"
            data-size=move || size.get()
            aria-hidden="true"
            on:pointerover=point
            on:pointerleave=move |_| pointed.set(None)
            on:click=open
        >
            <div class="heat-groups">
                <For each=move || groups.get() key=Group::clone let:group>
                    <Site board fitting group />
                </For>
            </div>
            <p class="heat-line">{move || pointed.get().map(|id| told(words, board, id))}</p>
        </section>
    }
}

#[component]
fn Site(board: Board, fitting: Memo<Option<Arc<HashSet<DeviceId>>>>, group: Group) -> impl IntoView {
    let words = use_words();
    let (site, devices) = group;
    let columns = columns(devices.len());
    let cells = devices.into_iter().filter_map(|(id, name)| {
        let row = board.fleet.row(id)?;
        let is_dim =
            move || fitting.with(|fitting| fitting.as_ref().is_some_and(|fitting| !fitting.contains(&id)));
        Some(view! {
            <i
                class="cell"
                data-id=id.0
                data-state=move || row.with(|row| row.live.state.word())
                class:dim=is_dim
                class:open=move || board.open.get() == Some(id)
            >
                {name}
            </i>
        })
    });
    view! {
        <div class="heat-site">
            <span class="heat-name">{site.unwrap_or_else(|| words.heat_no_site().to_owned())}</span>
            <div class="heat-cells" style:--cols=columns.to_string()>{cells.collect_view()}</div>
        </div>
    }
}

/// How many cells stand side by side in a site's block.
fn columns(devices: usize) -> usize {
    let lines = (1..).find(|lines| lines * lines * 5 >= devices).unwrap_or(1);
    // No line of its own for one or two.
    let lines =
        if lines > 1 && !devices.is_multiple_of(lines) && devices / lines < 5 { lines - 1 } else { lines };
    devices.div_ceil(lines).max(1)
}

/// Sites in the order of their names, devices without one last.
fn groups(board: Board) -> Vec<Group> {
    board.settled();
    let mut rows: Vec<(Option<String>, String, DeviceId)> = board
        .fleet
        .rows_untracked()
        .iter()
        .map(|row| row.with_untracked(|row| (row.location.clone(), row.name.clone(), row.id)))
        .collect();
    rows.sort_by(|(a_site, a_name, a_id), (b_site, b_name, b_id)| {
        let known = b_site.is_some().cmp(&a_site.is_some());
        let by_site = natural(a_site.as_deref().unwrap_or_default(), b_site.as_deref().unwrap_or_default());
        known.then(by_site).then_with(|| natural(a_name, b_name)).then_with(|| a_id.cmp(b_id))
    });
    let mut groups: Vec<Group> = Vec::new();
    for (site, name, id) in rows {
        match groups.last_mut().filter(|(last, _)| *last == site) {
            Some((_, devices)) => devices.push((id, name)),
            None => groups.push((site, vec![(id, name)])),
        }
    }
    groups
}

/// `Edge Bandung: down for 5min. Connection refused`
fn told(words: Words, board: Board, id: DeviceId) -> Option<String> {
    let now = use_now().get();
    board.fleet.row(id).map(|row| row.with(|row| told_of(words, row, now)))
}

fn told_of(words: Words, row: &Row, now: Timestamp) -> String {
    let span = format::span(words, now.since_ms(row.live.since) / 1000);
    let state = state_word(words, row.live.state);
    let mut text = words.heat_told(&row.name, &span, &state);
    if let Some(cause) = row.live.cause.as_ref().filter(|_| row.live.state != State::Up) {
        text.push_str(" · ");
        text.push_str(cause);
    }
    text
}

fn device_under(target: Option<web_sys::EventTarget>) -> Option<DeviceId> {
    let element = target?.dyn_into::<web_sys::Element>().ok()?;
    element.get_attribute("data-id")?.parse().ok()
}
