//! One process at a time brings the schema up to date, and what it does is kept whole or not at all.

use crate::Migrator;
use sea_orm_migration::{
    MigratorTrait,
    sea_orm::{
        ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode,
        Statement, TransactionOptions, TransactionTrait,
    },
};

/// How long a start waits for another one that changes the schema.
const TURN_MAX_S: u32 = 120;
/// Any number, as long as no other program uses it in the same database.
const POSTGRES_LOCK: i64 = 0x726f_7574_6577_6172;

/// Brings the schema up to date on a connection of its own, which is to be closed afterwards.
///
/// SQLite and PostgreSQL take everything back when it ends halfway. MariaDB keeps each statement, so the next
/// start goes on where this one stopped.
pub async fn bring_up(connection: &DatabaseConnection) -> Result<(), DbErr> {
    let options = TransactionOptions {
        // The lock itself: others wait for it as long as their connection's timeout says.
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let transaction = connection.begin_with_options(options).await?;
    take_turn(&transaction).await?;
    Migrator::up(&transaction, None).await?;
    transaction.commit().await
}

/// Waits until no other process is changing the schema of this database.
async fn take_turn(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    match transaction.get_database_backend() {
        DbBackend::Postgres => {
            let limits = format!("SET LOCAL lock_timeout = '{TURN_MAX_S}s'; SET LOCAL statement_timeout = 0");
            transaction.execute_unprepared(&limits).await?;
            let lock = format!("SELECT pg_advisory_xact_lock({POSTGRES_LOCK})");
            transaction.execute_unprepared(&lock).await?;
            Ok(())
        }
        backend @ DbBackend::MySql => {
            // The name is the whole server's, so it says which database is meant. Changes to tables end a
            // transaction and would free a row, but not this; it is free when the connection closes.
            let lock =
                format!("SELECT GET_LOCK(CONCAT('routewarden.', MD5(DATABASE())), {TURN_MAX_S}) AS mine");
            let row = transaction.query_one_raw(Statement::from_string(backend, lock)).await?;
            let is_mine = row.map(|row| row.try_get::<Option<i64>>("", "mine")).transpose()?.flatten();
            match is_mine {
                Some(1) => Ok(()),
                _ => {
                    Err(DbErr::Custom("another process has been changing the schema for too long".to_owned()))
                }
            }
        }
        _ => Ok(()),
    }
}
