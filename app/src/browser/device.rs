//! What `public/device.js` does for the page; it is fetched when it is first called. So are other scripts of `public/`.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// The one name that the page's first script gives to the world.
const FETCH: &str = "beside";
const SCRIPT: &str = "device";

/// How this browser stands to being told by push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PushState {
    /// It cannot be told here, or the script did not come.
    Impossible,
    /// Its user said no once.
    Denied,
    Off,
    /// By this mark the server knows it, if it knows it.
    On(String),
}

pub async fn push_state() -> PushState {
    match call("pushState", &[]).await.as_deref() {
        None | Some("impossible") => PushState::Impossible,
        Some("denied") => PushState::Denied,
        Some("") => PushState::Off,
        Some(mark) => PushState::On(mark.to_owned()),
    }
}

/// Asks the person and the browser's push service: address, key and secret of the subscription; else why not.
pub async fn push_on(key: &str) -> Result<[String; 3], PushState> {
    let answer = call("pushOn", &[key]).await.unwrap_or_default();
    let mut lines = answer.lines().map(str::to_owned);
    match (lines.next(), lines.next(), lines.next()) {
        (Some(endpoint), Some(p256dh), Some(auth)) => Ok([endpoint, p256dh, auth]),
        _ if answer == "denied" => Err(PushState::Denied),
        _ if answer == "impossible" => Err(PushState::Impossible),
        _ => Err(PushState::Off),
    }
}

/// Ends this browser's own subscription.
pub async fn push_off() {
    call("pushOff", &[]).await;
}

/// Tells of an incident while nobody looks at the page.
pub fn news(title: &str, path: &str, tag: &str) {
    // What is called goes on by itself.
    drop(begin(SCRIPT, "news", &[title.into(), path.into(), tag.into()]));
}

/// Calls it, and waits for its answer; nothing when it did not come or failed.
async fn call(name: &'static str, given: &[&str]) -> Option<String> {
    let given: Vec<JsValue> = given.iter().map(|text| JsValue::from_str(text)).collect();
    JsFuture::from(begin(SCRIPT, name, &given)?).await.ok()?.as_string()
}

/// Calls what a script of `public/` exports.
pub(super) fn begin(script: &'static str, name: &'static str, given: &[JsValue]) -> Option<Promise> {
    let given: Array = given.iter().collect();
    let fetch: Function = Reflect::get(&js_sys::global(), &FETCH.into()).ok()?.dyn_into().ok()?;
    let args = Array::of3(&name.into(), &given, &script.into());
    fetch.apply(&JsValue::NULL, &args).ok()?.dyn_into().ok()
}
