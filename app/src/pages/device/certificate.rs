//! The router's certificate: which one is pinned, and how to accept another when it was changed on purpose.

use crate::{
    api::devices::{pin_certificate, probe_routeros},
    i18n::use_words,
    parts::*,
    use_visitor,
};
use leptos::prelude::*;
use model::{Device, DeviceId, NewCredential, ProbeReport};

/// The fingerprint of the certificate that is trusted; nothing until the router was first asked.
type Pinned = RwSignal<Option<String>>;

#[component]
pub fn Certificate(device: StoredValue<Device>) -> impl IntoView {
    let words = use_words();
    let access = device.with_value(|device| device.routeros.clone());
    let Some(access) = access.filter(|access| access.tls) else { return ().into_any() };
    let open = RwSignal::new(false);
    let pinned: Pinned = RwSignal::new(access.pinned);
    let shown = move || {
        pinned.with(|print| print.as_deref().map_or_else(|| words.certificate_none().to_owned(), grouped))
    };
    let check = use_visitor().is_admin().then(|| {
        view! {
            <Button look=Look::Quiet on:click=move |_| open.set(true)>
                {words.certificate_check()}
            </Button>
        }
    });
    view! {
        <dl class="facts pin">
            <div>
                <dt>{words.certificate_pinned()}</dt>
                <dd>
                    <code class="fingerprint">{shown}</code>
                    {check}
                </dd>
            </div>
        </dl>
        <Dialog open=open title=words.certificate_check()>
            {compare(device, pinned, open)}
        </Dialog>
    }
    .into_any()
}

/// Asks the router for its certificate now, and shows it beside the pinned one.
fn compare(device: StoredValue<Device>, pinned: Pinned, open: RwSignal<bool>) -> AnyView {
    let (words, acts, task) = (use_words(), Acts::new(), Task::new());
    let report = RwSignal::new(None::<ProbeReport>);
    let question = device.with_value(|device| {
        let access = device.routeros.clone()?;
        let login = NewCredential {
            username: access.credential.username,
            password: None,
            port: access.port,
            tls: true,
        };
        Some((device.id, device.address.clone(), login))
    });
    Effect::new(move || {
        if let Some((id, address, login)) = question.clone() {
            task.run(probe_routeros(Some(id), address, login), move |answer| report.set(Some(answer)));
        }
    });
    let accepted = Callback::new(move |print: String| {
        pinned.set(Some(print));
        open.set(false);
        acts.say(words.certificate_accepted());
    });
    let id = device.with_value(|device| device.id);
    let verdict = move || {
        report.get().map(|report| match report.fingerprint {
            Some(print) => seen(id, pinned.into(), print, accepted),
            None => {
                let why = report.error.unwrap_or_else(|| words.certificate_unseen().to_owned());
                view! { <p>{why}</p> }.into_any()
            }
        })
    };
    let waiting =
        move || task.is_pending().get().then(|| view! { <Spinner label=words.certificate_asking() /> });
    view! {
        <div class="form" role="status">
            <ErrorNote error=task.error() />
            {waiting}
            {verdict}
        </div>
    }
    .into_any()
}

/// The certificate that the router shows now; another one than the pinned must be accepted by a person.
pub fn seen(
    id: DeviceId,
    pinned: Signal<Option<String>>,
    print: String,
    accepted: Callback<String>,
) -> AnyView {
    let (words, task) = (use_words(), Task::new());
    let shown = grouped(&print);
    let print = StoredValue::new(print);
    let accept = move |_| {
        // Taken now: both may have gone with the page when the answer comes.
        let print = print.get_value();
        task.run(pin_certificate(id, print.clone()), move |()| _ = accepted.try_run(print));
    };
    let is_pinned = Memo::new(move |_| {
        pinned.with(|pinned| pinned.as_ref().map(|pinned| print.with_value(|print| pinned == print)))
    });
    let verdict = move || {
        Some(match is_pinned.get()? {
            true => view! { <p>{words.certificate_same()}</p> }.into_any(),
            false => view! {
                <p>{words.certificate_changed()}</p>
                <ErrorNote error=task.error() />
                <Button look=Look::Danger busy=task.is_pending() on:click=accept>
                    {words.certificate_accept()}
                </Button>
            }
            .into_any(),
        })
    };
    view! {
        <div class="certificate">
            <small>{words.certificate_seen()}</small>
            <code class="fingerprint">{shown}</code>
            {verdict}
        </div>
    }
    .into_any()
}

/// `a1b2c3…` as `a1b2 c3…`, so that two can be compared by eye.
fn grouped(fingerprint: &str) -> String {
    let letters: Vec<char> = fingerprint.chars().collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}
