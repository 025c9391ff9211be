//! Causes in the reader's language. They are kept as the engine says them, in English: those that are common are known
//! here by their words, and others stay as they are.

use crate::i18n::{Lang, Words};

type Known = (&'static str, fn(Words) -> &'static str);

/// What is said as it is, and what is said before ` within 5 s`.
const KNOWN: &[Known] = &[
    ("connection refused", Words::cause_refused),
    ("connection reset", Words::cause_reset),
    ("no answer", Words::cause_no_answer),
    ("no route to host", Words::cause_no_route),
    ("network unreachable", Words::cause_unreachable),
    ("this machine has no route to the network", Words::cause_no_own_route),
    ("the monitor is cut off: nothing answers", Words::cause_cut_off),
    ("the host name was not resolved", Words::cause_unresolved),
    ("no answer to the TCP connection", Words::cause_no_tcp),
    ("no answer to the TLS handshake", Words::cause_no_tls),
    ("connected, but no answer to the login", Words::cause_no_login),
    ("logged in, but no answer to the command", Words::cause_no_command),
    ("the router closed the connection", Words::cause_closed),
    ("the router reset the connection", Words::cause_router_reset),
];

impl Words {
    /// A cause for people: each of its parts that is known, in their language.
    pub fn cause(self, told: &str) -> String {
        if self.lang() == Lang::En {
            return told.to_owned();
        }
        told.split("; ").map(|part| self.cause_of_one(part)).collect::<Vec<_>>().join("; ")
    }

    /// What one check says, with its name before it where there are several.
    fn cause_of_one(self, part: &str) -> String {
        let (label, why) = match part.split_once(": ") {
            Some((label, why)) if is_check(label) => (Some(label), why),
            _ => (None, part),
        };
        let why = match why.strip_prefix("never answered: ") {
            Some(why) => self.cause_never(&self.plain_cause(why)),
            None => self.plain_cause(why),
        };
        label.map_or_else(|| why.clone(), |label| format!("{label}: {why}"))
    }

    fn plain_cause(self, why: &str) -> String {
        let known = |why: &str| KNOWN.iter().find(|(told, _)| *told == why).map(|(_, known)| known(self));
        if let Some(known) = known(why) {
            return known.to_owned();
        }
        let within = why.strip_suffix(" s").and_then(|why| why.rsplit_once(" within "));
        if let Some((known, seconds)) = within.and_then(|(why, seconds)| Some((known(why)?, seconds))) {
            return self.cause_within(&seconds, &known);
        }
        let behind = why.strip_prefix("behind ").and_then(|name| name.strip_suffix(", which is down"));
        behind.map_or_else(|| why.to_owned(), |name| self.cause_behind(&name))
    }
}

/// As the engine names a check.
fn is_check(label: &str) -> bool {
    matches!(label, "ping" | "RouterOS")
        || label.strip_prefix("TCP ").is_some_and(|port| port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_said_in_the_readers_language_and_the_rest_stays() {
        let check = |told: &str, expected: &str| assert_eq!(Words(Lang::Ru).cause(told), expected);
        check("connection refused", "соединение отклонено");
        check("no answer within 2.5 s", "нет ответа за 2.5 с");
        check(
            "ping: no answer within 5 s; TCP 443: connection refused",
            "ping: нет ответа за 5 с; TCP 443: соединение отклонено",
        );
        check(
            "RouterOS: never answered: connection reset",
            "RouterOS: ещё ни разу не отвечал: соединение сброшено",
        );
        check("behind edge-1, which is down", "за устройством edge-1, которое не отвечает");
        for kept in ["7.15.3", "TLS failed: bad; certificate", "core: connection refused", "", " within  s"] {
            check(kept, kept);
        }
        for (told, known) in KNOWN {
            assert_eq!(
                known(Words(Lang::En)).to_lowercase(),
                told.to_lowercase(),
                "English says it as it is kept"
            );
            assert_eq!(Words(Lang::En).cause(told), *told);
        }
    }
}
