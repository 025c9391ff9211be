//! The REST interface: for other people's programs, with words of its own.
//!
//! To add a route: a handler with its `#[utoipa::path]`, a line in [`routes`], a row in the table of policies.

mod alerts;
mod answers;
mod attached;
mod audit;
mod audit_file;
mod channels;
mod commands;
mod complaint;
mod devices;
mod export;
mod exposition;
mod fleet;
mod health;
mod history;
mod logging;
mod logs;
mod maintenance;
mod metrics;
mod recordings;
mod report;
mod rules;
mod span;
mod status;
mod tunnel;
mod workers;

use super::{AppState, error::Failure};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request, rejection::JsonRejection},
    http::request::Parts,
    routing::get,
};
use chrono::{DateTime, SecondsFormat, Utc};
use model::Timestamp;
use serde::de::DeserializeOwned;
use std::sync::OnceLock;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub use status::Cache as StatusCache;

/// Most entries in one part of a list.
const PAGE_MAX: usize = 1000;

/// Where the description of the interface is found.
pub const DESCRIPTION: &str = "/api/openapi.json";

#[derive(OpenApi)]
#[openapi(
    info(title = "Routewarden", description = "Watches over routers, tunnels and what is around them."),
    modifiers(&Credentials),
    security(("token" = []), ("session" = []))
)]
struct Description;

struct Credentials;

impl Modify for Credentials {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("token", SecurityScheme::Http(token));
        let cookie = ApiKey::Cookie(ApiKeyValue::new("sid"));
        components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
    }
}

fn described() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(health::show))
        .routes(routes!(metrics::show))
        .routes(routes!(workers::list))
        .routes(routes!(logging::show, logging::change))
        .routes(routes!(commands::list, commands::start))
        .routes(routes!(commands::show, commands::cancel))
        .routes(routes!(commands::csv))
        .routes(routes!(commands::text))
        .routes(routes!(status::show))
        .routes(routes!(tunnel::show))
        .routes(routes!(history::show))
        .routes(routes!(history::bandwidth))
        .routes(routes!(export::series))
        .routes(routes!(export::outages))
        .routes(routes!(export::uptime))
        .routes(routes!(report::all_downtime))
        .routes(routes!(report::downtime))
        .routes(routes!(report::statistics))
        .routes(routes!(fleet::refresh, fleet::refresh_by_get))
        .routes(routes!(fleet::summary))
        .routes(routes!(audit::list))
        .routes(routes!(audit::check))
        .routes(routes!(audit_file::csv))
        .routes(routes!(audit_file::json))
        .routes(routes!(recordings::list))
        .routes(routes!(recordings::show, recordings::remove))
        .routes(routes!(recordings::cast))
        .routes(routes!(logs::list))
        .routes(routes!(logs::of_device))
        .routes(routes!(logs::csv))
        .routes(routes!(alerts::list))
        .routes(routes!(alerts::acknowledge))
        .routes(routes!(alerts::note))
        .routes(routes!(maintenance::list, maintenance::create))
        .routes(routes!(maintenance::show, maintenance::update, maintenance::end))
        .routes(routes!(rules::list, rules::create))
        .routes(routes!(rules::update, rules::remove))
        .routes(routes!(rules::replay))
        .routes(routes!(channels::list, channels::create))
        .routes(routes!(channels::update, channels::remove))
        .routes(routes!(channels::test))
        .routes(routes!(fleet::reload))
        .routes(routes!(fleet::socket_ticket))
        .routes(routes!(devices::list, devices::create))
        .routes(routes!(devices::show, devices::update, devices::remove))
        .routes(routes!(devices::accept_host_key))
}

/// Every route of the interface.
pub fn routes() -> Router<AppState> {
    described().split_for_parts().0.route(DESCRIPTION, get(describe))
}

/// The description of the interface, made from its handlers.
pub fn description() -> &'static utoipa::openapi::OpenApi {
    static DESCRIPTION: OnceLock<utoipa::openapi::OpenApi> = OnceLock::new();
    DESCRIPTION.get_or_init(|| {
        let mut description = described().split_for_parts().1;
        answers::Common.modify(&mut description);
        description
    })
}

async fn describe(_: super::Viewer) -> Json<&'static utoipa::openapi::OpenApi> {
    Json(description())
}

/// A JSON body; what is wrong with it is told with the field's name.
struct Body<T>(T);

impl<T: DeserializeOwned> FromRequest<AppState> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let read = Bytes::from_request(Request::from_parts(parts.clone(), body), state).await;
        let read = read
            .map_err(|error| Failure { status: error.status(), ..Failure::bad_request(error.body_text()) })?;
        // A list of the values in the right order would be read as well.
        if read.trim_ascii_start().starts_with(b"[") {
            return Err(Failure::bad_request("the body must be an object with named values"));
        }
        match Json::<T>::from_request(Request::from_parts(parts, read.into()), state).await {
            Ok(Json(body)) => Ok(Body(body)),
            Err(JsonRejection::JsonDataError(error)) => {
                Err(Failure::bad_request(complaint::of_body(&error.body_text())))
            }
            Err(error) => Err(Failure { status: error.status(), ..Failure::bad_request(error.body_text()) }),
        }
    }
}

/// A body of which nothing has to be said: without one, everything is as it is by default.
struct Spoken<T>(T);

impl<T: DeserializeOwned + Default> FromRequest<AppState> for Spoken<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let read = Bytes::from_request(Request::from_parts(parts.clone(), body), state).await;
        let read = read
            .map_err(|error| Failure { status: error.status(), ..Failure::bad_request(error.body_text()) })?;
        if read.trim_ascii().is_empty() {
            return Ok(Spoken(T::default()));
        }
        let Body(body) = Body::from_request(Request::from_parts(parts, read.into()), state).await?;
        Ok(Spoken(body))
    }
}

/// The query of a request; an unknown word in it is refused.
struct Asked<T>(T);

impl<T: DeserializeOwned> FromRequestParts<AppState> for Asked<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(asked)) => Ok(Asked(asked)),
            Err(error) => Err(Failure::bad_request(complaint::of_query(&error.body_text()))),
        }
    }
}

/// Which part of a list is asked for; its beginning when nothing is said.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Pages {
    /// 1 to 1000, and 1000 when absent.
    limit: Option<usize>,
    offset: Option<usize>,
}

impl Pages {
    /// The part, and how many there are in all.
    fn of<T>(self, all: Vec<T>) -> Result<(Vec<T>, usize), Failure> {
        let (limit, total) = (self.limit.unwrap_or(PAGE_MAX), all.len());
        if !(1..=PAGE_MAX).contains(&limit) {
            return Err(Failure::bad_request(format!("limit: must be 1 to {PAGE_MAX}")));
        }
        Ok((all.into_iter().skip(self.offset.unwrap_or(0)).take(limit).collect(), total))
    }
}

/// What a path names. What cannot be read names nothing.
struct Named(String);

impl FromRequestParts<AppState> for Named {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let Path(name) = Path::from_request_parts(parts, state).await.map_err(|_| Failure::not_found())?;
        Ok(Named(name))
    }
}

/// RFC 3339 in UTC, to the millisecond.
pub(crate) fn rfc3339(at: Timestamp) -> String {
    DateTime::<Utc>::from_timestamp_millis(at.0)
        .unwrap_or_default()
        .to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Milliseconds as people read them: two decimals, without the noise of binary fractions.
fn tidy_ms(ms: f32) -> f64 {
    (f64::from(ms) * 100.0).round() / 100.0
}
