//! SSH, as a client: one connection, signed in as a person would, with a terminal on it or one command.
//!
//! [`connect`] proves who the device is before anything is said to it, [`Connection::sign_in`] says who we are, and a
//! [`Shell`] or [`Connection::run`] follows. Nothing here decides whether a host key is trusted or asks anybody: an
//! unknown key ends the connection, and whoever opened it asks and connects again with the key pinned. [`errand`] is all of
//! it for one command, with nobody to ask.
//!
//! Compression is never offered, and no channel that a device opens is accepted.

mod ahead;
mod algorithms;
mod cause;
mod connect;
mod errand;
mod exec;
mod guard;
mod key;
mod shell;
mod sign_in;
mod watcher;

pub use cause::{SshError, Step};
pub use connect::{Connection, Endpoint, connect};
pub use errand::{Errand, errand};
pub use exec::{Beyond, Ran};
pub use key::{KeyError, check_key};
pub use shell::{Output, Shell, ShellInput, ShellOutput, Size};
pub use sign_in::{Asker, NobodyToAsk, Question, SshLogin};

use std::time::Duration;

/// What each step of ours may take: old routers need seconds for a key exchange with large groups.
const STEP_MAX: Duration = Duration::from_secs(15);
/// Bytes that a device may send before somebody is signed in; a key exchange takes less than 10 KB.
const UNSIGNED_BYTES_MAX: u64 = 256 * 1024;
/// Bytes that a device may send ahead of what is read of it.
const WINDOW_BYTES: u32 = 64 * 1024;
/// Most bytes of one message of a terminal, as we announce it. At worst a session holds a dozen of them: as they come from
/// the line, in the channel, gathered, and in the socket's message.
const PACKET_BYTES: u32 = 4 * 1024;
/// Messages that may wait to be read. With [`PACKET_BYTES`] this is most of what a session holds.
const MESSAGES_WAITING: usize = 2;
/// Characters of a login banner that are kept.
const BANNER_CHARS_MAX: usize = 16 * 1024;
