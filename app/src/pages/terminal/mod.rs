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
mod paste;
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

/// Signs that an address has in an escape of our own: the router of the pages takes percent signs apart more than
/// once, which would make another name of `%41`; browsers take `.` and `..` for ways up, escaped or not, and for a slash
/// the backslash that the router makes of `%5C`.
const OWN: [(&str, &str); 4] = [("%", "~25"), (".", "~2E"), ("\\", "~5C"), ("~", "~7E")];

/// Where a device's terminal is.
pub fn path(name: &str) -> String {
    let mut path = "/router/".to_owned();
    let leads_up = matches!(name, "." | "..");
    for byte in name.bytes() {
        match byte {
            b'%' | b'\\' | b'~' => _ = write!(path, "~{byte:02X}"),
            b'.' if leads_up => _ = write!(path, "~{byte:02X}"),
            b'-' | b'_' | b'.' => path.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => path.push(char::from(byte)),
            // Into a text nothing fails.
            _ => _ = write!(path, "%{byte:02X}"),
        }
    }
    path + "/terminal"
}

/// The name in such an address, once the percent signs are gone.
fn name_in(escaped: &str) -> String {
    OWN.into_iter().fold(escaped.to_owned(), |name, (sign, own)| name.replace(own, sign))
}

#[component]
pub fn TerminalPage() -> impl IntoView {
    let words = use_words();
    if !use_visitor().is_admin() {
        return not_allowed();
    }
    let params = use_params_map();
    let name =
        Memo::new(move |_| params.with(|params| params.get_str("name").map(name_in).unwrap_or_default()));
    let device = load(move || name.get(), find_device);
    when_loaded(device, move |device| match device {
        Ok(device) => {
            let id = device.id.0;
            let title = format!("{} · {}", device.name, words.terminal_title());
            view! {
                // Until there is a desk, which has one of its own.
                <Title text=title />
                // Another device gets a desk of its own.
                {each(move || vec![id], move |_| desk(&device))}
            }
            .into_any()
        }
        Err(ApiError::NotFound) => view! { <Gone /> }.into_any(),
        Err(error) => not_loaded(error),
    })
}

fn desk(device: &Device) -> AnyView {
    let desk = Desk::new(session::Target { id: device.id, name: device.name.clone() });
    view! { <desk::DeskView desk /> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::{name_in, path};
    use leptos_router::location::Url;

    #[test]
    fn whatever_a_device_is_called_its_terminal_has_an_address() {
        assert_eq!(path("branch-1"), "/router/branch-1/terminal");
        assert_eq!(path("SUKATANI ALL?"), "/router/SUKATANI%20ALL%3F/terminal");
        assert_eq!(path("узел"), "/router/%D1%83%D0%B7%D0%B5%D0%BB/terminal");
        assert_eq!(path("v7.20"), "/router/v7.20/terminal");
        assert_eq!(path(".."), "/router/~2E~2E/terminal");
    }

    #[test]
    fn an_address_is_of_one_device_however_often_it_is_taken_apart() {
        for name in [
            "branch-1",
            "50%",
            "a%41b",
            "%2541",
            "%257E",
            "~",
            "~25",
            "~7E25",
            "%7E",
            ".",
            "..",
            "...",
            "a\\b",
            "узел ~%",
        ] {
            let path = path(name);
            let mut escaped = path["/router/".len()..path.len() - "/terminal".len()].to_owned();
            for _ in 0..3 {
                escaped = Url::unescape(&escaped);
                assert_eq!(name_in(&escaped), name);
            }
        }
    }
}
