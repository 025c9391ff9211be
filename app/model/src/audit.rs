//! Who did what: the words of the audit log.

use crate::Timestamp;
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
    ChannelCreated = "channel_created",
    ChannelChanged = "channel_changed",
    ChannelRemoved = "channel_removed",
    ChannelTested = "channel_tested",
    RuleCreated = "rule_created",
    RuleChanged = "rule_changed",
    RuleRemoved = "rule_removed",
    IncidentAcknowledged = "incident_acknowledged",
    Imported = "imported",
    ReportChanged = "report_changed",
    SettingChanged = "setting_changed",
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
