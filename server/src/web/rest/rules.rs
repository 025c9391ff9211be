//! Alert rules for other people's programs.

use super::{Asked, Body, Named, Pages};
use crate::web::{
    Admin, Viewer,
    error::{ErrorBody, Failure},
};
use app::api::ApiError;
use axum::{Json, http::StatusCode};
use model::{Condition, DeviceKind, FieldError, Measure, Rule, RuleDraft, RuleId, RuleScope, Severity, Side};
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
    /// How long the number may be there; 0 when absent.
    #[serde(default)]
    for_seconds: u32,
    /// After it was over it is not told again for so long; 0 when absent.
    #[serde(default)]
    cool_down_seconds: u32,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConditionBody {
    /// `round_trip` (ms), `cpu_load` (%), `memory_use` (%), `temperature` (°C), `voltage` (V), `rx_rate` or `tx_rate`
    /// (bits per second).
    measure: String,
    /// Only this check (`tcp:443`, `icmp`, `routeros`) or interface; every one when `null`.
    #[serde(default)]
    subject: Option<String>,
    /// `above` or `below`.
    side: String,
    limit: f64,
    /// The alert is over once the number is back at this; at the limit when `null`.
    #[serde(default)]
    clear: Option<f64>,
}

/// Each list that is not empty must hold the device's own.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ScopeBody {
    /// `router`, `switch`, `wifi_ap`, `server`, `firewall` or `tunnel`.
    kinds: Vec<String>,
    tags: Vec<String>,
    sites: Vec<String>,
    /// By name.
    devices: Vec<String>,
}

#[derive(Serialize, ToSchema)]
pub struct RuleRemoved {
    success: bool,
}

fn yes() -> bool {
    true
}

fn warning() -> String {
    Severity::Warning.word().to_owned()
}

/// When numbers are worth telling people.
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

/// Changes a rule; alerts of it that are open are closed.
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
    Ok(Json(admin.change_rule(known(&id)?, draft(body)?).await?.into()))
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

fn known(id: &str) -> Result<RuleId, Failure> {
    id.parse().map_err(|_| Failure::not_found())
}

fn draft(body: RuleBody) -> Result<RuleDraft, Failure> {
    let unknown = |field: &str, known: &str| -> Failure {
        ApiError::from(FieldError::new(field, "error_required", format!("must be one of {known}"))).into()
    };
    let severity =
        Severity::from_word(&body.severity).ok_or_else(|| unknown("severity", "critical, warning, info"))?;
    let measures = || Measure::ALL.map(Measure::word).join(", ");
    let measure = Measure::from_word(&body.condition.measure)
        .ok_or_else(|| unknown("condition.measure", &measures()))?;
    let side =
        Side::from_word(&body.condition.side).ok_or_else(|| unknown("condition.side", "above, below"))?;
    let kind = |word: &String| {
        let all = DeviceKind::ALL.map(DeviceKind::word).join(", ");
        DeviceKind::from_word(word).ok_or_else(|| unknown("scope.kinds", &all))
    };
    let ScopeBody { kinds, tags, sites, devices } = body.scope;
    let kinds = kinds.iter().map(kind).collect::<Result<_, _>>()?;
    let ConditionBody { subject, limit, clear, .. } = body.condition;
    Ok(RuleDraft {
        name: body.name,
        enabled: body.enabled,
        severity,
        condition: Condition { measure, subject, side, limit, clear },
        scope: RuleScope { kinds, tags, sites, devices },
        for_s: body.for_seconds,
        cool_down_s: body.cool_down_seconds,
    })
}

impl From<Rule> for RuleBody {
    fn from(Rule { id, draft }: Rule) -> Self {
        let Condition { measure, subject, side, limit, clear } = draft.condition;
        let RuleScope { kinds, tags, sites, devices } = draft.scope;
        Self {
            id: id.0,
            name: draft.name,
            enabled: draft.enabled,
            severity: draft.severity.word().to_owned(),
            condition: ConditionBody {
                measure: measure.word().to_owned(),
                subject,
                side: side.word().to_owned(),
                limit,
                clear,
            },
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
