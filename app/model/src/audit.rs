//! Who did what: the words of the audit log.

use crate::{FieldError, Timestamp};
use serde::{Deserialize, Serialize};

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident = $word:literal),* $(,)?) => {
        /// Something that somebody did.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Act {
            $($(#[$doc])* $name),*
        }

        impl Act {
            pub const ALL: &[Act] = &[$(Act::$name),*];

            /// The word of the API, the command line and the database.
            pub fn word(self) -> &'static str {
                match self {
                    $(Act::$name => $word),*
                }
            }
        }
    };
}

acts! {
    SetUp = "set_up",
    LoggedIn = "logged_in",
    /// A name or a password was wrong; the subject is the account's name, where there is such an account.
    LoginRefused = "login_refused",
    LoggedOut = "logged_out",
    SessionEnded = "session_ended",
    PasswordChanged = "password_changed",
    /// By an admin or on the command line, for somebody.
    PasswordSet = "password_set",
    SecondFactorOn = "second_factor_on",
    SecondFactorOff = "second_factor_off",
    RecoveryCodeUsed = "recovery_code_used",
    RecoveryCodesMade = "recovery_codes_made",
    UserCreated = "user_created",
    UserChanged = "user_changed",
    UserRemoved = "user_removed",
    TokenCreated = "token_created",
    TokenRemoved = "token_removed",
    /// A person at Telegram speaks for an account from now on, or no more.
    ChatBound = "chat_bound",
    ChatUnbound = "chat_unbound",
    DeviceCreated = "device_created",
    DeviceChanged = "device_changed",
    DeviceRemoved = "device_removed",
    DevicePaused = "device_paused",
    DeviceResumed = "device_resumed",
    CertificateAccepted = "certificate_accepted",
    /// A device's SSH host key, the first or another one.
    HostKeyAccepted = "host_key_accepted",
    TerminalOpened = "terminal_opened",
    TerminalEnded = "terminal_ended",
    /// Somebody wanted a terminal, and the device gave none.
    TerminalFailed = "terminal_failed",
    /// A command for several devices; what came of it on each follows, and how the whole ended.
    CommandStarted = "command_started",
    CommandRun = "command_run",
    CommandEnded = "command_ended",
    CommandCancelled = "command_cancelled",
    /// Somebody began to read the answers, or took a file of them.
    CommandSeen = "command_seen",
    ChannelCreated = "channel_created",
    ChannelChanged = "channel_changed",
    ChannelRemoved = "channel_removed",
    ChannelTested = "channel_tested",
    RuleCreated = "rule_created",
    RuleChanged = "rule_changed",
    RuleRemoved = "rule_removed",
    IncidentAcknowledged = "incident_acknowledged",
    IncidentNoted = "incident_noted",
    QuietCreated = "quiet_created",
    QuietChanged = "quiet_changed",
    QuietEnded = "quiet_ended",
    /// Somebody looked at it: live, in replay or as a file, as the detail says.
    RecordingSeen = "recording_seen",
    RecordingRemoved = "recording_removed",
    Imported = "imported",
    ReportChanged = "report_changed",
    SettingChanged = "setting_changed",
    /// Which lines the program writes of its own doings, until it is started again.
    LogFilterChanged = "log_filter_changed",
    KeyAdded = "key_added",
    KeysRotated = "keys_rotated",
    Restored = "restored",
}

impl Act {
    /// The reverse of [`Act::word`].
    pub fn from_word(word: &str) -> Option<Act> {
        Self::ALL.iter().copied().find(|act| act.word() == word)
    }
}

/// One line of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    pub id: i64,
    pub at: Timestamp,
    /// The account's name at that time, or the part of the program that acted.
    pub who: String,
    /// `browser`, `token`, `telegram`, `command_line` or `server`.
    pub via: String,
    pub address: Option<String>,
    /// [`Act::word`], also of acts that a newer version knows.
    pub act: String,
    /// What it was done to, by name.
    pub subject: Option<String>,
    pub detail: Option<String>,
}

/// Which entries are wished for. All that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditWish {
    /// The account's name at that time.
    pub who: Option<String>,
    pub act: Option<Act>,
    /// What it was done to, by its whole name.
    pub subject: Option<String>,
    /// Somewhere in who, what, to what, its detail or the address.
    pub text: Option<String>,
    pub from: Option<Timestamp>,
    /// Up to and without.
    pub to: Option<Timestamp>,
    /// Only entries before this one.
    pub before: Option<i64>,
}

impl AuditWish {
    /// Longest word of a wish, in characters.
    const WORD_MAX: usize = 128;

    /// Everything that is wrong, each at its field: not every database takes every character.
    pub fn errors(&self) -> Vec<FieldError> {
        let words = [("who", &self.who), ("subject", &self.subject), ("text", &self.text)];
        let judged = words.into_iter().filter_map(|(field, word)| {
            crate::line(field, word.as_deref().unwrap_or_default(), Self::WORD_MAX).err()
        });
        judged.collect()
    }
}

/// How the chain of codes was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditChecked {
    pub at: Timestamp,
    /// How many entries were found to be whole.
    pub entries: u64,
    /// The code of the last of them: to be kept elsewhere, and compared with later.
    pub head: String,
    /// What is wrong with the next, in English.
    pub fault: Option<String>,
}

/// Whether the log can be trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditChain {
    /// How many entries were ever written.
    pub entries: u64,
    pub checked: Option<AuditChecked>,
    /// While it is being checked: how many are done.
    pub checking: Option<u64>,
}

/// A part of the log, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    pub entries: Vec<AuditEntry>,
    /// Where to go on; nothing at the end.
    pub next: Option<i64>,
    pub chain: AuditChain,
}
