//! Why a session ended and why a command failed, in words for people.

use super::wire::WireError;
use std::time::Duration;

/// How far a session has come; what a deadline names when it passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Stage {
    Resolve,
    Connect,
    Tls,
    Login,
    Command,
}

impl Stage {
    pub(super) const ALL: [Stage; 5] =
        [Stage::Resolve, Stage::Connect, Stage::Tls, Stage::Login, Stage::Command];

    fn waiting_for(self) -> &'static str {
        match self {
            Stage::Resolve => "the host name was not resolved",
            Stage::Connect => "no answer to the TCP connection",
            Stage::Tls => "no answer to the TLS handshake",
            Stage::Login => "connected, but no answer to the login",
            Stage::Command => "logged in, but no answer to the command",
        }
    }
}

/// Why a session ended, or did not come to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Disconnect {
    #[error("{0}")]
    Unresolved(String),
    #[error("{message}")]
    Unreachable { is_ours: bool, message: String },
    #[error("{} within {} s", stage.waiting_for(), after.as_secs_f32())]
    Silent { stage: Stage, after: Duration },
    #[error("TLS failed: {0}")]
    Tls(String),
    #[error(
        "the certificate changed: pinned SHA-256 {pinned}, seen {seen}; \
         nothing was sent. Pin the new one only if you know why it changed"
    )]
    CertificateChanged { pinned: String, seen: String },
    #[error("the router refused the login: {message} (next try in {retry_in_s} s)")]
    LoginRefused { message: String, retry_in_s: u64 },
    /// Nothing was in flight, and the next command opened the session again: not a loss.
    #[error("the router closed the idle session")]
    IdleClosed,
    #[error("the router closed the connection")]
    Closed,
    #[error("the router reset the connection")]
    Reset,
    #[error("the router did not end a cancelled command within {} s", after.as_secs_f32())]
    Unheeded { after: Duration },
    #[error("the connection broke: {0}")]
    Broken(String),
    #[error("the router ended the session: {0}")]
    Fatal(String),
    #[error("the router broke the protocol: {0}")]
    Violation(WireError),
    #[error("monitoring of this router stopped")]
    Stopped,
}

impl Disconnect {
    /// A mistake or a lack on our side, such as a wrong password: no sign that the router is down.
    pub fn is_ours(&self) -> bool {
        match self {
            Disconnect::Unreachable { is_ours, .. } => *is_ours,
            Disconnect::Silent { stage, .. } => *stage == Stage::Resolve,
            Disconnect::Unresolved(_)
            | Disconnect::Tls(_)
            | Disconnect::CertificateChanged { .. }
            | Disconnect::LoginRefused { .. }
            | Disconnect::Stopped => true,
            Disconnect::IdleClosed
            | Disconnect::Closed
            | Disconnect::Reset
            | Disconnect::Unheeded { .. }
            | Disconnect::Broken(_)
            | Disconnect::Fatal(_)
            | Disconnect::Violation(_) => false,
        }
    }

    /// A connection that was there and is gone, unwanted by both sides' rules.
    pub(super) fn is_loss_of_a_session(&self) -> bool {
        !matches!(self, Disconnect::IdleClosed | Disconnect::Stopped)
    }
}

impl From<WireError> for Disconnect {
    fn from(error: WireError) -> Self {
        Disconnect::Violation(error)
    }
}

/// Why a command has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The router understood and said no; the session goes on.
    #[error("{message}")]
    Trap { category: Option<u8>, message: String },
    #[error(transparent)]
    Disconnected(#[from] Disconnect),
    #[error("{} within {} s", stage.waiting_for(), after.as_secs_f32())]
    Timeout { stage: Stage, after: Duration },
    /// The router was not asked: our other commands did not end in time.
    #[error("its turn did not come within {} s", after.as_secs_f32())]
    NoTurn { after: Duration },
    #[error("the reply is too large: {0}")]
    TooLarge(&'static str),
    #[error("not a command that can be sent")]
    Unsendable,
}

impl AskError {
    /// The login lacks a policy: costs a field, never the device.
    pub fn is_no_permission(&self) -> bool {
        matches!(self, AskError::Trap { message, .. } if message.contains("not enough permissions"))
    }

    /// There is no answer because of something on our side, such as a name service that hangs.
    pub fn is_ours(&self) -> bool {
        match self {
            AskError::Disconnected(why) => why.is_ours(),
            AskError::Timeout { stage, .. } => *stage == Stage::Resolve,
            AskError::NoTurn { .. } | AskError::Unsendable => true,
            AskError::Trap { .. } | AskError::TooLarge(_) => false,
        }
    }

    /// The session is gone or never came: asking on is pointless in this round.
    pub fn is_about_the_session(&self) -> bool {
        matches!(self, AskError::Disconnected(_) | AskError::Timeout { .. } | AskError::NoTurn { .. })
    }
}
