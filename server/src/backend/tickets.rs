//! One-time tickets for WebSockets: 30 s, used once, good only for the credential that asked.

use super::callers::Credential;
use model::{DeviceId, RecordingId, Timestamp, UserId};
use parking_lot::Mutex;
use std::collections::HashMap;

/// How long a ticket waits to be used.
pub const TICKET_MS: i64 = 30_000;
/// Most tickets waiting at once: far more than people, far less than memory.
const TICKETS_MAX: usize = 10_000;
/// Most tickets waiting at once for one account, so that nobody keeps the others out.
const TICKETS_EACH_MAX: usize = 64;

/// What a ticket opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Live,
    /// The program's own log; for admins.
    Logs,
    /// A terminal on this device.
    Ssh(DeviceId),
    /// Looking on while this one is recorded.
    Watch(RecordingId),
}

impl Purpose {
    /// The word in a request for a ticket: `live`, `logs`, `ssh:` and the number of a device, `watch:` and that of a recording.
    pub fn from_word(word: &str) -> Option<Purpose> {
        match word.split_once(':') {
            None if word == "live" => Some(Purpose::Live),
            None if word == "logs" => Some(Purpose::Logs),
            Some(("ssh", id)) => id.parse().ok().map(Purpose::Ssh),
            Some(("watch", id)) => id.parse().ok().map(Purpose::Watch),
            _ => None,
        }
    }
}

struct Ticket {
    user: UserId,
    of: Credential,
    purpose: Purpose,
    until: Timestamp,
}

/// The tickets that were given out and not used yet. Gone with the process, as they should be.
#[derive(Default)]
pub(super) struct Tickets(Mutex<HashMap<String, Ticket>>);

impl Tickets {
    /// A new ticket, or `None` when too many are waiting.
    pub fn issue(&self, user: UserId, of: Credential, purpose: Purpose, now: Timestamp) -> Option<String> {
        let word = super::random_word()?;
        let mut tickets = self.0.lock();
        tickets.retain(|_, ticket| ticket.until > now);
        let of_user = tickets.values().filter(|ticket| ticket.user == user).count();
        if tickets.len() >= TICKETS_MAX || of_user >= TICKETS_EACH_MAX {
            return None;
        }
        tickets.insert(word.clone(), Ticket { user, of, purpose, until: Timestamp(now.0 + TICKET_MS) });
        Some(word)
    }

    /// Whether `word` opens `purpose` for `of`. Presented once, a ticket is gone, right or wrong.
    pub fn redeem(&self, word: &str, of: &Credential, purpose: Purpose, now: Timestamp) -> bool {
        let ticket = self.0.lock().remove(word);
        ticket.is_some_and(|ticket| ticket.of == *of && ticket.purpose == purpose && ticket.until > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::SessionKey;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn session(name: &str) -> Credential {
        let number = name.bytes().map(i128::from).sum();
        Credential::Session(SessionKey::of(&tower_sessions::session::Id(number)))
    }

    #[test]
    fn a_ticket_opens_once_in_time_and_for_its_own_session() {
        let tickets = Tickets::default();
        let issue = || tickets.issue(UserId(1), session("a"), Purpose::Live, NOW).unwrap();
        let redeem = |word: &str, of: &str, at| tickets.redeem(word, &session(of), Purpose::Live, at);

        let word = issue();
        assert!(redeem(&word, "a", NOW));
        assert!(!redeem(&word, "a", NOW), "used");
        assert!(!redeem(&issue(), "b", NOW), "another session's");
        assert!(!redeem(&issue(), "a", Timestamp(NOW.0 + TICKET_MS)), "too late");
        assert!(!redeem("", "a", NOW), "none");
    }

    #[test]
    fn a_ticket_for_one_thing_opens_no_other() {
        let tickets = Tickets::default();
        let of = |word: &str| Purpose::from_word(word).unwrap();
        for (asked, shown, opens) in [
            ("watch:7", "watch:7", true),
            ("watch:7", "watch:8", false),
            ("ssh:12", "ssh:12", true),
            ("ssh:12", "ssh:13", false),
            ("ssh:12", "watch:12", false),
            ("ssh:12", "live", false),
            ("live", "logs", false),
            ("live", "watch:7", false),
        ] {
            let word = tickets.issue(UserId(1), session("a"), of(asked), NOW).unwrap();
            assert_eq!(tickets.redeem(&word, &session("a"), of(shown), NOW), opens, "{asked} as {shown}");
        }
        for none in ["", "watch", "watch:", "watch:x", "ssh", "ssh:", "ssh:x", "ssh:1:2", "LIVE", "dance:7"] {
            assert_eq!(Purpose::from_word(none), None, "{none}");
        }
    }

    #[test]
    fn a_ticket_shown_by_the_wrong_session_is_spent() {
        let tickets = Tickets::default();
        let word = tickets.issue(UserId(1), session("a"), Purpose::Live, NOW).unwrap();
        assert!(!tickets.redeem(&word, &session("b"), Purpose::Live, NOW));
        assert!(!tickets.redeem(&word, &session("a"), Purpose::Live, NOW));
    }

    #[test]
    fn an_account_that_hoards_tickets_keeps_nobody_else_out() {
        let tickets = Tickets::default();
        let issue = |user, at| tickets.issue(UserId(user), session("a"), Purpose::Live, at);
        assert!((0..TICKETS_EACH_MAX).all(|_| issue(1, NOW).is_some()));
        assert!(issue(1, NOW).is_none());
        assert!(issue(2, NOW).is_some());
        assert!(issue(1, Timestamp(NOW.0 + TICKET_MS)).is_some(), "the old ones are gone");
    }
}
