//! Maintenance windows and silences for other people's programs.

use super::{Asked, Body, Named, rfc3339};
use crate::{
    backend,
    quiet::{is_zone, typed},
    web::{
        Admin, Viewer,
        error::{ErrorBody, Failure},
    },
};
use app::api::ApiError;
use axum::{Json, http::StatusCode};
use model::{
    DeviceKind, FieldError, IncidentId, Quiet, QuietAbout, QuietDraft, QuietId, QuietKind, QuietMark,
    QuietPlan, QuietSpan, Recurs, RuleId, RuleScope, Weekday,
};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use utoipa::{IntoParams, ToSchema};

/// Most windows that are over in one answer.
const LIMIT_MAX: u64 = 500;
const LIMIT_DEFAULT: u64 = 100;
/// The database counts rows in 63 bits.
const OFFSET_MAX: u64 = i64::MAX.unsigned_abs();

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// `maintenance` or `silence`; both when absent.
    kind: Option<String>,
    /// Of those that are over: 1 to 500; 100 when absent. Those that are in force or to come are always told.
    limit: Option<u64>,
    offset: Option<u64>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Ending {
    /// Ends only what runs; one that comes again goes on doing so.
    #[serde(default)]
    current: bool,
}

#[derive(Serialize, ToSchema)]
pub struct WindowList {
    success: bool,
    /// Those that run, those to come, then those that are over, the newest first.
    maintenance: Vec<WindowBody>,
    /// How many the filter found, on all pages.
    total: u64,
}

/// A maintenance window or a silence.
#[derive(Serialize, ToSchema)]
pub struct WindowBody {
    id: i64,
    /// `maintenance`: nobody is told of what begins in it, and its time does not count. `silence`: nobody is told of
    /// anything, and the time counts.
    kind: &'static str,
    title: String,
    /// Which devices it is about; each list that is not empty must hold the device's own. `null` where it is about an
    /// alert or a rule.
    scope: Option<WindowScope>,
    /// Only this alert.
    incident_id: Option<i64>,
    /// Only alerts of this rule.
    rule_id: Option<i64>,
    zone: String,
    starts: String,
    minutes: u32,
    repeats: &'static str,
    weekdays: Vec<&'static str>,
    month_day: Option<u8>,
    last_day: Option<String>,
    /// `running`, `planned` or `over`.
    state: &'static str,
    current: Option<SpanBody>,
    next: Option<SpanBody>,
    /// How many devices it is about now, while it is not over.
    device_count: Option<u32>,
    ended_at: Option<String>,
    made_by: String,
    made_at: String,
}

#[derive(Serialize, ToSchema)]
pub struct SpanBody {
    /// RFC 3339 in UTC.
    from: String,
    to: String,
}

#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WindowScope {
    /// `router`, `switch`, `wifi_ap`, `server`, `firewall` or `tunnel`.
    kinds: Vec<String>,
    /// What no device has is refused, here and below, unless the window named it already.
    tags: Vec<String>,
    /// By their `location`.
    sites: Vec<String>,
    /// By name.
    devices: Vec<String>,
}

/// One to be made, or what one is to be from now on. What `GET` gives beside it is ignored.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WindowInput {
    /// `maintenance` or `silence`.
    #[serde(default = "maintenance")]
    kind: String,
    title: String,
    /// Which devices; an empty one holds all of them. Required, unless it is about an alert or a rule.
    scope: Option<WindowScope>,
    /// A silence for this alert alone.
    incident_id: Option<i64>,
    /// A silence for all alerts of this rule.
    rule_id: Option<i64>,
    /// `Asia/Jakarta`, `UTC`, `+07:00`; `UTC` when absent.
    #[schema(example = "Asia/Jakarta")]
    zone: Option<String>,
    /// The first time, by the clock of the zone; now when absent, and then the zone is UTC.
    #[schema(example = "2026-11-29T02:00")]
    starts: Option<String>,
    /// How long it lasts, 1 to 44640.
    minutes: u32,
    /// `once`, `daily`, `weekly` or `monthly`.
    #[serde(default = "once")]
    repeats: String,
    /// `mon` to `sun`, for `weekly`.
    #[serde(default)]
    weekdays: Vec<String>,
    /// 1 to 31, for `monthly`; on the last day of a shorter month.
    month_day: Option<u8>,
    /// The last day on which it may begin; for ever when absent.
    #[schema(example = "2026-12-31")]
    last_day: Option<String>,
    #[serde(default, rename = "id")]
    #[schema(ignore)]
    _id: Option<IgnoredAny>,
    #[serde(default, rename = "state")]
    #[schema(ignore)]
    _state: Option<IgnoredAny>,
    #[serde(default, rename = "current")]
    #[schema(ignore)]
    _current: Option<IgnoredAny>,
    #[serde(default, rename = "next")]
    #[schema(ignore)]
    _next: Option<IgnoredAny>,
    #[serde(default, rename = "device_count")]
    #[schema(ignore)]
    _device_count: Option<IgnoredAny>,
    #[serde(default, rename = "ended_at")]
    #[schema(ignore)]
    _ended_at: Option<IgnoredAny>,
    #[serde(default, rename = "made_by")]
    #[schema(ignore)]
    _made_by: Option<IgnoredAny>,
    #[serde(default, rename = "made_at")]
    #[schema(ignore)]
    _made_at: Option<IgnoredAny>,
}

fn maintenance() -> String {
    QuietKind::Maintenance.word().to_owned()
}

fn once() -> String {
    "once".to_owned()
}

/// What runs for a device or an alert.
#[derive(Serialize, ToSchema)]
pub struct QuietMarkBody {
    id: i64,
    /// `maintenance` or `silence`.
    kind: &'static str,
    title: String,
    until: String,
}

impl QuietMarkBody {
    pub fn of(mark: &QuietMark) -> Self {
        let QuietMark { id, kind, title, until } = mark;
        Self { id: id.0, kind: kind.word(), title: title.clone(), until: rfc3339(*until) }
    }
}

/// Maintenance windows and silences.
#[utoipa::path(get, path = "/api/maintenance", tag = "Alerts", params(Filter), responses((status = 200, body = WindowList)))]
pub async fn list(Viewer(viewer): Viewer, Asked(filter): Asked<Filter>) -> Result<Json<WindowList>, Failure> {
    let kind = filter.kind.as_deref().map(kind_of).transpose()?;
    let limit = filter.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Failure::bad_request(format!("limit: must be 1 to {LIMIT_MAX}")));
    }
    let page = (filter.offset.unwrap_or(0).min(OFFSET_MAX), limit);
    let (quiets, over) = viewer.quiets(kind, page).await?;
    let live = quiets.iter().filter(|quiet| quiet.ended_at.is_none()).count() as u64;
    let maintenance = quiets.into_iter().map(WindowBody::from).collect();
    Ok(Json(WindowList { success: true, maintenance, total: live + over }))
}

/// Plans one, or begins it.
#[utoipa::path(post, path = "/api/maintenance", tag = "Alerts", request_body = WindowInput, responses(
    (status = 201, body = WindowBody),
    (status = 400, description = "A value was refused; the message names its field", body = ErrorBody),
    (status = 404, description = "There is no such alert or rule", body = ErrorBody),
    (status = 409, description = "The alert is over", body = ErrorBody),
))]
pub async fn create(
    Admin(admin): Admin,
    Body(body): Body<WindowInput>,
) -> Result<(StatusCode, Json<WindowBody>), Failure> {
    let now = typed(admin.viewer().last(0).to);
    let draft = body.draft(now)?;
    is_of_somebody(admin.viewer(), &draft, None)?;
    let made = admin.add_quiet(draft).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// One of them.
#[utoipa::path(get, path = "/api/maintenance/{id}", tag = "Alerts", params(("id" = i64, Path)), responses(
    (status = 200, body = WindowBody),
    (status = 404, description = "There is no such window", body = ErrorBody),
))]
pub async fn show(Viewer(viewer): Viewer, Named(id): Named) -> Result<Json<WindowBody>, Failure> {
    Ok(Json(viewer.quiet(number(&id)?).await?.into()))
}

/// Makes another one of it from now on; what it was until now stays counted.
#[utoipa::path(put, path = "/api/maintenance/{id}", tag = "Alerts", params(("id" = i64, Path)),
    request_body = WindowInput, responses(
    (status = 200, body = WindowBody),
    (status = 400, description = "A value was refused; the message names its field", body = ErrorBody),
    (status = 404, description = "There is no such window, alert or rule", body = ErrorBody),
    (status = 409, description = "The alert is over", body = ErrorBody),
))]
pub async fn update(
    Admin(admin): Admin,
    Named(id): Named,
    Body(body): Body<WindowInput>,
) -> Result<Json<WindowBody>, Failure> {
    let (id, now) = (number(&id)?, typed(admin.viewer().last(0).to));
    let draft = body.draft(now)?;
    is_of_somebody(admin.viewer(), &draft, Some(&admin.viewer().quiet(id).await?.draft))?;
    Ok(Json(admin.change_quiet(id, draft, None).await?.into()))
}

/// Ends it now. It is not forgotten: what it was until now stays counted.
#[utoipa::path(delete, path = "/api/maintenance/{id}", tag = "Alerts", params(("id" = i64, Path), Ending), responses(
    (status = 200, body = WindowBody),
    (status = 404, description = "There is no such window", body = ErrorBody),
))]
pub async fn end(
    Admin(admin): Admin,
    Named(id): Named,
    Asked(asked): Asked<Ending>,
) -> Result<Json<WindowBody>, Failure> {
    Ok(Json(admin.end_quiet(number(&id)?, asked.current).await?.into()))
}

/// What is no number names nothing.
fn number(id: &str) -> Result<QuietId, Failure> {
    id.parse().map_err(|_| Failure::not_found())
}

/// A window that is about nobody is a slip of the pen.
fn is_of_somebody(
    viewer: &backend::Viewer,
    draft: &QuietDraft,
    before: Option<&QuietDraft>,
) -> Result<(), Failure> {
    let QuietAbout::Devices(scope) = &draft.about else { return Ok(()) };
    let nothing = RuleScope::default();
    let known = match before.map(|before| &before.about) {
        Some(QuietAbout::Devices(scope)) => scope,
        _ => &nothing,
    };
    viewer.stranger(scope, known).map_or(Ok(()), |error| Err(ApiError::from(error).into()))
}

fn refused(field: &str, why: &str) -> Failure {
    ApiError::from(FieldError::new(field, "error_choice", why)).into()
}

fn kind_of(word: &str) -> Result<QuietKind, Failure> {
    QuietKind::from_word(word).ok_or_else(|| refused("kind", "must be maintenance or silence"))
}

impl WindowInput {
    fn draft(self, now: String) -> Result<QuietDraft, Failure> {
        let recurs = self.recurs()?;
        let (zone, starts) = match self.starts {
            Some(starts) => (self.zone.unwrap_or_else(|| "UTC".to_owned()), starts),
            None if self.zone.as_deref().is_some_and(|zone| !is_zone(zone)) => {
                return Err(refused("zone", "must be a zone such as Asia/Jakarta, UTC or +07:00"));
            }
            None => ("UTC".to_owned(), now),
        };
        let about = match (self.scope, self.incident_id, self.rule_id) {
            (Some(scope), None, None) => QuietAbout::Devices(scope.read()?),
            (None, Some(id), None) => QuietAbout::Incident(IncidentId(id)),
            (None, None, Some(id)) => QuietAbout::Rule(RuleId(id)),
            _ => return Err(refused("scope", "must be given, or else incident_id or rule_id")),
        };
        let plan = QuietPlan { zone, starts, minutes: self.minutes, recurs, last_day: self.last_day };
        Ok(QuietDraft { kind: kind_of(&self.kind)?, title: self.title, about, plan })
    }

    fn recurs(&self) -> Result<Recurs, Failure> {
        Ok(match self.repeats.as_str() {
            "once" => Recurs::Once,
            "daily" => Recurs::Daily,
            "weekly" => {
                let day = |word: &String| {
                    Weekday::from_word(word)
                        .ok_or_else(|| refused("weekdays", "must be words from mon to sun"))
                };
                Recurs::Weekly(self.weekdays.iter().map(day).collect::<Result<_, _>>()?)
            }
            "monthly" => Recurs::Monthly(self.month_day.unwrap_or(0)),
            _ => return Err(refused("repeats", "must be once, daily, weekly or monthly")),
        })
    }
}

impl WindowScope {
    fn read(self) -> Result<RuleScope, Failure> {
        let kind = |word: &String| {
            let unknown = || refused("scope.kinds", "must name kinds of devices");
            DeviceKind::from_word(word).ok_or_else(unknown)
        };
        let kinds = self.kinds.iter().map(kind).collect::<Result<_, _>>()?;
        // As devices have them.
        let trimmed = |names: Vec<String>| names.iter().map(|name| name.trim().to_owned()).collect();
        let (tags, sites) = (trimmed(self.tags), trimmed(self.sites));
        Ok(RuleScope { kinds, tags, sites, devices: self.devices })
    }
}

impl From<Quiet> for WindowBody {
    fn from(quiet: Quiet) -> Self {
        let Quiet { id, draft, made_by, made_at, current, next, devices, ended_at, of: _ } = quiet;
        let span = |span: QuietSpan| SpanBody { from: rfc3339(span.from), to: rfc3339(span.to) };
        let state = match (ended_at, current) {
            (Some(_), _) => "over",
            (None, Some(_)) => "running",
            (None, None) => "planned",
        };
        let (scope, incident_id, rule_id) = match draft.about {
            QuietAbout::Devices(RuleScope { kinds, tags, sites, devices }) => {
                let kinds = kinds.into_iter().map(|kind| kind.word().to_owned()).collect();
                (Some(WindowScope { kinds, tags, sites, devices }), None, None)
            }
            QuietAbout::Incident(id) => (None, Some(id.0), None),
            QuietAbout::Rule(id) => (None, None, Some(id.0)),
        };
        let (repeats, weekdays, month_day) = match &draft.plan.recurs {
            Recurs::Once => ("once", Vec::new(), None),
            Recurs::Daily => ("daily", Vec::new(), None),
            Recurs::Weekly(days) => ("weekly", days.iter().map(|day| day.word()).collect(), None),
            Recurs::Monthly(day) => ("monthly", Vec::new(), Some(*day)),
        };
        Self {
            id: id.0,
            kind: draft.kind.word(),
            title: draft.title,
            scope,
            incident_id,
            rule_id,
            zone: draft.plan.zone,
            starts: draft.plan.starts,
            minutes: draft.plan.minutes,
            repeats,
            weekdays,
            month_day,
            last_day: draft.plan.last_day,
            state,
            current: current.map(span),
            next: next.map(span),
            device_count: devices,
            ended_at: ended_at.map(rfc3339),
            made_by,
            made_at: rfc3339(made_at),
        }
    }
}
