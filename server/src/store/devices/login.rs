//! A device's login: sealed on its way in, opened only for the driver that uses it.

use crate::{
    store::{
        entity::credential,
        error::{Result, StoreError},
    },
    vault::{Place, Sealed, Vault},
};
use engine::{Login, Secret};
use model::{DeviceId, NewCredential, Timestamp};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Unchanged, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait,
    QueryFilter, Set, sea_query::Expr,
};

/// The only service so far: the word in the table.
pub const ROUTEROS: &str = "routeros";
/// Characters of a SHA-256 fingerprint in hex.
const FINGERPRINT_CHARS: usize = 64;

pub async fn row(connection: &impl ConnectionTrait, id: DeviceId) -> Result<Option<credential::Model>> {
    Ok(credential::Entity::find_by_id((id.0, ROUTEROS.to_owned())).one(connection).await?)
}

pub fn open(row: credential::Model, vault: &Vault) -> Result<Login> {
    let password = vault.open(place(&row_id(DeviceId(row.device_id))), &Sealed::from(row.sealed.clone()))?;
    Ok(Login { port: row.port(), username: row.username, password, tls: row.tls, pinned: row.pinned })
}

/// Stores `login`; without a password the stored one stays, and there must be one.
pub async fn save(
    transaction: &DatabaseTransaction,
    vault: &Vault,
    id: DeviceId,
    login: NewCredential,
    now: Timestamp,
) -> Result<()> {
    let before = row(transaction, id).await?;
    let mut row = row_of(vault, id, login, before.as_ref(), now)?;
    let Some(before) = before else {
        row.insert(transaction).await?;
        return Ok(());
    };
    row.device_id = Unchanged(id.0);
    row.service = Unchanged(ROUTEROS.to_owned());
    // What was pinned is the router's identity, not the login's: a new password does not make it another router.
    row.pinned = Unchanged(before.pinned);
    row.update(transaction).await?;
    Ok(())
}

/// The row of a login, sealed; the password of the one before it stays where the new one has none.
pub fn row_of(
    vault: &Vault,
    id: DeviceId,
    login: NewCredential,
    before: Option<&credential::Model>,
    now: Timestamp,
) -> Result<credential::ActiveModel> {
    let sealed = match (login.password, before) {
        (Some(password), _) => vault.seal(place(&row_id(id)), &Secret::new(password))?.into(),
        (None, Some(before)) => before.sealed.clone(),
        (None, None) => {
            return Err(StoreError::invalid("routeros.password", "error_required", "is required"));
        }
    };
    Ok(credential::ActiveModel {
        device_id: Set(id.0),
        service: Set(ROUTEROS.to_owned()),
        username: Set(login.username),
        port: Set(login.port.map(i32::from)),
        tls: Set(login.tls),
        sealed: Set(sealed),
        set_at: Set(now.0),
        pinned: Set(None),
    })
}

pub async fn remove(transaction: &DatabaseTransaction, id: DeviceId) -> Result<()> {
    credential::Entity::delete_by_id((id.0, ROUTEROS.to_owned())).exec(transaction).await?;
    Ok(())
}

/// Replaces whatever was pinned.
pub async fn pin(transaction: &DatabaseTransaction, id: DeviceId, fingerprint: &str) -> Result<()> {
    let is_hex = fingerprint.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if fingerprint.len() != FINGERPRINT_CHARS || !is_hex {
        return Err(StoreError::invalid("fingerprint", "error_fingerprint", "must be 64 hexadecimal digits"));
    }
    let pinned = credential::Entity::update_many()
        .col_expr(credential::Column::Pinned, Expr::value(fingerprint))
        .filter(credential::Column::DeviceId.eq(id.0))
        .filter(credential::Column::Service.eq(ROUTEROS))
        .exec(transaction)
        .await?;
    if pinned.rows_affected == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// Pins the first certificate ever seen; a later one needs a person.
pub async fn pin_first(transaction: &DatabaseTransaction, id: DeviceId, fingerprint: &str) -> Result<()> {
    match row(transaction, id).await? {
        Some(row) if row.pinned.is_none() => pin(transaction, id, fingerprint).await,
        _ => Ok(()),
    }
}

fn row_id(id: DeviceId) -> String {
    format!("{id}/{ROUTEROS}")
}

fn place(row: &str) -> Place<'_> {
    Place { table: "credentials", column: "sealed", row }
}
