//! One incident: how bad, where, what happened, for how long, and who sees to it.

use super::{
    Alerts,
    affected::affected,
    unmeasured::{self, unmeasured},
};
use crate::{
    format,
    i18n::{Words, use_words},
    pages::{rules::happening, terminal},
    parts::*,
    use_visitor,
};
use leptos::prelude::*;
use model::{
    Acknowledged, Alert, Hushed, Incident, IncidentEnd, IncidentId, IncidentKind, Note, QuietKind, Timestamp,
};

/// An incident that ends leaves the open ones, and is drawn again among those that are over.
pub fn row(
    alerts: Alerts,
    id: IncidentId,
    is_over: bool,
    (answering, silencing): (RwSignal<bool>, RwSignal<bool>),
) -> AnyView {
    let words = use_words();
    let alert = alerts.one(id);
    let Some(Alert { incident, .. }) = alert.get_untracked() else { return ().into_any() };
    let severity = incident.severity;
    let aside = move || {
        alert.with(|alert| {
            let incident = &alert.as_ref()?.incident;
            // Of an update it is the version, and said already.
            let cause = incident.cause.iter().filter(|_| incident.kind != IncidentKind::Update);
            let cause = cause.map(|cause| format!(" · {}", words.cause(cause)));
            Some(format!("{}{}", incident.address, cause.collect::<String>()))
        })
    };
    view! {
        <li class="alert list-row" id=format!("alert-{id}") class:over=is_over class:unmeasured=move || unmeasured::since(alert).is_some() data-severity=severity.word()>
            <SeverityMark severity is_over />
            <div class="alert-what">
                <h3>{place(&incident)} " " <span>{happened(words, &incident)}</span></h3>
                <p class="alert-aside">{aside} {rule(words, &incident)}</p>
                {seen_to(alert)}
                {said(alert)}
                {quiet(alert)}
                {given_up(alert)}
                {unmeasured(alert)}
                {affected(alert, id)}
            </div>
            <p class="alert-when">{times(alert, &incident)}</p>
            {(!is_over && use_visitor().is_admin()).then(|| answer(alerts, alert, (answering, silencing)))}
        </li>
    }
    .into_any()
}

/// Its name leads to its page while there is one.
fn place(incident: &Incident) -> AnyView {
    if incident.together.is_some() {
        return incident.address.clone().into_any();
    }
    let name = incident.name.clone();
    match incident.device {
        Some(id) => view! { <a href=format!("/devices/{id}")>{name}</a> }.into_any(),
        None => name.into_any(),
    }
}

/// What made it an alert, as long as that rule is there.
fn rule(words: Words, incident: &Incident) -> Option<AnyView> {
    let id = incident.rule?;
    let then = incident.crossing.as_ref().map(|crossing| crossing.rule.clone());
    let name = incident.rule_name.clone().or(then);
    let name = name.unwrap_or_else(|| happening(words, incident.kind).to_owned());
    let text = format!("{}: {name}", words.alert_rule());
    let href = format!("/admin/rules#rule-{id}");
    Some(view! { " · " <a class="alert-rule" href=href>{text}</a> }.into_any())
}

/// What happened, in a few words.
pub fn happened(words: Words, incident: &Incident) -> String {
    let is_over = incident.closed_at.is_some();
    if let Some(together) = incident.together {
        return words.alert_together(u64::from(together.devices));
    }
    match (incident.kind, is_over) {
        (IncidentKind::CutOff, _) => words.banner_cut_off().to_owned(),
        (IncidentKind::Down, false) => words.alert_down().to_owned(),
        (IncidentKind::Down, true) => words.alert_was_down().to_owned(),
        (IncidentKind::Degraded, false) => words.alert_degraded().to_owned(),
        (IncidentKind::Degraded, true) => words.alert_was_degraded().to_owned(),
        (IncidentKind::Reconnects, _) => words.alert_reconnects(incident.number.unwrap_or(0).unsigned_abs()),
        (IncidentKind::Rebooted, _) => words.alert_rebooted().to_owned(),
        (IncidentKind::Certificate, _) => words.alert_certificate().to_owned(),
        (IncidentKind::HostKey, _) => words.alert_host_key().to_owned(),
        (IncidentKind::Update, _) => words.alert_update(&incident.cause.as_deref().unwrap_or_default()),
        (IncidentKind::Threshold, _) => {
            incident.crossing.as_ref().map(|crossing| format::crossed(words, crossing)).unwrap_or_default()
        }
    }
}

fn ended(words: Words, incident: &Incident) -> Option<&'static str> {
    match incident.ending? {
        IncidentEnd::Recovered if incident.kind == IncidentKind::HostKey => {
            Some(words.alert_ended_key_again())
        }
        IncidentEnd::Recovered => Some(words.alert_ended_recovered()),
        IncidentEnd::Degraded => Some(words.alert_ended_degraded()),
        IncidentEnd::Paused => Some(words.alert_ended_paused()),
        IncidentEnd::Removed => Some(words.alert_ended_removed()),
        IncidentEnd::Worse => Some(words.alert_ended_worse()),
        IncidentEnd::Withdrawn => Some(words.alert_ended_withdrawn()),
        IncidentEnd::AtOnce => None,
        IncidentEnd::Accepted => Some(words.alert_ended_accepted()),
    }
}

/// For how long it is, or was; and when, and how, it ended.
fn times(alert: Memo<Option<Alert>>, incident: &Incident) -> AnyView {
    let (words, now) = (use_words(), use_now());
    let opened_at = incident.opened_at;
    let Some(closed_at) = incident.closed_at else {
        // What is not measured is known up to its last sample, and its time does not run on.
        let until = move || unmeasured::since(alert).unwrap_or_else(|| now.get());
        let text = move || words.alert_for(&format::span(words, until().since_ms(opened_at) / 1000));
        return view! { <strong><Moment at=opened_at text=Signal::derive(text) /></strong> }.into_any();
    };
    if incident.ending == Some(IncidentEnd::AtOnce) {
        return view! { <Ago at=opened_at /> }.into_any();
    }
    let lasted = words.alert_lasted(&format::span(words, closed_at.since_ms(opened_at) / 1000));
    let how = move || alert.with(|alert| alert.as_ref().and_then(|alert| ended(words, &alert.incident)));
    view! {
        <strong><Moment at=opened_at text=lasted /></strong>
        <span>{how} " · " <Ago at=closed_at /></span>
    }
    .into_any()
}

fn word_of(alert: Memo<Option<Alert>>) -> Option<Acknowledged> {
    alert.with(|alert| alert.as_ref().and_then(|alert| alert.incident.acknowledged.clone()))
}

/// Who sees to it, since when, and what they say.
fn seen_to(alert: Memo<Option<Alert>>) -> AnyView {
    let words = use_words();
    let word = Memo::new(move |_| word_of(alert));
    let by = move || word.with(|word| word.as_ref().map(|word| words.alert_seen_by(&word.by)));
    let at = move || word.with(|word| word.as_ref().map_or_else(Timestamp::default, |word| word.at));
    view! {
        <Show when=move || word.with(Option::is_some)>
            <p class="alert-seen">
                <Icon name=IconName::User />
                <span>
                    {by} " · " <Ago at=Signal::derive(at) />
                </span>
            </p>
        </Show>
    }
    .into_any()
}

/// What people said of it, one after the other.
fn said(alert: Memo<Option<Alert>>) -> AnyView {
    let notes = Memo::new(move |_| {
        alert.with(|alert| alert.as_ref().map(|alert| alert.incident.notes.clone()).unwrap_or_default())
    });
    let one = |note: Note| {
        view! {
            <li>
                <q>{note.text}</q>
                " "
                <small>{note.by} " · " <Ago at=note.at /></small>
            </li>
        }
    };
    view! {
        <Show when=move || !notes.with(Vec::is_empty)>
            <ul class="alert-notes">{move || notes.get().into_iter().map(one).collect_view()}</ul>
        </Show>
    }
    .into_any()
}

/// What runs for it now; else by what it was kept quiet when it began.
fn quiet(alert: Memo<Option<Alert>>) -> AnyView {
    let (words, now) = (use_words(), use_now());
    let known = Memo::new(move |_| {
        alert.with(|alert| alert.as_ref().map(|alert| (alert.quiet.clone(), alert.incident.hushed.clone())))
    });
    let line = move |kind: QuietKind, text: Signal<String>| {
        view! {
            <p class="alert-quiet">
                <Icon name=quiet_icon(kind) />
                <a href="/admin/maintenance">{move || text.get()}</a>
            </p>
        }
        .into_any()
    };
    (move || match known.get()? {
        (Some(mark), _) => {
            let kind = mark.kind;
            Some(line(kind, Signal::derive(move || quiet_told(words, &mark, now.get()))))
        }
        (None, Some(hushed)) => {
            let text = untold(words, &hushed);
            Some(line(hushed.kind, Signal::derive(move || text.clone())))
        }
        (None, None) => None,
    })
    .into_any()
}

/// That messages about it did not come through, and to an admin where it is said why.
fn given_up(alert: Memo<Option<Alert>>) -> AnyView {
    let (words, is_admin) = (use_words(), use_visitor().is_admin());
    let count = Memo::new(move |_| alert.with(|alert| alert.as_ref().map_or(0, |alert| alert.given_up)));
    let text = move || words.channel_given_up(count.get());
    view! {
        <Show when=move || count.get() != 0>
            <p class="alert-quiet">
                <Icon name=IconName::Warning />
                {if is_admin {
                    view! { <a href="/admin/channels">{text}</a> }.into_any()
                } else {
                    view! { <span>{text}</span> }.into_any()
                }}
            </p>
        </Show>
    }
    .into_any()
}

/// By what it was kept quiet, and until when where it was told after all.
fn untold(words: Words, hushed: &Hushed) -> String {
    let text = words.quiet_untold(&quiet_word(words, hushed.kind), &hushed.title);
    match hushed.until {
        Some(until) => {
            let time = format::iso(until).replace('T', " ").replace('Z', " UTC");
            format!("{text}, {}", words.quiet_until(&time))
        }
        None => text,
    }
}

fn answer(
    alerts: Alerts,
    alert: Memo<Option<Alert>>,
    (answering, silencing): (RwSignal<bool>, RwSignal<bool>),
) -> AnyView {
    let words = use_words();
    let is_seen = move || word_of(alert).is_some();
    let name = alert.with_untracked(|alert| alert.as_ref().map(|alert| alert.incident.name.clone()));
    let name = StoredValue::new(name.unwrap_or_default());
    let label = move || {
        name.with_value(|name| {
            if is_seen() { words.alert_change_note_of(name) } else { words.alert_acknowledge_of(name) }
        })
    };
    let open = move |dialog: RwSignal<bool>| {
        alerts.chosen.set(alert.get_untracked().map(|alert| alert.incident));
        dialog.set(true);
    };
    let is_there =
        alert.with_untracked(|alert| alert.as_ref().is_some_and(|alert| alert.incident.device.is_some()));
    let prompt = is_there.then(|| {
        let (to, label) =
            name.with_value(|name| (terminal::path(name), format!("{}: {name}", words.terminal_title())));
        view! {
            <a class=Look::Quiet.class() href=to aria-label=label title=words.terminal_title()>
                <Icon name=IconName::Terminal />
            </a>
        }
    });
    view! {
        <span class="alert-acts">
            {prompt}
            <Button look=Look::Quiet on:click=move |_| open(silencing) attr:title=move || name.with_value(|name| words.quiet_now_of(name)) attr:aria-label=move || name.with_value(|name| words.quiet_now_of(name))>
                <Icon name=IconName::BellOff />
            </Button>
            <Button on:click=move |_| open(answering) attr:aria-label=label>
                {move || if is_seen() { words.alert_change_note() } else { words.alert_acknowledge() }}
            </Button>
        </span>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn what_was_told_once_a_window_was_over_is_not_called_untold() {
        let hushed = |until| Hushed {
            kind: QuietKind::Maintenance,
            title: "upgrade".to_owned(),
            by: "ani".to_owned(),
            until,
        };
        let say = |lang, until| untold(Words(lang), &hushed(until));
        assert_eq!(say(Lang::En, None), "Not told: Maintenance, upgrade");
        let told = Some(Timestamp(1_767_225_600_000));
        assert_eq!(say(Lang::En, told), "Not told: Maintenance, upgrade, until 2026-01-01 00:00:00 UTC");
        assert!(say(Lang::Ru, told).ends_with(", до 2026-01-01 00:00:00 UTC"));
    }
}
