//! How our pages talk to the server: small binary bodies, one code path for every server function.
//!
//! Forms that work without scripts arrive URL-encoded at the same endpoints, programs may send JSON, and
//! both are answered in JSON.
//! A page that an older server sent speaks an older [`FORM`]: it is told to load itself again.

use super::{ApiError, again};
use crate::browser::{self, Posted};
use http::Method;
use leptos::server_fn::{
    Bytes, ContentType, Decodes, Encodes, Format, FormatType, Http, Protocol,
    client::Client,
    codec::{Json, PostUrl},
    request::Req,
    response::TryRes,
    server::Server,
};
use send_wrapper::SendWrapper;
use serde::{Serialize, de::DeserializeOwned};
use std::{future::Future, pin::Pin};

/// What every media type of ours begins with; the rest says which build's words are meant.
const FAMILY: &str = "application/x-routewarden-";
/// The media type of this build: it changes with the words that travel.
pub const FORM: &str = concat!("application/x-routewarden-", env!("WORDS_HASH"));
/// The status that tells a page to load itself again.
pub const OUTDATED: u16 = 426;

/// Whether a request of this type comes from a page of ours, of any build.
pub fn is_of_page(content_type: Option<&str>) -> bool {
    content_type.is_some_and(|kind| kind.starts_with(FAMILY))
}

/// Writes a value down. What cannot be written (which no word of ours is) becomes nothing, and is
/// refused by its reader.
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    postcard::to_allocvec(value).unwrap_or_default()
}

/// Reads a value; `None` when these are not its bytes, all of them.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::take_from_bytes(bytes).ok().filter(|(_, rest)| rest.is_empty()).map(|(value, _)| value)
}

/// A number for what a value says: another one where it says something else. A form sends that of what it was filled
/// with, so that nothing is overwritten that it never showed. FNV-1a, for it guards nothing from an enemy.
pub fn version<T: Serialize>(value: &T) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    encode(value).iter().fold(OFFSET, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME))
}

/// The protocol of our server functions.
pub struct Wire;

impl<Input, Output, C, S> Protocol<Input, Output, C, S, ApiError> for Wire
where
    Input: Serialize + DeserializeOwned + Send,
    Output: Serialize + DeserializeOwned + Send,
    C: Client<ApiError>,
    S: Server<ApiError>,
    Http<PostUrl, Json>: Protocol<Input, Output, C, S, ApiError>,
    Http<Json, Json>: Protocol<Input, Output, C, S, ApiError>,
{
    const METHOD: Method = Method::POST;

    async fn run_server<F, Fut>(request: S::Request, body: F) -> Result<S::Response, ApiError>
    where
        F: Fn(Input) -> Fut + Send,
        Fut: Future<Output = Result<Output, ApiError>> + Send,
    {
        let kind = request.to_content_type().map(|kind| kind.into_owned());
        match kind.as_deref() {
            Some(FORM) => {}
            kind if is_of_page(kind) => return Err(ApiError::Outdated),
            Some("application/json") => return Http::<Json, Json>::run_server(request, body).await,
            _ => return Http::<PostUrl, Json>::run_server(request, body).await,
        }
        let input = decode(&request.try_into_bytes().await?).ok_or(ApiError::Invalid(Vec::new()))?;
        S::Response::try_from_bytes(FORM, encode(&body(input).await?).into())
    }

    async fn run_client(path: &str, input: Input) -> Result<Output, ApiError> {
        let answer = ask(path.to_owned(), encode(&input)).await?;
        decode(&answer).ok_or(ApiError::Unreachable)
    }
}

/// One question in bytes. Not generic: every server function of the bundle shares it.
fn ask(path: String, body: Vec<u8>) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, ApiError>> + Send>> {
    Box::pin(SendWrapper::new(async move {
        let answer = post(&path, &body).await;
        if answer != Err(ApiError::PasswordNeeded) || !again::is_confirmed().await {
            return answer;
        }
        post(&path, &body).await
    }))
}

async fn post(path: &str, body: &[u8]) -> Result<Vec<u8>, ApiError> {
    let Posted { status, kind, redirect, body } =
        browser::post(path, FORM, body).await.ok_or(ApiError::Unreachable)?;
    let is_ours = kind.as_deref() == Some(FORM);
    if status == OUTDATED {
        browser::reload_once_for(FORM);
    }
    if status >= 400 {
        let said = if is_ours { decode(&body) } else { None };
        return Err(said.unwrap_or_else(|| by_status(status)));
    }
    // Somebody on the way answered in our place, such as a proxy that wants a login of its own.
    if !is_ours {
        return Err(ApiError::Unreachable);
    }
    // After a login or logout, who is looking has changed: the page must not go on with what it knew.
    if let Some(path) = redirect {
        browser::open(&path);
    }
    Ok(body)
}

/// What a refusal means that did not come from a server function: a layer before it, or a proxy on the way.
fn by_status(status: u16) -> ApiError {
    match status {
        401 => ApiError::Unauthenticated,
        404 => ApiError::NotFound,
        // Nobody knows what became of it.
        502..=504 => ApiError::Unreachable,
        _ => ApiError::Internal,
    }
}

/// How errors travel; also inside of the address that a form without scripts is sent back to.
pub struct ErrorForm;

impl ContentType for ErrorForm {
    const CONTENT_TYPE: &'static str = FORM;
}

impl FormatType for ErrorForm {
    const FORMAT_TYPE: Format = Format::Binary;
}

impl Encodes<ApiError> for ErrorForm {
    type Error = postcard::Error;

    fn encode(value: &ApiError) -> Result<Bytes, Self::Error> {
        postcard::to_allocvec(value).map(Bytes::from)
    }
}

impl Decodes<ApiError> for ErrorForm {
    type Error = postcard::Error;

    fn decode(bytes: Bytes) -> Result<ApiError, Self::Error> {
        postcard::from_bytes(&bytes)
    }
}
