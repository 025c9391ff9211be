//! A device's SSH login, sealed on its way in and opened only for a terminal; and the host key that is accepted.

use crate::{
    store::{
        acting_now,
        entity::{ssh_host_key, ssh_login},
        error::Result,
    },
    vault::{Place, Sealed, Vault},
};
use engine::{Secret, driver::ssh::SshLogin};
use model::{DeviceId, NewSshLogin, SecretChange, SshHostKey, Timestamp};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Unchanged, ConnectionTrait, DatabaseTransaction, EntityTrait, Set,
};

pub async fn row(connection: &impl ConnectionTrait, id: DeviceId) -> Result<Option<ssh_login::Model>> {
    Ok(ssh_login::Entity::find_by_id(id.0).one(connection).await?)
}

pub fn open(row: ssh_login::Model, vault: &Vault) -> Result<SshLogin> {
    let id = row.device_id.to_string();
    let open = |place, sealed: String| -> Result<Option<Secret<String>>> {
        if sealed.is_empty() {
            return Ok(None);
        }
        Ok(Some(vault.open(place, &Sealed::from(sealed))?))
    };
    Ok(SshLogin {
        password: open(password_in(&id), row.password)?,
        private_key: open(key_in(&id), row.private_key)?,
        username: row.username,
    })
}

/// Stores `login`; what it says nothing of stays.
pub async fn save(
    transaction: &DatabaseTransaction,
    vault: &Vault,
    id: DeviceId,
    login: NewSshLogin,
    now: Timestamp,
) -> Result<()> {
    let before = row(transaction, id).await?;
    let key = id.to_string();
    let seal = |place, change: SecretChange, stored: Option<&String>| -> Result<String> {
        Ok(match change {
            SecretChange::Keep => stored.cloned().unwrap_or_default(),
            SecretChange::Remove => String::new(),
            SecretChange::Set(secret) if secret.is_empty() => String::new(),
            SecretChange::Set(secret) => vault.seal(place, &Secret::new(secret))?.into(),
        })
    };
    let stored = before.as_ref();
    let mut row = ssh_login::ActiveModel {
        device_id: Set(id.0),
        username: Set(login.username),
        port: Set(login.port.map(i32::from)),
        has_legacy: Set(login.has_legacy),
        password: Set(seal(password_in(&key), login.password, stored.map(|row| &row.password))?),
        private_key: Set(seal(key_in(&key), login.private_key, stored.map(|row| &row.private_key))?),
        set_at: Set(now.0),
    };
    if before.is_some() {
        row.device_id = Unchanged(id.0);
        row.update(transaction).await?;
    } else {
        row.insert(transaction).await?;
    }
    Ok(())
}

pub async fn remove(transaction: &DatabaseTransaction, id: DeviceId) -> Result<()> {
    ssh_login::Entity::delete_by_id(id.0).exec(transaction).await?;
    Ok(())
}

/// Replaces whatever was pinned, in the name of whoever acts.
pub async fn pin(
    transaction: &DatabaseTransaction,
    id: DeviceId,
    key: &SshHostKey,
    now: Timestamp,
) -> Result<()> {
    ssh_host_key::Entity::delete_by_id(id.0).exec(transaction).await?;
    let by = acting_now().map_or_else(|| "routewarden".to_owned(), |actor| actor.name.clone());
    let row = ssh_host_key::ActiveModel {
        device_id: Set(id.0),
        algorithm: Set(key.algorithm.clone()),
        fingerprint: Set(key.fingerprint.clone()),
        pinned_at: Set(now.0),
        pinned_by: Set(by.chars().take(64).collect()),
    };
    row.insert(transaction).await?;
    Ok(())
}

fn password_in(row: &str) -> Place<'_> {
    Place { table: "ssh_logins", column: "password", row }
}

fn key_in(row: &str) -> Place<'_> {
    Place { table: "ssh_logins", column: "private_key", row }
}
