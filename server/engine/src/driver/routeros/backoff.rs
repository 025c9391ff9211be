//! When a router that turned us away is tried again: every attempt leaves lines in its log and costs it work.

use super::cause::{Disconnect, Stage};
use std::time::Duration;
use tokio::time::Instant;

/// A refused login waits twice as long each time, up to this.
const REFUSED_MAX: Duration = Duration::from_secs(3_600);
/// Other failures: shorter than an interval, so that no regular round ever finds the door closed for it.
const FAILED_MAX: Duration = Duration::from_secs(20);
/// A session that ends sooner than this was a failed attempt.
const SHORT: Duration = Duration::from_secs(5);
/// The first wait after a refused login, so that a wrong password does not fill the router's log.
const REFUSED_MIN: Duration = Duration::from_secs(60);

/// What was tried lately, and when it may be tried again.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    refusals: u32,
    failures: u32,
    held: Option<(Instant, Disconnect)>,
}

impl Backoff {
    /// The answer to an attempt that is not made yet.
    pub fn instead(&self, now: Instant) -> Option<Disconnect> {
        let (until, why) = self.held.as_ref().filter(|(until, _)| *until > now)?;
        Some(with_wait(why.clone(), until.duration_since(now)))
    }

    /// No session came of an attempt; the cause with what follows from it.
    pub fn attempt_failed(&mut self, why: Disconnect, now: Instant) -> Disconnect {
        let wait = if let Disconnect::LoginRefused { .. } = why {
            self.refusals = self.refusals.saturating_add(1);
            REFUSED_MIN.saturating_mul(power_of_two(self.refusals - 1)).min(REFUSED_MAX)
        } else if has_reached_the_router(&why) {
            self.failed()
        } else {
            Duration::ZERO
        };
        self.held = Some((now + wait, why.clone()));
        with_wait(why, wait)
    }

    /// A person wants to know: one attempt is made now. If it fails too, the waits go on growing.
    pub fn hurry(&mut self) {
        self.held = None;
    }

    pub fn got_in(&mut self) {
        (self.refusals, self.held) = (0, None);
    }

    pub fn session_ended(&mut self, lasted: Duration, why: &Disconnect, now: Instant) {
        if lasted >= SHORT || !why.is_loss_of_a_session() {
            self.failures = 0;
        } else {
            self.held = Some((now + self.failed(), why.clone()));
        }
    }

    /// A blip costs nothing, and the tries that confirm a failure, 2 s apart, are all made.
    fn failed(&mut self) -> Duration {
        self.failures = self.failures.saturating_add(1);
        match self.failures {
            0 | 1 => Duration::ZERO,
            failures => Duration::from_secs(power_of_two(failures.saturating_sub(4)).into()).min(FAILED_MAX),
        }
    }
}

/// Only what the router itself notices is spared it.
fn has_reached_the_router(why: &Disconnect) -> bool {
    !matches!(
        why,
        Disconnect::Unresolved(_)
            | Disconnect::Unreachable { .. }
            | Disconnect::Silent { stage: Stage::Resolve | Stage::Connect, .. }
            | Disconnect::Stopped
    )
}

fn with_wait(why: Disconnect, wait: Duration) -> Disconnect {
    match why {
        Disconnect::LoginRefused { message, .. } => {
            Disconnect::LoginRefused { message, retry_in_s: wait.as_secs_f32().ceil() as u64 }
        }
        other => other,
    }
}

fn power_of_two(exponent: u32) -> u32 {
    1 << exponent.min(16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused() -> Disconnect {
        Disconnect::LoginRefused { message: "no".into(), retry_in_s: 0 }
    }

    #[test]
    fn a_login_that_stays_refused_is_tried_ever_more_seldom_and_says_when() {
        let (mut backoff, mut now) = (Backoff::default(), Instant::now());
        for wait_s in [60, 120, 240, 480, 960, 1_920, 3_600, 3_600] {
            let told = backoff.attempt_failed(refused(), now);
            assert_eq!(told, Disconnect::LoginRefused { message: "no".into(), retry_in_s: wait_s });
            assert!(backoff.instead(now + Duration::from_secs(wait_s - 1)).is_some());
            now += Duration::from_secs(wait_s);
            assert_eq!(backoff.instead(now), None);
        }
        backoff.got_in();
        backoff.attempt_failed(refused(), now);
        assert_eq!(backoff.instead(now + Duration::from_secs(60)), None, "as at first");
    }

    #[test]
    fn a_person_in_a_hurry_is_worth_one_attempt_and_not_a_new_series() {
        let (mut backoff, now) = (Backoff::default(), Instant::now());
        for _ in 0..3 {
            backoff.attempt_failed(refused(), now);
        }
        backoff.hurry();
        assert_eq!(backoff.instead(now), None);
        backoff.attempt_failed(refused(), now);
        assert!(backoff.instead(now + Duration::from_secs(479)).is_some());
    }

    #[test]
    fn a_router_that_hangs_up_again_and_again_is_left_alone_for_less_than_an_interval() {
        let (mut backoff, now) = (Backoff::default(), Instant::now());
        for wait_s in [0, 1, 1, 1, 2, 4, 8, 16, 20, 20] {
            backoff.session_ended(Duration::from_secs(1), &Disconnect::Closed, now);
            let wait = Duration::from_secs(wait_s);
            assert_eq!(backoff.instead(now + wait), None, "{wait_s} s");
            assert!(wait.is_zero() || backoff.instead(now + wait - Duration::from_millis(1)).is_some());
        }
        backoff.session_ended(SHORT, &Disconnect::Closed, now);
        backoff.session_ended(Duration::from_secs(1), &Disconnect::Closed, now);
        assert_eq!(backoff.instead(now + Duration::from_secs(1)), None, "a session that lasted forgives all");
    }

    #[test]
    fn what_the_router_did_not_notice_is_tried_again_at_once() {
        let (mut backoff, now) = (Backoff::default(), Instant::now());
        for _ in 0..9 {
            backoff.attempt_failed(Disconnect::Unresolved("no such name".into()), now);
            assert_eq!(backoff.instead(now), None);
        }
    }
}
