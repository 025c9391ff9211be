//! A device's SSH login as programs send it.

use super::input::{Wish, wish};
use crate::web::error::Failure;
use app::api::ApiError;
use model::{Device, FieldError, NewSshLogin, SecretChange, SshAccess};
use serde::{Deserialize, de::IgnoredAny};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SshInput {
    username: String,
    /// Write-only, and not empty. Left out, the stored one stays; `null` removes it.
    #[serde(default, deserialize_with = "wish")]
    #[schema(value_type = Option<String>)]
    password: Wish<String>,
    /// Write-only, in the form of OpenSSH or PEM, without a passphrase. Left out, the stored one stays; `null` removes
    /// it.
    #[serde(default, deserialize_with = "wish")]
    #[schema(value_type = Option<String>)]
    private_key: Wish<String>,
    /// Left out, the stored one stays; 22 where none is stored, and after `null`.
    #[serde(default, deserialize_with = "wish")]
    #[schema(value_type = Option<u16>)]
    port: Wish<u16>,
    /// Whether what only old RouterOS needs is offered too. Left out, it stays as it is; at first it is not.
    legacy_algorithms: Option<bool>,
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
        let same = |access: &SshAccess| {
            (&access.username, access.port, access.has_legacy)
                == (&self.username, self.port(Some(access)), self.has_legacy(Some(access)))
        };
        self.password.is_none() && self.private_key.is_none() && before.ssh.as_ref().is_some_and(same)
    }

    /// What is left out is as it is `stored`.
    pub fn login(self, stored: Option<&SshAccess>) -> Result<NewSshLogin, Failure> {
        Ok(NewSshLogin {
            port: self.port(stored),
            has_legacy: self.has_legacy(stored),
            username: self.username,
            password: secret("ssh.password", self.password)?,
            private_key: secret("ssh.private_key", self.private_key)?,
        })
    }

    fn port(&self, stored: Option<&SshAccess>) -> Option<u16> {
        self.port.unwrap_or_else(|| stored.and_then(|access| access.port))
    }

    fn has_legacy(&self, stored: Option<&SshAccess>) -> bool {
        self.legacy_algorithms.unwrap_or_else(|| stored.is_some_and(|access| access.has_legacy))
    }
}

/// An empty one is a mistake of whoever sends it, and no way to remove what is stored.
fn secret(field: &'static str, wish: Wish<String>) -> Result<SecretChange, Failure> {
    match wish {
        None => Ok(SecretChange::Keep),
        Some(None) => Ok(SecretChange::Remove),
        Some(Some(secret)) if secret.is_empty() => {
            let why = "must not be empty; null removes the stored one";
            Err(ApiError::from(FieldError::new(field, "error_required", why)).into())
        }
        Some(Some(secret)) => Ok(SecretChange::Set(secret)),
    }
}
