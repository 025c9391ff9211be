//! Devices that show another SSH host key than the accepted one. No check asks for it: whoever connects notices.
//!
//! It is told once, by the rules about certificates, whether the device is watched or not; and it goes on until the
//! accepted key is seen again, or the one that was seen is accepted.

use super::{
    super::{
        Store,
        entity::{device, incident, ssh_host_key},
        error::Result,
        rules,
    },
    Incidents,
    write::Writer,
};
use crate::alerts::{Deed, tellings};
use model::{Device, DeviceId, IncidentEnd, IncidentId, IncidentKind, SshHostKey, Timestamp};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter};

impl Incidents<'_> {
    /// Somebody who was to find `pinned` at the device saw another key; whether there is something new to be told.
    pub async fn host_key_changed(
        &self,
        id: DeviceId,
        pinned: &SshHostKey,
        seen: &SshHostKey,
    ) -> Result<bool> {
        let store: &Store = self.0;
        let (transaction, now) = (store.begin().await?, store.now());
        let row = device::Entity::find_by_id(id.0).one(&transaction).await?;
        // It was accepted, or the device removed, while somebody looked.
        let is_current = is_accepted(&transaction, id, pinned).await?;
        let Some(device) = row.filter(|_| is_current).map(Device::from) else { return Ok(false) };
        if !open(&transaction, id).await?.is_empty() {
            return Ok(false);
        }
        let events = rules::events(&transaction).await?;
        let told = tellings(&events, &device).remove(&IncidentKind::HostKey.event());
        let Some(telling) = told else { return Ok(false) };
        // `host_key_accepted` reads its end.
        let cause = format!(
            "the SSH host key changed: accepted {} {}, seen {} {}",
            pinned.algorithm, pinned.fingerprint, seen.algorithm, seen.fingerprint
        );
        let mut writer = Writer::new(&transaction, now).await?;
        let deed = Deed::Open {
            device: id,
            name: device.name,
            address: device.address,
            kind: IncidentKind::HostKey,
            at: now,
            cause: Some(cause),
            number: None,
            telling,
        };
        writer.write(vec![deed]).await?;
        let has_news = writer.has_news;
        transaction.commit().await?;
        store.alerts_changed();
        Ok(has_news)
    }

    /// Somebody found `pinned` at the device, as was to be; whether there is something new to be told.
    pub async fn host_key_is_back(&self, id: DeviceId, pinned: &SshHostKey) -> Result<bool> {
        let store: &Store = self.0;
        if open(store.reader(), id).await?.is_empty() {
            return Ok(false);
        }
        let transaction = store.begin().await?;
        // Another one was accepted while somebody looked: what was told is of that one.
        if !is_accepted(&transaction, id, pinned).await? {
            return Ok(false);
        }
        let rows = open(&transaction, id).await?;
        let has_news = close(&transaction, rows, (store.now(), IncidentEnd::Recovered)).await?;
        transaction.commit().await?;
        store.alerts_changed();
        Ok(has_news)
    }
}

async fn is_accepted(transaction: &DatabaseTransaction, id: DeviceId, pinned: &SshHostKey) -> Result<bool> {
    let accepted = ssh_host_key::Entity::find_by_id(id.0).one(transaction).await?;
    Ok(accepted.is_some_and(|accepted| accepted.fingerprint == pinned.fingerprint))
}

/// Another key was accepted: what was told of it is over. A key that nobody has seen at the device ends nothing: the
/// device still shows another than the accepted one, until somebody connects and finds it.
pub(in crate::store) async fn host_key_accepted(
    transaction: &DatabaseTransaction,
    id: DeviceId,
    key: &SshHostKey,
    now: Timestamp,
) -> Result<bool> {
    let mut rows = open(transaction, id).await?;
    // By the fingerprint alone: an RSA key goes by several names.
    rows.retain(|row| row.cause.as_ref().is_some_and(|cause| cause.ends_with(&key.fingerprint)));
    close(transaction, rows, (now, IncidentEnd::Accepted)).await
}

async fn close(
    transaction: &DatabaseTransaction,
    rows: Vec<incident::Model>,
    (at, ending): (Timestamp, IncidentEnd),
) -> Result<bool> {
    if rows.is_empty() {
        return Ok(false);
    }
    let mut writer = Writer::new(transaction, at).await?;
    for row in rows {
        writer.close(IncidentId(row.id), at, ending).await?;
    }
    Ok(writer.has_news)
}

async fn open(connection: &impl ConnectionTrait, id: DeviceId) -> Result<Vec<incident::Model>> {
    let open = incident::Entity::find()
        .filter(incident::Column::DeviceId.eq(id.0))
        .filter(incident::Column::Kind.eq(IncidentKind::HostKey.word()))
        .filter(incident::Column::ClosedAt.is_null());
    Ok(open.all(connection).await?)
}
