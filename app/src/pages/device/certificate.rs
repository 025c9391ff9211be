//! The router's certificate: which one is pinned, and how to accept another when it was changed on purpose.

use crate::{
    api::devices::{pin_certificate, probe_routeros},
    i18n::use_words,
    parts::{Button, Dialog, ErrorNote, Look, report, use_toasts},
    use_visitor,
};
use leptos::{prelude::*, task::spawn_local};
use model::{Device, DeviceId, NewCredential, ProbeReport, Role, RouterosAccess};

#[component]
pub fn Certificate(device: StoredValue<Device>) -> impl IntoView {
    let words = use_words();
    let is_admin = use_visitor().user.is_some_and(|user| user.role == Role::Admin);
    let (id, access) = device.with_value(|device| (device.id, device.routeros.clone()));
    let Some(access) = access.filter(|access| access.tls) else { return ().into_any() };
    let open = RwSignal::new(false);
    let pinned = access.pinned.clone().map_or_else(|| words.pin_none().to_owned(), |print| grouped(&print));
    let address = device.with_value(|device| device.address.clone());
    let question = StoredValue::new((id, address, access));
    view! {
        <dl class="facts pin">
            <div>
                <dt>{words.pin_title()}</dt>
                <dd>
                    <code class="fingerprint">{pinned}</code>
                    {is_admin
                        .then(|| {
                            view! { <Button look=Look::Quiet on:click=move |_| open.set(true)>{words.pin_check()}</Button> }
                        })}
                </dd>
            </div>
        </dl>
        <Dialog open=open title=words.pin_check()>
            <Compare question open />
        </Dialog>
    }
    .into_any()
}

/// Asks the router for its certificate now, and shows both.
#[component]
fn Compare(question: StoredValue<(DeviceId, String, RouterosAccess)>, open: RwSignal<bool>) -> impl IntoView {
    let (words, toasts) = (use_words(), use_toasts());
    let (error, report_seen) = (RwSignal::new(None), RwSignal::new(None::<ProbeReport>));
    let busy = RwSignal::new(false);
    let (id, address, access) = question.get_value();
    let pinned = StoredValue::new(access.pinned.clone());
    Effect::new(move |_| {
        let (address, access) = (address.clone(), access.clone());
        let login = NewCredential {
            username: access.credential.username,
            password: None,
            port: access.port,
            tls: true,
        };
        spawn_local(async move {
            match probe_routeros(Some(id), address, login).await {
                Ok(report) => report_seen.set(Some(report)),
                Err(failed) => error.set(Some(failed)),
            }
        });
    });
    let accept = move |seen: String| {
        busy.set(true);
        spawn_local(async move {
            let ended = pin_certificate(id, seen).await;
            busy.set(false);
            open.set(false);
            report(toasts, words, &ended, words.pin_accepted());
        });
    };
    let verdict = move || {
        let report = report_seen.get()?;
        let Some(seen) = report.fingerprint else {
            return Some(
                view! { <p>{report.error.unwrap_or_else(|| words.pin_unseen().to_owned())}</p> }.into_any(),
            );
        };
        if pinned.with_value(|pinned| pinned.as_ref() == Some(&seen)) {
            return Some(view! { <p>{words.pin_same()}</p> }.into_any());
        }
        let shown = grouped(&seen);
        let accept = move |_| accept(seen.clone());
        Some(
            view! {
                <p>{words.pin_changed()}</p>
                <code class="fingerprint">{shown}</code>
                <div class="dialog-acts">
                    <Button on:click=move |_| open.set(false)>{words.action_cancel()}</Button>
                    <Button look=Look::Danger busy on:click=accept>
                        {words.pin_accept()}
                    </Button>
                </div>
            }
            .into_any(),
        )
    };
    let is_waiting = move || report_seen.with(Option::is_none) && error.with(Option::is_none);
    view! {
        <div class="dialog-form">
            <ErrorNote error />
            {move || is_waiting().then(|| view! { <crate::parts::Spinner label=words.pin_asking() /> })}
            {verdict}
        </div>
    }
}

/// `a1b2c3…` as `a1b2 c3…`, so that two can be compared by eye.
fn grouped(fingerprint: &str) -> String {
    let letters: Vec<char> = fingerprint.chars().collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}
