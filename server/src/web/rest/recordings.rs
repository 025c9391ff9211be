//! Recordings of terminals for other people's programs.

use super::{Asked, Named, attached::attached, rfc3339};
use crate::{
    recordings::{Cast, cast_head},
    web::{
        Admin,
        error::{ErrorBody, Failure},
    },
};
use app::api::ApiError;
use axum::{
    Json,
    body::{Body, Bytes},
    http::StatusCode,
    response::Response,
};
use futures::stream;
use model::{RecordedEvents, Recording, RecordingEnd, RecordingId, RecordingWish};
use serde::{Deserialize, Serialize};
use std::io;
use utoipa::{IntoParams, ToSchema};

/// Most recordings in one answer.
const LIMIT_MAX: u64 = 500;
const LIMIT_DEFAULT: u64 = 100;
/// The database counts rows in 63 bits.
const OFFSET_MAX: u64 = i64::MAX.unsigned_abs();

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// The device's name at that time.
    device: Option<String>,
    /// The account's name at that time.
    user: Option<String>,
    /// 1 to 500; 100 when absent.
    limit: Option<u64>,
    offset: Option<u64>,
}

#[derive(Serialize, ToSchema)]
pub struct RecordingList {
    success: bool,
    /// The newest first.
    recordings: Vec<RecordingBody>,
    /// How many the filter found, on all pages.
    total: u64,
}

#[derive(Serialize, ToSchema)]
pub struct RecordingBody {
    id: i64,
    /// `null` once the device was removed.
    device_id: Option<i64>,
    /// Its name at that time.
    device: String,
    /// `null` once the account was removed.
    user_id: Option<i64>,
    /// Its name at that time.
    user: String,
    /// From where it came.
    address: Option<String>,
    /// RFC 3339 in UTC.
    began_at: String,
    /// `null` while it goes on.
    ended_at: Option<String>,
    /// How long it was, or is so far.
    seconds: f64,
    /// `closed`, `left`, `idle`, `not_allowed`, `lost`, `stopping`, `crashed`, `changed` or `removed`; `null`
    /// while it goes on.
    end: Option<&'static str>,
    /// The size of the terminal at the beginning, in characters.
    columns: u16,
    rows: u16,
    /// What the device sent, as far as it was recorded.
    bytes: u64,
    /// What it takes in the database.
    stored_bytes: u64,
    /// What the device sent beside, and is missing.
    lost_bytes: u64,
    /// It had reached the most that is kept of one session: of what came faster than a little a second after that,
    /// nothing is kept.
    cut_short: bool,
}

/// Recordings of terminals.
#[utoipa::path(get, path = "/api/recordings", tag = "Terminals", params(Filter), responses(
    (status = 200, body = RecordingList),
    (status = 400, description = "An unknown word in the filter", body = ErrorBody),
))]
pub async fn list(Admin(admin): Admin, Asked(filter): Asked<Filter>) -> Result<Json<RecordingList>, Failure> {
    let limit = filter.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Failure::bad_request(format!("limit: must be 1 to {LIMIT_MAX}")));
    }
    let page = (filter.offset.unwrap_or(0).min(OFFSET_MAX), limit);
    let wish = RecordingWish { device: filter.device, user: filter.user };
    let found = admin.list_recordings(&wish, page).await?;
    let recordings = found.recordings.into_iter().map(RecordingBody::from).collect();
    Ok(Json(RecordingList { success: true, recordings, total: found.total }))
}

/// What is known of one.
#[utoipa::path(get, path = "/api/recordings/{id}", tag = "Terminals", params(("id" = i64, Path)), responses(
    (status = 200, body = RecordingBody),
    (status = 404, description = "There is no such recording", body = ErrorBody),
))]
pub async fn show(Admin(admin): Admin, Named(id): Named) -> Result<Json<RecordingBody>, Failure> {
    Ok(Json(admin.one_recording(number(&id)?).await?.into()))
}

/// What the device sent, as asciicast v2. It is written down who took it.
#[utoipa::path(get, path = "/api/recordings/{id}/cast", tag = "Terminals", params(("id" = i64, Path)), responses(
    (status = 200, content_type = "application/x-asciicast", body = String),
    (status = 400, description = "It came over plain HTTP, over which terminals do not open either", body = ErrorBody),
    (status = 403, description = "The password was given too long ago", body = ErrorBody),
    (status = 404, description = "There is no such recording", body = ErrorBody),
))]
pub async fn cast(Admin(admin): Admin, Named(id): Named) -> Result<Response, Failure> {
    let admin = admin.sure()?;
    let recording = admin.filed(number(&id)?).await?;
    let (id, head) = (recording.id, Bytes::from(cast_head(&recording)));
    // A database that does not answer is told before anything else is.
    let first = admin.part_of(id, 0).await?;
    let parts = stream::try_unfold(Some((Cast::default(), first)), move |turn| {
        let admin = admin.clone();
        async move {
            let Some((mut cast, part)) = turn else { return Ok::<_, io::Error>(None) };
            let mut lines = cast.lines(RecordedEvents(&part.events));
            let turn = match part.next {
                Some(next) => Some((cast, admin.part_of(id, next).await.map_err(unreadable)?)),
                None => {
                    lines += &cast.end();
                    None
                }
            };
            Ok(Some((Bytes::from(lines), turn)))
        }
    });
    let begun = stream::once(async { Ok(head) });
    let body = Body::from_stream(futures::StreamExt::chain(begun, parts));
    Ok(attached(body, "application/x-asciicast", &format!("recording-{id}.cast")))
}

/// Removes one that is over.
#[utoipa::path(delete, path = "/api/recordings/{id}", tag = "Terminals", params(("id" = i64, Path)), responses(
    (status = 204, description = "It is gone"),
    (status = 404, description = "There is no such recording", body = ErrorBody),
    (status = 409, description = "It still goes on", body = ErrorBody),
))]
pub async fn remove(Admin(admin): Admin, Named(id): Named) -> Result<StatusCode, Failure> {
    admin.sure()?.delete_recording(number(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is no number names nothing.
fn number(id: &str) -> Result<RecordingId, Failure> {
    id.parse().map_err(|_| Failure::not_found())
}

fn unreadable(_: ApiError) -> io::Error {
    io::Error::other("the recording cannot be read")
}

impl From<Recording> for RecordingBody {
    fn from(recording: Recording) -> Self {
        let seconds = recording.length_ms() as f64 / 1_000.0;
        Self {
            id: recording.id.0,
            device_id: recording.device_id.map(|id| id.0),
            device: recording.device,
            user_id: recording.user_id.map(|id| id.0),
            user: recording.who,
            address: recording.address,
            began_at: rfc3339(recording.begun_at),
            ended_at: recording.end.map(|_| rfc3339(recording.until)),
            seconds,
            end: recording.end.map(RecordingEnd::word),
            columns: recording.columns,
            rows: recording.rows,
            bytes: recording.bytes,
            stored_bytes: recording.stored_bytes,
            lost_bytes: recording.lost_bytes,
            cut_short: recording.is_cut,
        }
    }
}
