//! What `public/terminal.js` does for the terminal: a screen of xterm.js, and what belongs to the window around it.
//! Fetched when it is first called. Not by bindings of xterm.js itself: their names would be in every page's script.

use super::device::begin;
use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlElement;

const SCRIPT: &str = "terminal";

/// What a screen tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// What was typed or pasted.
    Typed(Vec<u8>),
    /// What the screen itself says to the device.
    Answer(Vec<u8>),
    /// So many bytes more are drawn.
    Drawn(u32),
    /// Columns and rows.
    Size(u16, u16),
    /// Whether something is selected.
    Picked(bool),
    /// Which match is shown, from 1 on, and of how many.
    Found(u32, u32),
    /// Somebody wants to follow a link that the device wrote.
    Link(String),
    /// Somebody wants to search.
    Search,
    /// Several lines are to be pasted, each of which the device would do at once.
    Pasting(String),
}

/// One screen.
pub struct Screen(JsValue);

impl Screen {
    /// Opens one in an element; nothing when its script did not come, or the page has gone meanwhile.
    pub async fn open(host: &HtmlElement, label: &str, told: impl Fn(Told) + 'static) -> Option<Self> {
        let tell = move |said: JsValue| {
            if let Some(said) = read(&said.unchecked_into()) {
                told(said);
            }
        };
        let tell = Closure::<dyn Fn(JsValue)>::new(tell).into_js_value();
        let screen = ask("openScreen", &[host.into(), label.into(), tell]).await?;
        screen.is_object().then_some(Self(screen))
    }

    /// Columns and rows.
    pub fn size(&self) -> (u16, u16) {
        let number = |name: &str| Reflect::get(&self.0, &name.into()).ok().map(|value| narrow(&value));
        (number("columns").unwrap_or_default(), number("rows").unwrap_or_default())
    }

    /// Draws what the device sent, as it is; [`Told::Drawn`] follows.
    pub fn write(&self, bytes: &Uint8Array) {
        self.call("write", &[bytes.into()]);
    }

    /// Ends what the last session left half drawn.
    pub fn calm(&self) {
        self.call("calm", &[]);
    }

    pub fn focus(&self) {
        self.call("focus", &[]);
    }

    /// Presses a key of the bar for phones.
    pub fn press(&self, key: &str) {
        self.call("press", &[key.into()]);
    }

    /// Copies what is selected.
    pub fn copy(&self) {
        self.call("copy", &[]);
    }

    /// Pastes from the clipboard; answers later whether the browser gave it.
    pub fn paste(&self) -> impl Future<Output = bool> + use<> {
        let promise = self.call("paste", &[]);
        async move {
            let Some(promise) = promise.and_then(|promise| promise.dyn_into::<Promise>().ok()) else {
                return false;
            };
            JsFuture::from(promise).await.is_ok_and(|is_given| is_given.is_truthy())
        }
    }

    /// Pastes what was asked about by [`Told::Pasting`].
    pub fn insert(&self, text: &str) {
        self.call("insert", &[text.into()]);
    }

    /// Finds the `next` match, the one `before`, or, while it is being `typed`, the first that fits.
    pub fn find(&self, text: &str, way: &str) {
        self.call("find", &[text.into(), way.into()]);
    }

    pub fn end_find(&self) {
        self.call("endFind", &[]);
    }

    pub fn dispose(&self) {
        self.call("dispose", &[]);
    }

    fn call(&self, name: &str, given: &[JsValue]) -> Option<JsValue> {
        let act: Function = Reflect::get(&self.0, &name.into()).ok()?.dyn_into().ok()?;
        act.apply(&self.0, &given.iter().collect::<Array>()).ok()
    }
}

/// Makes the type of all screens larger by so many pixels.
pub fn grow(by: i32) {
    // What is called goes on by itself.
    drop(begin(SCRIPT, "grow", &[by.into()]));
}

/// Whether screen readers are told what is drawn; from now on the other way round, if that is wanted.
pub async fn reader(is_toggled: bool) -> bool {
    ask("reader", &[is_toggled.into()]).await.is_some_and(|is_on| is_on.is_truthy())
}

/// From now on lines are pasted in this tab without a question.
pub fn paste_unasked() {
    drop(begin(SCRIPT, "pasteUnasked", &[]));
}

/// Gives the whole screen to an element, or takes it back.
pub fn toggle_full(root: &HtmlElement) {
    drop(begin(SCRIPT, "toggleFull", &[root.into()]));
}

/// Keeps an element above the keyboard of a phone.
pub fn stay_in_sight(root: &HtmlElement) {
    drop(begin(SCRIPT, "stayInSight", &[root.into()]));
}

/// Opens a link in a page that knows nothing of this one.
pub fn open_link(uri: &str) {
    drop(begin(SCRIPT, "openLink", &[uri.into()]));
}

/// Whether this browser gives the clipboard to a button.
pub async fn can_paste() -> bool {
    ask("canPaste", &[]).await.is_some_and(|can| can.is_truthy())
}

async fn ask(name: &'static str, given: &[JsValue]) -> Option<JsValue> {
    JsFuture::from(begin(SCRIPT, name, given)?).await.ok()
}

/// A word and its value.
fn read(said: &Array) -> Option<Told> {
    let value = said.get(1);
    let pair = || value.clone().unchecked_into::<Array>();
    Some(match said.get(0).as_string()?.as_str() {
        "typed" => Told::Typed(value.unchecked_into::<Uint8Array>().to_vec()),
        "answer" => Told::Answer(value.unchecked_into::<Uint8Array>().to_vec()),
        "drawn" => Told::Drawn(whole(&value)),
        "size" => Told::Size(narrow(&pair().get(0)), narrow(&pair().get(1))),
        "picked" => Told::Picked(value.is_truthy()),
        "found" => Told::Found(whole(&pair().get(0)), whole(&pair().get(1))),
        "link" => Told::Link(value.as_string()?),
        "search" => Told::Search,
        "pasting" => Told::Pasting(value.as_string()?),
        _ => return None,
    })
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(value: &JsValue) -> u32 {
    // The cast keeps within the bounds.
    value.as_f64().unwrap_or_default() as u32
}

fn narrow(value: &JsValue) -> u16 {
    u16::try_from(whole(value)).unwrap_or(u16::MAX)
}
