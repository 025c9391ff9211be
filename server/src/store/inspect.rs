//! Looks at a database without changing it: whether it is ours, of this version, whole and writable.

use super::{
    connect,
    error::{Result, StoreError},
    sealed::{self, Survey},
};
use crate::vault::Vault;
use migration::{Migrator, MigratorTrait};
use model::Timestamp;
use sea_orm::{
    ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, ExprTrait, RuntimeErr, Statement,
    TransactionTrait,
    sea_query::{Expr, Query},
};

/// Where the migrations are written down that were made.
const MADE: &str = "seaql_migrations";
/// The code of SQLite for a damaged file.
const CORRUPT: u32 = 11;

/// How the schema of a database compares with this program's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schema {
    Current,
    /// The next start brings it up to date.
    Older {
        missing: usize,
    },
    /// Another program made these changes, or a later version of this one.
    Newer {
        unknown: Vec<String>,
    },
    /// Not one of ours.
    Foreign,
}

/// A database that is looked at.
pub struct Inspected {
    connection: DatabaseConnection,
}

impl Inspected {
    /// Opens what must be there. An open server is not disturbed.
    pub async fn open(url: &str) -> Result<Inspected> {
        match Database::connect(connect::looking(url)?).await {
            Ok(connection) => Ok(Self { connection }),
            Err(error) if is_damage(&error) => Err(StoreError::Damaged(error.to_string())),
            Err(error) => Err(error.into()),
        }
    }

    pub async fn close(self) -> Result<()> {
        Ok(self.connection.close().await?)
    }

    pub async fn schema(&self) -> Result<Schema> {
        let made = Query::select().column("version").from(MADE).to_owned();
        // Without the table there is nothing of ours; a database that fails is found out by the next question.
        self.connection.ping().await?;
        let Ok(made) = self.connection.query_all(&made).await else { return Ok(Schema::Foreign) };
        let made: Vec<String> =
            made.iter().map(|row| row.try_get("", "version")).collect::<std::result::Result<_, _>>()?;
        let known: Vec<String> =
            Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
        if !made.iter().any(|name| known.contains(name)) {
            return Ok(Schema::Foreign);
        }
        let unknown: Vec<String> = made.iter().filter(|name| !known.contains(name)).cloned().collect();
        if !unknown.is_empty() {
            return Ok(Schema::Newer { unknown });
        }
        let missing = known.iter().filter(|name| !made.contains(name)).count();
        Ok(if missing == 0 { Schema::Current } else { Schema::Older { missing } })
    }

    /// What is damaged in the file, in SQLite's words. Other databases look after themselves.
    pub async fn damage(&self) -> Result<Option<String>> {
        if self.connection.get_database_backend() != DbBackend::Sqlite {
            return Ok(None);
        }
        let check = Statement::from_string(DbBackend::Sqlite, "PRAGMA integrity_check(10)");
        let rows = match self.connection.query_all_raw(check).await {
            Ok(rows) => rows,
            Err(error) => return Ok(Some(error.to_string())),
        };
        let lines: Vec<String> =
            rows.iter().map(|row| row.try_get_by_index(0)).collect::<std::result::Result<_, _>>()?;
        Ok((lines != ["ok"]).then(|| lines.join("; ")))
    }

    /// Writes something and takes it back.
    pub async fn write(&self) -> Result<()> {
        let transaction = self.connection.begin().await?;
        let mut update = Query::update();
        update
            .table("counters")
            .value("value", Expr::col("value"))
            .and_where(Expr::col("name").eq("changes"));
        transaction.execute(&update).await?;
        Ok(transaction.rollback().await?)
    }

    /// Which keys of the vault it needs, as [`super::SealedValues::survey`] tells.
    pub async fn survey(&self, vault: Option<&Vault>) -> Result<Survey> {
        sealed::survey(&self.connection, vault).await
    }

    /// The latest moment that anything was written down at.
    pub async fn latest(&self) -> Result<Option<Timestamp>> {
        let mut latest: Option<i64> = None;
        for table in ["audit_entries", "transitions"] {
            let select = Query::select().expr(Expr::col("at").max()).from(table).to_owned();
            if let Some(row) = self.connection.query_one(&select).await? {
                latest = Ord::max(latest, row.try_get_by_index::<Option<i64>>(0)?);
            }
        }
        Ok(latest.map(Timestamp))
    }
}

/// What SQLite says of a file that it cannot make sense of.
fn is_damage(error: &DbErr) -> bool {
    let (DbErr::Conn(RuntimeErr::SqlxError(error))
    | DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return false;
    };
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
    // The low byte is the kind, what is above it the reason.
    code.is_some_and(|code| code & 0xff == CORRUPT)
}

impl Schema {
    /// Why a file is not one to restore, if it is not.
    pub fn refusal(&self) -> Option<String> {
        match self {
            Schema::Current | Schema::Older { .. } => None,
            Schema::Newer { unknown } => Some(format!(
                "it was written by a newer Routewarden (it knows {}); restore it with that version or a later one",
                unknown.join(", ")
            )),
            Schema::Foreign => Some("it is no database of Routewarden's".to_owned()),
        }
    }
}
