//! How one process notices what another changed.

use super::{Origin, Store, entity::counter, error::Result};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, ExprTrait, QueryFilter,
    QuerySelect, Set,
    sea_query::{Expr, OnConflict},
};

const CHANGES: &str = "changes";
const COMMAND_LINE_CHANGES: &str = "command_line_changes";
/// The last batch of the journal: by its number a commit whose answer was lost is known again.
const BATCH: &str = "journal_batch";

impl Store {
    /// How often the command line changed anything; a running server looks again when this grows.
    pub async fn changes(&self) -> Result<i64> {
        let row = counter::Entity::find_by_id(COMMAND_LINE_CHANGES).one(self.reader()).await?;
        Ok(row.map_or(0, |row| row.value))
    }

    /// A transaction that changes configuration or accounts, and says so.
    pub(super) async fn change(&self) -> Result<DatabaseTransaction> {
        let transaction = self.begin().await?;
        bump(&transaction, CHANGES).await?;
        if self.origin == Origin::CommandLine {
            bump(&transaction, COMMAND_LINE_CHANGES).await?;
        }
        Ok(transaction)
    }
}

/// Waits until no other process writes.
///
/// SQLite has one writer at a time by itself; elsewhere one row is everybody's turn. So on every database
/// one change is judged after the other (two can not each remove "the other" admin), and no two transactions
/// can wait for each other.
pub(super) async fn take_turn(transaction: &DatabaseTransaction) -> Result<()> {
    if transaction.get_database_backend() != DbBackend::Sqlite {
        counter::Entity::find_by_id(CHANGES).lock_exclusive().one(transaction).await?;
    }
    Ok(())
}

/// How often anything was changed, by whomever.
pub(super) async fn changes(connection: &impl ConnectionTrait) -> Result<i64> {
    let row = counter::Entity::find_by_id(CHANGES).one(connection).await?;
    Ok(row.map_or(0, |row| row.value))
}

async fn bump(transaction: &DatabaseTransaction, name: &str) -> Result<()> {
    counter::Entity::update_many()
        .col_expr(counter::Column::Value, Expr::col(counter::Column::Value).add(1))
        .filter(counter::Column::Name.eq(name))
        .exec(transaction)
        .await?;
    Ok(())
}

/// The number of the journal's last batch.
pub(super) async fn batch(connection: &impl ConnectionTrait) -> Result<i64> {
    let row = counter::Entity::find_by_id(BATCH).one(connection).await?;
    Ok(row.map_or(0, |row| row.value))
}

pub(super) async fn set_batch(transaction: &DatabaseTransaction, number: i64) -> Result<()> {
    let row = counter::ActiveModel { name: Set(BATCH.to_owned()), value: Set(number) };
    let replace = OnConflict::column(counter::Column::Name).update_column(counter::Column::Value).to_owned();
    counter::Entity::insert(row).on_conflict(replace).exec_without_returning(transaction).await?;
    Ok(())
}
