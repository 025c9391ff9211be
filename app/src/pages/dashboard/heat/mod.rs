//! The heat-map: one cell per device, grouped by site, so that a bad site is seen from across the room.
//!
//! For the eye only: the table says the same to everybody else. Its sites are written as text: elements of their own
//! would keep a page of ten thousand devices busy for half a second.

mod block;
mod map;

use super::board::{Board, fitting};
use crate::{
    browser, format,
    i18n::{Words, use_words},
    parts::{quiet_told, state_word, use_now},
};
use block::Size;
use leptos::{ev, html, prelude::*};
use map::{Map, groups};
use model::{DeviceId, Row, State, Timestamp};
use std::time::Duration;
use wasm_bindgen::JsCast;

/// A device, and where its cell is drawn: left and top in the map, and how wide, in pixels.
type Pointed = (DeviceId, (f64, f64), f64);
/// A place in the window, in pixels.
type Spot = (i32, i32);

/// A finger that rolled so far meant what it touched first; further, it scrolls.
const TAP_PX: i32 = 15;

#[component]
pub fn HeatMap(board: Board) -> impl IntoView {
    let words = use_words();
    let size = Memo::new(move |_| Size::of(board.fleet.counts().total()));
    let map = Map { words, board, size, groups: Memo::new(move |_| groups(board)), fitting: fitting(board) };
    let place = NodeRef::<html::Div>::new();
    let pointed = RwSignal::new(None::<Pointed>);
    let pressed = StoredValue::new(None::<(DeviceId, Spot)>);
    let (first, text) = untrack(move || map.written());
    paint(map, place, first);
    let under = move |event: &ev::MouseEvent| under(map, place.get_untracked()?, event);
    let point = move |event: ev::PointerEvent| {
        let found = under(&event);
        if found != pointed.get_untracked() {
            pointed.set(found);
        }
    };
    let press = move |event: ev::PointerEvent| {
        // A second finger presses nothing, and takes back what the first one pressed.
        let found = under(&event).filter(|_| event.button() == 0 && event.is_primary());
        pressed.set_value(found.map(|(id, ..)| (id, spot(&event))));
    };
    // Not a click, which would be lost where the cell is written anew between press and release.
    let release = move |event: ev::PointerEvent| {
        let released = under(&event).map(|(id, ..)| id);
        let pressed = pressed.try_update_value(Option::take).flatten();
        let is_meant = |(id, from): &(DeviceId, Spot)| released == Some(*id) || is_tap(&event, *from);
        if let Some((id, _)) = pressed.filter(is_meant) {
            // The browser's own click comes first: it is not for what opens. By then the page may be another.
            let open = move || {
                if board.cursor.try_get_untracked().is_some() {
                    board.show(id);
                }
            };
            browser::later(open, Duration::ZERO);
        }
    };
    let leave = move |_| {
        pressed.set_value(None);
        pointed.set(None);
    };
    // Where cells move, the pointer is over another one than it was.
    Effect::new(move |_| {
        map.size.track();
        map.groups.track();
        board.breadth.track();
        board.open.track();
        pointed.set(None);
    });
    let mark = move || {
        let place = |((left, top), width): ((f64, f64), f64)| {
            format!("left:{left:.0}px;top:{top:.0}px;width:{width:.0}px")
        };
        pointed.get().map_or_else(|| "display:none".to_owned(), |(_, corner, width)| place((corner, width)))
    };
    view! {
        <section
            class="heat"
            data-size=move || size.get().word()
            aria-hidden="true"
            on:pointermove=point
            on:pointerdown=press
            on:pointerup=release
            on:pointerleave=leave
            on:touchend=keep_from_clicking
        >
            <div class="heat-view">
                <div class="heat-groups" node_ref=place on:scroll=move |_| pointed.set(None) inner_html=text></div>
                <i class="heat-mark" style=mark></i>
            </div>
            <p class="heat-line">{move || pointed.get().map(|(id, ..)| told(words, board, id))}</p>
        </section>
    }
}

fn spot(event: &ev::PointerEvent) -> Spot {
    (event.client_x(), event.client_y())
}

fn is_tap(event: &ev::PointerEvent, (x, y): Spot) -> bool {
    let (to_x, to_y) = spot(event);
    event.pointer_type() == "touch" && (to_x - x).abs().max((to_y - y).abs()) <= TAP_PX
}

/// The click that a browser makes of a touch may come late, and would press what has opened by then.
fn keep_from_clicking(event: ev::TouchEvent) {
    if event.cancelable() {
        event.prevent_default();
    }
}

/// Keeps the page true.
fn paint(map: Map, place: NodeRef<html::Div>, first: map::Written) {
    let mut first = Some(first);
    Effect::new(move |written: Option<Option<map::Written>>| {
        let written = written.flatten().or_else(|| first.take())?;
        Some(match place.get() {
            Some(place) => map.paint(&place, written),
            None => written,
        })
    });
}

/// The device whose cell is under the pointer.
fn under(map: Map, place: web_sys::HtmlDivElement, event: &ev::MouseEvent) -> Option<Pointed> {
    let element = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    let number = |element: &web_sys::Element, name| element.get_attribute(name)?.parse::<usize>().ok();
    let tile = number(&element, "data-place");
    let cells = if element.has_attribute("data-site") { element } else { element.parent_element()? };
    let site = number(&cells, "data-site")?;
    let (outer, inner) = (place.get_bounding_client_rect(), cells.get_bounding_client_rect());
    let (x, y) = (f64::from(event.client_x()) - inner.left(), f64::from(event.client_y()) - inner.top());
    let devices = map.groups.with_untracked(|groups| groups.get(site).map(|(_, ids)| ids.len()))?;
    let block = untrack(move || map.block(devices));
    let cell = tile.or_else(|| block.cell_at((x, y), inner.width()))?;
    let ((left, top), width) = block.corner(cell, inner.width());
    let (beside, above) = (f64::from(place.offset_left()), f64::from(place.offset_top()));
    let corner = (inner.left() - outer.left() + beside + left, inner.top() - outer.top() + above + top);
    let id = map.groups.with_untracked(|groups| groups.get(site)?.1.get(cell).copied())?;
    Some((id, corner, width))
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
    if let Some(mark) = &row.quiet {
        text.push_str(" · ");
        text.push_str(&quiet_told(words, mark, now));
    }
    if let Some(cause) = row.live.cause.as_ref().filter(|_| row.live.state != State::Up) {
        text.push_str(" · ");
        text.push_str(cause);
    }
    text
}
