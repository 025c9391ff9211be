//! Browsers are told through their makers' push services (RFC 8030), which learn neither words nor lengths.

use super::{
    BuildArgs, Channel, DEADLINE, Delivery, FieldSpec, Kind, Message, Tools, Trouble,
    guard::Reach,
    http::{Http, Post},
    within,
};
use crate::{Clock, check};
use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    prelude::BASE64_URL_SAFE_NO_PAD,
};
use futures::future::{BoxFuture, FutureExt};
use model::{ChannelKind, FieldError, Input, Severity};
use p256::PublicKey;
use reqwest::{
    StatusCode, Url,
    header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use seal::{AUTH_BYTES, Fresh, PADDED_BYTES, Receiver, seal};
use sha2::{Digest, Sha256};
use std::sync::Arc;

mod payload;
mod seal;
#[cfg(test)]
mod tests;
mod vapid;

pub use seal::SealError;
pub use vapid::{Vapid, VapidKey};

/// Whoever knows the endpoint knows the browser, so all of it is sealed.
const ENDPOINT: FieldSpec = FieldSpec::secret(text("endpoint", "channel_web_push_endpoint", 2000));
const P256DH: FieldSpec = FieldSpec::secret(text("p256dh", "channel_web_push_p256dh", 128));
const AUTH: FieldSpec = FieldSpec::secret(text("auth", "channel_web_push_auth", 64));

const fn text(name: &'static str, label: &'static str, max_chars: u32) -> check::FieldSpec {
    check::FieldSpec { name, label, input: Input::Text { max_chars }, required: true, default: None }
}

pub const KIND: Kind =
    Kind { kind: ChannelKind::WebPush, label: "channel_web_push", fields: &[ENDPOINT, P256DH, AUTH], build };

/// How long a push service keeps a message for a browser that is not there (RFC 8030 5.2): until tomorrow it
/// is told otherwise.
const TTL_S: u32 = 12 * 3600;
const TTL: HeaderName = HeaderName::from_static("ttl");
const URGENCY: HeaderName = HeaderName::from_static("urgency");
const TOPIC: HeaderName = HeaderName::from_static("topic");
/// RFC 8030 5.4 allows 32 characters of base64url.
const TOPIC_BYTES: usize = 24;

/// Browsers write base64url without padding; some libraries between them and us add it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a browser gave when its user said yes: `PushSubscription.toJSON()`.
#[derive(Clone, Copy, Debug)]
pub struct Subscription<'a> {
    pub endpoint: &'a str,
    pub p256dh: &'a str,
    pub auth: &'a str,
}

/// One browser.
pub struct WebPush {
    endpoint: Url,
    receiver: Receiver,
    vapid: Arc<Vapid>,
    http: Http,
    clock: Arc<dyn Clock>,
}

fn build(args: &BuildArgs<'_>) -> Result<Box<dyn Channel>, FieldError> {
    let why = "this program has no key for push services";
    let vapid = args.tools.vapid.clone().ok_or_else(|| FieldError::new("kind", "error_channel_kind", why))?;
    let subscription = Subscription {
        endpoint: args.needed(&ENDPOINT)?,
        p256dh: args.needed(&P256DH)?,
        auth: args.needed(&AUTH)?,
    };
    Ok(Box::new(WebPush::new(subscription, vapid, args.tools)?))
}

impl WebPush {
    /// Refuses what no browser gives.
    pub fn new(subscription: Subscription<'_>, vapid: Arc<Vapid>, tools: &Tools) -> Result<Self, FieldError> {
        let is_own_allowed = tools.names.allow_any();
        let refuse = |field: &FieldSpec, why| FieldError::new(field.place(), "error_subscription", why);
        let endpoint = Url::parse(subscription.endpoint)
            .ok()
            .filter(|url| url.scheme() == "https" || (url.scheme() == "http" && is_own_allowed))
            .filter(|url| url.has_host() && url.username().is_empty() && url.password().is_none())
            .ok_or_else(|| refuse(&ENDPOINT, "must be an address that begins with https://"))?;
        let key =
            BASE64.decode(subscription.p256dh).ok().and_then(|point| PublicKey::from_sec1_bytes(&point).ok());
        let key = key.ok_or_else(|| refuse(&P256DH, "must be a public key of P-256"))?;
        let auth =
            BASE64.decode(subscription.auth).ok().and_then(|auth| <[u8; AUTH_BYTES]>::try_from(auth).ok());
        let auth = auth.ok_or_else(|| refuse(&AUTH, "must be 16 bytes in base64url"))?;
        let (http, clock) = (tools.http.clone(), tools.clock.clone());
        Ok(Self { endpoint, receiver: Receiver { key, auth }, vapid, http, clock })
    }

    async fn send(&self, message: &Message) -> Result<(), Trouble> {
        let fresh = Fresh::draw().map_err(|error| Trouble::later(error.to_string()))?;
        let body = seal(&self.receiver, &fresh, &payload::compose(message), PADDED_BYTES)
            .map_err(|error| Trouble::refused(error.to_string()))?;
        let headers = self.headers(message).ok_or_else(|| Trouble::refused("the key does not sign"))?;
        let post = Post { url: self.endpoint.clone(), headers, body, reach: Reach::Public };
        let answer = self.http.post(post).await?;
        let is_gone = matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::GONE);
        match answer.accepted(&self.secrets()).await {
            // RFC 8030 7.3: the subscription has ended.
            Err(Trouble::Refused { why }) if is_gone => Err(Trouble::Gone { why }),
            went => went,
        }
    }

    /// What makes the address a secret between browser and push service.
    fn secrets(&self) -> Vec<&str> {
        let path = Some(self.endpoint.path()).filter(|path| path.len() > 1);
        path.into_iter().chain(self.endpoint.query()).collect()
    }

    fn headers(&self, message: &Message) -> Option<HeaderMap> {
        let origin = self.endpoint.origin().ascii_serialization();
        let authorization = self.vapid.authorization(&origin, self.clock.now())?;
        let mut authorization = HeaderValue::from_str(&authorization).ok()?;
        authorization.set_sensitive(true);
        Some(HeaderMap::from_iter([
            (AUTHORIZATION, authorization),
            (CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
            (CONTENT_ENCODING, HeaderValue::from_static("aes128gcm")),
            (TTL, HeaderValue::from(TTL_S)),
            (URGENCY, HeaderValue::from_static(urgency(message.severity))),
            (TOPIC, HeaderValue::from_str(&topic(&message.id)).ok()?),
        ]))
    }
}

impl Channel for WebPush {
    fn deliver<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Delivery> {
        let told = |trouble: Trouble| trouble.told(&self.secrets());
        within(DEADLINE, self.send(message)).map(move |went| went.map_err(told).into()).boxed()
    }
}

/// RFC 8030 5.3: what a device on battery is woken up for.
fn urgency(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "high",
        Severity::Warning | Severity::Good => "normal",
        Severity::Info => "low",
    }
}

/// RFC 8030 5.4: a repetition takes the place of what still waits, and says nothing about the message.
fn topic(id: &str) -> String {
    let hash = Sha256::digest(id.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(hash.get(..TOPIC_BYTES).unwrap_or(&hash))
}
