//! What `public/replay.js` does for the player of recordings: a screen of xterm.js that can only be looked at.

use super::device::begin;
use js_sys::{Array, Function, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlElement;

/// One screen. What it is told is done in the order in which it was told.
pub struct Replay(JsValue);

impl Replay {
    /// Opens one in an element; nothing when its script did not come, or the page has gone meanwhile.
    pub async fn open(host: &HtmlElement, label: &str, (columns, rows): (u16, u16)) -> Option<Self> {
        let given = [host.into(), label.into(), columns.into(), rows.into()];
        let screen = JsFuture::from(begin("replay", "openReplay", &given)?).await.ok()?;
        screen.is_object().then_some(Self(screen))
    }

    /// Draws what a device sent, as it is.
    pub fn write(&self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.call("write", &[Uint8Array::from(bytes).into()]);
        }
    }

    /// Marks this text, behind which the cursor stands, until more is drawn.
    pub fn mark(&self, text: &str) {
        self.call("mark", &[text.into()]);
    }

    pub fn resize(&self, columns: u16, rows: u16) {
        self.call("resize", &[columns.into(), rows.into()]);
    }

    /// As if nothing had been drawn.
    pub fn begin_again(&self, (columns, rows): (u16, u16)) {
        self.call("beginAgain", &[columns.into(), rows.into()]);
    }

    pub fn dispose(&self) {
        self.call("dispose", &[]);
    }

    fn call(&self, name: &str, given: &[JsValue]) {
        let act = Reflect::get(&self.0, &name.into()).ok().and_then(|act| act.dyn_into::<Function>().ok());
        if let Some(act) = act {
            drop(act.apply(&self.0, &given.iter().collect::<Array>()));
        }
    }
}
