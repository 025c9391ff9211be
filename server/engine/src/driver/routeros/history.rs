//! What is remembered of ended sessions: a bounded list with times and reasons, and what they count for.

use super::cause::Disconnect;
use model::Timestamp;
use std::collections::VecDeque;

/// How many endings are kept; equal ones in a row share a place.
const KEPT_MAX: usize = 16;

/// The end of a session, or attempts at one that failed alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The first time.
    pub at: Timestamp,
    /// The last time; equal to `at` unless it happened again.
    pub last_at: Timestamp,
    pub times: u32,
    pub why: Disconnect,
    /// A session that was logged in ended: it counts as a reconnect. Failed attempts do not.
    pub is_loss: bool,
}

/// The endings of one router's sessions.
#[derive(Debug, Default)]
pub(super) struct History {
    kept: VecDeque<Ended>,
    losses: u64,
}

impl History {
    pub fn session_ended(&mut self, at: Timestamp, why: Disconnect) {
        let is_loss = why.is_loss_of_a_session();
        self.losses += u64::from(is_loss);
        self.keep(Ended { at, last_at: at, times: 1, why, is_loss });
    }

    pub fn attempt_failed(&mut self, at: Timestamp, why: Disconnect) {
        self.keep(Ended { at, last_at: at, times: 1, why, is_loss: false });
    }

    /// An idle session was closed, and the router could not be reached again: it was lost after all.
    pub fn idle_close_was_a_loss(&mut self) {
        let Some(last) = self.kept.back_mut() else { return };
        if last.why != Disconnect::IdleClosed {
            return;
        }
        let at = last.last_at;
        if last.times > 1 {
            last.times -= 1;
        } else {
            self.kept.pop_back();
        }
        self.session_ended(at, Disconnect::Closed);
    }

    pub fn losses(&self) -> u64 {
        self.losses
    }

    /// Oldest first.
    pub fn list(&self) -> Vec<Ended> {
        self.kept.iter().cloned().collect()
    }

    fn keep(&mut self, ended: Ended) {
        if let Some(last) = self.kept.back_mut()
            && last.is_loss == ended.is_loss
            && is_alike(&last.why, &ended.why)
        {
            (last.last_at, last.times, last.why) = (ended.at, last.times.saturating_add(1), ended.why);
            return;
        }
        if self.kept.len() == KEPT_MAX {
            self.kept.pop_front();
        }
        self.kept.push_back(ended);
    }
}

/// The same reason, whatever the wait until the next attempt.
fn is_alike(one: &Disconnect, other: &Disconnect) -> bool {
    match (one, other) {
        (Disconnect::LoginRefused { message: one, .. }, Disconnect::LoginRefused { message: other, .. }) => {
            one == other
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fatal(reason: &str) -> Disconnect {
        Disconnect::Fatal(reason.into())
    }

    #[test]
    fn every_reason_is_kept_and_only_equal_ones_in_a_row_share_a_place() {
        let mut history = History::default();
        for (at, why) in [fatal("a"), fatal("b"), fatal("b"), fatal("a")].into_iter().enumerate() {
            history.session_ended(Timestamp(at as i64), why);
        }
        let kept: Vec<_> = history
            .list()
            .into_iter()
            .map(|ended| (ended.at.0, ended.last_at.0, ended.times, ended.why))
            .collect();
        assert_eq!(kept, [(0, 0, 1, fatal("a")), (1, 2, 2, fatal("b")), (3, 3, 1, fatal("a"))]);
        assert_eq!(history.losses(), 4);
    }

    #[test]
    fn a_login_that_stays_refused_takes_one_place() {
        let mut history = History::default();
        for retry_in_s in [60, 120, 240] {
            let message = "invalid user name or password".to_owned();
            history.attempt_failed(Timestamp(0), Disconnect::LoginRefused { message, retry_in_s });
        }
        assert_eq!(history.list().len(), 1);
        for at in 0..100 {
            history.attempt_failed(Timestamp(at), fatal(&at.to_string()));
        }
        assert_eq!(history.list().len(), KEPT_MAX);
    }
}
