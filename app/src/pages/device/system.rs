//! What the router is, what it measures of itself, what it hides from us, and what our asking costs it.

use super::{certificate::Certificate, detail::Told};
use crate::{
    format,
    i18n::{Words, use_words},
    pages::dashboard::short_version,
    parts::{Ago, Card, Facts, Icon, IconName},
};
use leptos::prelude::*;
use model::{Device, Ending, Metrics, Missing, Sensor};

#[component]
pub fn System(told: Told, device: StoredValue<Device>) -> impl IntoView {
    let words = use_words();
    let facts = Signal::derive(move || told.metrics.with(|metrics| identity(words, metrics)));
    let has_certificate =
        device.with_value(|device| device.routeros.as_ref().is_some_and(|access| access.tls));
    let is_known = Memo::new(move |_| {
        has_certificate || told.metrics.with(|metrics| !identity(words, metrics).is_empty())
    });
    move || {
        is_known.get().then(|| {
            view! {
                <Card title=words.system_title()>
                    <Facts all=facts />
                    <Certificate device />
                </Card>
            }
        })
    }
}

fn identity(words: Words, metrics: &Metrics) -> Vec<(String, String)> {
    let version = metrics.routeros_version.as_deref().map(|version| match &metrics.update_available {
        Some(update) => format!("{} ({})", short_version(version), words.update_available(update)),
        None => version.to_owned(),
    });
    let firmware = metrics.firmware.clone().map(|firmware| match &metrics.firmware_upgrade {
        Some(upgrade) if *upgrade != firmware => format!("{firmware} ({})", words.update_available(upgrade)),
        _ => firmware,
    });
    let facts = [
        (words.system_identity(), metrics.identity.clone()),
        (words.column_model(), metrics.model.clone()),
        (words.system_serial(), metrics.serial.clone()),
        ("RouterOS", version),
        (words.system_firmware(), firmware),
        (words.system_architecture(), metrics.architecture.clone()),
    ];
    facts.into_iter().filter_map(|(label, value)| value.map(|value| (label.to_owned(), value))).collect()
}

#[component]
pub fn Sensors(told: Told) -> impl IntoView {
    let words = use_words();
    let sensors = Memo::new(move |_| told.metrics.with(|metrics| metrics.sensors.clone()));
    let line = |Sensor { name, value, unit }| {
        let unit = if unit == "C" { "°C" } else { &unit };
        (name, format!("{value} {unit}").trim_end().to_owned())
    };
    let lines = Signal::derive(move || sensors.get().into_iter().map(line).collect::<Vec<_>>());
    let is_known = Memo::new(move |_| sensors.with(|sensors| !sensors.is_empty()));
    move || is_known.get().then(|| view! { <Card title=words.sensors_title()><Facts all=lines /></Card> })
}

/// Features this login may not see, each with the policy that would show it.
#[component]
pub fn Lacking(told: Told) -> impl IntoView {
    let words = use_words();
    let missing = Memo::new(move |_| told.metrics.with(|metrics| metrics.missing.clone()));
    let lines = move || missing.get().into_iter().map(|missing| lack(words, missing)).collect_view();
    let is_any = Memo::new(move |_| missing.with(|missing| !missing.is_empty()));
    move || {
        is_any.get().then(|| {
            view! {
                <details class="lacking">
                    <summary>
                        <Icon name=IconName::Shield />
                        {move || words.missing_title(missing.with(Vec::len) as u64)}
                    </summary>
                    <ul>{lines}</ul>
                </details>
            }
        })
    }
}

fn lack(words: Words, missing: Missing) -> impl IntoView {
    let feature = words.by_key(&missing.feature).map_or(missing.feature, str::to_owned);
    let remedy = missing.policy.map(|policy| words.missing_policy(&policy));
    view! {
        <li>
            <strong>{feature}</strong>
            <span>{remedy.unwrap_or(missing.why)}</span>
            <code>{missing.command}</code>
        </li>
    }
}

#[component]
pub fn Cost(told: Told) -> impl IntoView {
    let words = use_words();
    let text = move || {
        told.metrics.with(|metrics| {
            let (commands, bytes, ms) = (metrics.poll_commands?, metrics.poll_bytes?, metrics.poll_ms?);
            Some(words.cost_told(u64::from(commands), &format::bytes(words, bytes), &ms))
        })
    };
    let is_known = Memo::new(move |_| text().is_some());
    move || {
        is_known.get().then(|| view! { <Card title=words.cost_title()><p class="muted">{text}</p></Card> })
    }
}

/// Why the router's sessions ended and attempts failed lately, the latest first.
#[component]
pub fn Endings(told: Told) -> impl IntoView {
    let words = use_words();
    let endings = Memo::new(move |_| told.metrics.with(|metrics| metrics.endings.clone()));
    let lines = move || endings.get().into_iter().map(ending).collect_view();
    let is_any = Memo::new(move |_| endings.with(|endings| !endings.is_empty()));
    move || {
        is_any
            .get()
            .then(|| view! { <Card title=words.endings_title()><ul class="endings">{lines}</ul></Card> })
    }
}

fn ending(ending: Ending) -> impl IntoView {
    let times = (ending.times > 1).then(|| format!(" × {}", ending.times));
    view! {
        <li>
            <span class="muted"><Ago at=ending.at /> {times}</span>
            <span>{ending.reason}</span>
        </li>
    }
}
