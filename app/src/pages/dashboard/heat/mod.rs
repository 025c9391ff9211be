//! The heat-map: one cell per device, grouped by site, so that a bad site is seen from across the room.
//!
//! For the eye only: the table says the same to everybody else. It is written as one text: elements of their own
//! would keep a page of ten thousand devices busy for half a second.

mod block;

use super::{
    board::{Board, fitting},
    columns::natural,
};
use crate::{
    format,
    i18n::{Words, use_words},
    parts::{state_word, use_now},
};
use block::{Block, Cell, LOOKS, Size, escaped};
use leptos::{ev, html, prelude::*};
use model::{DeviceId, Row, State, Timestamp};
use std::fmt::Write;
use wasm_bindgen::JsCast;

/// A site and its devices in the order of their names.
type Group = (Option<String>, Vec<DeviceId>);

#[component]
pub fn HeatMap(board: Board) -> impl IntoView {
    let words = use_words();
    let size = Memo::new(move |_| Size::of(board.fleet.counts().total()));
    let groups = Memo::new(move |_| groups(board));
    let fitting = fitting(board);
    let pointed = RwSignal::new(None::<DeviceId>);
    let text = move || {
        board.fleet.track_order();
        let (size, breadth) = (size.get(), board.breadth.get());
        // A tile under the pointer is marked by the style.
        let marked = [board.open.get(), pointed.get().filter(|_| size != Size::Tiles)];
        let mut text = String::new();
        for (site, (name, ids)) in groups.read().iter().enumerate() {
            let cells: Vec<Cell> = fitting.with(|fitting| {
                let is_dim = |id: &DeviceId| fitting.as_ref().is_some_and(|fitting| !fitting.contains(id));
                let cell = |id: &DeviceId| (state_of(board, *id), is_dim(id), marked.contains(&Some(*id)));
                ids.iter().map(cell).collect()
            });
            let block = Block::new(size, ids.len(), breadth);
            // A text takes whatever is written to it.
            let _ = write!(
                text,
                r#"<div class="heat-site"><span class="heat-name">{}</span><div class="heat-cells" data-site="{site}" style="--cols:{}">{}</div></div>"#,
                escaped(name.as_deref().unwrap_or_else(|| words.heat_no_site())),
                block.columns,
                block.written(&cells, |place| name_of(board, ids[place]))
            );
        }
        text
    };
    let place = NodeRef::<html::Div>::new();
    let first = untrack(text);
    Effect::new(move |written: Option<String>| {
        let (text, place) = (text(), place.get());
        if let Some(place) = place.filter(|_| written.as_ref() != Some(&text)) {
            place.set_inner_html(&text);
        }
        text
    });
    let under = move |event: &ev::MouseEvent| {
        let (cells, site, tile) = site_under(event.target())?;
        let ids = groups.with_untracked(|groups| groups.get(site).map(|(_, ids)| ids.clone()))?;
        let frame = cells.get_bounding_client_rect();
        let (x, y) = (f64::from(event.client_x()) - frame.left(), f64::from(event.client_y()) - frame.top());
        let block = Block::new(size.get_untracked(), ids.len(), board.breadth.get_untracked());
        ids.get(tile.or_else(|| block.cell_at(x, y))?).copied()
    };
    let point = move |event: ev::PointerEvent| {
        let id = under(&event);
        if id != pointed.get_untracked() {
            pointed.set(id);
        }
    };
    let open = move |event: ev::MouseEvent| {
        if let Some(id) = under(&event) {
            board.show(id);
        }
    };
    view! {
        <section
            class="heat"
            data-size=move || size.get().word()
            aria-hidden="true"
            on:pointermove=point
            on:pointerleave=move |_| pointed.set(None)
            on:click=open
        >
            <div class="heat-looks" inner_html=LOOKS></div>
            <div class="heat-groups" node_ref=place inner_html=first></div>
            <p class="heat-line">{move || pointed.get().map(|id| told(words, board, id))}</p>
        </section>
    }
}

fn state_of(board: Board, id: DeviceId) -> State {
    board.fleet.row(id).map_or(State::Unknown, |row| row.with_untracked(|row| row.live.state))
}

fn name_of(board: Board, id: DeviceId) -> String {
    board.fleet.row(id).map_or_else(String::new, |row| row.with_untracked(|row| row.name.clone()))
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
    for (site, _, id) in rows {
        match groups.last_mut().filter(|(last, _)| *last == site) {
            Some((_, ids)) => ids.push(id),
            None => groups.push((site, vec![id])),
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

/// The cells of a site that something belongs to, the number of the site, and of the tile where it is one.
fn site_under(target: Option<web_sys::EventTarget>) -> Option<(web_sys::Element, usize, Option<usize>)> {
    let element = target?.dyn_into::<web_sys::Element>().ok()?;
    let number = |element: &web_sys::Element, name| element.get_attribute(name)?.parse().ok();
    let tile = number(&element, "data-place");
    let cells = if element.has_attribute("data-site") { element } else { element.parent_element()? };
    let site = number(&cells, "data-site")?;
    Some((cells, site, tile))
}
