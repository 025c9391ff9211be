//! Newtype ids, so that a user's number is never taken for a device's.

use serde::{Deserialize, Serialize};
use std::{fmt, num::ParseIntError, str::FromStr};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// A watched device.
    DeviceId,
    /// One check of one device.
    CheckId,
    /// A person or program with an account.
    UserId,
    /// An API token.
    TokenId,
    /// A channel.
    ChannelId,
    /// An incident.
    IncidentId,
    /// An alert rule.
    RuleId,
    /// A person at Telegram who speaks for an account.
    BindingId,
    /// A maintenance window or a silence.
    QuietId,
    /// A recording of a terminal.
    RecordingId,
    /// A run of one command on many devices, since this start of the program.
    CommandRunId,
}
