//! The audit log: read by admins, and told of acts that change nothing else, such as logins. None of these is
//! worth refusing anything for.

use super::{Admin, Program, api_error};
use crate::store::{Wanted, in_time};
use app::api::ApiError;
use model::{Act, AuditEntry, Timestamp};
use parking_lot::Mutex;

/// Refused logins that are written down in a minute: whoever guesses under ever new names shall not fill the disk.
const REFUSALS_A_MINUTE: u32 = 60;
const MINUTE_MS: i64 = 60_000;

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
