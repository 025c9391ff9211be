//! A device's prompt in the browser: `/router/{name}/terminal`, for admins, with further terminals beside it.
//!
//! `session.rs` is one terminal and how it stands, `line.rs` its socket, `stage.rs` what is seen of it; the screen itself
//! is `browser/screen.rs`.

mod acts;
mod budget;
mod desk;
mod find;
mod host_key;
mod keys;
mod line;
mod notice;
mod questions;
mod session;
mod stage;

use crate::{
    api::{ApiError, devices::find_device, load::load},
    i18n::use_words,
    pages::{device::Gone, not_allowed::not_allowed},
    parts::*,
    use_visitor,
};
use desk::Desk;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use model::Device;
use std::fmt::Write;

/// Where a device's terminal is.
pub fn path(name: &str) -> String {
    let mut path = "/router/".to_owned();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            // Into a text nothing fails.
            _ = write!(path, "%{byte:02X}");
        }
    }
    path + "/terminal"
}

#[component]
pub fn TerminalPage() -> impl IntoView {
    let words = use_words();
    if !use_visitor().is_admin() {
        return not_allowed();
    }
    let params = use_params_map();
    let name = Memo::new(move |_| params.with(|params| params.get("name").unwrap_or_default()));
    let device = load(move || name.get(), find_device);
    when_loaded(device, move |device| match device {
        Ok(device) => {
            let id = device.id.0;
            let title = format!("{} · {}", device.name, words.terminal_title());
            view! {
                <Title text=title.clone() />
                // Another device gets a desk of its own.
                {each(move || vec![id], move |_| desk(&device, title.clone()))}
            }
            .into_any()
        }
        Err(ApiError::NotFound) => view! { <Gone /> }.into_any(),
        Err(error) => not_loaded(error),
    })
}

fn desk(device: &Device, title: String) -> AnyView {
    let desk = Desk::new(session::Target { id: device.id, name: device.name.clone() });
    view! { <desk::DeskView desk title /> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn whatever_a_device_is_called_its_terminal_has_an_address() {
        assert_eq!(path("branch-1"), "/router/branch-1/terminal");
        assert_eq!(path("SUKATANI ALL?"), "/router/SUKATANI%20ALL%3F/terminal");
        assert_eq!(path("узел"), "/router/%D1%83%D0%B7%D0%B5%D0%BB/terminal");
    }
}
