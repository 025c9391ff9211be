//! What the browser may ask of the server: server functions, one file per area.
//!
//! A function's body is one line: it takes a [`port::Viewer`] or [`port::Admin`] in hand and calls it; where a
//! browser left open must not be enough, a [`port::SureViewer`] or [`port::SureAdmin`].
//! To add one: write it in its area's file, add the method to the port, and a row to the
//! permission table of the server's tests.

#[cfg(feature = "ssr")]
pub mod port;

pub mod account;
pub mod again;
pub mod alerts;
pub mod audit;
pub mod channels;
pub mod commands;
pub mod devices;
pub mod history;
pub mod load;
pub mod logs;
pub mod push;
pub mod quiets;
pub mod recordings;
pub mod reports;
pub mod rules;
pub mod server_log;
pub mod telegram;
pub mod users;
pub mod wire;
pub mod workers;

use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use model::{FieldError, Timestamp};
use serde::{Deserialize, Serialize};

/// The only error the browser ever sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiError {
    /// Nobody is logged in (any more).
    Unauthenticated,
    /// A viewer asked for what only an admin may do.
    Forbidden,
    NotFound,
    /// Values were refused; nothing was changed.
    Invalid(Vec<FieldError>),
    /// Somebody else's change stands in the way.
    Conflict(FieldError),
    /// Somebody saved other values since these were loaded; nothing was changed. Who and when, as far as known.
    Changed {
        by: Option<String>,
        at: Option<Timestamp>,
    },
    /// Too many tries: come back after so many seconds.
    TooMany {
        retry_after_s: u64,
    },
    /// The database does not answer; monitoring goes on.
    Unavailable,
    /// A fault of ours: the log has its cause.
    Internal,
    /// The server could not be reached or was not understood.
    Unreachable,
    /// The page was sent by another version of the server: it must be loaded again.
    Outdated,
    /// The password was last given too long ago for this act: it is to be given again, and then the act.
    PasswordNeeded,
    /// So many of these go on already, as many as may at once: come back when one is over.
    Busy {
        going: u32,
        retry_after_s: u64,
    },
    /// There is no more room for the database: nothing can be changed. Monitoring goes on.
    DiskFull,
}

impl FromServerFnError for ApiError {
    type Encoder = wire::ErrorForm;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Deserialization(_) => ApiError::Invalid(Vec::new()),
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Response(_) => ApiError::Unreachable,
            _ => ApiError::Internal,
        }
    }
}

impl From<Vec<FieldError>> for ApiError {
    fn from(errors: Vec<FieldError>) -> Self {
        ApiError::Invalid(errors)
    }
}

impl From<FieldError> for ApiError {
    fn from(error: FieldError) -> Self {
        ApiError::Invalid(vec![error])
    }
}
