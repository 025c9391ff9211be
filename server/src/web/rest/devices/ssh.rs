//! A device's SSH login as programs send it.

use super::input::{Wish, wish};
use model::{Device, NewSshLogin, SecretChange};
use serde::{Deserialize, de::IgnoredAny};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SshInput {
    username: String,
    /// Write-only. Left out, the stored one stays; `null` removes it.
    #[serde(default, deserialize_with = "wish")]
    #[schema(value_type = Option<String>)]
    password: Wish<String>,
    /// Write-only, in the form of OpenSSH or PEM, without a passphrase. Left out, the stored one stays; `null` removes
    /// it.
    #[serde(default, deserialize_with = "wish")]
    #[schema(value_type = Option<String>)]
    private_key: Wish<String>,
    /// 22 when absent.
    port: Option<u16>,
    /// Whether what only old RouterOS needs is offered too.
    #[serde(default)]
    legacy_algorithms: bool,
    #[serde(default, rename = "set")]
    #[schema(ignore)]
    _set: Option<IgnoredAny>,
    #[serde(default, rename = "set_at")]
    #[schema(ignore)]
    _set_at: Option<IgnoredAny>,
    #[serde(default, rename = "has_password")]
    #[schema(ignore)]
    _has_password: Option<IgnoredAny>,
    #[serde(default, rename = "has_private_key")]
    #[schema(ignore)]
    _has_private_key: Option<IgnoredAny>,
}

impl SshInput {
    /// What GET gave, carried back.
    pub fn says_nothing_new(&self, before: &Device) -> bool {
        let same = |access: &model::SshAccess| {
            (&access.username, access.port, access.has_legacy)
                == (&self.username, self.port, self.legacy_algorithms)
        };
        self.password.is_none() && self.private_key.is_none() && before.ssh.as_ref().is_some_and(same)
    }
}

impl From<SshInput> for NewSshLogin {
    fn from(login: SshInput) -> Self {
        let secret = |wish: Wish<String>| match wish {
            None => SecretChange::Keep,
            Some(None) => SecretChange::Remove,
            Some(Some(secret)) => SecretChange::Set(secret),
        };
        Self {
            username: login.username,
            password: secret(login.password),
            private_key: secret(login.private_key),
            port: login.port,
            has_legacy: login.legacy_algorithms,
        }
    }
}
