//! Channels for other people's programs. A secret goes in and never comes out.

use super::{Asked, Body, Named, Pages, rfc3339};
use crate::web::{
    Admin,
    error::{ErrorBody, Failure},
};
use axum::{Json, http::StatusCode};
use model::{Channel, ChannelDraft, ChannelId, ChannelKind, FieldError, Settings, Severity};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct ChannelList {
    success: bool,
    /// By name.
    channels: Vec<ChannelBody>,
    /// On all pages.
    total: usize,
}

#[derive(Serialize, ToSchema)]
pub struct ChannelBody {
    id: i64,
    name: String,
    /// `telegram`, `email`, `webhook` or `web_push`.
    kind: &'static str,
    enabled: bool,
    /// The language of what is said there: `en`, `id` or `ru`.
    language: String,
    /// What is less severe is not said there: `critical`, `warning` or `info`.
    severity: &'static str,
    settings: BTreeMap<String, String>,
    /// Which secrets are set.
    secrets: BTreeMap<String, SecretBody>,
    health: HealthBody,
}

#[derive(Serialize, ToSchema)]
pub struct SecretBody {
    set: bool,
    /// When a secret of this channel was last set, as RFC 3339 in UTC.
    set_at: Option<String>,
}

/// How telling goes there.
#[derive(Serialize, ToSchema)]
pub struct HealthBody {
    /// The last message that was accepted.
    sent_at: Option<String>,
    failing_since: Option<String>,
    failure: Option<String>,
    /// Why what people say to its bot is not heard, while somebody may say something.
    deaf: Option<String>,
    /// Messages that wait.
    waiting: u64,
    /// Messages that were given up.
    given_up: u64,
}

/// A channel to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChannel {
    name: String,
    /// `telegram`, `email` or `webhook`.
    kind: String,
    /// `true` when absent.
    enabled: Option<bool>,
    /// `en` when absent.
    language: Option<String>,
    /// `warning` when absent.
    severity: Option<String>,
    /// All of it text, numbers and switches too. `telegram`: `chat_id`; `thread_id`, `silent` (`false`) and `api_url`
    /// may be absent. `email`: `to` (up to ten addresses, separated by commas), `from`, `host`; `port` (587),
    /// `security` (`starttls`, `tls` or `none`; `starttls`) and `username` may be absent. `webhook`: `url`.
    #[serde(default)]
    settings: BTreeMap<String, String>,
    /// `telegram`: `token`. `email`: `password`, together with a `username`. `webhook`: `secret`, by which it is signed;
    /// may be absent.
    /// A secret that is left out of a change stays, and `null` removes it. What `GET` says of one is ignored.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, Option<String>>)]
    secrets: BTreeMap<String, Value>,
    /// Ignored: as `GET` gave them.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    #[allow(dead_code, reason = "a PUT may carry back what GET gave")]
    id: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    #[allow(dead_code, reason = "a PUT may carry back what GET gave")]
    health: Option<serde::de::IgnoredAny>,
}

#[derive(Serialize, ToSchema)]
pub struct Tested {
    /// Whether the far end accepted the test.
    success: bool,
    /// Why not.
    failure: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Removed {
    success: bool,
}

/// Where people are told.
#[utoipa::path(get, path = "/api/channels", tag = "Alerts", params(Pages), responses((status = 200, body = ChannelList)))]
pub async fn list(Admin(admin): Admin, Asked(pages): Asked<Pages>) -> Result<Json<ChannelList>, Failure> {
    let (channels, total) = pages.of(admin.channels().await?)?;
    Ok(Json(ChannelList {
        success: true,
        channels: channels.into_iter().map(ChannelBody::from).collect(),
        total,
    }))
}

/// Adds a channel.
#[utoipa::path(post, path = "/api/channels", tag = "Alerts", request_body = NewChannel, responses(
    (status = 201, body = ChannelBody),
    (status = 409, description = "Another channel has this name", body = ErrorBody),
))]
pub async fn create(
    Admin(admin): Admin,
    Body(body): Body<NewChannel>,
) -> Result<(StatusCode, Json<ChannelBody>), Failure> {
    Ok((StatusCode::CREATED, Json(admin.sure()?.add_channel(draft(body)?).await?.into())))
}

/// Changes a channel; its kind stays.
#[utoipa::path(put, path = "/api/channels/{id}", tag = "Alerts", params(("id" = i64, Path)), request_body = NewChannel,
    responses(
    (status = 200, body = ChannelBody),
    (status = 404, description = "There is no such channel", body = ErrorBody),
    (status = 409, description = "Another channel has this name", body = ErrorBody),
))]
pub async fn update(
    Admin(admin): Admin,
    Named(id): Named,
    Body(body): Body<NewChannel>,
) -> Result<Json<ChannelBody>, Failure> {
    Ok(Json(admin.sure()?.change_channel(known(&id)?, draft(body)?, None).await?.into()))
}

/// Removes a channel, and what waits for it.
#[utoipa::path(delete, path = "/api/channels/{id}", tag = "Alerts", params(("id" = i64, Path)), responses(
    (status = 200, body = Removed),
    (status = 404, description = "There is no such channel", body = ErrorBody),
))]
pub async fn remove(Admin(admin): Admin, Named(id): Named) -> Result<Json<Removed>, Failure> {
    admin.sure()?.delete_channel(known(&id)?).await?;
    Ok(Json(Removed { success: true }))
}

/// Sends a test, and answers when it was accepted or not. One that was counts as sent: the channel is well again.
#[utoipa::path(post, path = "/api/channels/{id}/test", tag = "Alerts", params(("id" = i64, Path)), responses(
    (status = 200, body = Tested),
    (status = 404, description = "There is no such channel", body = ErrorBody),
))]
pub async fn test(Admin(admin): Admin, Named(id): Named) -> Result<Json<Tested>, Failure> {
    let failure = admin.test_channel(known(&id)?).await?.err();
    Ok(Json(Tested { success: failure.is_none(), failure }))
}

fn known(id: &str) -> Result<ChannelId, Failure> {
    id.parse().map_err(|_| Failure::not_found())
}

fn draft(body: NewChannel) -> Result<ChannelDraft, Failure> {
    let unknown = |field: &str, code: &str, known: String| {
        Failure::from(app::api::ApiError::from(FieldError::new(
            field,
            code,
            format!("must be one of {known}"),
        )))
    };
    let kind = ChannelKind::from_word(&body.kind).ok_or_else(|| {
        unknown("kind", "error_channel_kind", ChannelKind::ALL.map(ChannelKind::word).join(", "))
    })?;
    let severity = body.severity.as_deref().map_or(Some(Severity::Warning), Severity::from_word);
    let severity = severity
        .filter(|severity| *severity != Severity::Good)
        .ok_or_else(|| unknown("severity", "error_required", "critical, warning, info".to_owned()))?;
    let mut secrets = BTreeMap::new();
    for (name, wish) in body.secrets {
        match wish {
            Value::String(secret) => drop(secrets.insert(name, Some(secret))),
            Value::Null => drop(secrets.insert(name, None)),
            // As `GET` gave it.
            Value::Object(_) => {}
            _ => {
                return Err(Failure::bad_request(format!(
                    "secrets.{name}: must be a text, or null to remove it"
                )));
            }
        }
    }
    Ok(ChannelDraft {
        name: body.name,
        kind,
        enabled: body.enabled.unwrap_or(true),
        language: body.language.unwrap_or_else(|| "en".to_owned()),
        severity,
        settings: Settings::from(body.settings),
        secrets,
    })
}

impl From<Channel> for ChannelBody {
    fn from(channel: Channel) -> Self {
        let set_at = channel.secrets_set_at.map(rfc3339);
        let secret = || SecretBody { set: true, set_at: set_at.clone() };
        let settings = channel.settings.iter().map(|(name, text)| (name.clone(), text.clone())).collect();
        Self {
            id: channel.id.0,
            name: channel.name,
            kind: channel.kind.word(),
            enabled: channel.enabled,
            language: channel.language,
            severity: channel.severity.word(),
            settings,
            secrets: channel.secrets.into_iter().map(|name| (name, secret())).collect(),
            health: HealthBody {
                sent_at: channel.health.sent_at.map(rfc3339),
                failing_since: channel.health.failing_since.map(rfc3339),
                failure: channel.health.failure,
                deaf: channel.health.deaf,
                waiting: channel.health.waiting,
                given_up: channel.health.given_up,
            },
        }
    }
}
