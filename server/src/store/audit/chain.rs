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
        let (at, user) = (entry.at.to_string(), entry.user_id.map(|user| user.to_string()));
        let fields = [
            Some(before),
            Some(&at),
            user.as_deref(),
            Some(&entry.who),
            Some(&entry.via),
            entry.address.as_deref(),
            Some(&entry.act),
            entry.subject.as_deref(),
            entry.detail.as_deref(),
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
        hex(&mac.finalize().into_bytes())
    }
}

/// Lower-case. A million entries are verified at a time, so it is looked up and not formatted.
fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digits = |byte: &u8| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
    bytes.iter().flat_map(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed by another program from what the module says.
    const FIRST: &str = "cbdde22c434eeb10a22fe822d8523b84f2bd86713e25ad67c8a108aadde17575";
    const SECOND: &str = "2aafc9aae5c5360557e14039beff47952a0306ddf82271d5928bd595f56cee8a";

    #[test]
    fn the_codes_of_chains_that_were_written_stay_what_they_are() {
        let text = |text: &str| Some(text.to_owned());
        let first = audit_entry::Model {
            id: 1,
            at: 1_700_000_000_000,
            user_id: Some(7),
            who: "anna".to_owned(),
            via: "browser".to_owned(),
            address: text("192.0.2.1"),
            act: "login".to_owned(),
            subject: text("anna"),
            detail: text("кто-то"),
            mac: String::new(),
        };
        let second = audit_entry::Model {
            id: 2,
            at: -1,
            user_id: None,
            who: "routewarden".to_owned(),
            via: "server".to_owned(),
            address: None,
            act: "set_up".to_owned(),
            subject: None,
            detail: None,
            mac: String::new(),
        };
        let key = Key::new(Secret::new("a key".to_owned()));
        assert_eq!(key.code("", &first), FIRST);
        assert_eq!(key.code(FIRST, &second), SECOND);
    }
}
