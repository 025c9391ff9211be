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
use leptos::{ev, html, prelude::*};
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
    let place = NodeRef::<html::Div>::new();
    let text = devices.iter().map(|(id, name)| cell(state_of(board, *id), *id, name)).collect::<String>();
    let ids: Vec<DeviceId> = devices.into_iter().map(|(id, _)| id).collect();
    // One effect paints them all: one for each cell would keep a page of ten thousand busy for half a second.
    Effect::new(move |cells: Option<Vec<Cell>>| {
        board.fleet.track_order();
        let open = board.open.get();
        let mut cells = cells.unwrap_or_else(|| found(place.get_untracked(), &ids));
        fitting.with(|fitting| {
            for cell in &mut cells {
                let is_dim = fitting.as_ref().is_some_and(|fitting| !fitting.contains(&cell.id));
                cell.paint((state_of(board, cell.id), is_dim, open == Some(cell.id)));
            }
        });
        cells
    });
    view! {
        <div class="heat-site">
            <span class="heat-name">{site.unwrap_or_else(|| words.heat_no_site().to_owned())}</span>
            <div class="heat-cells" node_ref=place style:--cols=columns.to_string() inner_html=text></div>
        </div>
    }
}

/// Its state, whether the filter leaves it out, and whether it is open.
type Appearance = (State, bool, bool);

/// One device's cell on the page.
struct Cell {
    id: DeviceId,
    element: web_sys::Element,
    painted: Option<Appearance>,
}

impl Cell {
    fn paint(&mut self, wanted: Appearance) {
        if self.painted != Some(wanted) {
            let (state, is_dim, is_open) = wanted;
            let class = [("cell", true), (" dim", is_dim), (" open", is_open)];
            let class: String = class.iter().filter_map(|(name, is_so)| is_so.then_some(*name)).collect();
            self.element.set_class_name(&class);
            // Only names that are none are refused.
            drop(self.element.set_attribute("data-state", state.word()));
            self.painted = Some(wanted);
        }
    }
}

/// A cell as it is first written.
fn cell(state: State, id: DeviceId, name: &str) -> String {
    let name = name.replace('&', "&amp;").replace('<', "&lt;");
    format!("<i class=\"cell\" data-id=\"{}\" data-state=\"{}\">{name}</i>", id.0, state.word())
}

/// The cells that were written for these devices.
fn found(place: Option<web_sys::HtmlDivElement>, ids: &[DeviceId]) -> Vec<Cell> {
    let first = place.and_then(|place| place.first_element_child());
    let elements = std::iter::successors(first, |element| element.next_element_sibling());
    elements.zip(ids).map(|(element, id)| Cell { id: *id, element, painted: None }).collect()
}

fn state_of(board: Board, id: DeviceId) -> State {
    board.fleet.row(id).map_or(State::Unknown, |row| row.with_untracked(|row| row.live.state))
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

#[cfg(test)]
mod tests {
    use super::cell;
    use model::{DeviceId, State};

    #[test]
    fn a_name_is_text_whatever_it_holds() {
        assert_eq!(
            cell(State::Up, DeviceId(7), "<b>&</b>"),
            "<i class=\"cell\" data-id=\"7\" data-state=\"up\">&lt;b>&amp;&lt;/b></i>"
        );
    }
}
