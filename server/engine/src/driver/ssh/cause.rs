//! Why a connection ended or did not come to be, in words for people. What a device said is in them only tamed.

use super::key::KeyError;
use model::{SshHostKey, is_bidi_control};
use std::time::Duration;

/// How far a connection has come; what a deadline names when it passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Resolve,
    Connect,
    Greet,
    SignIn,
    Open,
    Run,
}

impl Step {
    fn waiting_for(self) -> &'static str {
        match self {
            Step::Resolve => "the host name was not resolved",
            Step::Connect => "no answer to the TCP connection",
            Step::Greet => "connected, but SSH was not agreed on",
            Step::SignIn => "no answer to the login",
            Step::Open => "signed in, but no terminal was opened",
            Step::Run => "signed in, but the command was not begun",
        }
    }
}

/// Why there is no session, or no more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SshError {
    #[error("{0}")]
    Unresolved(String),
    #[error("{0}")]
    Unreachable(String),
    #[error("{} within {} s", step.waiting_for(), after.as_secs())]
    Silent { step: Step, after: Duration },
    #[error("what answers there does not speak SSH 2")]
    NotSsh,
    /// The device offers only what we did not.
    #[error("no algorithm in common: the device needs {needs}")]
    NoCommonAlgorithm { needs: String },
    #[error("the host key is not known yet: {} {}", .0.algorithm, .0.fingerprint)]
    HostKeyUnknown(SshHostKey),
    #[error("the host key changed: pinned {}, seen {}; nothing was sent", pinned.fingerprint, seen.fingerprint)]
    HostKeyChanged { pinned: SshHostKey, seen: SshHostKey },
    #[error("the device refused the login")]
    LoginRefused,
    #[error("the private key cannot be used: {0}")]
    Key(#[from] KeyError),
    #[error("the device opens no terminal")]
    NoTerminal,
    #[error("the device runs no commands by SSH")]
    NoCommand,
    /// What only reads on RouterOS may do anything elsewhere.
    #[error(
        "it is not RouterOS, where alone it is known what only reads: it runs once it is confirmed, and is asked about \
             without its leading /"
    )]
    Unconfirmed,
    #[error("the device ended the connection{}", said(.0))]
    Closed(Option<String>),
    #[error("the device sent more than {} KB before the login", super::UNSIGNED_BYTES_MAX / 1024)]
    TooMuchUnsigned,
    #[error("the device does not take what was typed")]
    Unread,
    #[error("the device broke the protocol: {0}")]
    Violation(String),
    #[error("the connection broke: {0}")]
    Broken(String),
}

fn said(words: &Option<String>) -> String {
    words.as_ref().map(|words| format!(": {words}")).unwrap_or_default()
}

/// Longest word of a device that is repeated.
const SAID_CHARS_MAX: usize = 200;

/// What a device said, without anything that is not a character of text.
pub(super) fn tamed(text: &str, chars_max: usize) -> String {
    // Direction marks would let a device reorder the sentence that its word stands in.
    let tame = |c: char| if c.is_control() || is_bidi_control(c) { '\u{fffd}' } else { c };
    text.trim().chars().take(chars_max).map(tame).collect()
}

impl SshError {
    /// Whether it can only be so after the device proved that it holds the pinned key.
    pub fn is_after_proof(&self) -> bool {
        match self {
            SshError::Silent { step, .. } => matches!(step, Step::SignIn | Step::Open | Step::Run),
            SshError::LoginRefused
            | SshError::NoTerminal
            | SshError::NoCommand
            | SshError::Unconfirmed
            | SshError::Unread => true,
            _ => false,
        }
    }

    pub(super) fn closed(words: &str) -> Self {
        let words = tamed(words, SAID_CHARS_MAX);
        SshError::Closed((!words.is_empty()).then_some(words))
    }
}

impl From<russh::Error> for SshError {
    fn from(error: russh::Error) -> Self {
        use russh::Error as E;
        match error {
            E::NoCommonAlgo { kind, theirs, .. } => {
                let what = match kind {
                    russh::AlgorithmKind::Kex => "key exchange",
                    russh::AlgorithmKind::Key => "host key",
                    russh::AlgorithmKind::Cipher => "cipher",
                    russh::AlgorithmKind::Compression => "compression",
                    russh::AlgorithmKind::Mac => "MAC",
                };
                let needs = tamed(&theirs.join(", "), SAID_CHARS_MAX);
                SshError::NoCommonAlgorithm { needs: format!("{what} {needs}") }
            }
            E::Version => SshError::NotSsh,
            E::Disconnect | E::HUP | E::RecvError | E::SendError => SshError::Closed(None),
            E::NoAuthMethod => SshError::LoginRefused,
            E::ChannelOpenFailure(_) | E::RequestDenied => SshError::NoTerminal,
            E::KeepaliveTimeout => SshError::Broken("the device no longer answers".to_owned()),
            E::IO(error) => match error.kind() {
                std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::BrokenPipe => SshError::Closed(None),
                std::io::ErrorKind::ConnectionReset => SshError::Broken("connection reset".to_owned()),
                _ => SshError::Broken(tamed(&error.to_string(), SAID_CHARS_MAX)),
            },
            other => SshError::Violation(tamed(&other.to_string(), SAID_CHARS_MAX)),
        }
    }
}
