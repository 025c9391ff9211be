//! The audit log for other people's programs: to keep a copy of it elsewhere, above all.

use super::{Asked, rfc3339, span::instant};
use crate::{
    store::Wanted,
    web::{
        Admin,
        error::{ErrorBody, Failure},
    },
};
use axum::{Json, http::StatusCode};
use model::{Act, AuditChain, AuditEntry, AuditWish};
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
    /// What it was done to, by its whole name.
    subject: Option<String>,
    /// Somewhere in who, what, to what, its detail or the address; capitals do not matter.
    text: Option<String>,
    /// RFC 3339.
    from: Option<String>,
    /// RFC 3339; up to and without.
    to: Option<String>,
    /// Only entries before the one with this id: where to go on at the same cost however far back.
    before: Option<i64>,
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
    /// Whether the log can be trusted.
    chain: ChainBody,
}

/// The chain of codes that shows whether an entry was changed, removed or added.
#[derive(Serialize, ToSchema)]
pub struct ChainBody {
    success: bool,
    /// How many entries were ever written.
    entries: u64,
    /// How it was when it was last checked from here or from the page.
    checked: Option<CheckedBody>,
    /// While it is being checked: how many entries are done.
    checking: Option<u64>,
}

#[derive(Serialize, ToSchema)]
pub struct CheckedBody {
    at: String,
    /// How many entries were found to be whole.
    entries: u64,
    /// The code of the last of them: keep it elsewhere, and give it to `verify-audit --since` later.
    head: String,
    /// What is wrong.
    fault: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct EntryBody {
    pub id: i64,
    /// RFC 3339 in UTC.
    pub at: String,
    /// The account's name at that time, or the part of the program that acted.
    pub who: String,
    /// `browser`, `token`, `telegram`, `command_line` or `server`.
    pub via: String,
    /// Where the request came from.
    pub address: Option<String>,
    pub act: String,
    /// What it was done to, by name.
    pub subject: Option<String>,
    pub detail: Option<String>,
}

/// Who did what, the newest first.
#[utoipa::path(get, path = "/api/audit", tag = "Accounts", params(Filter), responses(
    (status = 200, body = AuditList),
    (status = 400, description = "An unknown word in the filter", body = ErrorBody),
))]
pub async fn list(Admin(admin): Admin, Asked(filter): Asked<Filter>) -> Result<Json<AuditList>, Failure> {
    let wish = Words::of(&filter).wish()?;
    let limit = filter.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Failure::bad_request(format!("limit: must be 1 to {LIMIT_MAX}")));
    }
    let offset = filter.offset.unwrap_or(0).min(OFFSET_MAX);
    let wanted = Wanted { wish, offset, limit, ..Wanted::default() };
    let (entries, total) = admin.see_audit(&wanted).await?;
    let chain = admin.audit_chain().await?.into();
    let entries = entries.into_iter().map(EntryBody::from).collect();
    Ok(Json(AuditList { success: true, entries, total, chain }))
}

/// Begins to check the chain of codes, unless that is under way; `GET` again to see how it went.
#[utoipa::path(post, path = "/api/audit/check", tag = "Accounts", responses((status = 202, body = ChainBody)))]
pub async fn check(Admin(admin): Admin) -> Result<(StatusCode, Json<ChainBody>), Failure> {
    Ok((StatusCode::ACCEPTED, Json(admin.check_audit().await?.into())))
}

/// What a filter says of entries, as it is typed.
#[derive(Default)]
pub struct Words<'a> {
    pub who: Option<&'a str>,
    pub act: Option<&'a str>,
    pub subject: Option<&'a str>,
    pub text: Option<&'a str>,
    pub from: Option<&'a str>,
    pub to: Option<&'a str>,
    pub before: Option<i64>,
}

impl<'a> Words<'a> {
    fn of(filter: &'a Filter) -> Self {
        Self {
            who: filter.who.as_deref(),
            act: filter.act.as_deref(),
            subject: filter.subject.as_deref(),
            text: filter.text.as_deref(),
            from: filter.from.as_deref(),
            to: filter.to.as_deref(),
            before: filter.before,
        }
    }

    pub fn wish(self) -> Result<AuditWish, Failure> {
        let unknown = |word: &str| Failure::bad_request(format!("act: {word:?} is not known"));
        let act = self.act.map(|word| Act::from_word(word).ok_or_else(|| unknown(word))).transpose()?;
        let text = |text: Option<&str>| text.map(str::to_owned);
        let wish = AuditWish {
            who: text(self.who),
            act,
            subject: text(self.subject),
            text: text(self.text),
            from: self.from.map(|from| instant("from", from)).transpose()?,
            to: self.to.map(|to| instant("to", to)).transpose()?,
            before: self.before,
        };
        match wish.errors().first() {
            Some(error) => Err(Failure::bad_request(error.to_string())),
            None => Ok(wish),
        }
    }
}

impl From<AuditChain> for ChainBody {
    fn from(chain: AuditChain) -> Self {
        let checked = chain.checked.map(|checked| CheckedBody {
            at: rfc3339(checked.at),
            entries: checked.entries,
            head: checked.head,
            fault: checked.fault,
        });
        Self { success: true, entries: chain.entries, checked, checking: chain.checking }
    }
}

impl From<AuditEntry> for EntryBody {
    fn from(entry: AuditEntry) -> Self {
        let AuditEntry { id, at, who, via, address, act, subject, detail } = entry;
        Self { id, at: rfc3339(at), who, via, address, act, subject, detail }
    }
}
