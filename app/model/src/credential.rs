//! Credentials: written by people, never read back.

use crate::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What anyone may learn about a stored credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialSummary {
    pub username: String,
    pub set_at: Timestamp,
}

/// How to reach a router's API, as stored and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouterosAccess {
    /// The service's own port when absent: 8728, or 8729 with TLS.
    pub port: Option<u16>,
    pub tls: bool,
    pub credential: CredentialSummary,
    /// SHA-256 of the pinned certificate, lower-case hex, once one was seen.
    pub pinned: Option<String>,
}

impl RouterosAccess {
    /// Where the API is found.
    pub fn used_port(&self) -> u16 {
        routeros_port(self.port, self.tls)
    }
}

/// The port of a RouterOS API: the service's own, unless another is named.
pub fn routeros_port(named: Option<u16>, tls: bool) -> u16 {
    named.unwrap_or(if tls { 8729 } else { 8728 })
}

/// A RouterOS login on its way in. It has no way out: `Debug` hides the password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCredential {
    pub username: String,
    /// `None` keeps the stored password (only when one is stored).
    #[serde(default)]
    pub password: Option<String>,
    #[serde(default)]
    pub port: Option<u16>,
    #[serde(default)]
    pub tls: bool,
}

impl fmt::Debug for NewCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewCredential")
            .field("username", &self.username)
            .field("password", &"<secret>")
            .field("port", &self.port)
            .field("tls", &self.tls)
            .finish()
    }
}

/// What a change of a device means for its stored credential.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialChange {
    #[default]
    Keep,
    Remove,
    Set(NewCredential),
}
