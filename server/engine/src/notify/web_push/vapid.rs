//! Who we are to push services: RFC 8292, a token signed with the key that the browser subscribed to.

use super::seal::{SealError, draw_key, point};
use crate::Secret;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use model::Timestamp;
use p256::{
    SecretKey,
    ecdsa::{Signature, SigningKey, signature::Signer},
};
use parking_lot::Mutex;
use serde_json::json;
use std::collections::HashMap;

/// RFC 8292 2 allows a day; half of it leaves room for clocks that disagree.
const VALID_S: i64 = 12 * 3600;
/// A token that is about to end is not used any more.
const RENEW_S: i64 = 30 * 60;
/// There are a handful of push services; past this, tokens are made anew.
const ORIGINS_MAX: usize = 64;

/// The program's own key pair. Browsers subscribe to its public half, so it is made once and kept.
pub struct VapidKey(SecretKey);

impl VapidKey {
    pub fn generate() -> Result<Self, SealError> {
        draw_key().map(Self)
    }

    /// As [`VapidKey::to_text`] wrote it.
    pub fn from_text(text: &str) -> Option<Self> {
        let bytes = zeroize::Zeroizing::new(BASE64.decode(text).ok()?);
        SecretKey::from_slice(&bytes).ok().map(Self)
    }

    /// The private half, to be sealed and stored: 32 bytes in base64url.
    pub fn to_text(&self) -> Secret<String> {
        let bytes = zeroize::Zeroizing::new(self.0.to_bytes().to_vec());
        Secret::new(BASE64.encode(&*bytes))
    }

    /// The public half as browsers want it for `applicationServerKey`: the uncompressed point in base64url.
    pub fn public(&self) -> String {
        BASE64.encode(point(&self.0.public_key()).as_bytes())
    }
}

/// Signs for each push service, and remembers what it signed. Shared by all subscriptions.
pub struct Vapid {
    key: SigningKey,
    public: String,
    /// Where the operator of a push service finds us, if anybody said: `mailto:` or `https:`.
    contact: Option<String>,
    /// By the push service's origin: when the token ends, in seconds, and the token.
    tokens: Mutex<HashMap<String, (i64, String)>>,
}

impl Vapid {
    /// A contact that is neither `mailto:` nor `https:` is not given (RFC 8292 2.1).
    pub fn new(key: &VapidKey, contact: Option<&str>) -> Self {
        Self {
            key: SigningKey::from(&key.0),
            public: key.public(),
            contact: contact.filter(|contact| is_contact(contact)).map(str::to_owned),
            tokens: Mutex::default(),
        }
    }

    /// What browsers subscribe to: see [`VapidKey::public`].
    pub fn public(&self) -> &str {
        &self.public
    }

    /// The `Authorization` for a push service (RFC 8292 3).
    pub fn authorization(&self, origin: &str, now: Timestamp) -> Option<String> {
        let now_s = now.0 / 1000;
        let mut tokens = self.tokens.lock();
        let is_fresh = |ends_s: i64| (RENEW_S..=VALID_S).contains(&ends_s.saturating_sub(now_s));
        let token = match tokens.get(origin) {
            Some((ends_s, token)) if is_fresh(*ends_s) => token.clone(),
            _ => {
                let ends_s = now_s.saturating_add(VALID_S);
                let token = self.sign(origin, ends_s)?;
                if tokens.len() >= ORIGINS_MAX {
                    tokens.clear();
                }
                tokens.insert(origin.to_owned(), (ends_s, token.clone()));
                token
            }
        };
        Some(format!("vapid t={token}, k={}", self.public))
    }

    /// A JWT as RFC 8292 2 wants it, signed with ES256: r and s after each other (RFC 7518 3.4).
    fn sign(&self, origin: &str, ends_s: i64) -> Option<String> {
        let head = json!({ "typ": "JWT", "alg": "ES256" });
        let mut claims = json!({ "aud": origin, "exp": ends_s });
        if let (Some(contact), Some(claims)) = (&self.contact, claims.as_object_mut()) {
            claims.insert("sub".to_owned(), contact.as_str().into());
        }
        let signed = format!("{}.{}", BASE64.encode(head.to_string()), BASE64.encode(claims.to_string()));
        let signature: Signature = self.key.try_sign(signed.as_bytes()).ok()?;
        Some(format!("{signed}.{}", BASE64.encode(signature.to_bytes())))
    }
}

fn is_contact(contact: &str) -> bool {
    let parts = contact.split_once(':');
    parts.is_some_and(|(scheme, rest)| {
        matches!(scheme, "mailto" | "https") && !rest.trim_matches('/').is_empty()
    })
}
