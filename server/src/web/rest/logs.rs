//! The logs of routers for other people's programs.

use super::{
    Asked, Named,
    attached::{CSV, attached, harmless, line},
    rfc3339,
    span::instant,
};
use crate::{
    backend,
    web::{
        Viewer,
        error::{ErrorBody, Failure},
    },
};
use axum::{
    Json,
    body::{Body, Bytes},
    response::Response,
};
use futures::{Stream, StreamExt, stream};
use model::{DeviceId, LogLevel, LogLine, LogLoss, LogPage, LogPlace, LogTrouble, LogWay, LogWish};
use serde::{Deserialize, Serialize};
use std::io;
use utoipa::{IntoParams, ToSchema};

/// Most lines in one answer.
const LIMIT_MAX: u64 = 1_000;
const LIMIT_DEFAULT: u64 = 100;
/// Lines read at once for a file, and parts of it: fifty thousand lines at most.
const PART: u64 = 1_000;
const PARTS_MAX: usize = 50;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Somewhere in the message or the topics; capitals do not matter.
    search: Option<String>,
    /// One of these, separated by commas.
    #[param(example = "firewall,dhcp")]
    topics: Option<String>,
    /// At least: `debug`, `info`, `warning`, `error` or `critical`.
    severity: Option<String>,
    /// RFC 3339.
    from: Option<String>,
    /// RFC 3339; up to and without.
    to: Option<String>,
    /// Where to go on: `next` of the answer before.
    before: Option<String>,
    /// 1 to 1000; 100 when absent.
    limit: Option<u64>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FleetFilter {
    /// The device's number.
    device: Option<i64>,
    /// A part of the device's name.
    name: Option<String>,
    /// Somewhere in the message or the topics; capitals do not matter.
    search: Option<String>,
    /// One of these, separated by commas.
    #[param(example = "firewall,dhcp")]
    topics: Option<String>,
    /// At least: `debug`, `info`, `warning`, `error` or `critical`.
    severity: Option<String>,
    /// RFC 3339.
    from: Option<String>,
    /// RFC 3339; up to and without.
    to: Option<String>,
    /// Where to go on: `next` of the answer before.
    before: Option<String>,
    /// 1 to 1000; 100 when absent.
    limit: Option<u64>,
}

#[derive(Serialize, ToSchema)]
pub struct LogList {
    success: bool,
    /// The newest first.
    lines: Vec<LineBody>,
    /// Give it as `before` to go on; absent at the end. A search looks at a part of the lines at a time: there may be
    /// more even where nothing was found.
    next: Option<String>,
    /// Of one device: how its log is read.
    log: Option<StateBody>,
}

#[derive(Serialize, ToSchema)]
pub struct StateBody {
    /// Whether it is wanted.
    enabled: bool,
    /// When it was last read, RFC 3339 in UTC.
    read_at: Option<String>,
    /// Why it is not read: `no_login`, `not_connected`, `no_permission`, `too_large`, or the router's own words.
    trouble: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct LineBody {
    id: i64,
    device_id: i64,
    device: String,
    /// RFC 3339 in UTC: by the router's clock, as far as it could be compared with ours; by syslog, when it came.
    at: String,
    /// `debug`, `info`, `warning`, `error` or `critical`.
    severity: &'static str,
    topics: Vec<String>,
    message: String,
    /// `api` or `syslog`.
    via: &'static str,
    /// Lines of this device before this one were lost, or may have been.
    after_gap: bool,
    /// No line of the device: so many that it sent by syslog were not taken; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    dropped: Option<u64>,
}

/// What routers wrote into their logs, the newest first.
#[utoipa::path(get, path = "/api/logs", tag = "Logs", params(FleetFilter), responses(
    (status = 200, body = LogList),
    (status = 400, description = "An unknown word in the filter", body = ErrorBody),
))]
pub async fn list(
    Viewer(viewer): Viewer,
    Asked(filter): Asked<FleetFilter>,
) -> Result<Json<LogList>, Failure> {
    let limit = limit(filter.limit)?;
    let page = viewer.search_logs(&filter.wish()?, limit).await?;
    Ok(Json(listed(page)))
}

/// What one router wrote into its log, the newest first.
#[utoipa::path(get, path = "/api/devices/{id}/logs", tag = "Logs", params(("id" = i64, Path), Filter), responses(
    (status = 200, body = LogList),
    (status = 400, description = "An unknown word in the filter", body = ErrorBody),
    (status = 404, description = "There is no such device", body = ErrorBody),
))]
pub async fn of_device(
    Viewer(viewer): Viewer,
    Named(id): Named,
    Asked(filter): Asked<Filter>,
) -> Result<Json<LogList>, Failure> {
    let device = viewer.device(id.parse().map_err(|_| Failure::not_found())?)?;
    let limit = limit(filter.limit)?;
    let wish = LogWish { device: Some(device.id), ..filter.wish()? };
    let state = viewer.log_state(device.id)?;
    let page = viewer.search_logs(&wish, limit).await?;
    Ok(Json(listed(LogPage { state: Some(state), ..page })))
}

/// What the filter finds as CSV, the newest first: fifty thousand lines at most.
#[utoipa::path(get, path = "/api/logs.csv", tag = "Logs", params(FleetFilter), responses(
    (status = 200, content_type = "text/csv", body = String),
    (status = 400, description = "An unknown word in the filter", body = ErrorBody),
))]
pub async fn csv(Viewer(viewer): Viewer, Asked(filter): Asked<FleetFilter>) -> Result<Response, Failure> {
    limit(filter.limit)?;
    let head = ["time", "device", "severity", "topics", "message", "via", "after_gap"];
    let head = line(&head.map(str::to_owned))?;
    let mut parts = Box::pin(parts(viewer, filter.wish()?).take(PARTS_MAX));
    // A database that does not answer is told before anything else is.
    let first = parts.next().await.transpose()?.unwrap_or_default();
    let rest = parts.map(|part| written(part.map_err(|_| io::Error::other("the logs cannot be read"))?));
    let body = Body::from_stream(stream::iter([Ok(head), written(first)]).chain(rest));
    Ok(attached(body, CSV, "logs.csv"))
}

fn parts(
    viewer: backend::Viewer,
    wish: LogWish,
) -> impl Stream<Item = Result<Vec<LogLine>, app::api::ApiError>> + Send {
    stream::try_unfold(Some(wish), move |wish| {
        let viewer = viewer.clone();
        async move {
            let Some(wish) = wish else { return Ok(None) };
            let found = viewer.search_logs(&wish, PART).await?;
            let next = found.next.map(|next| LogWish { before: Some(next), ..wish });
            Ok(Some((found.lines, next)))
        }
    })
}

/// What a router wrote is what anybody may have made it write.
fn written(lines: Vec<LogLine>) -> io::Result<Bytes> {
    let mut text = Vec::new();
    for entry in lines {
        let cells = [
            rfc3339(entry.at),
            harmless(&entry.name),
            entry.level.word().to_owned(),
            harmless(&entry.topics.join(",")),
            harmless(&entry.message),
            entry.way.word().to_owned(),
            entry.is_after_gap.to_string(),
        ];
        text.extend(line(&cells).map_err(|_| io::Error::other("a row cannot be written"))?);
    }
    Ok(text.into())
}

impl FleetFilter {
    fn wish(&self) -> Result<LogWish, Failure> {
        let filter = Filter {
            search: self.search.clone(),
            topics: self.topics.clone(),
            severity: self.severity.clone(),
            from: self.from.clone(),
            to: self.to.clone(),
            before: self.before.clone(),
            limit: None,
        };
        judged(LogWish { device: self.device.map(DeviceId), name: self.name.clone(), ..filter.wish()? })
    }
}

impl Filter {
    fn wish(&self) -> Result<LogWish, Failure> {
        let level = self.severity.as_deref().map(|word| {
            let unknown = || Failure::bad_request(format!("severity: {word:?} is not known"));
            LogLevel::from_word(word).ok_or_else(unknown)
        });
        let before = self.before.as_deref().map(|place| {
            let odd = |()| Failure::bad_request("before: must be what an answer gave as next");
            place.parse::<LogPlace>().map_err(odd)
        });
        let topics = self.topics.as_deref().unwrap_or_default().split(',').map(str::trim);
        judged(LogWish {
            text: self.search.clone(),
            topics: topics.filter(|topic| !topic.is_empty()).map(str::to_owned).collect(),
            level: level.transpose()?,
            from: self.from.as_deref().map(|from| instant("from", from)).transpose()?,
            to: self.to.as_deref().map(|to| instant("to", to)).transpose()?,
            before: before.transpose()?,
            ..LogWish::default()
        })
    }
}

fn judged(wish: LogWish) -> Result<LogWish, Failure> {
    match wish.errors().first() {
        Some(error) => Err(Failure::bad_request(error.to_string())),
        None => Ok(wish),
    }
}

fn limit(limit: Option<u64>) -> Result<u64, Failure> {
    let limit = limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Failure::bad_request(format!("limit: must be 1 to {LIMIT_MAX}")));
    }
    Ok(limit)
}

fn listed(page: LogPage) -> LogList {
    let log = page.state.map(|state| StateBody {
        enabled: state.is_on,
        read_at: state.read_at.map(rfc3339),
        trouble: state.trouble.map(|trouble| match trouble {
            LogTrouble::NoLogin => "no_login".to_owned(),
            LogTrouble::NotConnected => "not_connected".to_owned(),
            LogTrouble::NoPermission => "no_permission".to_owned(),
            LogTrouble::TooLarge => "too_large".to_owned(),
            LogTrouble::Refused(why) => why,
        }),
    });
    let lines = page.lines.into_iter().map(LineBody::from).collect();
    LogList { success: true, lines, next: page.next.map(|next| next.to_string()), log }
}

impl From<LogLine> for LineBody {
    fn from(line: LogLine) -> Self {
        let dropped = match line.way {
            LogWay::Dropped(LogLoss { lines, .. }) => Some(lines),
            LogWay::Api | LogWay::Syslog => None,
        };
        Self {
            id: line.id,
            device_id: line.device.0,
            device: line.name,
            at: rfc3339(line.at),
            severity: line.level.word(),
            topics: line.topics,
            message: line.message,
            via: line.way.word(),
            after_gap: line.is_after_gap,
            dropped,
        }
    }
}
