//! What a terminal's page and the server say to each other on `/ws/ssh/{device}`.
//!
//! Each message is binary. Its first byte says what follows: [`TERMINAL_BYTES`], the terminal's own bytes, as they are;
//! [`TERMINAL_WORD`], a word of this module in postcard; [`TERMINAL_ANSWER`], what the screen itself says to the device.

use crate::SshHostKey;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The rest of the message are bytes of the terminal: what was typed, or what is to be drawn.
pub const TERMINAL_BYTES: u8 = 0;
/// The rest of the message is a [`FromTerminal`] or a [`ToTerminal`].
pub const TERMINAL_WORD: u8 = 1;
/// The rest of the message are bytes for the device that nobody typed: where the cursor is, what the screen can do. A
/// device that asks for them again and again must not keep a terminal open that everybody has left.
pub const TERMINAL_ANSWER: u8 = 2;
/// How many bytes the server sends ahead of what the page has drawn. The page says what it drew with
/// [`FromTerminal::Drawn`]; a router then sends as fast as the page draws, and nothing piles up between them.
pub const TERMINAL_AHEAD_MAX: u32 = 128 * 1024;

/// What a page says. `Debug` hides what nobody may read.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromTerminal {
    /// First of all: the ticket, and the size in characters.
    Hello {
        ticket: String,
        columns: u16,
        rows: u16,
    },
    Resize {
        columns: u16,
        rows: u16,
    },
    /// So many more bytes were drawn.
    Drawn {
        bytes: u32,
    },
    /// What was asked for by [`ToTerminal::Ask`], in its order.
    Answers(Vec<String>),
    /// The host key with this fingerprint is the device's: pin it and go on.
    Trust {
        fingerprint: String,
    },
    /// Somebody is there although nothing was typed.
    Stay,
    /// Somebody does not want it any more: nothing else follows.
    GiveUp,
}

impl fmt::Debug for FromTerminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FromTerminal::Hello { .. } => "Hello",
            FromTerminal::Resize { .. } => "Resize",
            FromTerminal::Drawn { .. } => "Drawn",
            FromTerminal::Answers(_) => "Answers(<secret>)",
            FromTerminal::Trust { .. } => "Trust",
            FromTerminal::Stay => "Stay",
            FromTerminal::GiveUp => "GiveUp",
        })
    }
}

/// How far the way to the device's prompt is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TerminalStep {
    Connecting,
    SigningIn,
}

/// A question to the person at the terminal: a login that is not stored, or what the device wants to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerminalQuestion {
    pub text: String,
    /// Whether the answer may be seen while it is typed.
    pub is_shown: bool,
}

/// That what is asked for is a login, first who signs in and then the password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginAsked {
    /// Who signs in, most likely; empty where nobody knows.
    pub username: String,
    pub why: LoginAskedFor,
}

/// Why a login is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LoginAskedFor {
    /// No login with anything secret is stored.
    NoneStored,
    /// The device refused the one that is stored.
    StoredRefused,
    /// The device refused what was typed before.
    TypedRefused,
}

/// What the server says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToTerminal {
    Step(TerminalStep),
    /// The device was never reached by SSH before: somebody must compare the fingerprint.
    HostKey {
        host: String,
        algorithm: String,
        fingerprint: String,
    },
    /// Answered by [`FromTerminal::Answers`]. Of the device's own words nothing is executed, not even as a colour.
    Ask {
        title: String,
        questions: Vec<TerminalQuestion>,
        /// When it is not the device that asks.
        login: Option<LoginAsked>,
    },
    /// The prompt is there. What the device sends is recorded under this number, if it is.
    Open {
        recording: Option<i64>,
    },
    /// Nothing was typed for long: the session ends in so many seconds unless something is.
    Idle {
        seconds_left: u32,
    },
    /// So many others look on.
    Watched {
        by: u32,
    },
    Ended(TerminalEnd),
    /// The recording reached its limit: of what the device sends from here on only a little is kept.
    RecordingFull,
    /// What the device sends is not recorded from now on, as the database takes nothing; or it is again.
    Unrecorded {
        is_now: bool,
    },
}

/// Why a terminal ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TerminalEnd {
    /// The device ended it, as after `exit` or `quit`.
    Closed { exit_code: Option<u32> },
    /// Nothing was typed for too long.
    Idle,
    /// The ticket was none, late, used or another's.
    NoTicket,
    /// Who opened it may not any more: logged out, locked, or no admin.
    NotAllowed,
    /// The device took none of the ways to sign in.
    LoginRefused,
    /// Another host key than the pinned one: nothing was sent to it.
    HostKeyChanged { host: String, pinned: SshHostKey, seen: SshHostKey },
    /// The host key was not confirmed in time.
    HostKeyNotConfirmed,
    /// The two have no algorithm in common; old RouterOS needs the device's switch for old algorithms.
    NoCommonAlgorithm { needs: String },
    /// The device broke off, or something of this server did not go on.
    Lost { why: String },
    /// This server stops.
    Stopping,
    /// The device was removed.
    Removed,
    /// The device's address or its SSH login was changed: this is where it was before.
    Changed,
    /// Another host key was accepted for the device than the one that this line was proved with.
    KeyReplaced,
    /// The device could not be reached at this address and port.
    Unreached { host: String, why: String },
}
