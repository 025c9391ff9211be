//! Alert rules for other people's programs.

use super::{Asked, Body, Named, Pages, rfc3339};
use crate::web::{
    Admin, Viewer,
    error::{ErrorBody, Failure},
};
use app::api::ApiError;
use axum::{Json, http::StatusCode};
use model::{
    About, Against, Condition, DeviceKind, Event, FieldError, Firing, IncidentKind, Measure, Replay, Rule,
    RuleDraft, RuleId, RuleScope, Severity, Side,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct RuleList {
    success: bool,
    /// By name.
    rules: Vec<RuleBody>,
    total: usize,
}

/// A rule; as `PUT` takes it, `id` is ignored.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleBody {
    #[serde(default)]
    id: i64,
    name: String,
    #[serde(default = "yes")]
    enabled: bool,
    /// `critical`, `warning` or `info`.
    #[serde(default = "warning")]
    severity: String,
    condition: ConditionBody,
    #[serde(default)]
    scope: ScopeBody,
    /// How long it may be so, up to 604800; 0 when absent.
    #[serde(default)]
    for_seconds: u32,
    /// After it was over it is not told again for so long, up to 604800; 0 when absent.
    #[serde(default)]
    cool_down_seconds: u32,
}

/// Either about a state, with `state`, or about a number, with `measure`.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConditionBody {
    /// `down`, `degraded`, `reconnects`, `rebooted`, `certificate` or `update`.
    #[serde(default)]
    state: Option<String>,
    /// So many lost sessions are told together, for `reconnects`; 50 when `null`.
    #[serde(default)]
    every: Option<u32>,
    /// `round_trip` (ms), `cpu_load` (%), `memory_use` (%), `temperature` (°C), `voltage` (V), `rx_rate` or `tx_rate`
    /// (bits per second).
    #[serde(default)]
    measure: Option<String>,
    /// Only this check (`tcp:443`, `icmp`, `routeros`) or interface; every one when `null`.
    #[serde(default)]
    subject: Option<String>,
    /// `above`, `below`, or `missing`: measured since the program started, and then not for `for_seconds`.
    #[serde(default)]
    side: Option<String>,
    /// In the unit of the measure; with `against`, by how many percent it differs. Not for `missing`.
    #[serde(default)]
    limit: Option<f64>,
    /// The alert is over once the number is back at this; at the limit when `null`.
    #[serde(default)]
    clear: Option<f64>,
    /// `limit`; `same_hour`: its mean in the same hour of the last 7 days, or of the last hour until there are 2 such
    /// days; `last_hour`: its mean in the last hour. `limit` when `null`.
    #[serde(default)]
    against: Option<String>,
    /// What it is compared with must be this at least, in the unit of the measure.
    #[serde(default)]
    usual_least: Option<f64>,
    /// It may be beyond the limit where it usually is so in this hour.
    #[serde(default)]
    unless_usual: bool,
}

/// Each list that is not empty must hold the device's own.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ScopeBody {
    /// `router`, `switch`, `wifi_ap`, `server`, `firewall` or `tunnel`.
    kinds: Vec<String>,
    tags: Vec<String>,
    sites: Vec<String>,
    /// By name; where a device is renamed, its name here is too.
    devices: Vec<String>,
}

#[derive(Serialize, ToSchema)]
pub struct RuleRemoved {
    success: bool,
}

/// A rule that is stored, by `rule_id`, or one that is not, as `rule`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayBody {
    #[serde(default)]
    rule_id: Option<i64>,
    #[serde(default)]
    rule: Option<RuleBody>,
    /// 1 to 30; 7 when absent.
    #[serde(default = "week")]
    days: u32,
}

#[derive(Serialize, ToSchema)]
pub struct ReplayAnswer {
    success: bool,
    from: String,
    to: String,
    /// The newest first; at most 500.
    firings: Vec<FiringBody>,
    total: u64,
    /// Numbers, or devices where the rule is about a state, that were looked at, and others that were too many.
    looked_at: u32,
    left_out: u32,
    /// Judged by means of five minutes instead of single samples.
    is_coarse: bool,
    /// Whether anything is remembered by which it could be said.
    is_kept: bool,
}

#[derive(Serialize, ToSchema)]
pub struct FiringBody {
    device: FiringDevice,
    since: String,
    /// `null` while it goes on.
    until: Option<String>,
    duration_seconds: i64,
    /// Of a number: the rule, what was measured, its limit, the value.
    #[schema(value_type = Option<Object>)]
    crossing: Option<serde_json::Value>,
}

#[derive(Serialize, ToSchema)]
pub struct FiringDevice {
    id: i64,
    name: String,
}

fn week() -> u32 {
    7
}

fn yes() -> bool {
    true
}

fn warning() -> String {
    Severity::Warning.word().to_owned()
}

/// When numbers and states are worth telling people.
#[utoipa::path(get, path = "/api/rules", tag = "Alerts", params(Pages), responses((status = 200, body = RuleList)))]
pub async fn list(Viewer(viewer): Viewer, Asked(pages): Asked<Pages>) -> Result<Json<RuleList>, Failure> {
    let (rules, total) = pages.of(viewer.rules().await?)?;
    Ok(Json(RuleList { success: true, rules: rules.into_iter().map(RuleBody::from).collect(), total }))
}

/// Adds a rule.
#[utoipa::path(post, path = "/api/rules", tag = "Alerts", request_body = RuleBody, responses(
    (status = 201, body = RuleBody),
    (status = 409, description = "Another rule has this name", body = ErrorBody),
))]
pub async fn create(
    Admin(admin): Admin,
    Body(body): Body<RuleBody>,
) -> Result<(StatusCode, Json<RuleBody>), Failure> {
    Ok((StatusCode::CREATED, Json(admin.add_rule(draft(body)?).await?.into())))
}

/// Changes a rule. Alerts of it that are open are closed, unless it still tells of the same state of the same devices.
#[utoipa::path(put, path = "/api/rules/{id}", tag = "Alerts", params(("id" = i64, Path)), request_body = RuleBody,
    responses(
    (status = 200, body = RuleBody),
    (status = 404, description = "There is no such rule", body = ErrorBody),
    (status = 409, description = "Another rule has this name", body = ErrorBody),
))]
pub async fn update(
    Admin(admin): Admin,
    Named(id): Named,
    Body(body): Body<RuleBody>,
) -> Result<Json<RuleBody>, Failure> {
    Ok(Json(admin.change_rule(known(&id)?, draft(body)?, None).await?.into()))
}

/// Removes a rule; alerts of it that are open are closed.
#[utoipa::path(delete, path = "/api/rules/{id}", tag = "Alerts", params(("id" = i64, Path)), responses(
    (status = 200, body = RuleRemoved),
    (status = 404, description = "There is no such rule", body = ErrorBody),
))]
pub async fn remove(Admin(admin): Admin, Named(id): Named) -> Result<Json<RuleRemoved>, Failure> {
    admin.delete_rule(known(&id)?).await?;
    Ok(Json(RuleRemoved { success: true }))
}

/// When a rule would have fired, by what is remembered.
#[utoipa::path(post, path = "/api/rules/replay", tag = "Alerts", request_body = ReplayBody, responses(
    (status = 200, body = ReplayAnswer),
    (status = 404, description = "There is no such rule", body = ErrorBody),
))]
pub async fn replay(
    Admin(admin): Admin,
    Body(body): Body<ReplayBody>,
) -> Result<Json<ReplayAnswer>, Failure> {
    let draft = match (body.rule_id, body.rule) {
        (None, Some(rule)) => draft(rule)?,
        (Some(id), None) => {
            let rules = admin.viewer().rules().await?;
            let found = rules.into_iter().find(|rule| rule.id.0 == id);
            found.ok_or_else(Failure::not_found)?.draft
        }
        _ => return Err(Failure::bad_request("either `rule_id` or `rule` must be given")),
    };
    Ok(Json(admin.replay_rule(draft, body.days).await?.into()))
}

fn known(id: &str) -> Result<RuleId, Failure> {
    id.parse().map_err(|_| Failure::not_found())
}

fn draft(body: RuleBody) -> Result<RuleDraft, Failure> {
    let severity =
        Severity::from_word(&body.severity).ok_or_else(|| unknown("severity", "critical, warning, info"))?;
    let kind = |word: &String| {
        let all = DeviceKind::ALL.map(DeviceKind::word).join(", ");
        DeviceKind::from_word(word).ok_or_else(|| unknown("scope.kinds", &all))
    };
    let ScopeBody { kinds, tags, sites, devices } = body.scope;
    let kinds = kinds.iter().map(kind).collect::<Result<_, _>>()?;
    Ok(RuleDraft {
        name: body.name,
        enabled: body.enabled,
        severity,
        about: about(body.condition)?,
        scope: RuleScope { kinds, tags, sites, devices },
        for_s: body.for_seconds,
        cool_down_s: body.cool_down_seconds,
    })
}

fn about(body: ConditionBody) -> Result<About, Failure> {
    let states = || Event::STATES.map(IncidentKind::word).join(", ");
    if let Some(state) = &body.state {
        if body.measure.is_some() {
            return Err(unknown("condition", "`state` and `measure`"));
        }
        let state = IncidentKind::from_word(state).ok_or_else(|| unknown("condition.state", &states()))?;
        return Ok(About::State(Event { state, every: body.every.unwrap_or(Event::EVERY) }));
    }
    let measures = || Measure::ALL.map(Measure::word).join(", ");
    let Some(measure) = body.measure.as_deref() else {
        let either = format!("{}, or else condition.state one of {}", measures(), states());
        return Err(unknown("condition.measure", &either));
    };
    let measure = Measure::from_word(measure).ok_or_else(|| unknown("condition.measure", &measures()))?;
    let sides = || Side::ALL.map(Side::word).join(", ");
    let side = body.side.as_deref().and_then(Side::from_word);
    let side = side.ok_or_else(|| unknown("condition.side", &sides()))?;
    let against = body.against.as_deref().unwrap_or(Against::Limit.word());
    let all = || Against::ALL.map(Against::word).join(", ");
    let against = Against::from_word(against).ok_or_else(|| unknown("condition.against", &all()))?;
    let missing = (side == Side::Missing).then_some(0.0);
    let limit = missing.or(body.limit).ok_or_else(|| {
        Failure::from(ApiError::from(FieldError::new("condition.limit", "error_required", "is required")))
    })?;
    let ConditionBody { subject, clear, usual_least, unless_usual, .. } = body;
    Ok(About::Number(Condition { measure, subject, side, limit, clear, against, usual_least, unless_usual }))
}

fn unknown(field: &str, known: &str) -> Failure {
    ApiError::from(FieldError::new(field, "error_required", format!("must be one of {known}"))).into()
}

impl From<About> for ConditionBody {
    fn from(about: About) -> Self {
        let blank = Self {
            state: None,
            every: None,
            measure: None,
            subject: None,
            side: None,
            limit: None,
            clear: None,
            against: None,
            usual_least: None,
            unless_usual: false,
        };
        match about {
            About::State(event) => {
                let every = (event.state == IncidentKind::Reconnects).then_some(event.every);
                Self { state: Some(event.state.word().to_owned()), every, ..blank }
            }
            About::Number(condition) => Self {
                measure: Some(condition.measure.word().to_owned()),
                subject: condition.subject,
                side: Some(condition.side.word().to_owned()),
                limit: (condition.side != Side::Missing).then_some(condition.limit),
                clear: condition.clear,
                against: Some(condition.against.word().to_owned()),
                usual_least: condition.usual_least,
                unless_usual: condition.unless_usual,
                ..blank
            },
        }
    }
}

impl From<Replay> for ReplayAnswer {
    fn from(replay: Replay) -> Self {
        let to = replay.to;
        let one = |firing: Firing| FiringBody {
            device: FiringDevice { id: firing.device.0, name: firing.name },
            since: rfc3339(firing.since),
            until: firing.until.map(rfc3339),
            duration_seconds: firing.until.unwrap_or(to).since_ms(firing.since) / 1_000,
            crossing: firing.crossing.and_then(|crossing| serde_json::to_value(crossing).ok()),
        };
        Self {
            success: true,
            from: rfc3339(replay.from),
            to: rfc3339(replay.to),
            firings: replay.firings.into_iter().map(one).collect(),
            total: replay.total,
            looked_at: replay.looked_at,
            left_out: replay.left_out,
            is_coarse: replay.is_coarse,
            is_kept: replay.is_kept,
        }
    }
}

impl From<Rule> for RuleBody {
    fn from(Rule { id, draft }: Rule) -> Self {
        let RuleScope { kinds, tags, sites, devices } = draft.scope;
        Self {
            id: id.0,
            name: draft.name,
            enabled: draft.enabled,
            severity: draft.severity.word().to_owned(),
            condition: draft.about.into(),
            scope: ScopeBody {
                kinds: kinds.into_iter().map(|kind| kind.word().to_owned()).collect(),
                tags,
                sites,
                devices,
            },
            for_seconds: draft.for_s,
            cool_down_seconds: draft.cool_down_s,
        }
    }
}
