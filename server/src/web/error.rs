//! What a request is told when it does not get what it asked for: HTML or JSON, as it likes.

use crate::backend::Preferences;
use app::{
    api::ApiError,
    told::{Reason, Told, told},
};
use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use model::FieldError;
use serde::Serialize;
use utoipa::ToSchema;

/// Why not, in words for programs and people.
#[derive(Clone, Debug)]
pub struct Failure {
    pub status: StatusCode,
    pub code: &'static str,
    pub message: String,
    pub retry_after_s: Option<u64>,
    /// The methods that are to be had here, where it was asked by another.
    pub allow: Option<String>,
}

/// What the page of a failure may load.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
                           form-action 'none'; frame-ancestors 'none'";

/// The envelope of every JSON error.
#[derive(Serialize, ToSchema)]
pub struct ErrorBody {
    /// Always `false`.
    pub success: bool,
    pub error: ErrorDetail,
}

#[derive(Serialize, ToSchema)]
pub struct ErrorDetail {
    /// One word for programs.
    #[schema(example = "bad_request")]
    pub code: String,
    /// A sentence for people; names the field that was refused.
    #[schema(example = "name: is required")]
    pub message: String,
}

impl Failure {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after_s: None, allow: None }
    }

    pub fn cross_site() -> Self {
        let why = "this request did not come from a page of this server; programs use a token and no cookie";
        Self::new(StatusCode::FORBIDDEN, "cross_site", why)
    }

    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "there is no such thing here")
    }

    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    /// In the form that the request likes best.
    pub fn answer(self, headers: &HeaderMap) -> Response {
        if wants_html(headers) { self.page(&Preferences::read(headers)) } else { self.into_response() }
    }

    /// Tells when to come back or how to ask, if that is known.
    pub fn say_how(&self, response: &mut Response) {
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(allow) = self.allow.as_ref().and_then(|methods| HeaderValue::from_str(methods).ok()) {
            response.headers_mut().insert(header::ALLOW, allow);
        }
    }

    /// A page of few words, in the visitor's language and colours.
    fn page(self, preferences: &Preferences) -> Response {
        // Only our own words get here: a refused value is told to programs alone.
        let Told { title, text, home } = told(&preferences.language, &self.reason());
        let html = format!(
            "<!DOCTYPE html><html lang=\"{language}\" data-theme=\"{theme}\"><head><meta charset=\"utf-8\">\
             <title>{title} · Routewarden</title>\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"color-scheme\" content=\"light dark\">\
             <link rel=\"icon\" type=\"image/svg+xml\" href=\"/favicon.svg\">\
             <link rel=\"stylesheet\" href=\"/pkg/app.css\"></head>\
             <body><main class=\"not-found\"><div class=\"empty\"><h1>{title}</h1><p>{text}</p>\
             <div class=\"empty-actions\"><a class=\"button primary\" href=\"/\">{home}</a></div>\
             </div></main></body></html>",
            language = preferences.language,
            theme = preferences.theme,
        );
        let mut response = (self.status, Html(html)).into_response();
        let policy = HeaderValue::from_static(PAGE_POLICY);
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        self.say_how(&mut response);
        response
    }

    /// What people are told of it.
    fn reason(&self) -> Reason {
        match (self.status, self.code) {
            (StatusCode::NOT_FOUND, _) => Reason::Lost,
            (_, "timeout") => Reason::Late,
            (StatusCode::UNAUTHORIZED, _) => Reason::Error(ApiError::Unauthenticated),
            (_, "forbidden") => Reason::Error(ApiError::Forbidden),
            (_, "password_needed") => Reason::Error(ApiError::PasswordNeeded),
            (StatusCode::TOO_MANY_REQUESTS, _) => {
                Reason::Error(ApiError::TooMany { retry_after_s: self.retry_after_s.unwrap_or(1) })
            }
            (_, "disk_full") => Reason::Error(ApiError::DiskFull),
            (StatusCode::SERVICE_UNAVAILABLE, _) => Reason::Error(ApiError::Unavailable),
            (status, _) if status.is_server_error() => Reason::Error(ApiError::Internal),
            _ => Reason::Error(ApiError::Invalid(Vec::new())),
        }
    }
}

/// A browser showing a page, rather than a program.
pub fn wants_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("text/html"))
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let detail = ErrorDetail { code: self.code.to_owned(), message: self.message.clone() };
        let mut response = (self.status, Json(ErrorBody { success: false, error: detail })).into_response();
        self.say_how(&mut response);
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::Unauthenticated => {
                Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "log in, or send a token")
            }
            ApiError::Forbidden => {
                Self::new(StatusCode::FORBIDDEN, "forbidden", "this account or token may not do that")
            }
            ApiError::PasswordNeeded => Self::new(
                StatusCode::FORBIDDEN,
                "password_needed",
                "the password was given more than 12 hours ago: confirm it on a page, or send a token",
            ),
            ApiError::NotFound => Self::not_found(),
            ApiError::Invalid(errors) => Self::bad_request(listed(&errors)),
            ApiError::Conflict(error) => Self::new(StatusCode::CONFLICT, "conflict", error.to_string()),
            ApiError::Changed { by, .. } => {
                let by = by.map(|by| format!(" by {by}")).unwrap_or_default();
                Self::new(StatusCode::CONFLICT, "conflict", format!("it was changed meanwhile{by}"))
            }
            ApiError::TooMany { retry_after_s } => Self {
                retry_after_s: Some(retry_after_s),
                ..Self::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "too_many_requests",
                    format!("too many tries: come back after {retry_after_s} s"),
                )
            },
            ApiError::Busy { going, retry_after_s } => Self {
                retry_after_s: Some(retry_after_s),
                ..Self::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "too_many_requests",
                    format!(
                        "{going} are being run already, as many as may be at once: wait until one is over"
                    ),
                )
            },
            ApiError::Unavailable => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "the database does not answer; monitoring goes on",
            ),
            ApiError::DiskFull => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "disk_full",
                "the disk is full, so nothing was changed; monitoring goes on",
            ),
            ApiError::Outdated => Self::new(
                StatusCode::UPGRADE_REQUIRED,
                "outdated",
                "this page was sent by another version of the server: load it again",
            ),
            ApiError::Internal | ApiError::Unreachable => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "a fault of ours: the log has its cause",
            ),
        }
    }
}

fn listed(errors: &[FieldError]) -> String {
    match errors {
        [] => "the request could not be understood".to_owned(),
        errors => errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
    }
}
