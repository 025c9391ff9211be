//! What only a browser can do. Call it from effects and event handlers, never while rendering:
//! on the server there is no window to ask.

mod device;
mod keys;
mod post;
mod replay;
mod screen;

pub use device::{PushState, news, push_off, push_on, push_state};
pub use keys::pressed;
pub use post::{Posted, is_reachable, post};
pub use replay::Replay;
pub use screen::{
    Screen, Told, can_paste, grow, open_link, paste_unasked, reader, stay_in_sight, toggle_full,
};

use crate::i18n::Lang;
use leptos::leptos_dom::helpers::{TimeoutHandle, request_animation_frame, set_timeout_with_handle};
use model::Timestamp;
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue};

/// The widest screen that the style treats as a phone's, in CSS pixels.
pub const NARROW_PX_MAX: u32 = 760;
const YEAR_S: u32 = 365 * 24 * 60 * 60;

/// This machine's clock.
pub fn now() -> Timestamp {
    if cfg!(target_family = "wasm") {
        #[allow(clippy::cast_possible_truncation)]
        return Timestamp(js_sys::Date::now() as i64);
    }
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or_default())
}

/// An instant in the reader's zone and language.
pub fn local_time(at: Timestamp, lang: Lang) -> String {
    #[allow(clippy::cast_precision_loss)]
    let date = js_sys::Date::new(&JsValue::from_f64(at.0 as f64));
    date.to_locale_string(lang.code(), &JsValue::UNDEFINED).into()
}

/// How far the reader's clock is ahead of UTC at that instant, in milliseconds.
pub fn zone_ms(at: Timestamp) -> i64 {
    #[allow(clippy::cast_precision_loss)]
    let date = js_sys::Date::new(&JsValue::from_f64(at.0 as f64));
    #[allow(clippy::cast_possible_truncation)]
    let behind_min = date.get_timezone_offset() as i64;
    -behind_min * 60_000
}

/// How far along an element a pointer is, from 0 at its left edge to 1.
pub fn along(event: &web_sys::MouseEvent) -> Option<f64> {
    let element = event.current_target()?.dyn_into::<web_sys::Element>().ok()?;
    let place = element.get_bounding_client_rect();
    let share = (f64::from(event.client_x()) - place.left()) / place.width();
    share.is_finite().then(|| share.clamp(0.0, 1.0))
}

/// Leaves for another page with a fresh document.
pub fn open(path: &str) {
    if let Some(window) = web_sys::window() {
        drop(window.location().set_href(path));
    }
}

/// Opens the browser's own dialog for printing.
pub fn print() {
    if let Some(window) = web_sys::window() {
        drop(window.print());
    }
}

/// Does it once after a while. What waits is boxed, so that the bundle has one machine for all of it.
pub fn later(act: impl FnOnce() + 'static, wait: Duration) -> Option<TimeoutHandle> {
    let act: Box<dyn FnOnce()> = Box::new(act);
    set_timeout_with_handle(act, wait).ok()
}

/// Does it when the page is drawn next; boxed likewise.
pub fn when_drawn(act: impl FnOnce() + 'static) {
    let act: Box<dyn FnOnce()> = Box::new(act);
    request_animation_frame(act);
}

/// Asks the server for this page again.
pub fn reload() {
    if let Some(window) = web_sys::window() {
        drop(window.location().reload());
    }
}

/// Asks the server for this page again, unless that was done for the same reason `why` already: a stale
/// copy on the way here must not make the page load for ever. Nor while a dialog is open: what is typed in it,
/// or shown only once, would be lost.
pub fn reload_once_for(why: &str) {
    const KEY: &str = "reloaded-for";
    let Some(kept) = web_sys::window().and_then(|window| window.session_storage().ok()).flatten() else {
        return;
    };
    if is_there("dialog[open]") {
        return;
    }
    if kept.get_item(KEY).ok().flatten().as_deref() != Some(why) && kept.set_item(KEY, why).is_ok() {
        reload();
    }
}

/// Sets an attribute of `<html>`.
pub fn mark_document(name: &str, value: &str) {
    let root =
        web_sys::window().and_then(|window| window.document()).and_then(|page| page.document_element());
    if let Some(root) = root {
        drop(root.set_attribute(name, value));
    }
}

/// Keeps something that is no secret for a year, where the server finds it with the next page.
pub fn remember(key: &str, value: &str) {
    let document = web_sys::window().and_then(|window| window.document());
    if let Some(document) = document.and_then(|document| document.dyn_into::<web_sys::HtmlDocument>().ok()) {
        let is_https =
            document.location().and_then(|place| place.protocol().ok()).as_deref() == Some("https:");
        let secure = if is_https { "; Secure" } else { "" };
        let cookie = format!("{key}={value}; Path=/; Max-Age={YEAR_S}; SameSite=Lax{secure}");
        drop(document.set_cookie(&cookie));
    }
}

/// Puts text on the clipboard; false where the page may not (plain HTTP from another machine).
pub fn copy(text: &str) -> bool {
    let Some(window) = web_sys::window().filter(web_sys::Window::is_secure_context) else { return false };
    drop(window.navigator().clipboard().write_text(text));
    true
}

/// The element with this id.
pub fn element(id: &str) -> Option<web_sys::HtmlElement> {
    web_sys::window()?.document()?.get_element_by_id(id)?.dyn_into().ok()
}

/// Whether keys are going into a text field or a dialog, and so are not shortcuts.
pub fn is_typing() -> bool {
    let active =
        web_sys::window().and_then(|window| window.document()).and_then(|page| page.active_element());
    active.is_some_and(|element| {
        // The screen of a recording takes text only by its looks.
        let is_shown = element.closest(".replay-screen").is_ok_and(|screen| screen.is_some());
        let is_text = match element.tag_name().as_str() {
            "INPUT" => !matches!(element.get_attribute("type").as_deref(), Some("checkbox" | "range")),
            tag => matches!(tag, "SELECT" | "TEXTAREA"),
        };
        (is_text && !is_shown) || element.closest("dialog").is_ok_and(|dialog| dialog.is_some())
    })
}

/// Whether the screen is so narrow that a device gets a page of its own.
pub fn is_narrow() -> bool {
    let query = format!("(max-width: {NARROW_PX_MAX}px)");
    let query = web_sys::window().and_then(|window| window.match_media(&query).ok()).flatten();
    query.is_some_and(|query| query.matches())
}

/// The host this page came from, without its port.
pub fn host() -> String {
    web_sys::window().and_then(|window| window.location().hostname().ok()).unwrap_or_default()
}

/// The address of one of our own sockets.
pub fn socket_address(path: &str) -> Option<String> {
    let location = web_sys::window()?.location();
    let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
    Some(format!("{scheme}://{}{path}", location.host().ok()?))
}

/// Whether nothing has the focus, so that Enter means the list's own.
pub fn is_idle() -> bool {
    let active =
        web_sys::window().and_then(|window| window.document()).and_then(|page| page.active_element());
    active.is_none_or(|element| !matches!(element.tag_name().as_str(), "A" | "BUTTON" | "SUMMARY"))
}

/// How high one row of the dashboard's list is on this screen, with its gap: the style decides.
pub fn row_pitch() -> Option<f64> {
    let window = web_sys::window()?;
    let root = window.document()?.document_element()?;
    let pitch = window.get_computed_style(&root).ok()??.get_property_value("--row").ok()?;
    pitch.trim().strip_suffix("px")?.parse().ok().filter(|pitch| *pitch >= 1.0)
}

/// Gives the keyboard to the first element that fits, without moving the page; whether there was one.
pub fn focus(selector: &str) -> bool {
    let page = web_sys::window().and_then(|window| window.document());
    let element = page.and_then(|page| page.query_selector(selector).ok()).flatten();
    let Some(element) = element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) else {
        return false;
    };
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    element.focus_with_options(&options).is_ok()
}

/// Gives the keyboard to the element after the one that has it, or to the one before; nothing at the ends.
pub fn focus_beside(is_after: bool) {
    let active =
        web_sys::window().and_then(|window| window.document()).and_then(|page| page.active_element());
    let beside = active.and_then(|element| {
        if is_after { element.next_element_sibling() } else { element.previous_element_sibling() }
    });
    if let Some(element) = beside.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        drop(element.focus());
    }
}

/// Scrolls as little as possible until the element is in sight.
pub fn scroll_to(selector: &str) {
    if let Some(element) = found(selector) {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// Closes what the browser itself opened, where it is open.
pub fn hide_popover(id: &str) {
    // One that is closed already refuses.
    let _ = element(id).map(|element| element.hide_popover());
}

/// Whether the page has an element like this now.
pub fn is_there(selector: &str) -> bool {
    found(selector).is_some()
}

fn found(selector: &str) -> Option<web_sys::Element> {
    web_sys::window()?.document()?.query_selector(selector).ok()?
}

/// The name of the reader's zone, such as `Asia/Jakarta`.
pub fn zone_name() -> Option<String> {
    let get = |from: &JsValue, name: &str| js_sys::Reflect::get(from, &JsValue::from_str(name)).ok();
    let format = get(&get(&js_sys::global(), "Intl")?, "DateTimeFormat")?;
    let made = format.dyn_into::<js_sys::Function>().ok()?.call0(&JsValue::UNDEFINED).ok()?;
    let options = get(&made, "resolvedOptions")?.dyn_into::<js_sys::Function>().ok()?;
    get(&options.call0(&made).ok()?, "timeZone")?.as_string()
}
