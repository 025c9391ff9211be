//! Private keys as people have them: OpenSSH's own form and PEM, never encrypted.

use crate::Secret;
use russh::keys::PrivateKey;

/// Longest text of a key: one of 16384 bits takes 13 KB.
const KEY_BYTES_MAX: usize = 16 * 1024;

/// What is wrong with a private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("it is encrypted with a passphrase: store it without one, it is encrypted here")]
    Encrypted,
    #[error("it is a public key: the private one is needed")]
    Public,
    #[error("it is too long")]
    TooLong,
    #[error("it is no private key in the form of OpenSSH or PEM")]
    Unreadable,
}

impl KeyError {
    /// Its words for pages.
    pub fn code(&self) -> &'static str {
        match self {
            KeyError::Encrypted => "error_key_passphrase",
            KeyError::Public => "error_key_public",
            KeyError::TooLong | KeyError::Unreadable => "error_private_key",
        }
    }
}

/// Whether a key can be used, before it is stored.
pub fn check_key(text: &Secret<String>) -> Result<(), KeyError> {
    read_key(text).map(drop)
}

pub(super) fn read_key(text: &Secret<String>) -> Result<PrivateKey, KeyError> {
    let text = text.expose().trim();
    if text.len() > KEY_BYTES_MAX {
        return Err(KeyError::TooLong);
    }
    if text.starts_with("ssh-") || text.starts_with("ecdsa-") || text.contains("PUBLIC KEY") {
        return Err(KeyError::Public);
    }
    // PEM says it in its head; OpenSSH's own form inside.
    if text.contains("ENCRYPTED") {
        return Err(KeyError::Encrypted);
    }
    match russh::keys::decode_secret_key(text, None) {
        Ok(key) if key.is_encrypted() => Err(KeyError::Encrypted),
        Ok(key) => Ok(key),
        Err(russh::keys::Error::KeyIsEncrypted) => Err(KeyError::Encrypted),
        Err(_) => Err(KeyError::Unreadable),
    }
}
