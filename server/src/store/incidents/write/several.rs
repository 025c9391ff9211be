//! Devices at one address that are down together: those that are waited for, and those that are not back in time.

use super::{
    super::super::{
        entity::{device, incident, incident_device},
        error::Result,
        outbox::{PARTLY, WAITING},
        quiets::About,
    },
    Writer,
};
use crate::alerts::is_shareable;
use model::{DeviceId, IncidentId, Timestamp};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
    sea_query::Expr,
};

/// Where others share the address, a message waits so long for them, in milliseconds: to say of all at once.
const COMPANY_MS: i64 = 5_000;
/// Once the first of several is back the others have so long, in milliseconds, before it is told that they are not.
const PARTLY_MS: i64 = 60_000;
/// In place of the time when that is due: it was told, and is told once.
const PARTLY_TOLD: i64 = 0;
/// Incidents of which that is told in one transaction.
const PARTLY_AT_ONCE: u64 = 100;

impl Writer<'_> {
    /// How long a message about a device waits for others at its address.
    pub(super) async fn wait_ms(&self, device: DeviceId, address: &str) -> Result<i64> {
        if !is_shareable(address) {
            return Ok(0);
        }
        let others = device::Entity::find()
            .filter(device::Column::Address.eq(address))
            .filter(device::Column::Enabled.eq(true))
            .filter(device::Column::Id.ne(device.0));
        Ok(if others.count(self.transaction).await? > 0 { COMPANY_MS } else { 0 })
    }

    /// One of several is back.
    pub(super) async fn leave(&self, id: IncidentId, device: DeviceId, at: Timestamp) -> Result<()> {
        incident_device::Entity::update_many()
            .col_expr(incident_device::Column::Until, Expr::value(at.0))
            .filter(incident_device::Column::IncidentId.eq(id.0))
            .filter(incident_device::Column::DeviceId.eq(device.0))
            .filter(incident_device::Column::IsDown.eq(true))
            .exec(self.transaction)
            .await?;
        incident::Entity::update_many()
            .col_expr(incident::Column::PartlyAt, Expr::value(self.now.0.saturating_add(PARTLY_MS)))
            .filter(incident::Column::Id.eq(id.0))
            .filter(incident::Column::PartlyAt.is_null())
            .exec(self.transaction)
            .await?;
        Ok(())
    }

    /// Tells of those outages of several of which some are back, and others have not followed in time.
    pub(super) async fn tell_partly(&mut self) -> Result<()> {
        let due = incident::Entity::find()
            .filter(incident::Column::PartlyAt.gt(PARTLY_TOLD))
            .filter(incident::Column::PartlyAt.lte(self.now.0))
            .filter(incident::Column::ClosedAt.is_null())
            .limit(PARTLY_AT_ONCE);
        for row in due.all(self.transaction).await? {
            let back = incident_device::Entity::find()
                .filter(incident_device::Column::IncidentId.eq(row.id))
                .filter(incident_device::Column::IsDown.eq(true))
                .filter(incident_device::Column::Until.is_not_null());
            let hearing = self.heard(IncidentId(row.id)).await?;
            // Those that were back are down again, or nobody knows of it yet: there is nothing to tell now.
            let has_to_tell = !hearing.is_empty() && back.count(self.transaction).await? > 0;
            // A silence ends with the next word about it.
            let is_silent = self.quiet.closing(self.transaction, About::from(&row)).await?.is_some();
            if has_to_tell && !is_silent {
                self.tell(&hearing, (row.id, PARTLY), (WAITING, 0)).await?;
            }
            let partly_at = has_to_tell.then_some(PARTLY_TOLD);
            incident::Entity::update_many()
                .col_expr(incident::Column::PartlyAt, Expr::value(partly_at))
                .filter(incident::Column::Id.eq(row.id))
                .exec(self.transaction)
                .await?;
        }
        Ok(())
    }
}

/// Puts into the outbox what is to be told because nothing happened; whether there is something new in it.
pub(in crate::store) async fn tell_partly(transaction: &DatabaseTransaction, now: Timestamp) -> Result<bool> {
    let mut writer = Writer::new(transaction, now).await?;
    writer.tell_partly().await?;
    Ok(writer.has_news)
}

/// Whether there is any of that.
pub(in crate::store) async fn is_partly_due(
    connection: &impl ConnectionTrait,
    now: Timestamp,
) -> Result<bool> {
    let due = incident::Entity::find()
        .filter(incident::Column::PartlyAt.gt(PARTLY_TOLD))
        .filter(incident::Column::PartlyAt.lte(now.0))
        .filter(incident::Column::ClosedAt.is_null());
    Ok(due.one(connection).await?.is_some())
}
