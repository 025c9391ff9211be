//! `/api/logging`: which lines the program writes of its own doings.

use super::Body;
use crate::web::{
    Admin,
    error::{ErrorBody, Failure},
};
use axum::Json;
use model::LogFilter;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoggingWish {
    /// A level (`error`, `warn`, `info`, `debug`, `trace`, `off`), or parts of the program with their levels.
    #[schema(example = "warn,server=debug")]
    filter: String,
}

#[derive(Serialize, ToSchema)]
pub struct Logging {
    success: bool,
    /// What is written now.
    filter: String,
    /// What is written again after a restart.
    filter_at_start: String,
}

impl From<LogFilter> for Logging {
    fn from(filter: LogFilter) -> Self {
        Self { success: true, filter: filter.now, filter_at_start: filter.at_start }
    }
}

/// Which lines the program writes of its own doings.
#[utoipa::path(get, path = "/api/logging", tag = "Program", responses((status = 200, body = Logging)))]
pub async fn show(Admin(admin): Admin) -> Json<Logging> {
    Json(admin.own_log().filter().into())
}

/// Writes other lines from now on, until the program is started again.
#[utoipa::path(post, path = "/api/logging", tag = "Program", request_body = LoggingWish, responses(
    (status = 200, body = Logging),
    (status = 400, description = "That is no filter", body = ErrorBody),
))]
pub async fn change(Admin(admin): Admin, Body(wish): Body<LoggingWish>) -> Result<Json<Logging>, Failure> {
    Ok(Json(admin.set_log_filter(&wish.filter).await?.into()))
}
