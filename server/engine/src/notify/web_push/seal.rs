//! Encrypts for one browser: the key agreement of RFC 8291 and the content encoding `aes128gcm` of RFC 8188.

use aes_gcm::{
    Aes128Gcm, Nonce,
    aead::{Aead, KeyInit},
};
use hkdf::Hkdf;
use p256::{PublicKey, Sec1Point, SecretKey, elliptic_curve::sec1::ToSec1Point};
use sha2::Sha256;
use thiserror::Error;

/// The uncompressed point (RFC 8291 3.1 after SEC 1).
const POINT_BYTES: u8 = 65;
pub const AUTH_BYTES: usize = 16;
const SALT_BYTES: usize = 16;
/// RFC 8291 4: push services need not take more than 4096 bytes, and the whole is one record.
const RECORD_BYTES: u32 = 4096;
/// Ends the last record (RFC 8188 2).
const LAST: u8 = 2;
/// What a message takes before it is encrypted, delimiter included: every message has the same length.
pub const PADDED_BYTES: usize = 3072;

/// What a browser gave to be encrypted for.
pub struct Receiver {
    pub key: PublicKey,
    pub auth: [u8; AUTH_BYTES],
}

/// What is new for each message.
pub struct Fresh {
    pub key: SecretKey,
    pub salt: [u8; SALT_BYTES],
}

#[derive(Debug, Error, PartialEq, Eq)]
pub enum SealError {
    #[error("this machine gives no random numbers")]
    NoRandomness,
    #[error("the message is too long to be sealed")]
    TooLong,
}

impl Fresh {
    pub fn draw() -> Result<Self, SealError> {
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt).map_err(|_| SealError::NoRandomness)?;
        Ok(Self { key: draw_key()?, salt })
    }
}

/// A public key as push services and browsers write it.
pub fn point(key: &PublicKey) -> Sec1Point {
    key.to_sec1_point(false)
}

/// A key of its own. All but one in four thousand million draws are keys.
pub fn draw_key() -> Result<SecretKey, SealError> {
    for _ in 0..8 {
        let mut bytes = zeroize::Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut()).map_err(|_| SealError::NoRandomness)?;
        if let Ok(key) = SecretKey::from_slice(bytes.as_ref()) {
            return Ok(key);
        }
    }
    Err(SealError::NoRandomness)
}

/// The body to send: header and one record, filled up to `padded` bytes before encryption.
pub fn seal(
    receiver: &Receiver,
    fresh: &Fresh,
    plaintext: &[u8],
    padded: usize,
) -> Result<Vec<u8>, SealError> {
    if plaintext.len() >= padded || padded > PADDED_BYTES {
        return Err(SealError::TooLong);
    }
    let (ours, theirs) = (point(&fresh.key.public_key()), point(&receiver.key));
    let shared = fresh.key.diffie_hellman(&receiver.key);
    // RFC 8291 3.4.
    let info = [b"WebPush: info\0".as_slice(), theirs.as_bytes(), ours.as_bytes()].concat();
    let ikm = derive::<32>(&receiver.auth, shared.raw_secret_bytes(), &info)?;
    // RFC 8188 2.2 and 2.3; the one record has number 0, so the nonce is as derived.
    let key = derive::<16>(&fresh.salt, &ikm, b"Content-Encoding: aes128gcm\0")?;
    let nonce = derive::<12>(&fresh.salt, &ikm, b"Content-Encoding: nonce\0")?;

    let mut record = plaintext.to_vec();
    record.push(LAST);
    record.resize(padded, 0);
    let sealed = Aes128Gcm::new(&key.into())
        .encrypt(&Nonce::from(nonce), record.as_slice())
        .map_err(|_| SealError::TooLong)?;

    // RFC 8188 2.1: salt, record size, length of the key's name, and our public key as the name.
    let mut body = Vec::with_capacity(SALT_BYTES + 5 + usize::from(POINT_BYTES) + sealed.len());
    body.extend(fresh.salt);
    body.extend(RECORD_BYTES.to_be_bytes());
    body.push(POINT_BYTES);
    body.extend_from_slice(ours.as_bytes());
    body.extend(sealed);
    Ok(body)
}

fn derive<const N: usize>(salt: &[u8], ikm: &[u8], info: &[u8]) -> Result<[u8; N], SealError> {
    let mut out = [0; N];
    Hkdf::<Sha256>::new(Some(salt), ikm).expand(info, &mut out).map_err(|_| SealError::TooLong)?;
    Ok(out)
}
