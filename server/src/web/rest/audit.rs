//! The audit log for other people's programs: to keep a copy of it elsewhere, above all.

use super::{Asked, rfc3339};
use crate::{
    store::Wanted,
    web::{
        Admin,
        error::{ErrorBody, Failure},
    },
};
use axum::Json;
use model::{Act, AuditEntry};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Most entries in one answer.
const LIMIT_MAX: u64 = 1000;
const LIMIT_DEFAULT: u64 = 100;
/// The database counts rows in 63 bits.
const OFFSET_MAX: u64 = i64::MAX.unsigned_abs();

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Whose acts: the account's name at that time.
    who: Option<String>,
    /// Which acts, such as `logged_in` or `device_changed`.
    act: Option<String>,
    /// 1 to 1000; 100 when absent.
    limit: Option<u64>,
    offset: Option<u64>,
}

#[derive(Serialize, ToSchema)]
pub struct AuditList {
    success: bool,
    /// The newest first.
    entries: Vec<EntryBody>,
    /// How many the filter found, on all pages.
    total: u64,
}

#[derive(Serialize, ToSchema)]
pub struct EntryBody {
    id: i64,
    /// RFC 3339 in UTC.
    at: String,
    /// The account's name at that time, or the part of the program that acted.
    who: String,
    /// `browser`, `token`, `telegram`, `command_line` or `server`.
    via: String,
    /// Where the request came from.
    address: Option<String>,
    act: String,
    /// What it was done to, by name.
    subject: Option<String>,
    detail: Option<String>,
}

/// Who did what, the newest first.
#[utoipa::path(get, path = "/api/audit", tag = "Accounts", params(Filter), responses(
    (status = 200, body = AuditList),
    (status = 400, description = "An unknown word in the filter", body = ErrorBody),
))]
pub async fn list(Admin(admin): Admin, Asked(filter): Asked<Filter>) -> Result<Json<AuditList>, Failure> {
    let unknown = |word: &str| Failure::bad_request(format!("act: {word:?} is not known"));
    let act =
        filter.act.as_deref().map(|word| Act::from_word(word).ok_or_else(|| unknown(word))).transpose()?;
    let limit = filter.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Failure::bad_request(format!("limit: must be 1 to {LIMIT_MAX}")));
    }
    // Not every database takes every character, and no name has this one.
    if filter.who.as_ref().is_some_and(|who| who.contains('\0')) {
        return Err(Failure::bad_request("who: must be a name"));
    }
    let offset = filter.offset.unwrap_or(0).min(OFFSET_MAX);
    let (entries, total) = admin.see_audit(&Wanted { who: filter.who, act, offset, limit }).await?;
    Ok(Json(AuditList { success: true, entries: entries.into_iter().map(EntryBody::from).collect(), total }))
}

impl From<AuditEntry> for EntryBody {
    fn from(entry: AuditEntry) -> Self {
        let AuditEntry { id, at, who, via, address, act, subject, detail } = entry;
        Self { id, at: rfc3339(at), who, via, address, act, subject, detail }
    }
}
