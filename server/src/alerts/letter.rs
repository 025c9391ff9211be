//! What is said of an incident: the words for people, and beside them the same for programs.

use crate::{
    store::{Delivery, Told},
    web::rest::rfc3339,
};
use app::told::{News, alert, storm, trial as trial_words};
use engine::notify::Message;
use model::{Channel, Incident, Severity, Timestamp};
use serde_json::{Value, json};

/// A message that comes later than this says so, in milliseconds.
const LATE_MS: i64 = 60_000;
/// Devices that one message names.
const NAMED_MAX: usize = 30;

/// The message about one incident.
pub fn one(language: &str, delivery: &Delivery, now: Timestamp) -> Message {
    let incident = &delivery.incident;
    let is_over = delivery.told == Told::Closed;
    let (title, body) = alert(language, &news(delivery, now));
    Message {
        id: format!("incident-{}-{}", incident.id, event(delivery)),
        title,
        body,
        url: None,
        severity: severity(delivery),
        at: if is_over { incident.closed_at.unwrap_or(now) } else { incident.opened_at },
        data: json!({ "event": event(delivery), "incident": data(incident) }),
    }
}

/// The message that takes the place of many.
pub fn several(language: &str, batch: &[Delivery], now: Timestamp) -> Message {
    let all: Vec<_> = batch.iter().map(|delivery| news(delivery, now)).collect();
    let (title, body) = storm(language, &all, NAMED_MAX);
    let id = |delivery: Option<&Delivery>| delivery.map_or(0, |delivery| delivery.id.0);
    let events: Vec<Value> = batch
        .iter()
        .map(|delivery| json!({ "event": event(delivery), "incident": data(&delivery.incident) }))
        .collect();
    Message {
        id: format!("incidents-{}-{}", id(batch.first()), id(batch.last())),
        title,
        body,
        url: None,
        severity: batch.iter().map(severity).min().unwrap_or(Severity::Info),
        at: now,
        data: json!({ "event": "several", "events": events }),
    }
}

/// The message of the test button.
pub fn trial(channel: &Channel, now: Timestamp) -> Message {
    let (title, body) = trial_words(&channel.language, &channel.name);
    let id = format!("test-{}-{}", channel.id, now.0);
    Message {
        id,
        title,
        body,
        url: None,
        severity: Severity::Info,
        at: now,
        data: json!({ "event": "test" }),
    }
}

fn news(delivery: &Delivery, now: Timestamp) -> News<'_> {
    let incident = &delivery.incident;
    let late_ms = now.since_ms(delivery.created_at);
    News {
        incident,
        is_over: delivery.told == Told::Closed,
        is_partly: delivery.told == Told::Partly,
        late_s: (late_ms > LATE_MS).then_some(late_ms / 1_000),
        affected_named_max: NAMED_MAX,
    }
}

fn severity(delivery: &Delivery) -> Severity {
    if delivery.told == Told::Closed { Severity::Good } else { delivery.incident.severity }
}

fn event(delivery: &Delivery) -> &'static str {
    match delivery.told {
        Told::Opened => "opened",
        Told::Closed => "closed",
        Told::Partly => "partly",
    }
}

fn data(incident: &Incident) -> Value {
    json!({
        "id": incident.id.0,
        "kind": incident.kind.word(),
        "severity": incident.severity.word(),
        "device": { "id": incident.device.map(|device| device.0), "name": incident.name, "ip_address": incident.address },
        "opened_at": rfc3339(incident.opened_at),
        "told_at": rfc3339(incident.told_at),
        "closed_at": incident.closed_at.map(rfc3339),
        "ending": incident.ending.map(model::IncidentEnd::word),
        "cause": incident.cause,
        "crossing": incident.crossing,
        "together": incident.together,
        "affected": incident.affected.iter().take(NAMED_MAX).map(|one| &one.name).collect::<Vec<_>>(),
        "affected_total": incident.affected.len(),
    })
}
