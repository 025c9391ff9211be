//! Settings of the whole program, by name.

use super::{Store, entity::setting, error::Result};
use sea_orm::{DatabaseTransaction, EntityTrait, Set, sea_query::OnConflict};
use std::collections::BTreeMap;

pub struct Settings<'a>(pub(super) &'a Store);

impl Settings<'_> {
    pub async fn all(&self) -> Result<BTreeMap<String, String>> {
        let rows = setting::Entity::find().all(self.0.reader()).await?;
        Ok(rows.into_iter().map(|row| (row.name, row.value)).collect())
    }

    pub async fn set(&self, name: &str, value: &str) -> Result<()> {
        let transaction = self.0.change().await?;
        set(&transaction, name, value).await?;
        Ok(transaction.commit().await?)
    }
}

pub(super) async fn set(transaction: &DatabaseTransaction, name: &str, value: &str) -> Result<()> {
    let row = setting::ActiveModel { name: Set(name.to_owned()), value: Set(value.to_owned()) };
    let replace = OnConflict::column(setting::Column::Name).update_column(setting::Column::Value).to_owned();
    setting::Entity::insert(row).on_conflict(replace).exec_without_returning(transaction).await?;
    Ok(())
}
