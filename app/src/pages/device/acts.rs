//! What an admin may do to a device, from its page.

use super::remove::RemoveDialog;
use crate::{
    api::devices::{check_now, set_device_enabled},
    i18n::use_words,
    live::RowSignal,
    pages::{
        commands,
        quiets::{QuietNow, Target},
        terminal,
    },
    parts::{Acts as Asked, Button, Icon, IconName, Look},
    use_visitor,
};
use leptos::prelude::*;
use model::{Device, QuietAbout, QuietKind, RuleScope, State};

#[component]
pub fn Acts(device: Device, row: RowSignal) -> impl IntoView {
    let (words, asked) = (use_words(), Asked::new());
    if !use_visitor().is_admin() {
        return webfig(row).into_any();
    }
    let id = device.id;
    let [checking, switching, removing, quieting] = [(); 4].map(|()| RwSignal::new(false));
    let scope = RuleScope { devices: vec![device.name.clone()], ..RuleScope::default() };
    let target = Target { name: device.name.clone(), choices: vec![QuietAbout::Devices(scope)] };
    let is_paused = {
        let row = row.clone();
        Memo::new(move |_| row.with(|row| row.live.state == State::Paused))
    };
    let check = move |_| {
        checking.set(true);
        asked.run(check_now(Some(id)), move |()| words.device_checked().to_owned(), move |_| ended(checking));
    };
    let switch = move |_| {
        switching.set(true);
        let enabled = is_paused.get_untracked();
        let said =
            move |()| if enabled { words.device_resumed() } else { words.device_now_paused() }.to_owned();
        asked.run(set_device_enabled(id, enabled), said, move |_| ended(switching));
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
            <a class=Look::Plain.class() href=terminal::path(&device.name)>
                <Icon name=IconName::Terminal />
                {words.terminal_title()}
            </a>
            <a class=Look::Plain.class() href=commands::path(&[id])>
                <Icon name=IconName::Send />
                {words.command_here()}
            </a>
            <Button busy=switching on:click=switch>
                {move || view! { <Icon name=if is_paused.get() { IconName::Play } else { IconName::Pause } /> }}
                {move || if is_paused.get() { words.device_resume() } else { words.device_pause() }}
            </Button>
            <Button on:click=move |_| quieting.set(true)>
                <Icon name=IconName::Wrench />
                {words.quiet_maintenance()}
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
        <QuietNow
            target=Signal::derive(move || Some(target.clone()))
            kind=QuietKind::Maintenance
            open=quieting
            done=Callback::new(|_| ())
        />
        <RemoveDialog id name=device.name open=removing />
    }
    .into_any()
}

/// The page may have gone in the meantime.
fn ended(is_busy: RwSignal<bool>) {
    is_busy.try_set(false);
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
