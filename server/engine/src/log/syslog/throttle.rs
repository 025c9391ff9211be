//! How many lines each sender may send: a flood of one takes no place from the others.

use std::{collections::HashMap, net::IpAddr, time::Duration};
use tokio::time::Instant;

/// Lines a second that a sender may send for long.
const LINES_PER_S: f64 = 200.0;
/// Lines at once, after a pause.
const BURST: f64 = 1_000.0;
/// Senders that are remembered; UDP lets anybody be anybody.
const SENDERS_MAX: usize = 4_096;
/// A sender that was silent for this long has all of its burst again, and needs not be remembered.
const FORGOTTEN: Duration = Duration::from_secs(10);

#[derive(Debug, Default)]
pub(super) struct Throttle(HashMap<IpAddr, Sender>);

#[derive(Debug)]
struct Sender {
    room: f64,
    at: Instant,
    /// Lines that were not taken since the last one that was.
    has_lost: bool,
}

/// Whether a line is taken; when it is, whether others before it were not.
pub(super) enum Verdict {
    Taken { is_after_gap: bool },
    Refused,
}

impl Throttle {
    pub fn judge(&mut self, from: IpAddr, now: Instant) -> Verdict {
        if self.0.len() >= SENDERS_MAX && !self.0.contains_key(&from) {
            self.0.retain(|_, sender| now.duration_since(sender.at) < FORGOTTEN);
            if self.0.len() >= SENDERS_MAX {
                return Verdict::Refused;
            }
        }
        let sender = self.0.entry(from).or_insert(Sender { room: BURST, at: now, has_lost: false });
        let grown = now.duration_since(sender.at).as_secs_f64() * LINES_PER_S;
        (sender.room, sender.at) = ((sender.room + grown).min(BURST), now);
        if sender.room < 1.0 {
            sender.has_lost = true;
            return Verdict::Refused;
        }
        sender.room -= 1.0;
        Verdict::Taken { is_after_gap: std::mem::take(&mut sender.has_lost) }
    }

    /// A line that was taken found no place after all.
    pub fn lost(&mut self, from: IpAddr) {
        if let Some(sender) = self.0.get_mut(&from) {
            sender.has_lost = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_taken_at_its_measure_said_to_have_gaps_and_costs_others_nothing() {
        let mut throttle = Throttle::default();
        let (loud, quiet) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let begin = Instant::now();
        let (mut taken, mut gaps) = (0, 0);
        for line in 0..50_000_u32 {
            // 5,000 lines a second for ten seconds.
            let now = begin + Duration::from_micros(u64::from(line) * 200);
            if let Verdict::Taken { is_after_gap } = throttle.judge(loud, now) {
                taken += 1;
                gaps += u32::from(is_after_gap);
            }
        }
        assert!((2_900..=3_100).contains(&taken), "{taken}");
        assert!(gaps > 1_000, "{gaps}");
        let at = begin + Duration::from_secs(10);
        assert!(matches!(throttle.judge(quiet, at), Verdict::Taken { is_after_gap: false }));
    }

    #[test]
    fn whoever_invents_senders_fills_no_memory_and_is_forgotten_again() {
        let mut throttle = Throttle::default();
        let begin = Instant::now();
        for sender in 0..100_000_u32 {
            throttle.judge(IpAddr::from(sender.to_be_bytes()), begin);
        }
        assert_eq!(throttle.0.len(), SENDERS_MAX);
        let later = begin + FORGOTTEN;
        assert!(matches!(throttle.judge([10, 0, 0, 1].into(), later), Verdict::Taken { .. }));
        assert_eq!(throttle.0.len(), 1);
    }
}
