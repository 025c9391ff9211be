//! Browsers that are told by push.

use crate::{ChannelId, Severity, Timestamp};
use serde::{Deserialize, Serialize};

/// What a browser needs to know to be told, and which of this account's browsers are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushPage {
    /// The public key that browsers subscribe to, in base64url.
    pub key: String,
    /// The newest first.
    pub browsers: Vec<PushBrowser>,
}

/// One browser that is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushBrowser {
    pub id: ChannelId,
    /// What it calls itself, in a few known words.
    pub browser: String,
    /// By this it knows itself again: the SHA-256 of the SHA-256 of its address at the push service, both in
    /// hexadecimal.
    pub mark: String,
    /// An admin may have switched it off.
    pub is_on: bool,
    /// From which severity on it is told, and in which language.
    pub severity: Severity,
    pub language: String,
    pub created_at: Timestamp,
    /// The last message that its push service accepted.
    pub sent_at: Option<Timestamp>,
    /// Why the last one was not.
    pub failure: Option<String>,
}

/// What a browser gave when its user said yes: `PushSubscription.toJSON()`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushSubscription {
    pub endpoint: String,
    pub p256dh: String,
    pub auth: String,
}
