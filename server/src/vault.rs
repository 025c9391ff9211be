//! Seals and opens credentials. The only place that turns a [`Sealed`] into a `Secret`.
//!
//! AES-256-GCM with a random nonce. What is sealed is bound to its table, column and row: moved anywhere
//! else it does not open. The keys live in a file of their own, never in the database or a backup.

mod keys;
#[cfg(test)]
mod tests;

use aes_gcm::{
    Aes256Gcm, Nonce,
    aead::{Aead, Generate, KeyInit, Payload},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use engine::Secret;
use keys::{Key, Keys};
use std::{fmt, path::Path};
use zeroize::Zeroizing;

/// The version of the envelope: algorithm, nonce length and form of the associated data.
const VERSION: &str = "v1";
const NONCE_BYTES: usize = 12;

#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("{0}")]
    KeyFile(String),
    #[error("it was sealed with key {0}, which is not in the key file; put that key back")]
    UnknownKey(String),
    #[error("it is not in a form this program knows")]
    Form,
    #[error("it was changed, moved, or sealed with another key of the same name")]
    Forged,
    #[error("the system gave no randomness or the secret is too long")]
    Seal,
}

/// Where a sealed value lives; it opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub table: &'a str,
    pub column: &'a str,
    pub row: &'a str,
}

/// A sealed secret as the database holds it: `v1.<key id>.<nonce>.<ciphertext>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed(String);

impl From<String> for Sealed {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<Sealed> for String {
    fn from(sealed: Sealed) -> Self {
        sealed.0
    }
}

/// The keys, in memory for as long as the program runs.
pub struct Vault(Keys);

impl Vault {
    /// Reads the key file, creating it (mode 0600) where there is none.
    ///
    /// Refuses a file that its group or others can read.
    pub fn open_file(key_file: &Path) -> Result<Vault, VaultError> {
        Ok(Vault(Keys::read_or_create(key_file)?))
    }

    /// Seals `secret` for `place` with the newest key.
    pub fn seal(&self, place: Place<'_>, secret: &Secret<String>) -> Result<Sealed, VaultError> {
        let key = self.0.newest();
        let nonce = Nonce::try_generate().map_err(|_| VaultError::Seal)?;
        let aad = aad(place, &key.id);
        let payload = Payload { msg: secret.expose().as_bytes(), aad: aad.as_bytes() };
        let sealed = cipher(key).encrypt(&nonce, payload).map_err(|_| VaultError::Seal)?;
        let (nonce, sealed) = (URL_SAFE_NO_PAD.encode(nonce), URL_SAFE_NO_PAD.encode(sealed));
        Ok(Sealed(format!("{VERSION}.{}.{nonce}.{sealed}", key.id)))
    }

    /// Opens what was sealed for exactly this `place`.
    pub fn open(&self, place: Place<'_>, sealed: &Sealed) -> Result<Secret<String>, VaultError> {
        let parts: Vec<&str> = sealed.0.split('.').collect();
        let &[VERSION, id, nonce, text] = parts.as_slice() else { return Err(VaultError::Form) };
        let key = self.0.find(id).ok_or_else(|| VaultError::UnknownKey(id.to_owned()))?;
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| VaultError::Form);
        let nonce: [u8; NONCE_BYTES] = decode(nonce)?.try_into().map_err(|_| VaultError::Form)?;
        let text = decode(text)?;
        let aad = aad(place, id);
        let payload = Payload { msg: &text, aad: aad.as_bytes() };
        let open = cipher(key).decrypt(&Nonce::from(nonce), payload).map_err(|_| VaultError::Forged)?;
        let open = Zeroizing::new(open);
        let text = str::from_utf8(&open).map_err(|_| VaultError::Forged)?;
        Ok(Secret::new(text.to_owned()))
    }
}

/// Names the keys and nothing else.
impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Vault").field(&self.0.ids()).finish()
    }
}

fn cipher(key: &Key) -> Aes256Gcm {
    Aes256Gcm::new((&*key.bytes).into())
}

fn aad(Place { table, column, row }: Place<'_>, key_id: &str) -> String {
    format!("routewarden|{table}|{column}|{row}|{key_id}|{VERSION}")
}
