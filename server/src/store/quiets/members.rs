//! Which devices belong to which windows. Found out from what they are called and where they are, and kept: what they
//! are called later changes nothing of it.

use super::super::{
    entity::{device, quiet_device},
    error::Result,
};
use super::member;
use crate::quiet::{Member, Window};
use model::{Device, DeviceId, QuietAbout, QuietId, Timestamp};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, Set,
    sea_query::Expr,
};
use std::collections::HashSet;

/// Rows that one statement writes or names.
const ROWS: usize = 500;

/// What is to be written, and who belongs to what then.
pub struct News {
    joined: Vec<(QuietId, DeviceId)>,
    left: Vec<(QuietId, DeviceId)>,
    pub members: Vec<(QuietId, DeviceId)>,
}

impl News {
    pub fn is_empty(&self) -> bool {
        self.joined.is_empty() && self.left.is_empty()
    }
}

/// Compares who belongs to these windows with who should.
pub async fn news(connection: &impl ConnectionTrait, windows: &[Window]) -> Result<News> {
    let scopes: Vec<_> = windows.iter().filter_map(|window| Some((window.id, scope(window)?))).collect();
    if scopes.is_empty() {
        return Ok(News { joined: Vec::new(), left: Vec::new(), members: Vec::new() });
    }
    let devices = device::Entity::find().all(connection).await?;
    let devices: Vec<Device> = devices.into_iter().map(Device::from).collect();
    let members: Vec<(QuietId, DeviceId)> = scopes
        .iter()
        .flat_map(|(id, scope)| {
            devices.iter().filter(move |device| scope.holds(device)).map(move |device| (*id, device.id))
        })
        .collect();
    let stored = quiet_device::Entity::find()
        .filter(quiet_device::Column::QuietId.is_in(scopes.iter().map(|(id, _)| id.0)))
        .filter(quiet_device::Column::Until.is_null())
        .all(connection)
        .await?;
    let stored: HashSet<_> =
        stored.iter().map(|row| (QuietId(row.quiet_id), DeviceId(row.device_id))).collect();
    let wanted: HashSet<_> = members.iter().copied().collect();
    let left = stored.difference(&wanted).copied().collect();
    let joined = members.iter().filter(|pair| !stored.contains(*pair)).copied().collect();
    Ok(News { joined, left, members })
}

/// Writes down who belongs to these windows from now on; all who do.
pub async fn enroll(
    transaction: &DatabaseTransaction,
    windows: &[Window],
    now: Timestamp,
) -> Result<Vec<(QuietId, DeviceId)>> {
    let News { joined, left, members } = news(transaction, windows).await?;
    for part in joined.chunks(ROWS) {
        let row = |(quiet, device): &(QuietId, DeviceId)| quiet_device::ActiveModel {
            quiet_id: Set(quiet.0),
            device_id: Set(device.0),
            since: Set(now.0),
            until: Set(None),
            ..Default::default()
        };
        let rows: Vec<_> = part.iter().map(row).collect();
        quiet_device::Entity::insert_many(rows).exec_without_returning(transaction).await?;
    }
    for (quiet, device) in left {
        let which = Condition::all()
            .add(quiet_device::Column::QuietId.eq(quiet.0))
            .add(quiet_device::Column::DeviceId.eq(device.0));
        leave(transaction, which, now).await?;
    }
    Ok(members)
}

/// Nobody belongs to it any more.
pub async fn leave_all(transaction: &DatabaseTransaction, id: QuietId, now: Timestamp) -> Result<()> {
    leave(transaction, Condition::all().add(quiet_device::Column::QuietId.eq(id.0)), now).await
}

/// Nobody ever belonged to it.
pub async fn forget(transaction: &DatabaseTransaction, id: QuietId) -> Result<()> {
    let own = quiet_device::Entity::delete_many().filter(quiet_device::Column::QuietId.eq(id.0));
    own.exec(transaction).await?;
    Ok(())
}

async fn leave(transaction: &DatabaseTransaction, which: Condition, now: Timestamp) -> Result<()> {
    quiet_device::Entity::update_many()
        .col_expr(quiet_device::Column::Until, Expr::value(now.0))
        .filter(which)
        .filter(quiet_device::Column::Until.is_null())
        .exec(transaction)
        .await?;
    Ok(())
}

/// Who belonged to these windows, and when; only these devices, or all.
pub async fn of(
    connection: &impl ConnectionTrait,
    windows: &[Window],
    devices: Option<&[DeviceId]>,
) -> Result<Vec<Member>> {
    let mut members = Vec::new();
    for part in windows.chunks(ROWS) {
        let mut found = quiet_device::Entity::find()
            .filter(quiet_device::Column::QuietId.is_in(part.iter().map(|window| window.id.0)));
        if let Some(devices) = devices {
            let ids = devices.iter().map(|device| device.0);
            found = found.filter(quiet_device::Column::DeviceId.is_in(ids));
        }
        members.extend(found.all(connection).await?.into_iter().map(member));
    }
    Ok(members)
}

fn scope(window: &Window) -> Option<&model::RuleScope> {
    match &window.draft.about {
        QuietAbout::Devices(scope) => Some(scope),
        QuietAbout::Incident(_) | QuietAbout::Rule(_) => None,
    }
}
