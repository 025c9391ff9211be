//! Who last did something to what is called so: for whoever did not expect it.

use super::super::{
    Store,
    entity::audit_entry,
    error::{Result, StoreError},
};
use model::{Act, Timestamp};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder};

impl Store {
    /// That somebody else's change stands in the way: by whom and when, as far as the log tells.
    pub(in crate::store) async fn overtaken(
        &self,
        transaction: &DatabaseTransaction,
        act: Act,
        subject: &str,
    ) -> Result<StoreError> {
        let last = audit_entry::Entity::find()
            .filter(audit_entry::Column::Act.eq(act.word()))
            .filter(audit_entry::Column::Subject.eq(subject))
            .order_by_desc(audit_entry::Column::Id)
            .one(transaction)
            .await?;
        let (by, at) = last.map(|entry| (entry.who, Timestamp(entry.at))).unzip();
        Ok(StoreError::Changed { by, at })
    }
}
