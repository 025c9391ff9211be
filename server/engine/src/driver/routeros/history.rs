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
            && std::mem::discriminant(&last.why) == std::mem::discriminant(&ended.why)
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
