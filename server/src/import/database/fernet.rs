//! Fernet, as far as opening goes: AES-128-CBC under HMAC-SHA-256, both in URL-safe base64.
//!
//! <https://github.com/fernet/spec>. A token's age is not judged: what is stored does not expire.

use aes::cipher::{BlockModeDecrypt, KeyIvInit, block_padding::Pkcs7};
use base64::{
    Engine as _,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

const VERSION: u8 = 0x80;
const TIME_BYTES: usize = 8;
const IV_BYTES: usize = 16;
const MAC_BYTES: usize = 32;
const HEADER_BYTES: usize = 1 + TIME_BYTES + IV_BYTES;

/// Keys are written with and without their padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Half of it signs, half of it encrypts.
pub struct Key([u8; 32]);

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Why a token stays closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It is no Fernet token at all.
    NoToken,
    /// It was made with another key, or changed since.
    OtherKey,
    /// It was made with this key, and not from text.
    NoText,
}

impl Key {
    /// The key of 32 bytes that `text` writes out, if it does.
    pub fn parse(text: &str) -> Option<Key> {
        let bytes = Zeroizing::new(BASE64.decode(text.trim()).ok()?);
        Some(Key(bytes.as_slice().try_into().ok()?))
    }

    /// Looks at nothing but the code until that is known to be right.
    pub fn open(&self, token: &str) -> Result<Zeroizing<String>, Closed> {
        let bytes = BASE64.decode(token.trim()).map_err(|_| Closed::NoToken)?;
        let split = bytes.len().checked_sub(MAC_BYTES).ok_or(Closed::NoToken)?;
        let (signed, code) = bytes.split_at_checked(split).ok_or(Closed::NoToken)?;
        let (header, sealed) = signed.split_at_checked(HEADER_BYTES).ok_or(Closed::NoToken)?;
        if header.first() != Some(&VERSION) {
            return Err(Closed::NoToken);
        }
        let (signing, encryption) = self.0.split_at(16);
        let mut mac = Hmac::<Sha256>::new_from_slice(signing).map_err(|_| Closed::OtherKey)?;
        mac.update(signed);
        // In constant time.
        mac.verify_slice(code).map_err(|_| Closed::OtherKey)?;
        let iv = header.get(1 + TIME_BYTES..).ok_or(Closed::NoToken)?;
        let cipher = cbc::Decryptor::<aes::Aes128>::new_from_slices(encryption, iv);
        let opened = cipher.map_err(|_| Closed::NoToken)?.decrypt_padded_vec::<Pkcs7>(sealed);
        let mut opened = Zeroizing::new(opened.map_err(|_| Closed::NoText)?);
        String::from_utf8(std::mem::take(&mut *opened)).map(Zeroizing::new).map_err(|error| {
            error.into_bytes().zeroize();
            Closed::NoText
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    /// Made by Python's cryptography 50.
    fn vectors() -> Value {
        serde_json::from_str(include_str!("testdata/fernet.json")).unwrap()
    }

    fn text(value: &Value) -> &str {
        value.as_str().unwrap()
    }

    fn key(vectors: &Value) -> Key {
        Key::parse(text(&vectors["key"])).unwrap()
    }

    #[test]
    fn tokens_of_another_implementation_open() {
        let vectors = vectors();
        for vector in vectors["tokens"].as_array().unwrap() {
            let opened = key(&vectors).open(text(&vector["token"]));
            assert_eq!(opened.as_deref().map(String::as_str), Ok(text(&vector["text"])));
        }
        let fixed = &vectors["fixed"];
        let opened = Key::parse(text(&fixed["key"])).unwrap().open(text(&fixed["token"])).unwrap();
        assert_eq!(opened.as_str(), text(&fixed["text"]));
    }

    #[test]
    fn a_token_of_another_key_or_with_any_bit_turned_stays_closed() {
        let vectors = vectors();
        let key = key(&vectors);
        assert_eq!(key.open(text(&vectors["foreign"])).unwrap_err(), Closed::OtherKey);
        let bytes = BASE64.decode(text(&vectors["tokens"][2]["token"])).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut turned = bytes.clone();
            turned[bit / 8] ^= 1 << (bit % 8);
            let expected = if bit < 8 { Closed::NoToken } else { Closed::OtherKey };
            assert_eq!(key.open(&BASE64.encode(turned)).unwrap_err(), expected, "bit {bit}");
        }
    }

    #[test]
    fn a_key_is_32_bytes_in_url_safe_base64_with_or_without_padding() {
        let vectors = vectors();
        let written = text(&vectors["key"]);
        for good in [written, written.trim_end_matches('='), &format!(" {written}\r\n")] {
            assert!(Key::parse(good).is_some(), "{good:?}");
        }
        for bad in ["", "=", "short", &written[1..], &format!("{written}AA"), "FERNET_KEY="] {
            assert!(Key::parse(bad).is_none(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_signed_with_the_key_is_opened_or_refused(sealed in prop::collection::vec(any::<u8>(), 0..80)) {
            let key = Key([7; 32]);
            let mut token = [&[VERSION][..], &[0; TIME_BYTES + IV_BYTES], &sealed].concat();
            let mut mac = Hmac::<Sha256>::new_from_slice(&[7; 16]).unwrap();
            mac.update(&token);
            token.extend(mac.finalize().into_bytes());
            if let Err(closed) = key.open(&BASE64.encode(&token)) {
                prop_assert_eq!(closed, Closed::NoText);
            }
        }

        #[test]
        fn arbitrary_text_is_no_token(token in ".{0,200}") {
            prop_assert!(Key([7; 32]).open(&token).is_err());
        }
    }
}
