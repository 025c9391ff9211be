//! The one way in which channels speak HTTP: no redirects, no proxies, no connection kept, only to addresses
//! that were judged, and never more of an answer in memory than its reader wants.

use super::{
    DEADLINE, Trouble,
    guard::{Forbidden, Names, NoAddress, Reach},
    text,
};
use crate::{Clock, driver::resolve::ResolveError};
use chrono::DateTime;
use reqwest::{
    Client, Response, StatusCode, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{HeaderMap, LOCATION, RETRY_AFTER},
    redirect, retry,
};
use rustls::ClientConfig;
use std::{error::Error, io, net::IpAddr, sync::Arc, time::Duration};
use tokio::time::timeout;

#[cfg(test)]
mod tests;

/// An answer that is needed may be this long.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// No far end puts us off for longer than this at a time.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);
/// Shared among the addresses of a name, so that a silent one leaves time for the next.
pub const CONNECT_WITHIN: Duration = Duration::from_secs(6);
/// What is said beside a refusal is worth this much waiting, and so many bytes.
const EXCERPT_WITHIN: Duration = Duration::from_secs(1);
const EXCERPT_BYTES: usize = 1024;
/// Of these, this many characters are shown.
const EXCERPT_CHARS: usize = 160;

/// Sends requests, each on a connection of its own.
#[derive(Clone)]
pub struct Http {
    to_own: Client,
    to_public: Client,
    names: Names,
    clock: Arc<dyn Clock>,
}

/// One request: always a POST.
pub struct Post {
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub reach: Reach,
}

/// The head of an answer, its body still to be read.
pub struct Answer {
    pub status: StatusCode,
    /// How long the far end wants to be left alone.
    pub retry_after: Option<Duration>,
    response: Response,
}

impl Http {
    pub fn new(names: &Names, clock: Arc<dyn Clock>, tls: &ClientConfig) -> reqwest::Result<Self> {
        let client = |reach| {
            Client::builder()
                .user_agent(concat!("Routewarden/", env!("CARGO_PKG_VERSION")))
                .redirect(redirect::Policy::none())
                .referer(false)
                .retry(retry::never())
                .no_proxy()
                .http1_only()
                .use_preconfigured_tls(tls.clone())
                .pool_max_idle_per_host(0)
                .connect_timeout(CONNECT_WITHIN)
                .dns_resolver(Arc::new(Judged { names: names.clone(), reach }))
                .build()
        };
        Ok(Self {
            to_own: client(Reach::Own)?,
            to_public: client(Reach::Public)?,
            names: names.clone(),
            clock,
        })
    }

    /// Sends it, and waits for the head of the answer. The caller sets the deadline.
    pub async fn post(&self, post: Post) -> Result<Answer, Trouble> {
        if let Some(address) = address_in(&post.url)
            && !self.names.allow(post.reach, address)
        {
            // Of an address that is written out, no resolver is asked.
            return Err(Trouble::refused(Forbidden(address).to_string()));
        }
        let client = match post.reach {
            Reach::Own => &self.to_own,
            Reach::Public => &self.to_public,
        };
        let sending = client.post(post.url).headers(post.headers).body(post.body).send();
        let response = sending.await.map_err(trouble)?;
        let retry_after = self.retry_after(response.headers());
        Ok(Answer { status: response.status(), retry_after, response })
    }

    /// RFC 9110 10.2.3: seconds, or a date.
    fn retry_after(&self, headers: &HeaderMap) -> Option<Duration> {
        let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        match text.parse() {
            Ok(seconds) => Some(bounded(seconds)),
            Err(_) => {
                let at_ms = DateTime::parse_from_rfc2822(text).ok()?.timestamp_millis();
                let left_ms = at_ms.saturating_sub(self.clock.now().0).max(0);
                Some(Duration::from_millis(left_ms.unsigned_abs()).min(RETRY_AFTER_MAX))
            }
        }
    }
}

/// What a far end asked for, as far as it is followed.
pub fn bounded(seconds: u64) -> Duration {
    Duration::from_secs(seconds).min(RETRY_AFTER_MAX)
}

/// The address that stands in the place of a name.
fn address_in(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

impl Answer {
    /// The whole body; more than `bytes_max` is no answer.
    pub async fn read(self, bytes_max: usize) -> Result<Vec<u8>, Trouble> {
        let (body, is_whole) = read_up_to(self.response, bytes_max).await.map_err(trouble)?;
        match is_whole {
            true => Ok(body),
            false => Err(Trouble::later(format!("the answer is longer than {bytes_max} bytes"))),
        }
    }

    /// Nothing, when the far end accepted what it was sent; else what its status means, with what it said, less
    /// the secrets that it could repeat.
    pub async fn accepted(self, secrets: &[&str]) -> Result<(), Trouble> {
        if self.status.is_success() {
            // Whatever follows the head changes nothing, and may never end.
            return Ok(());
        }
        let (status, after) = (self.status, self.retry_after);
        let mut why = status_words(status);
        if status.is_redirection() {
            let to = self.origin_of_location().map(|to| format!(" to {to}")).unwrap_or_default();
            return Err(Trouble::refused(format!("{why}{to}: redirects are not followed")));
        }
        let said = timeout(EXCERPT_WITHIN, read_up_to(self.response, EXCERPT_BYTES)).await;
        if let Ok(Ok((said, is_whole))) = said {
            let said = String::from_utf8_lossy(&said);
            let said = if is_whole { &said } else { text::without_begun(&said, secrets) };
            let said = text::why(said, secrets);
            if !said.is_empty() {
                why = format!("{why}: {}", text::cut(&said, EXCERPT_CHARS, |_| 1));
            }
        }
        match mends_itself(status) {
            true => Err(Trouble::Later { why, after }),
            false => Err(Trouble::refused(why)),
        }
    }

    /// Where a redirect leads, less what may be a secret of the address.
    fn origin_of_location(&self) -> Option<String> {
        let to = self.response.headers().get(LOCATION)?.to_str().ok()?;
        let to = self.response.url().join(to).ok()?;
        Some(to.origin().ascii_serialization())
    }
}

/// The first bytes of a body, and whether they are all.
async fn read_up_to(mut response: Response, bytes_max: usize) -> reqwest::Result<(Vec<u8>, bool)> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let room = bytes_max - body.len();
        body.extend(chunk.iter().take(room));
        if chunk.len() > room {
            return Ok((body, false));
        }
    }
    Ok((body, true))
}

/// A status as people know it.
pub fn status_words(status: StatusCode) -> String {
    format!("HTTP {} {}", status.as_u16(), status.canonical_reason().unwrap_or_default())
        .trim_end()
        .to_owned()
}

/// Timeouts, too early, too many, and every fault of the far end's own.
pub fn mends_itself(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429)
}

/// What kept an answer away. Never prints the address, which may hold a secret.
fn trouble(error: reqwest::Error) -> Trouble {
    let error = error.without_url();
    if let Some(forbidden) = cause::<Forbidden>(&error) {
        return Trouble::refused(forbidden.to_string());
    }
    if let Some(unknown) = cause::<ResolveError>(&error) {
        return Trouble::later(unknown.to_string());
    }
    if error.is_timeout() {
        return Trouble::later("no answer");
    }
    if error.is_builder() {
        return Trouble::refused(error.to_string());
    }
    if let Some(error) = cause::<io::Error>(&error) {
        return Trouble::later(io_words(error));
    }
    // The innermost cause is the one that says what happened.
    let mut told: &dyn Error = &error;
    while let Some(cause) = told.source() {
        told = cause;
    }
    Trouble::later(format!("the connection broke off: {told}"))
}

/// The cause of this type, however deep.
fn cause<E: Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    let mut next = error.source();
    while let Some(cause) = next {
        if let Some(found) = cause.downcast_ref() {
            return Some(found);
        }
        next = cause.source();
    }
    None
}

/// A failed connection in plain words.
pub fn io_words(error: &io::Error) -> String {
    if is_of_tls(error) {
        return format!("TLS failed: {error}");
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => "connection reset".to_owned(),
        io::ErrorKind::TimedOut => "no answer".to_owned(),
        io::ErrorKind::HostUnreachable => "no route to host".to_owned(),
        io::ErrorKind::NetworkUnreachable => "network unreachable".to_owned(),
        io::ErrorKind::UnexpectedEof => "the connection broke off".to_owned(),
        _ => error.to_string(),
    }
}

/// However often it was wrapped.
fn is_of_tls(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| {
        inner.is::<rustls::Error>() || inner.downcast_ref::<io::Error>().is_some_and(is_of_tls)
    })
}

/// Answers a name with those of its addresses that may be spoken to.
struct Judged {
    names: Names,
    reach: Reach,
}

impl Resolve for Judged {
    fn resolve(&self, name: Name) -> Resolving {
        let (names, reach) = (self.names.clone(), self.reach);
        Box::pin(async move {
            // Port 0 becomes the one of the address.
            let found =
                names.addresses(name.as_str(), 0, reach, DEADLINE).await.map_err(|none| match none {
                    NoAddress::Unknown(error) => Box::<dyn Error + Send + Sync>::from(error),
                    NoAddress::Forbidden(error) => error.into(),
                })?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
