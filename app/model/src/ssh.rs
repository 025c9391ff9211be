//! How a device is reached by SSH, as stored and shown; what is secret of it only goes in.

use crate::{FieldError, Timestamp, line};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where SSH is, unless another port is named.
pub const SSH_PORT: u16 = 22;
/// Longest private key that is taken, in bytes.
pub const SSH_KEY_BYTES_MAX: usize = 16 * 1024;

/// What a device proves itself with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SshHostKey {
    /// As in SSH: `ssh-ed25519`.
    pub algorithm: String,
    /// As OpenSSH writes it: `SHA256:` and 43 characters.
    pub fingerprint: String,
}

impl SshHostKey {
    /// What is wrong with it, before it is stored.
    pub fn error(&self) -> Option<FieldError> {
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '@' | '.');
        if self.algorithm.is_empty() || self.algorithm.len() > 64 || !self.algorithm.chars().all(is_word) {
            return Some(FieldError::new("algorithm", "error_host_key", "is no name of an algorithm"));
        }
        let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
        let hash = self.fingerprint.strip_prefix("SHA256:").unwrap_or_default();
        if hash.len() != 43 || !hash.chars().all(is_base64) {
            let message = "must be SHA256: and 43 characters, as OpenSSH writes it";
            return Some(FieldError::new("fingerprint", "error_host_key", message));
        }
        None
    }
}

/// The host key that is accepted, and who accepted it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinnedHostKey {
    pub key: SshHostKey,
    pub pinned_at: Timestamp,
    /// The account's name at that time.
    pub pinned_by: String,
}

/// How to sign in by SSH, as stored and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SshAccess {
    pub username: String,
    pub has_password: bool,
    pub has_private_key: bool,
    /// [`SSH_PORT`] when absent.
    pub port: Option<u16>,
    /// Whether what only old RouterOS needs is offered too.
    pub has_legacy: bool,
    pub set_at: Timestamp,
}

/// One secret of a login on its way in.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretChange {
    #[default]
    Keep,
    Remove,
    Set(String),
}

impl fmt::Debug for SecretChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SecretChange::Keep => "Keep",
            SecretChange::Remove => "Remove",
            SecretChange::Set(_) => "Set(<secret>)",
        })
    }
}

/// An SSH login on its way in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSshLogin {
    pub username: String,
    #[serde(default)]
    pub password: SecretChange,
    #[serde(default)]
    pub private_key: SecretChange,
    #[serde(default)]
    pub port: Option<u16>,
    #[serde(default)]
    pub has_legacy: bool,
}

/// What a change of a device means for its SSH login.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SshChange {
    #[default]
    Keep,
    Remove,
    Set(NewSshLogin),
}

impl SshChange {
    /// Whether somebody's secret comes in, or what is done with a stored one changes.
    pub fn is_grave(&self) -> bool {
        matches!(self, SshChange::Set(_))
    }
}

impl NewSshLogin {
    /// What is wrong with the login, at `ssh.…`.
    pub fn errors(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.username.is_empty() {
            errors.push(FieldError::new("ssh.username", "error_required", "is required"));
        } else if let Err(error) = line("ssh.username", &self.username, 64) {
            errors.push(error);
        }
        if let SecretChange::Set(password) = &self.password
            && let Err(error) = line("ssh.password", password, 256)
        {
            errors.push(error);
        }
        if let SecretChange::Set(key) = &self.private_key
            && key.len() > SSH_KEY_BYTES_MAX
        {
            errors.push(FieldError::new("ssh.private_key", "error_private_key", "is too long"));
        }
        if self.port == Some(0) {
            errors.push(FieldError::new("ssh.port", "error_port", "must be 1 to 65535"));
        }
        errors
    }
}

impl SshAccess {
    /// Whether a secret that stays would be sent somewhere else than it was given for.
    pub fn leads_elsewhere(&self, is_same_address: bool, change: &SshChange) -> bool {
        let keeps = |has: bool, change: &SecretChange| has && *change == SecretChange::Keep;
        match change {
            SshChange::Remove => false,
            SshChange::Keep => !is_same_address && (self.has_password || self.has_private_key),
            SshChange::Set(new) => {
                let is_same_port = new.port.unwrap_or(SSH_PORT) == self.port.unwrap_or(SSH_PORT);
                let stays =
                    keeps(self.has_password, &new.password) || keeps(self.has_private_key, &new.private_key);
                stays && !(is_same_address && is_same_port)
            }
        }
    }
}
