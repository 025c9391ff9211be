//! What can go wrong with the store. Never a device's state: the engine does not see these.

use crate::vault::VaultError;
use model::{FieldError, Timestamp};
use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx::mysql::MySqlDatabaseError};
use std::time::Duration;
use tokio::time::timeout;

/// Longest time a request waits for the database.
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// How [`StoreError::Full`] begins, where only its words are left of it.
pub const DISK_FULL: &str = "the disk is full";
/// What it is to SQLite (its code), to PostgreSQL (SQLSTATE) and to MariaDB (the disk, or a table for want of it).
const FULL_SQLITE: u32 = 13;
const FULL_POSTGRES: &str = "53100";
const FULL_MARIADB: [u16; 2] = [1021, 1114];

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The value is somebody else's already.
    #[error("{0}")]
    Conflict(FieldError),
    /// Nothing was changed; every refused value is named.
    #[error("{}", listed(.0))]
    Invalid(Vec<FieldError>),
    /// Somebody saved other values than those that this change was made from.
    #[error("it was changed meanwhile")]
    Changed { by: Option<String>, at: Option<Timestamp> },
    #[error("there is no such thing")]
    NotFound,
    #[error("the last enabled admin cannot be removed, demoted or disabled")]
    LastAdmin,
    #[error("the key of the audit log was not opened")]
    NoAuditKey,
    #[error(
        "another Routewarden server works with this database, or a connection of this one that was lost still holds \
         it; stop the other one, or give this one a database of its own with --database-url"
    )]
    Held,
    #[error("{0}")]
    BadUrl(String),
    #[error("the database is damaged: {0}")]
    Damaged(String),
    #[error("the database does not answer: {0}")]
    Unavailable(String),
    /// It reads and takes nothing: no more room.
    #[error("{}: {}", DISK_FULL, .0)]
    Full(String),
    #[error("a stored secret cannot be used: {0}")]
    Vault(VaultError),
}

pub type Result<T> = std::result::Result<T, StoreError>;

/// Its reason is part of the sentence, and so no source that would tell it again.
impl From<VaultError> for StoreError {
    fn from(error: VaultError) -> Self {
        StoreError::Vault(error)
    }
}

impl StoreError {
    pub(super) fn invalid(field: &str, code: &str, message: &str) -> Self {
        Self::Invalid(vec![FieldError::new(field, code, message)])
    }

    /// Names the field whose value turned out to be taken.
    pub(super) fn taken(error: DbErr, field: &str) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Self::is_taken(field),
            _ => error.into(),
        }
    }

    pub(super) fn is_taken(field: &str) -> Self {
        Self::Conflict(FieldError::new(field, "error_taken", "is already in use; choose another"))
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error {
            DbErr::RecordNotFound(_) | DbErr::RecordNotUpdated => Self::NotFound,
            full if is_disk_full(&full) => Self::Full(full.to_string()),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

fn is_disk_full(error: &DbErr) -> bool {
    let (DbErr::Conn(RuntimeErr::SqlxError(error))
    | DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return false;
    };
    let Some(said) = error.as_database_error() else { return false };
    match said.try_downcast_ref::<MySqlDatabaseError>() {
        Some(said) => FULL_MARIADB.contains(&said.number()),
        None => {
            said.code().is_some_and(|code| code == FULL_POSTGRES || code.parse::<u32>() == Ok(FULL_SQLITE))
        }
    }
}

/// The same, but no longer than anybody waits for it: a database that hangs has failed.
pub async fn in_time<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    match timeout(ANSWER_MAX, work).await {
        Ok(done) => done,
        Err(_) => Err(StoreError::Unavailable(format!("no answer within {} s", ANSWER_MAX.as_secs()))),
    }
}

fn listed(errors: &[FieldError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::{ConnectOptions, ConnectionTrait, Database};

    #[tokio::test]
    async fn a_full_disk_is_told_from_a_database_that_does_not_answer() {
        let mut options = ConnectOptions::new("sqlite::memory:");
        options.max_connections(1);
        let database = Database::connect(options).await.unwrap();
        database.execute_unprepared("CREATE TABLE t (x BLOB)").await.unwrap();
        // To SQLite the same as a disk without room.
        database.execute_unprepared("PRAGMA max_page_count = 2").await.unwrap();
        let full = database.execute_unprepared("INSERT INTO t VALUES (zeroblob(100000))").await.unwrap_err();
        let full = StoreError::from(full);
        assert!(matches!(full, StoreError::Full(_)), "{full:?}");
        assert!(full.to_string().starts_with(DISK_FULL), "{full}");
        let other = database.execute_unprepared("SELECT nothing").await.unwrap_err();
        let other = StoreError::from(other);
        assert!(matches!(other, StoreError::Unavailable(_)), "{other:?}");
    }
}
