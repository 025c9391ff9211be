//! Seals and opens credentials. The only place that turns a [`Sealed`] into a `Secret`.
//!
//! AES-256-GCM with a random nonce. What is sealed is bound to its table, column and row: moved anywhere
//! else it does not open. The keys live in a file of their own, never in the database or a backup.
//!
//! The file may be replaced while the program runs: what is sealed is sealed with the newest key of the file
//! as it is then, and a key that is not known is looked for in it.

mod keys;
mod own_key;
#[cfg(test)]
mod tests;

use aes_gcm::{
    Aes256Gcm, Nonce,
    aead::{Aead, Generate, KeyInit, Payload},
};
use arc_swap::ArcSwap;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use engine::Secret;
use keys::{Key, Keys, Stamp};
use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};
use zeroize::Zeroizing;

pub use own_key::{OwnKey, Part};

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

impl Sealed {
    /// Which key it says it was sealed with.
    pub fn key_id(&self) -> Option<&str> {
        let mut parts = self.0.split('.');
        (parts.next() == Some(VERSION)).then(|| parts.next()).flatten()
    }
}

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
pub struct Vault {
    file: PathBuf,
    keys: ArcSwap<Keys>,
}

impl Vault {
    /// Reads the key file, creating it (mode 0600) where there is none.
    ///
    /// Refuses a file that its group or others can read.
    pub fn open_file(key_file: &Path) -> Result<Vault, VaultError> {
        Ok(Self::of(key_file, Keys::read_or_create(key_file)?))
    }

    /// Reads the key file that must be there, and changes nothing.
    pub fn open_existing(key_file: &Path) -> Result<Vault, VaultError> {
        Ok(Self::of(key_file, Keys::read(key_file)?))
    }

    fn of(file: &Path, keys: Keys) -> Vault {
        Vault { file: file.to_owned(), keys: ArcSwap::from_pointee(keys) }
    }

    /// The ids of the keys as they were last read, the newest last.
    pub fn key_ids(&self) -> Vec<String> {
        self.keys.load().ids().into_iter().map(str::to_owned).collect()
    }

    /// The id of the key that is used for sealing, in the file as it is now.
    pub fn newest_id(&self) -> Result<String, VaultError> {
        Ok(self.present()?.newest().id.clone())
    }

    /// Adds a key to the file, unless it holds several: then the last adding is not finished with.
    /// One process at a time; whoever calls this sees to that.
    pub fn add_key(&self) -> Result<Option<String>, VaultError> {
        let keys = self.present()?;
        if keys.ids().len() > 1 {
            return Ok(None);
        }
        let added = keys.add(&self.file)?;
        let id = added.newest().id.clone();
        self.keys.store(Arc::new(added));
        Ok(Some(id))
    }

    /// Drops the keys from the file that `is_needed` does not name, except the newest; which ones.
    /// One process at a time; whoever calls this sees to that.
    pub fn drop_keys(&self, is_needed: impl Fn(&str) -> bool) -> Result<Vec<String>, VaultError> {
        let keys = self.present()?;
        let kept = keys.keep(&self.file, is_needed)?;
        let dropped = keys.ids().into_iter().filter(|id| kept.find(id).is_none()).map(str::to_owned);
        let dropped = dropped.collect();
        self.keys.store(Arc::new(kept));
        Ok(dropped)
    }

    /// Seals `secret` for `place` with the newest key of the file as it is now: one that was dropped
    /// meanwhile would never open again.
    pub fn seal(&self, place: Place<'_>, secret: &Secret<String>) -> Result<Sealed, VaultError> {
        let keys = self.present()?;
        let key = keys.newest();
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
        let keys = self.with_key(id);
        let key = keys.find(id).ok_or_else(|| VaultError::UnknownKey(id.to_owned()))?;
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

    /// The keys of the file as it is now.
    fn present(&self) -> Result<Arc<Keys>, VaultError> {
        if Stamp::of(&self.file)? != self.keys.load().stamp {
            self.keys.store(Arc::new(Keys::read(&self.file)?));
        }
        Ok(self.keys.load_full())
    }

    /// The keys, among them the one named if it is to be had. Whoever sends unknown ones costs a look at the
    /// file's stamp each: it is read again only when it was replaced.
    fn with_key(&self, id: &str) -> Arc<Keys> {
        let known = self.keys.load_full();
        if known.find(id).is_some() {
            return known;
        }
        // A file that cannot be read just now is no reason to forget the keys there are.
        self.present().unwrap_or(known)
    }
}

/// Names the keys and nothing else.
impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Vault").field(&self.key_ids()).finish()
    }
}

fn cipher(key: &Key) -> Aes256Gcm {
    Aes256Gcm::new((&*key.bytes).into())
}

fn aad(Place { table, column, row }: Place<'_>, key_id: &str) -> String {
    format!("routewarden|{table}|{column}|{row}|{key_id}|{VERSION}")
}
