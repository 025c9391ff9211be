//! What an admin may do to a device, from its page.

use super::remove::RemoveDialog;
use crate::{
    api::devices::{check_now, set_device_enabled},
    i18n::use_words,
    live::RowSignal,
    parts::{Button, Icon, IconName, Look, report, use_toasts},
    use_visitor,
};
use leptos::{prelude::*, task::spawn_local};
use model::{Device, Role, State};

#[component]
pub fn Acts(device: Device, row: RowSignal) -> impl IntoView {
    let (words, toasts) = (use_words(), use_toasts());
    if !use_visitor().user.is_some_and(|user| user.role == Role::Admin) {
        return webfig(row).into_any();
    }
    let id = device.id;
    let (checking, switching, removing) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    let is_paused = {
        let row = row.clone();
        Memo::new(move |_| row.with(|row| row.live.state == State::Paused))
    };
    let check = move |_| {
        checking.set(true);
        spawn_local(async move {
            let ended = check_now(Some(id)).await;
            checking.set(false);
            report(toasts, words, &ended, words.device_checked());
        });
    };
    let switch = move |_| {
        switching.set(true);
        let enabled = is_paused.get_untracked();
        spawn_local(async move {
            let ended = set_device_enabled(id, enabled).await;
            switching.set(false);
            report(
                toasts,
                words,
                &ended,
                if enabled { words.device_resumed() } else { words.device_now_paused() },
            );
        });
    };
    view! {
        <div class="detail-acts">
            <Button busy=checking disabled=is_paused on:click=check>
                <Icon name=IconName::Refresh />
                {words.device_check()}
            </Button>
            <a class=Look::Plain.class() href=format!("/admin/routers/{id}")>
                <Icon name=IconName::Edit />
                {words.action_edit()}
            </a>
            <Button busy=switching on:click=switch>
                {move || view! { <Icon name=if is_paused.get() { IconName::Play } else { IconName::Pause } /> }}
                {move || if is_paused.get() { words.device_resume() } else { words.device_pause() }}
            </Button>
            {webfig(row)}
            <button
                type="button"
                class="button quiet icon-only last"
                title=words.action_remove()
                aria-label=words.action_remove()
                on:click=move |_| removing.set(true)
            >
                <Icon name=IconName::Trash />
            </button>
        </div>
        <RemoveDialog id name=device.name open=removing />
    }
    .into_any()
}

/// The router's own web page, when its service runs.
fn webfig(row: RowSignal) -> impl IntoView {
    move || {
        let url = row.with(|row| row.live.router.as_ref().and_then(|router| router.webfig_url.clone()));
        url.map(|url| {
            view! {
                <a class=Look::Plain.class() href=url target="_blank" rel="noreferrer noopener">
                    <Icon name=IconName::Link />
                    "WebFig"
                </a>
            }
        })
    }
}
