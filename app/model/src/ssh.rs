//! How a device is reached by SSH, as stored and shown; what is secret of it only goes in.

use crate::{FieldError, Timestamp, line};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where SSH is, unless another port is named.
pub const SSH_PORT: u16 = 22;
/// Longest private key that is taken, in bytes.
pub const SSH_KEY_BYTES_MAX: usize = 16 * 1024;

/// What a host key may be of, by RFC 4253, 5656, 8332 and 8709, and OpenSSH's `PROTOCOL.u2f`.
const HOST_KEY_ALGORITHMS: &[&str] = &[
    "ssh-ed25519",
    "ssh-ed448",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "ssh-rsa",
    "rsa-sha2-256",
    "rsa-sha2-512",
    "ssh-dss",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
];

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
        if !HOST_KEY_ALGORITHMS.contains(&self.algorithm.as_str()) {
            let message = "is no algorithm of SSH host keys, such as ssh-ed25519";
            return Some(FieldError::new("algorithm", "error_host_key", message));
        }
        if !self.fingerprint.strip_prefix("SHA256:").is_some_and(is_sha256) {
            let message = "must be SHA256: and the 43 characters of a hash, as OpenSSH writes it";
            return Some(FieldError::new("fingerprint", "error_host_key", message));
        }
        None
    }
}

/// Whether it is 32 bytes in base64 without its padding: of its last letter the two lowest bits say nothing. One letter
/// throughout stands in examples, and is no hash of anything.
fn is_sha256(hash: &str) -> bool {
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
    let is_whole = hash.ends_with(|c: char| "AEIMQUYcgkosw048".contains(c));
    let first = hash.chars().next();
    hash.len() == 43 && is_whole && hash.chars().all(is_base64) && hash.chars().any(|c| Some(c) != first)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(algorithm: &str, fingerprint: &str, wrong: Option<&str>) {
        let key = SshHostKey { algorithm: algorithm.to_owned(), fingerprint: fingerprint.to_owned() };
        assert_eq!(key.error().map(|error| error.field).as_deref(), wrong, "{algorithm} {fingerprint}");
    }

    #[test]
    fn a_host_key_is_of_an_algorithm_of_ssh_and_a_hash() {
        let hash = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU";
        for algorithm in ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp521", "sk-ssh-ed25519@openssh.com"] {
            check(algorithm, hash, None);
        }
        for algorithm in ["", "ssh-foo", "ssh-ed25519 ", "SSH-ED25519", "ssh-ed25519\n"] {
            check(algorithm, hash, Some("algorithm"));
        }
        let repeated = format!("SHA256:{}", "A".repeat(43));
        // Its last letter has bits that no hash has.
        let beyond = format!("{}V", &hash[..49]);
        let longer = format!("{hash}=");
        for wrong in ["", "SHA256:", &hash[7..], &hash[..49], &repeated, &beyond, &longer, "MD5:00"] {
            check("ssh-ed25519", wrong, Some("fingerprint"));
        }
    }
}
