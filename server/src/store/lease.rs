//! One server for one database: held as a lock of the database's own server, which takes it back when the
//! connection ends, however it ends.
//!
//! A SQLite file has no server that could know; there its folder is locked.

use super::{
    connect::{POSTGRES, WAIT_MAX, readable, unreadable},
    error::{Result, StoreError},
};
use sea_orm::sqlx::{
    self, ConnectOptions as _, Connection as _, Executor as _, MySqlConnection, PgConnection,
    mysql::MySqlConnectOptions, postgres::PgConnectOptions,
};
use std::str::FromStr;
use tokio::time::timeout;

/// PostgreSQL knows locks by numbers, each database its own.
const NUMBER: i64 = i64::from_be_bytes(*b"routewrd");
/// MariaDB knows them by names, its databases together. Not the name that changes of the schema wait their turn by.
const NAME: &str = "CONCAT('routewarden.server.', MD5(DATABASE()))";
/// A start waits so long for one that was killed a moment ago. Shorter than anybody waits for an answer.
const POSTGRES_WAIT: &str = "SET lock_timeout = '3s'";
const MARIADB_WAIT_S: u32 = 3;
/// What PostgreSQL says when it waited in vain.
const POSTGRES_LOCKED: &str = "55P03";
/// A client that vanished without a word keeps MariaDB's lock for so long, in seconds; it is renewed sooner.
const MARIADB_IDLE: &str = "SET SESSION wait_timeout = 120";

/// The right to be the server of a database, given back when it is dropped.
pub struct Lease {
    url: String,
    held: Option<Held>,
}

enum Held {
    Postgres(PgConnection),
    MariaDb(MySqlConnection),
}

impl Lease {
    /// Takes the database for this server. `None` where the database has no server of its own.
    ///
    /// # Errors
    /// [`StoreError::Held`] when another server has it.
    pub async fn take(url: &str) -> Result<Option<Lease>> {
        let url = readable(url)?;
        if url.starts_with("sqlite:") {
            return Ok(None);
        }
        let held = Some(hold(&url).await?);
        Ok(Some(Lease { url, held }))
    }

    /// Sees to it that the lock is held still, after its connection was lost too.
    pub async fn renew(&mut self) -> Result<()> {
        if let Some(held) = &mut self.held
            && timeout(WAIT_MAX, held.ping()).await.is_ok_and(|answer| answer.is_ok())
        {
            return Ok(());
        }
        self.held = None;
        self.held = Some(hold(&self.url).await?);
        Ok(())
    }
}

impl Held {
    async fn ping(&mut self) -> sqlx::Result<()> {
        match self {
            Held::Postgres(connection) => connection.ping().await,
            Held::MariaDb(connection) => connection.ping().await,
        }
    }
}

async fn hold(url: &str) -> Result<Held> {
    let taking = async { if url.starts_with("mysql:") { mariadb(url).await } else { postgres(url).await } };
    let late = |_| StoreError::Unavailable(format!("no answer within {} s", WAIT_MAX.as_secs()));
    timeout(WAIT_MAX, taking).await.map_err(late)?
}

async fn postgres(url: &str) -> Result<Held> {
    let options = PgConnectOptions::from_str(url).map_err(unreadable)?.disable_statement_logging();
    let mut connection = options.connect().await.map_err(unavailable)?;
    connection.execute(POSTGRES).await.map_err(unavailable)?;
    connection.execute(POSTGRES_WAIT).await.map_err(unavailable)?;
    let taking = sqlx::query("SELECT pg_advisory_lock($1)").bind(NUMBER).execute(&mut connection).await;
    match taking {
        Ok(_) => Ok(Held::Postgres(connection)),
        Err(sqlx::Error::Database(said)) if said.code().as_deref() == Some(POSTGRES_LOCKED) => {
            Err(StoreError::Held)
        }
        Err(error) => Err(unavailable(error)),
    }
}

async fn mariadb(url: &str) -> Result<Held> {
    let options = MySqlConnectOptions::from_str(url).map_err(unreadable)?.disable_statement_logging();
    let mut connection = options.connect().await.map_err(unavailable)?;
    connection.execute(MARIADB_IDLE).await.map_err(unavailable)?;
    let take = format!("SELECT GET_LOCK({NAME}, {MARIADB_WAIT_S})");
    let taken: Option<i64> = sqlx::query_scalar(sqlx::AssertSqlSafe(take))
        .fetch_one(&mut connection)
        .await
        .map_err(unavailable)?;
    if taken == Some(1) { Ok(Held::MariaDb(connection)) } else { Err(StoreError::Held) }
}

fn unavailable(error: sqlx::Error) -> StoreError {
    StoreError::Unavailable(error.to_string())
}
