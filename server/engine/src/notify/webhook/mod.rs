//! A program of the owner's own is told: one signed POST of JSON for each message.
//!
//! The body is `{"id", "title", "body", "url", "severity", "at"}` and beside these what the message holds for
//! programs. Headers: `X-Routewarden-Id` is the same at every try, so a receiver that has seen it answers 200 and
//! does nothing. `X-Routewarden-Timestamp` is the time of this try in seconds since 1970. With a secret,
//! `X-Routewarden-Signature` is `sha256=` and the lower-case hex HMAC-SHA256, under the secret, of the timestamp, a
//! full stop, and the body as it came. A receiver computes the same, compares in constant time, and refuses a
//! timestamp that is more than five minutes off. Any 2xx means accepted.

use super::{
    BuildArgs, Channel, DEADLINE, Delivery, FieldSpec, Kind, Message, Trouble,
    guard::Reach,
    http::{Http, Post},
    within,
};
use crate::{Clock, Secret, check};
use chrono::{DateTime, SecondsFormat, Utc};
use futures::future::{BoxFuture, FutureExt};
use hmac::{Hmac, KeyInit, Mac};
use model::{ChannelKind, FieldError, Input, Timestamp};
use reqwest::{
    Url,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use serde_json::{Map, Value, json};
use sha2::Sha256;
use std::{fmt::Write, sync::Arc};

#[cfg(test)]
mod tests;

const URL: FieldSpec = FieldSpec::open(check::FieldSpec {
    name: "url",
    label: "channel_webhook_url",
    input: Input::Text { max_chars: 2000 },
    required: true,
    default: None,
});
const SECRET: FieldSpec = FieldSpec::secret(check::FieldSpec {
    name: "secret",
    label: "channel_webhook_secret",
    input: Input::Text { max_chars: 512 },
    required: false,
    default: None,
});

pub const KIND: Kind =
    Kind { kind: ChannelKind::Webhook, label: "channel_webhook", fields: &[URL, SECRET], build };

const ID: HeaderName = HeaderName::from_static("x-routewarden-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("x-routewarden-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("x-routewarden-signature");

struct Webhook {
    url: Url,
    secret: Option<Secret<String>>,
    http: Http,
    clock: Arc<dyn Clock>,
}

fn build(args: &BuildArgs<'_>) -> Result<Box<dyn Channel>, FieldError> {
    let refuse = |why| FieldError::new(URL.place(), "error_url", why);
    let url = Url::parse(args.needed(&URL)?).map_err(|_| refuse("must be an address for browsers"))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(refuse("must begin with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("must not hold a user name or password"));
    }
    let secret = args.value(&SECRET)?.map(|open| Secret::new(open.to_owned()));
    let (http, clock) = (args.tools.http.clone(), args.tools.clock.clone());
    Ok(Box::new(Webhook { url, secret, http, clock }))
}

impl Channel for Webhook {
    fn deliver<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Delivery> {
        let told = |trouble: Trouble| trouble.told(&self.secrets());
        within(DEADLINE, self.send(message)).map(move |went| went.map_err(told).into()).boxed()
    }
}

impl Webhook {
    async fn send(&self, message: &Message) -> Result<(), Trouble> {
        let body = body(message);
        let timestamp = (self.clock.now().0 / 1000).to_string();
        let mut headers =
            HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        headers.insert(ID, header(&message.id)?);
        headers.insert(TIMESTAMP, header(&timestamp)?);
        if let Some(secret) = &self.secret {
            headers.insert(SIGNATURE, header(&signature(secret, &timestamp, &body)?)?);
        }
        let post = Post { url: self.url.clone(), headers, body, reach: Reach::Own };
        self.http.post(post).await?.accepted(&self.secrets()).await
    }

    /// What a receiver could repeat: the secret it shares, and the part of its address that may be one.
    fn secrets(&self) -> Vec<&str> {
        let secret = self.secret.as_ref().map(|secret| secret.expose().as_str());
        let path = Some(self.url.path()).filter(|path| path.len() > 1);
        secret.into_iter().chain(path).chain(self.url.query()).collect()
    }
}

/// What programs read: theirs beside ours, and ours where both have a name.
fn body(message: &Message) -> Vec<u8> {
    let mut all = match &message.data {
        Value::Object(data) => data.clone(),
        Value::Null => Map::new(),
        other => Map::from_iter([("data".to_owned(), other.clone())]),
    };
    let ours = json!({
        "id": message.id,
        "title": message.title,
        "body": message.body,
        "url": message.url,
        "severity": message.severity.word(),
        "at": rfc3339(message.at),
    });
    if let Value::Object(ours) = ours {
        all.extend(ours);
    }
    Value::Object(all).to_string().into_bytes()
}

fn signature(secret: &Secret<String>, timestamp: &str, body: &[u8]) -> Result<String, Trouble> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes())
        .map_err(|error| Trouble::refused(error.to_string()))?;
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    let mut text = "sha256=".to_owned();
    for byte in mac.finalize().into_bytes() {
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

fn header(text: &str) -> Result<HeaderValue, Trouble> {
    HeaderValue::from_str(text)
        .map_err(|_| Trouble::refused("the message's number does not fit into a header"))
}

/// RFC 3339 in UTC, to the millisecond.
fn rfc3339(at: Timestamp) -> String {
    DateTime::<Utc>::from_timestamp_millis(at.0)
        .unwrap_or_default()
        .to_rfc3339_opts(SecondsFormat::Millis, true)
}
