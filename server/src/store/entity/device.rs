//! A watched device.

use model::{Device, DeviceId, DeviceKind, SlaTarget, Timestamp};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "devices")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    pub kind: String,
    pub address: String,
    pub description: Option<String>,
    pub location: Option<String>,
    pub vendor: Option<String>,
    pub model: Option<String>,
    pub parent_id: Option<i64>,
    /// A JSON list.
    pub tags: String,
    pub enabled: bool,
    pub sla_target: Option<i32>,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Without its checks and its login, which live in tables of their own.
impl From<Model> for Device {
    fn from(row: Model) -> Self {
        Self {
            id: DeviceId(row.id),
            name: row.name,
            kind: DeviceKind::from_word(&row.kind).unwrap_or(DeviceKind::Server),
            address: row.address,
            description: row.description,
            location: row.location,
            vendor: row.vendor,
            model: row.model,
            parent: row.parent_id.map(DeviceId),
            tags: serde_json::from_str(&row.tags).unwrap_or_default(),
            enabled: row.enabled,
            sla_target: row.sla_target.and_then(|parts| SlaTarget::from_parts(u32::try_from(parts).ok()?)),
            checks: Vec::new(),
            routeros: None,
            ssh: None,
            host_key: None,
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
        }
    }
}
