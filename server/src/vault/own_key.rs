//! Keys for what is large: each thing has a key of its own, which is sealed as any other secret.
//!
//! When the keys of the file are rotated, only the few own keys are sealed anew, and not all that lies under them.
//! AES-256-GCM with a random nonce, bound to its place and to its number in the thing: a part of it that is moved, or
//! put into another thing, does not open.

use super::{NONCE_BYTES, Place, Sealed, Vault, VaultError};
use aes_gcm::{
    Aes256Gcm, Nonce,
    aead::{Aead, Generate, KeyInit, Payload},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use engine::Secret;
use std::fmt;
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;
/// The version of a part: algorithm, nonce length and form of the associated data.
const VERSION: &str = "d1";

/// The key of one thing.
pub struct OwnKey(Aes256Gcm);

/// Which part of which thing; it opens as no other.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    pub table: &'a str,
    pub column: &'a str,
    pub thing: i64,
    pub number: u32,
}

impl Vault {
    /// A new key, and how it is stored at `place`.
    pub fn new_own_key(&self, place: Place<'_>) -> Result<(OwnKey, Sealed), VaultError> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        getrandom::fill(&mut *bytes).map_err(|_| VaultError::Seal)?;
        let sealed = self.seal(place, &Secret::new(URL_SAFE_NO_PAD.encode(*bytes)))?;
        Ok((OwnKey(Aes256Gcm::new((&*bytes).into())), sealed))
    }

    /// The key that was stored at exactly this `place`.
    pub fn own_key(&self, place: Place<'_>, sealed: &Sealed) -> Result<OwnKey, VaultError> {
        let text = self.open(place, sealed)?;
        let bytes =
            URL_SAFE_NO_PAD.decode(text.expose()).map(Zeroizing::new).map_err(|_| VaultError::Form)?;
        let bytes: &[u8; KEY_BYTES] = bytes.as_slice().try_into().map_err(|_| VaultError::Form)?;
        Ok(OwnKey(Aes256Gcm::new(bytes.into())))
    }
}

impl OwnKey {
    /// Nonce and ciphertext.
    pub fn seal(&self, part: Part<'_>, open: &[u8]) -> Result<Vec<u8>, VaultError> {
        let nonce = Nonce::try_generate().map_err(|_| VaultError::Seal)?;
        let aad = part.aad();
        let payload = Payload { msg: open, aad: aad.as_bytes() };
        let sealed = self.0.encrypt(&nonce, payload).map_err(|_| VaultError::Seal)?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Opens what was sealed for exactly this `part`.
    pub fn open(&self, part: Part<'_>, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(VaultError::Form)?;
        let aad = part.aad();
        let payload = Payload { msg: sealed, aad: aad.as_bytes() };
        self.0.decrypt(&Nonce::from(*nonce), payload).map_err(|_| VaultError::Forged)
    }
}

impl Part<'_> {
    fn aad(&self) -> String {
        let Part { table, column, thing, number } = self;
        format!("routewarden|{table}|{column}|{thing}/{number}|{VERSION}")
    }
}

/// Names nothing.
impl fmt::Debug for OwnKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnKey")
    }
}
