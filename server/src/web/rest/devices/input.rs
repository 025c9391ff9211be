//! A device as programs send it. Unknown fields are refused; what is only ours to say is ignored, so that
//! a PUT may carry back what GET gave.

use super::ssh::SshInput;
use crate::{store::default_checks, web::error::Failure};
use app::api::ApiError;
use model::{
    CheckDraft, CheckKind, CredentialChange, Device, DeviceDraft, DeviceId, DeviceKind, FieldError,
    NewCredential, Settings, SlaTarget, SshChange,
};
use serde::{Deserialize, Deserializer, de::IgnoredAny};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Absent, `null` or a value.
pub(super) type Wish<T> = Option<Option<T>>;

pub(super) fn wish<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Wish<T>, D::Error> {
    Option::deserialize(from).map(Some)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDevice {
    name: String,
    ip_address: String,
    /// `router`, `switch`, `wifi_ap`, `server`, `firewall` or `tunnel`.
    device_type: String,
    description: Option<String>,
    location: Option<String>,
    vendor: Option<String>,
    model: Option<String>,
    /// Asked by TCP; required for a tunnel without `checks`.
    port: Option<u16>,
    parent_id: Option<i64>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default = "yes")]
    enabled: bool,
    /// The uptime that is promised, in percent; above 0 and up to 100, to three decimals.
    sla_target: Option<f64>,
    /// What the kind of device gets by itself, when absent.
    checks: Option<Vec<CheckInput>>,
    routeros: Option<RouterosInput>,
    ssh: Option<SshInput>,
}

fn yes() -> bool {
    true
}

/// Every field may be left out and stays as it is then.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceChange {
    name: Option<String>,
    ip_address: Option<String>,
    device_type: Option<String>,
    #[serde(default, deserialize_with = "wish")]
    #[schema(value_type = Option<String>)]
    description: Wish<String>,
    #[serde(default, deserialize_with = "wish")]
    #[schema(value_type = Option<String>)]
    location: Wish<String>,
    #[serde(default, deserialize_with = "wish")]
    #[schema(value_type = Option<String>)]
    vendor: Wish<String>,
    #[serde(default, deserialize_with = "wish")]
    #[schema(value_type = Option<String>)]
    model: Wish<String>,
    /// Ignored where `checks` say it too.
    port: Option<u16>,
    #[serde(default, deserialize_with = "wish")]
    #[schema(value_type = Option<i64>)]
    parent_id: Wish<i64>,
    tags: Option<Vec<String>>,
    enabled: Option<bool>,
    /// In percent; `null` removes it.
    #[serde(default, deserialize_with = "wish")]
    #[schema(value_type = Option<f64>)]
    sla_target: Wish<f64>,
    checks: Option<Vec<CheckInput>>,
    /// `null` removes the login.
    #[serde(default, deserialize_with = "wish")]
    #[schema(value_type = Option<RouterosInput>)]
    routeros: Wish<RouterosInput>,
    /// `null` removes the login.
    #[serde(default, deserialize_with = "wish")]
    #[schema(value_type = Option<SshInput>)]
    ssh: Wish<SshInput>,
    #[serde(rename = "host_key")]
    #[schema(ignore)]
    _host_key: Option<IgnoredAny>,
    #[serde(rename = "id")]
    #[schema(ignore)]
    _id: Option<IgnoredAny>,
    #[serde(rename = "state")]
    #[schema(ignore)]
    _state: Option<IgnoredAny>,
    #[serde(rename = "since")]
    #[schema(ignore)]
    _since: Option<IgnoredAny>,
    #[serde(rename = "last_checked")]
    #[schema(ignore)]
    _last_checked: Option<IgnoredAny>,
    #[serde(rename = "quiet")]
    #[schema(ignore)]
    _quiet: Option<IgnoredAny>,
    #[serde(rename = "metrics")]
    #[schema(ignore)]
    _metrics: Option<IgnoredAny>,
    #[serde(rename = "created_at")]
    #[schema(ignore)]
    _created_at: Option<IgnoredAny>,
    #[serde(rename = "updated_at")]
    #[schema(ignore)]
    _updated_at: Option<IgnoredAny>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckInput {
    /// `icmp`, `tcp` or `routeros`.
    kind: String,
    /// Up to five times as long while it is down.
    interval_seconds: Option<u32>,
    timeout_seconds: Option<u32>,
    #[serde(default)]
    #[schema(value_type = Object)]
    settings: BTreeMap<String, serde_json::Value>,
    #[serde(default, rename = "id")]
    #[schema(ignore)]
    _id: Option<IgnoredAny>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RouterosInput {
    username: String,
    /// Write-only. Left out, the stored one stays.
    password: Option<String>,
    /// 8728, or 8729 with TLS, when absent.
    port: Option<u16>,
    #[serde(default)]
    tls: bool,
    #[serde(default, rename = "set")]
    #[schema(ignore)]
    _set: Option<IgnoredAny>,
    #[serde(default, rename = "set_at")]
    #[schema(ignore)]
    _set_at: Option<IgnoredAny>,
    #[serde(default, rename = "pinned")]
    #[schema(ignore)]
    _pinned: Option<IgnoredAny>,
}

impl NewDevice {
    pub fn draft(self) -> Result<DeviceDraft, Failure> {
        let kind = device_kind(&self.device_type)?;
        let checks = match (self.checks, self.port) {
            (Some(checks), _) => Some(drafts(checks)?),
            (None, None) => None,
            (None, Some(port)) => {
                let has_login = self.routeros.is_some();
                let mut checks = default_checks(kind, Some(port), has_login).map_err(ApiError::from)?;
                if kind != DeviceKind::Tunnel {
                    checks.push(tcp(port));
                }
                Some(checks)
            }
        };
        Ok(DeviceDraft {
            name: self.name,
            kind,
            address: self.ip_address,
            description: self.description,
            location: self.location,
            vendor: self.vendor,
            model: self.model,
            parent: self.parent_id.map(DeviceId),
            tags: self.tags,
            enabled: self.enabled,
            sla_target: sla_target(self.sla_target)?,
            checks,
            routeros: self
                .routeros
                .map_or(CredentialChange::Keep, |login| CredentialChange::Set(login.into())),
            ssh: match self.ssh {
                None => SshChange::Keep,
                Some(login) => SshChange::Set(login.login(None)?),
            },
        })
    }
}

impl DeviceChange {
    pub fn draft(self, before: &Device) -> Result<DeviceDraft, Failure> {
        let kind = self.device_type.as_deref().map(device_kind).transpose()?.unwrap_or(before.kind);
        let checks = match (self.checks, self.port) {
            (Some(checks), _) => Some(drafts(checks)?),
            (None, Some(port)) => Some(moved(before, port)),
            (None, None) => None,
        };
        Ok(DeviceDraft {
            name: self.name.unwrap_or_else(|| before.name.clone()),
            kind,
            address: self.ip_address.unwrap_or_else(|| before.address.clone()),
            description: self.description.unwrap_or_else(|| before.description.clone()),
            location: self.location.unwrap_or_else(|| before.location.clone()),
            vendor: self.vendor.unwrap_or_else(|| before.vendor.clone()),
            model: self.model.unwrap_or_else(|| before.model.clone()),
            parent: self.parent_id.map_or(before.parent, |parent| parent.map(DeviceId)),
            tags: self.tags.unwrap_or_else(|| before.tags.clone()),
            enabled: self.enabled.unwrap_or(before.enabled),
            sla_target: match self.sla_target {
                None => before.sla_target,
                Some(percent) => sla_target(percent)?,
            },
            checks,
            routeros: match self.routeros {
                None => CredentialChange::Keep,
                Some(None) => CredentialChange::Remove,
                Some(Some(login)) if login.says_nothing_new(before) => CredentialChange::Keep,
                Some(Some(login)) => CredentialChange::Set(login.into()),
            },
            ssh: match self.ssh {
                None => SshChange::Keep,
                Some(None) => SshChange::Remove,
                Some(Some(login)) if login.says_nothing_new(before) => SshChange::Keep,
                Some(Some(login)) => SshChange::Set(login.login(before.ssh.as_ref())?),
            },
        })
    }
}

impl RouterosInput {
    /// What GET gave, carried back.
    fn says_nothing_new(&self, before: &Device) -> bool {
        self.password.is_none()
            && before.routeros.as_ref().is_some_and(|access| {
                (&access.credential.username, access.port, access.tls)
                    == (&self.username, self.port, self.tls)
            })
    }
}

impl From<RouterosInput> for NewCredential {
    fn from(login: RouterosInput) -> Self {
        Self { username: login.username, password: login.password, port: login.port, tls: login.tls }
    }
}

/// The device's checks with its TCP check at another port, or with one more.
fn moved(before: &Device, port: u16) -> Vec<CheckDraft> {
    let mut checks: Vec<CheckDraft> = before
        .checks
        .iter()
        .map(|check| CheckDraft {
            kind: check.kind,
            interval_s: Some(check.interval_s),
            timeout_s: Some(check.timeout_s),
            settings: check.settings.clone(),
        })
        .collect();
    match checks.iter_mut().find(|check| check.kind == CheckKind::Tcp) {
        Some(check) => drop(check.settings.insert("port".to_owned(), port.to_string())),
        None => checks.push(tcp(port)),
    }
    checks
}

fn tcp(port: u16) -> CheckDraft {
    let settings = Settings::from([("port".to_owned(), port.to_string())]);
    CheckDraft { kind: CheckKind::Tcp, interval_s: None, timeout_s: None, settings }
}

fn device_kind(word: &str) -> Result<DeviceKind, Failure> {
    let words = "must be router, switch, wifi_ap, server, firewall or tunnel";
    let unknown = || ApiError::from(FieldError::new("device_type", "error_choice", words)).into();
    DeviceKind::from_word(word).ok_or_else(unknown)
}

fn sla_target(percent: Option<f64>) -> Result<Option<SlaTarget>, Failure> {
    let why = "must be above 0 and at most 100";
    let refused = || ApiError::from(FieldError::new("sla_target", "error_out_of_range", why)).into();
    percent.map(|percent| SlaTarget::from_percent(percent).ok_or_else(refused)).transpose()
}

fn drafts(checks: Vec<CheckInput>) -> Result<Vec<CheckDraft>, Failure> {
    checks.into_iter().enumerate().map(|(index, check)| check.draft(index)).collect()
}

impl CheckInput {
    fn draft(self, index: usize) -> Result<CheckDraft, Failure> {
        let refused = |field: &str, why: &str| {
            let error = FieldError::new(format!("checks[{index}].{field}"), "error_choice", why);
            Failure::from(ApiError::from(error))
        };
        let kind = CheckKind::from_word(&self.kind)
            .ok_or_else(|| refused("kind", "must be icmp, tcp or routeros"))?;
        let mut settings = Settings::new();
        for (name, value) in self.settings {
            let text = match value {
                serde_json::Value::String(text) => text,
                value @ (serde_json::Value::Number(_) | serde_json::Value::Bool(_)) => value.to_string(),
                _ => {
                    return Err(refused(
                        &format!("settings.{name}"),
                        "must be text, a number, true or false",
                    ));
                }
            };
            settings.insert(name, text);
        }
        Ok(CheckDraft { kind, interval_s: self.interval_seconds, timeout_s: self.timeout_seconds, settings })
    }
}
