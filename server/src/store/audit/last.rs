//! Who last did something to what is called so: for whoever did not expect it.

use super::super::{
    Store,
    entity::audit_entry,
    error::{Result, StoreError},
};
use model::{Act, Timestamp};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// So many of the last entries are looked through: everybody who writes waits meanwhile.
const RECENT_MAX: i64 = 500;

impl Store {
    /// That somebody else's change stands in the way: by whom and when, as far as the log tells. What it tells of before
    /// `changed_at` was something else of that name.
    pub(in crate::store) async fn overtaken(
        &self,
        transaction: &DatabaseTransaction,
        (act, subject): (Act, &str),
        changed_at: Timestamp,
    ) -> Result<StoreError> {
        let newest = audit_entry::Entity::find()
            .select_only()
            .column(audit_entry::Column::Id)
            .order_by_desc(audit_entry::Column::Id)
            .into_tuple::<i64>()
            .one(transaction)
            .await?;
        let last = audit_entry::Entity::find()
            .filter(audit_entry::Column::Id.gt(newest.unwrap_or(0).saturating_sub(RECENT_MAX)))
            .filter(audit_entry::Column::At.gte(changed_at.0))
            .filter(audit_entry::Column::Act.eq(act.word()))
            .filter(audit_entry::Column::Subject.eq(subject))
            .order_by_desc(audit_entry::Column::Id)
            .one(transaction)
            .await?;
        let (by, at) = last.map(|entry| (entry.who, Timestamp(entry.at))).unzip();
        Ok(StoreError::Changed { by, at })
    }
}
