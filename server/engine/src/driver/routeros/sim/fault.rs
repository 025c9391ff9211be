//! What can go wrong with a router, as a script.

use std::collections::VecDeque;
use std::time::Duration;

/// One misbehaviour. Some happen once (at the next command, or at once), others last until
/// [`heal`](super::SimRouter::heal).
#[derive(Clone, Debug)]
pub enum Fault {
    /// At once: every connection is reset.
    Drop,
    /// At once: every connection is closed properly, as routers do with idle ones.
    Close,
    /// At once: connections closed, uptime and counters from zero.
    Reboot,
    /// At once: interface counters start from zero.
    ResetCounters,
    /// At once: the connections that exist are never answered again, as behind a NAT that forgot them.
    MuteOld,
    /// At once: another certificate.
    NewCertificate,
    /// Lasts: new connections are refused.
    Refuse,
    /// Lasts: connections are accepted, nothing is ever answered.
    NeverAnswer,
    /// Lasts: before every reply.
    Delay(Duration),
    /// Lasts: every byte by itself, with this pause.
    SlowBytes(Duration),
    /// Lasts: every login is refused.
    WrongPassword,
    /// Lasts: the menu answers "not enough permissions (9)".
    Deny(String),
    /// Lasts: the menu does not exist.
    Absent(String),
    /// Lasts: text leaves as Latin-1.
    Latin1,
    /// Lasts: this CPU load, in percent.
    Busy(u32),
    /// Lasts: sessions that say nothing for this long are closed.
    CloseIdle(Duration),
    /// Lasts: a cancelled command goes on.
    IgnoreCancel,
    /// The next login is answered with these bytes.
    SayAtLogin(Vec<u8>),
    /// The next command is answered with these bytes, and with nothing else.
    Say(Vec<u8>),
    /// The next command is answered with these bytes, then the connection is closed.
    SayAndClose(Vec<u8>),
    /// The next command gets the first half of its reply, then silence.
    HalfSentence,
    /// The next command gets `!fatal` with this reason, and the connection is closed.
    Fatal(String),
    /// The next print finds nothing, and says so with `!empty`.
    Empty,
    /// The next command gets this row again and again, without an end.
    EndlessRows { bytes_per_row: usize },
    /// The next command gets this many rows of this size, then `!done`.
    ManyRows { rows: u32, bytes_per_row: usize },
    /// The next command is never answered; later ones are.
    Swallow,
}

/// What a router does now.
#[derive(Clone, Debug, Default)]
pub(super) struct Behaviour {
    pub never_answers: bool,
    pub delay: Duration,
    pub byte_pause: Duration,
    pub refuses_logins: bool,
    pub denied: Vec<String>,
    pub absent: Vec<String>,
    pub is_latin1: bool,
    pub cpu_percent: Option<u32>,
    pub closes_idle_after: Option<Duration>,
    pub ignores_cancel: bool,
    pub at_login: VecDeque<Vec<u8>>,
    /// Faults that the next commands meet, in order.
    pub next: VecDeque<Fault>,
}

impl Behaviour {
    /// Takes note of a fault that lasts, or that waits for a command.
    pub fn add(&mut self, fault: Fault) {
        match fault {
            Fault::NeverAnswer => self.never_answers = true,
            Fault::Delay(delay) => self.delay = delay,
            Fault::SlowBytes(pause) => self.byte_pause = pause,
            Fault::WrongPassword => self.refuses_logins = true,
            Fault::Deny(menu) => self.denied.push(menu),
            Fault::Absent(menu) => self.absent.push(menu),
            Fault::Latin1 => self.is_latin1 = true,
            Fault::Busy(percent) => self.cpu_percent = Some(percent),
            Fault::CloseIdle(after) => self.closes_idle_after = Some(after),
            Fault::IgnoreCancel => self.ignores_cancel = true,
            Fault::SayAtLogin(bytes) => self.at_login.push_back(bytes),
            other => self.next.push_back(other),
        }
    }

    pub fn denies(&self, menu: &str) -> bool {
        self.denied.iter().any(|denied| is_within(menu, denied))
    }

    pub fn lacks(&self, menu: &str) -> bool {
        self.absent.iter().any(|absent| is_within(menu, absent))
    }
}

fn is_within(menu: &str, parent: &str) -> bool {
    menu.strip_prefix(parent).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
