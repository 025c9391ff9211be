//! Incidents for other people's programs: list them, acknowledge one.

use super::{Asked, Body, Named, Spoken, rfc3339};
use crate::web::{
    Admin, Viewer,
    error::{ErrorBody, Failure},
};
use axum::Json;
use model::{Affected, Incident, IncidentId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Most incidents in one answer.
const LIMIT_MAX: u64 = 500;
const LIMIT_DEFAULT: u64 = 100;
/// The database counts rows in 63 bits.
const OFFSET_MAX: u64 = i64::MAX.unsigned_abs();

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// `open`, or all when absent.
    state: Option<String>,
    /// 1 to 500; 100 when absent.
    limit: Option<u64>,
    offset: Option<u64>,
}

#[derive(Serialize, ToSchema)]
pub struct AlertList {
    success: bool,
    /// The newest first.
    alerts: Vec<Alert>,
    /// How many the filter found, on all pages.
    total: u64,
}

#[derive(Serialize, ToSchema)]
pub struct Alert {
    id: i64,
    /// `down`, `degraded`, `reconnects`, `rebooted`, `certificate`, `host_key`, `update`, `threshold` or `cut_off`.
    kind: &'static str,
    /// `critical`, `warning` or `info`.
    severity: &'static str,
    /// `open`, `acknowledged` or `closed`.
    state: &'static str,
    device: AlertDevice,
    /// The first failed try, as RFC 3339 in UTC.
    opened_at: String,
    /// When it was sure.
    told_at: String,
    closed_at: Option<String>,
    /// `recovered`, `degraded`, `paused`, `removed`, `worse`, `at_once`, `accepted`; or `withdrawn`: its rule was switched
    /// off, changed or removed, or its number is measured no more, and nobody knows how it went on.
    ending: Option<&'static str>,
    cause: Option<String>,
    /// The rule that told of it; `null` when it was removed since.
    rule_id: Option<i64>,
    /// What that rule is called now.
    rule_name: Option<String>,
    /// Why a rule fired: the rule, what was measured, its limit, the value, and since when.
    #[schema(value_type = Option<Object>)]
    crossing: Option<serde_json::Value>,
    /// In the list, of an open alert about a number that is not measured now, as while its device does not answer: when
    /// it was measured last. What the alert says is of then.
    last_sample_at: Option<String>,
    /// In the list: how many messages about it were given up.
    given_up: Option<u64>,
    acknowledged: Option<AcknowledgedBody>,
    /// Why nobody was told when it began.
    silenced: Option<SilencedBody>,
    /// What people said of it, the oldest first.
    notes: Vec<NoteBody>,
    /// Devices that cannot be seen because of it, and those that are down together with it.
    affected: Vec<AffectedBody>,
}

/// An alert in a few words.
#[derive(Serialize, ToSchema)]
pub struct BriefAlert {
    id: i64,
    /// As that of an alert.
    kind: &'static str,
    /// `critical`, `warning` or `info`.
    severity: &'static str,
    /// `open`, `acknowledged` or `closed`.
    state: &'static str,
    device: AlertDevice,
    opened_at: String,
    closed_at: Option<String>,
    cause: Option<String>,
}

/// The device as it was called when it happened.
#[derive(Serialize, ToSchema)]
pub struct AlertDevice {
    /// `null` when it was removed since.
    id: Option<i64>,
    name: String,
    ip_address: String,
}

#[derive(Serialize, ToSchema)]
pub struct AcknowledgedBody {
    at: String,
    by: String,
    note: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct SilencedBody {
    /// `maintenance` or `silence`.
    kind: &'static str,
    title: String,
    by: String,
    /// When people were told after all; `null` when they never were, or are still to be.
    until: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct NoteBody {
    at: String,
    by: String,
    text: String,
}

#[derive(Serialize, ToSchema)]
pub struct AffectedBody {
    id: i64,
    name: String,
    since: String,
    until: Option<String>,
    /// It is down itself, at the same address.
    is_down: bool,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Acknowledgement {
    /// At most 500 characters.
    note: Option<String>,
    /// The name of somebody else who sees to it until now, and from whom it is taken.
    replaces: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNote {
    /// At most 500 characters.
    text: String,
}

/// What happened, the newest first.
#[utoipa::path(get, path = "/api/alerts", tag = "Alerts", params(Filter), responses((status = 200, body = AlertList)))]
pub async fn list(Viewer(viewer): Viewer, Asked(filter): Asked<Filter>) -> Result<Json<AlertList>, Failure> {
    let only_open = match filter.state.as_deref() {
        None => false,
        Some("open") => true,
        Some(other) => return Err(Failure::bad_request(format!("state: {other:?} is not known; `open` is"))),
    };
    let limit = filter.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Failure::bad_request(format!("limit: must be 1 to {LIMIT_MAX}")));
    }
    let found = viewer.incidents(only_open, (filter.offset.unwrap_or(0).min(OFFSET_MAX), limit)).await?;
    let incidents: Vec<_> = found.incidents.iter().collect();
    let unmeasured = viewer.unmeasured_since(&incidents).await;
    let alerts = found.incidents.into_iter().zip(unmeasured).zip(found.given_up);
    let alerts = alerts
        .map(|((incident, since), given_up)| Alert {
            last_sample_at: since.map(rfc3339),
            given_up: Some(given_up),
            ..incident.into()
        })
        .collect();
    Ok(Json(AlertList { success: true, alerts, total: found.total }))
}

/// Says that one sees to it, while it is open. A second word replaces the first; one of somebody else's only where it
/// names them.
#[utoipa::path(post, path = "/api/alerts/{id}/ack", tag = "Alerts", params(("id" = i64, Path)),
    request_body = Option<Acknowledgement>, responses(
    (status = 200, body = Alert),
    (status = 404, description = "There is no such alert", body = ErrorBody),
    (status = 409, description = "It is over, or somebody else sees to it", body = ErrorBody),
))]
pub async fn acknowledge(
    Admin(admin): Admin,
    Named(id): Named,
    Spoken(body): Spoken<Acknowledgement>,
) -> Result<Json<Alert>, Failure> {
    let id: IncidentId = id.parse().map_err(|_| Failure::not_found())?;
    Ok(Json(admin.acknowledge(id, body.note, body.replaces).await?.into()))
}

/// Says something of it, beside what was said before.
#[utoipa::path(post, path = "/api/alerts/{id}/notes", tag = "Alerts", params(("id" = i64, Path)),
    request_body = NewNote, responses(
    (status = 200, body = Alert),
    (status = 404, description = "There is no such alert", body = ErrorBody),
))]
pub async fn note(
    Admin(admin): Admin,
    Named(id): Named,
    Body(body): Body<NewNote>,
) -> Result<Json<Alert>, Failure> {
    let id: IncidentId = id.parse().map_err(|_| Failure::not_found())?;
    Ok(Json(admin.add_note(id, &body.text).await?.into()))
}

fn state_of(incident: &Incident) -> &'static str {
    match (incident.closed_at, &incident.acknowledged) {
        (Some(_), _) => "closed",
        (None, Some(_)) => "acknowledged",
        (None, None) => "open",
    }
}

impl From<Incident> for BriefAlert {
    fn from(incident: Incident) -> Self {
        Self {
            id: incident.id.0,
            kind: incident.kind.word(),
            severity: incident.severity.word(),
            state: state_of(&incident),
            device: AlertDevice {
                id: incident.device.map(|id| id.0),
                name: incident.name,
                ip_address: incident.address,
            },
            opened_at: rfc3339(incident.opened_at),
            closed_at: incident.closed_at.map(rfc3339),
            cause: incident.cause,
        }
    }
}

impl From<Incident> for Alert {
    fn from(incident: Incident) -> Self {
        let state = state_of(&incident);
        let acknowledged = incident.acknowledged.map(|word| AcknowledgedBody {
            at: rfc3339(word.at),
            by: word.by,
            note: word.note,
        });
        Self {
            id: incident.id.0,
            kind: incident.kind.word(),
            severity: incident.severity.word(),
            state,
            device: AlertDevice {
                id: incident.device.map(|id| id.0),
                name: incident.name,
                ip_address: incident.address,
            },
            opened_at: rfc3339(incident.opened_at),
            told_at: rfc3339(incident.told_at),
            closed_at: incident.closed_at.map(rfc3339),
            ending: incident.ending.map(model::IncidentEnd::word),
            cause: incident.cause,
            rule_id: incident.rule.map(|rule| rule.0),
            rule_name: incident.rule_name,
            crossing: incident.crossing.and_then(|crossing| serde_json::to_value(crossing).ok()),
            last_sample_at: None,
            given_up: None,
            acknowledged,
            silenced: incident.hushed.map(|hushed| SilencedBody {
                kind: hushed.kind.word(),
                title: hushed.title,
                by: hushed.by,
                until: hushed.until.map(rfc3339),
            }),
            notes: incident
                .notes
                .into_iter()
                .map(|note| NoteBody { at: rfc3339(note.at), by: note.by, text: note.text })
                .collect(),
            affected: incident.affected.into_iter().map(AffectedBody::from).collect(),
        }
    }
}

impl From<Affected> for AffectedBody {
    fn from(one: Affected) -> Self {
        Self {
            id: one.device.0,
            name: one.name,
            since: rfc3339(one.since),
            until: one.until.map(rfc3339),
            is_down: one.is_down,
        }
    }
}
