//! The audit log: read by admins, and told of acts that change nothing else, such as logins. None of these is
//! worth refusing anything for.

use super::{Admin, Program, api_error};
use crate::store::{Found, Wanted, in_time};
use app::api::ApiError;
use model::{Act, AuditChain, AuditChecked, AuditEntry, AuditPage, AuditWish, Timestamp};
use parking_lot::Mutex;
use std::sync::Arc;

/// Refused logins that are written down in a minute: whoever guesses under ever new names shall not fill the disk.
const REFUSALS_A_MINUTE: u32 = 60;
const MINUTE_MS: i64 = 60_000;
/// Entries on one page.
const PAGE: u64 = 50;

/// A walk along the chain that somebody began: how many entries it has seen.
#[derive(Default)]
pub struct Checking(Mutex<Option<u64>>);

/// Ends the walk however it ends.
struct Walk(Arc<Program>);

impl Drop for Walk {
    fn drop(&mut self) {
        *self.0.checking.0.lock() = None;
    }
}

/// How many refusals this minute has seen.
#[derive(Default)]
pub struct Refusals(Mutex<(Timestamp, u32)>);

impl Refusals {
    /// Whether one more may be written down.
    fn admits(&self, now: Timestamp) -> bool {
        let (since, count) = &mut *self.0.lock();
        if now.since_ms(*since).unsigned_abs() >= MINUTE_MS.unsigned_abs() {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count <= REFUSALS_A_MINUTE
    }
}

impl Admin {
    /// The newest first, and how many there are on all pages.
    pub async fn see_audit(&self, wanted: &Wanted) -> Result<(Vec<AuditEntry>, u64), ApiError> {
        let program = &self.viewer().program;
        let audit = program.store.audit();
        let read = async { Ok((audit.list(wanted).await?, audit.count(wanted).await?)) };
        in_time(read).await.map_err(api_error)
    }

    /// A page of what is wished for, and whether the log can be trusted.
    pub async fn audit_page(&self, wish: &AuditWish) -> Result<AuditPage, ApiError> {
        let Found { entries, next } = self.search_audit(wish, PAGE).await?;
        Ok(AuditPage { entries, next, chain: self.audit_chain().await? })
    }

    /// Up to `limit` entries of what is wished for.
    pub async fn search_audit(&self, wish: &AuditWish, limit: u64) -> Result<Found, ApiError> {
        let errors = wish.errors();
        if !errors.is_empty() {
            return Err(errors.into());
        }
        in_time(self.viewer().program.store.audit().search(wish, limit)).await.map_err(api_error)
    }

    pub async fn audit_chain(&self) -> Result<AuditChain, ApiError> {
        let program = &self.viewer().program;
        let audit = program.store.audit();
        let read = async { Ok((audit.entries().await?, audit.last_check().await?)) };
        let (entries, checked) = in_time(read).await.map_err(api_error)?;
        Ok(AuditChain { entries, checked, checking: *program.checking.0.lock() })
    }

    /// Begins to walk along the whole chain, unless somebody is at it already.
    pub async fn check_audit(&self) -> Result<AuditChain, ApiError> {
        let program = &self.viewer().program;
        let is_first = {
            let mut checking = program.checking.0.lock();
            let is_first = checking.is_none();
            checking.get_or_insert(0);
            is_first
        };
        if is_first {
            program.tasks.spawn(walk(Walk(program.clone())));
        }
        self.audit_chain().await
    }
}

async fn walk(walk: Walk) {
    let program = &walk.0;
    let audit = program.store.audit();
    let tell = |seen| *program.checking.0.lock() = Some(seen);
    // It may take minutes; nobody waits for it when the program stops.
    let checked = tokio::select! {
        verdict = audit.verify_telling(None, tell) => match verdict {
            Ok(verdict) => AuditChecked {
                at: program.clock.now(),
                entries: verdict.entries,
                head: verdict.head,
                fault: verdict.fault.map(|fault| fault.to_string()),
            },
            Err(error) => return tracing::warn!(%error, "the audit log could not be checked"),
        },
        () = stopping(program) => return,
    };
    if let Some(why) = &checked.fault {
        tracing::error!(why, "the audit log is not whole");
    }
    if let Err(error) = in_time(audit.remember_check(&checked)).await {
        tracing::warn!(%error, "how the audit log is could not be written down");
    }
}

/// Returns once the program takes no more work.
async fn stopping(program: &Program) {
    while !program.tasks.is_closed() {
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
}

impl Program {
    pub(super) async fn write_down(&self, act: Act, subject: &str) {
        self.write_down_of(act, Some(subject)).await;
    }

    /// A refused login; by name only where there is such an account: what was typed may be a password, and
    /// what is written down stays.
    pub(super) async fn write_down_refusal(&self, tried: &str) {
        if !self.refusals.admits(self.clock.now()) {
            return;
        }
        let is_possible = model::user_name(tried).is_ok();
        let known = if is_possible { in_time(self.store.users().named(tried)).await } else { Ok(None) };
        let name = known.ok().flatten().map(|account| account.user.name);
        self.write_down_of(Act::LoginRefused, name.as_deref()).await;
    }

    async fn write_down_of(&self, act: Act, subject: Option<&str>) {
        if let Err(error) = in_time(self.store.audit().note(act, subject, None)).await {
            tracing::warn!(act = act.word(), %error, "an act could not be written down");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_refusals_is_written_down_only_so_far_and_the_next_minute_begins_anew() {
        let refusals = Refusals::default();
        let written = (0..1000).filter(|_| refusals.admits(Timestamp(1_000_000))).count();
        assert_eq!(written, REFUSALS_A_MINUTE as usize);
        assert!(!refusals.admits(Timestamp(1_000_000 + MINUTE_MS - 1)));
        assert!(refusals.admits(Timestamp(1_000_000 + MINUTE_MS)));
    }
}
