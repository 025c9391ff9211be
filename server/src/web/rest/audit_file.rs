//! The audit log as files, streamed: a part of it is in memory at a time, however many entries there are.

use super::{
    Asked,
    attached::{CSV, attached, harmless, line},
    audit::{EntryBody, Words},
};
use crate::{
    backend,
    web::{
        Admin,
        error::{ErrorBody, Failure},
    },
};
use axum::{
    body::{Body, Bytes},
    response::Response,
};
use futures::{Stream, StreamExt, stream};
use model::{AuditEntry, AuditWish};
use serde::Deserialize;
use std::io;
use utoipa::IntoParams;

/// Entries read at once.
const PART: u64 = 1_000;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Whose acts: the account's name at that time.
    who: Option<String>,
    /// Which acts, such as `logged_in` or `device_changed`.
    act: Option<String>,
    /// What it was done to, by its whole name.
    subject: Option<String>,
    /// Somewhere in who, what, to what, its detail or the address; capitals do not matter.
    text: Option<String>,
    /// RFC 3339.
    from: Option<String>,
    /// RFC 3339; up to and without.
    to: Option<String>,
}

/// Everything that the filter finds, as CSV, the newest first.
#[utoipa::path(get, path = "/api/audit.csv", tag = "Accounts", params(Filter), responses(
    (status = 200, content_type = "text/csv", body = String),
    (status = 400, description = "An unknown word in the filter", body = ErrorBody),
))]
pub async fn csv(Admin(admin): Admin, Asked(filter): Asked<Filter>) -> Result<Response, Failure> {
    let head = ["id", "time", "who", "via", "address", "act", "subject", "detail"];
    let head = line(&head.map(str::to_owned))?;
    let rows = |entries: Vec<AuditEntry>, _| {
        let mut text = Vec::new();
        for entry in entries {
            text.extend(line(&cells(entry.into())).map_err(|_| io::Error::other("a row cannot be written"))?);
        }
        Ok(Bytes::from(text))
    };
    let body = written(admin, filter.wish()?, head, rows, "").await?;
    Ok(attached(body, CSV, "audit.csv"))
}

/// Everything that the filter finds, as a list in JSON, the newest first.
#[utoipa::path(get, path = "/api/audit.json", tag = "Accounts", params(Filter), responses(
    (status = 200, body = Vec<EntryBody>),
    (status = 400, description = "An unknown word in the filter", body = ErrorBody),
))]
pub async fn json(Admin(admin): Admin, Asked(filter): Asked<Filter>) -> Result<Response, Failure> {
    let rows = |entries: Vec<AuditEntry>, is_first| {
        let mut text = Vec::new();
        for (place, entry) in entries.into_iter().enumerate() {
            text.extend_from_slice(if is_first && place == 0 { b"\n" } else { b",\n" });
            text.extend(serde_json::to_vec(&EntryBody::from(entry)).map_err(io::Error::other)?);
        }
        Ok(Bytes::from(text))
    };
    let body = written(admin, filter.wish()?, Bytes::from_static(b"["), rows, "\n]\n").await?;
    Ok(attached(body, "application/json", "audit.json"))
}

impl Filter {
    fn wish(&self) -> Result<AuditWish, Failure> {
        let words = Words {
            who: self.who.as_deref(),
            act: self.act.as_deref(),
            subject: self.subject.as_deref(),
            text: self.text.as_deref(),
            from: self.from.as_deref(),
            to: self.to.as_deref(),
            before: None,
        };
        words.wish()
    }
}

/// Part after part. A database that does not answer is told before anything else is.
async fn written(
    admin: backend::Admin,
    wish: AuditWish,
    head: Bytes,
    rows: impl Fn(Vec<AuditEntry>, bool) -> io::Result<Bytes> + Send + 'static,
    foot: &'static str,
) -> Result<Body, Failure> {
    let mut parts = Box::pin(parts(admin, wish));
    let first = parts.next().await.transpose()?.unwrap_or_default();
    // The first part may be empty and the next one not.
    let mut is_first = first.is_empty();
    let begun = stream::iter([Ok(head), rows(first, true)]);
    let rest = parts.map(move |part| {
        let entries = part.map_err(|_| io::Error::other("the audit log cannot be read"))?;
        let opens = is_first;
        is_first &= entries.is_empty();
        rows(entries, opens)
    });
    let end = stream::iter([Ok(Bytes::from_static(foot.as_bytes()))]);
    Ok(Body::from_stream(begun.chain(rest).chain(end)))
}

fn parts(
    admin: backend::Admin,
    wish: AuditWish,
) -> impl Stream<Item = Result<Vec<AuditEntry>, app::api::ApiError>> + Send {
    stream::try_unfold(Some(wish), move |wish| {
        let admin = admin.clone();
        async move {
            let Some(wish) = wish else { return Ok(None) };
            let found = admin.search_audit(&wish, PART).await?;
            let next = found.next.map(|next| AuditWish { before: Some(next), ..wish });
            Ok(Some((found.entries, next)))
        }
    })
}

/// Names, addresses and details are what somebody typed.
fn cells(entry: EntryBody) -> [String; 8] {
    let EntryBody { id, at, who, via, address, act, subject, detail } = entry;
    let safe = |text: Option<String>| harmless(&text.unwrap_or_default());
    [id.to_string(), at, harmless(&who), via, safe(address), act, safe(subject), safe(detail)]
}
