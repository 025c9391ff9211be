//! The chain of codes: pure, so that whoever writes and whoever verifies compute the same.
//!
//! Each code is HMAC-SHA-256 over the code before it and every field of the entry, each with its length in
//! front: no two different entries are the same bytes.

use crate::store::entity::audit_entry;
use engine::Secret;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The key of the chain: 256 random bits, as they are sealed.
pub struct Key(Secret<String>);

impl Key {
    pub fn new(text: Secret<String>) -> Self {
        Self(text)
    }

    /// The code of `entry`, which follows the entry whose code is `before` (empty for the first).
    pub fn code(&self, before: &str, entry: &audit_entry::Model) -> String {
        // Any length of key is taken, so this cannot fail; an empty code would be found by the verifier.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.expose().as_bytes()) else {
            return String::new();
        };
        let number = |number: i64| number.to_string();
        let fields = [
            Some(before.to_owned()),
            Some(number(entry.at)),
            entry.user_id.map(number),
            Some(entry.who.clone()),
            Some(entry.via.clone()),
            entry.address.clone(),
            Some(entry.act.clone()),
            entry.subject.clone(),
            entry.detail.clone(),
        ];
        for field in fields {
            match field {
                None => mac.update(&[0]),
                Some(text) => {
                    mac.update(&[1]);
                    mac.update(&(text.len() as u64).to_be_bytes());
                    mac.update(text.as_bytes());
                }
            }
        }
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
