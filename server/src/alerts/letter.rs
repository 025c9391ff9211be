//! What is said of an incident: the words for people, and beside them the same for programs.

use crate::{
    config::PublicUrl,
    store::{Delivery, Told},
    web::rest::rfc3339,
};
use app::told::{
    News,
    own::{Facts, alert_in},
    storm, trial as trial_words,
};
use engine::notify::Message;
use model::{Channel, Incident, Severity, Timestamp};
use serde_json::{Value, json};

/// A message that comes later than this says so, in milliseconds.
const LATE_MS: i64 = 60_000;
/// Devices that one message names.
const NAMED_MAX: usize = 30;

/// Who writes: for which channel, and from where.
#[derive(Clone, Copy)]
pub struct Letters<'a> {
    pub channel: &'a Channel,
    /// What links begin with.
    pub home: Option<&'a PublicUrl>,
    pub now: Timestamp,
}

impl Letters<'_> {
    /// The message about one incident; `site` is where its device is.
    pub fn one(&self, delivery: &Delivery, site: Option<&str>) -> Message {
        let incident = &delivery.incident;
        let is_over = delivery.told == Told::Closed;
        let path = page_of(incident);
        let url = self.link(&path);
        let facts = Facts {
            news: self.news(delivery),
            site,
            url: url.as_deref(),
            severity: severity(delivery),
            now: self.now,
        };
        let (title, body) = alert_in(&self.channel.language, &self.channel.settings, &facts);
        Message {
            id: id_of(delivery),
            title,
            body,
            thread: format!("incident-{}", incident.id),
            path,
            url,
            severity: severity(delivery),
            at: if is_over { incident.closed_at.unwrap_or(self.now) } else { incident.opened_at },
            data: json!({ "event": event(delivery), "incident": data(incident) }),
        }
    }

    /// The message that takes the place of many.
    pub fn several(&self, batch: &[Delivery]) -> Message {
        let all: Vec<_> = batch.iter().map(|delivery| self.news(delivery)).collect();
        let (title, body) = storm(&self.channel.language, &all, NAMED_MAX);
        let id = |delivery: Option<&Delivery>| delivery.map_or(0, |delivery| delivery.id.0);
        let events: Vec<Value> = batch
            .iter()
            .map(|delivery| {
                json!({ "id": id_of(delivery), "event": event(delivery), "incident": data(&delivery.incident) })
            })
            .collect();
        Message {
            id: format!("incidents-{}-{}", id(batch.first()), id(batch.last())),
            title,
            body,
            thread: format!("incidents-{}", id(batch.first())),
            path: "/alerts".to_owned(),
            url: self.link("/alerts"),
            severity: batch.iter().map(severity).min().unwrap_or(Severity::Info),
            at: self.now,
            data: json!({ "event": "several", "events": events }),
        }
    }

    /// The message of the test button.
    pub fn trial(&self) -> Message {
        let (title, body) = trial_words(&self.channel.language, &self.channel.name);
        Message {
            id: format!("test-{}-{}", self.channel.id, self.now.0),
            title,
            body,
            thread: "test".to_owned(),
            path: "/".to_owned(),
            url: self.link("/"),
            severity: Severity::Info,
            at: self.now,
            data: json!({ "event": "test" }),
        }
    }

    pub(super) fn link(&self, path: &str) -> Option<String> {
        self.home.map(|home| home.page(path))
    }

    fn news<'b>(&self, delivery: &'b Delivery) -> News<'b> {
        let late_ms = self.now.since_ms(delivery.created_at);
        News {
            incident: &delivery.incident,
            is_over: delivery.told == Told::Closed,
            is_partly: delivery.told == Told::Partly,
            late_s: (late_ms > LATE_MS).then_some(late_ms / 1_000),
            affected_named_max: NAMED_MAX,
        }
    }
}

/// Where more is to be seen.
fn page_of(incident: &Incident) -> String {
    incident.device.map_or_else(|| "/alerts".to_owned(), |device| format!("/devices/{device}"))
}

/// The same when it is told again, alone or among others.
fn id_of(delivery: &Delivery) -> String {
    format!("incident-{}-{}", delivery.incident.id, event(delivery))
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
