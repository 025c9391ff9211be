//! One device, whole: as a page of its own, and (the same `Detail`) in the dashboard's drawer.

mod acts;
mod alerts;
mod certificate;
mod checks;
mod detail;
mod interfaces;
mod remove;
mod router;
mod system;
mod wan;
mod week;

pub use certificate::seen as certificate_seen;
pub use checks::{Doubt, reason};
pub use detail::Detail;

use crate::{
    api::{ApiError, devices::load_device_page, load::load},
    i18n::use_words,
    lost::say_lost,
    parts::{Empty, ErrorNote, Icon, IconName, Look, when_loaded},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use model::DeviceId;

#[component]
pub fn DevicePage() -> impl IntoView {
    let words = use_words();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")?.parse::<DeviceId>().ok()));
    let page = load(
        move || id.get(),
        |id| async move {
            match id {
                Some(id) => load_device_page(id).await,
                None => Err(ApiError::NotFound),
            }
        },
    );
    let content = when_loaded(page, move |page| match page {
        Ok(page) => view! {
            <Title text=page.device.name.clone() />
            <Detail page alone=true />
        }
        .into_any(),
        Err(ApiError::NotFound) => view! { <Gone /> }.into_any(),
        Err(error) => view! {
            <h1 class="hidden">{words.drawer_label()}</h1>
            <ErrorNote error=Some(error) />
        }
        .into_any(),
    });
    view! {
        <div class="device-page">
            <a class="back" href="/">
                <Icon name=IconName::Back />
                {words.nav_dashboard()}
            </a>
            {content}
        </div>
    }
}

/// The device's number leads nowhere, or no longer.
#[component]
pub fn Gone() -> impl IntoView {
    let words = use_words();
    say_lost();
    view! {
        <Title text=words.device_gone_title() />
        <Empty icon=IconName::Search title=words.device_gone_title() text=words.device_gone_text() alone=true>
            <a class=Look::Primary.class() href="/">
                {words.not_found_home()}
            </a>
        </Empty>
    }
}
