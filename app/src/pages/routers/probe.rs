//! "Test this login": what works, what is missing, and what would give it.

use super::{editor::Editor, form::Form};
use crate::{
    api::{ApiError, devices::probe_routeros},
    i18n::Words,
    pages::device::certificate_seen,
    parts::*,
};
use leptos::prelude::*;
use model::{Device, FieldError, Missing, NewCredential, ProbeReport};

pub fn probe(editor: Editor) -> AnyView {
    let words = editor.words;
    // A task of its own: a failed try must not look like a refused form.
    let task = Task::new();
    let report = RwSignal::new(None::<ProbeReport>);
    let test = move |_| {
        editor.task.forgive();
        let stored = editor.stored.get_untracked();
        let id = stored.as_ref().map(|device| device.id);
        match editor.form.with_untracked(|form| login_of(form, stored.as_ref())) {
            Ok((address, login)) => {
                report.set(None);
                task.run(probe_routeros(id, address, login), move |answer| report.set(Some(answer)));
            }
            Err(errors) => editor.task.refuse(ApiError::Invalid(errors)),
        }
    };
    let progress = move || task.is_pending().get().then(|| view! { <Spinner label=words.probe_running() /> });
    view! {
        <div class="probe">
            <Button busy=task.is_pending() on:click=test>
                <Icon name=IconName::Key />
                {words.probe_test()}
            </Button>
            <div role="status">
                {progress} <ErrorNote error=task.error() />
                {move || report.get().map(|report| outcome(editor, report))}
            </div>
        </div>
    }
    .into_any()
}

/// What to try the login with, or what is missing for a try.
fn login_of(form: &Form, stored: Option<&Device>) -> Result<(String, NewCredential), Vec<FieldError>> {
    let mut errors = Vec::new();
    let address = form.address.trim().to_owned();
    errors.extend(model::address(&address).err());
    let login = form.login.credential(&mut errors);
    errors.extend(login.errors());
    if login.password.is_none() {
        match stored {
            Some(stored) => errors.extend(stored.keep_password(&address, login.port, login.tls).err()),
            None => errors.push(FieldError::new("routeros.password", "error_required", "is required")),
        }
    }
    if errors.is_empty() { Ok((address, login)) } else { Err(errors) }
}

fn outcome(editor: Editor, report: ProbeReport) -> AnyView {
    let words = editor.words;
    if !report.is_connected {
        let why = report.error.unwrap_or_default();
        return view! {
            <div class="note bad">
                <Icon name=IconName::Warning />
                <div>
                    <strong>{words.probe_failed()}</strong>
                    <p>{why}</p>
                    {report.fingerprint.map(|fingerprint| certificate(editor, fingerprint))}
                </div>
            </div>
        }
        .into_any();
    }
    let who =
        [report.identity, report.model, report.routeros_version.map(|version| format!("RouterOS {version}"))];
    let who = who.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let is_whole = report.missing.is_empty();
    view! {
        <div class=if is_whole { "note good" } else { "note warn" }>
            <Icon name=if is_whole { IconName::Check } else { IconName::Warning } />
            <div>
                <strong>{if is_whole { words.probe_all() } else { words.probe_some() }}</strong>
                <p>{who}</p>
            </div>
        </div>
        <ul class="features">
            {report.missing.into_iter().map(|missing| lacking(words, missing)).collect_view()}
            {report.available.into_iter().map(|feature| working(words, &feature)).collect_view()}
        </ul>

        {report.fingerprint.map(|fingerprint| certificate(editor, fingerprint))}
    }
    .into_any()
}

fn name(words: Words, feature: &str) -> String {
    words.by_key(feature).map_or_else(|| feature.to_owned(), str::to_owned)
}

fn working(words: Words, feature: &str) -> AnyView {
    view! {
        <li class="feature">
            <Icon name=IconName::Check />
            <span>{name(words, feature)}</span>
        </li>
    }
    .into_any()
}

fn lacking(words: Words, missing: Missing) -> AnyView {
    let cure = missing.policy.map(|policy| words.probe_needs_policy(&policy));
    view! {
        <li class="feature lacking">
            <Icon name=IconName::Close />
            <span>
                {name(words, &missing.feature)} {cure.map(|cure| view! { <strong>{cure}</strong> })}
                <small>
                    <code>{missing.command}</code>
                    " "
                    {missing.why}
                </small>
            </span>
        </li>
    }
    .into_any()
}

fn certificate(editor: Editor, print: String) -> AnyView {
    let pinned = Signal::derive(move || {
        editor
            .stored
            .with(|device| device.as_ref().and_then(|device| device.routeros.as_ref()?.pinned.clone()))
    });
    let id = editor.stored.with_untracked(|device| device.as_ref().map(|device| device.id));
    let accepted = Callback::new(move |print: String| editor.pinned(&print));
    certificate_seen(id.unwrap_or_default(), pinned, print, accepted)
}
