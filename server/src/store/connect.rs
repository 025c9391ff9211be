//! Opens the connections: one that changes the schema and is closed again, one that writes, and others that
//! only read.
//!
//! The writer is a pool of one, which is a fair queue: writers wait in order and never meet a busy database.

use super::{
    draft::folder as folder_of,
    error::{Result, StoreError},
};
use futures::future::BoxFuture;
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection,
    sqlx::{
        self, ConnectOptions as _, Connection, Executor, Row,
        mysql::{MySqlConnectOptions, MySqlConnection},
        postgres::{PgConnectOptions, PgConnection},
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};
use std::{
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};
use tokio::time::{error::Elapsed, timeout};

/// Readers of a fleet in memory are few: the pages of history and the admin's lists.
const READERS_MAX: u32 = 4;
/// How long anyone waits for a connection, or for another process to finish writing.
pub(super) const WAIT_MAX: Duration = Duration::from_secs(5);
/// How long a connection that comes back may take to show that it is well. Shorter than anyone waits for one: the
/// next in line then still gets a new one in its place.
const RETURN_MAX: Duration = Duration::from_secs(2);
/// How long a start waits for SQLite while another one changes the schema. Longer than any wait inside.
const SCHEMA_WAIT_MAX: Duration = Duration::from_secs(120);

/// What holds on every PostgreSQL connection. The server looks for dead clients itself, because what one of
/// them had locked would stay locked until it does.
pub(super) const POSTGRES: &str = "SET statement_timeout = '30s'; SET lock_timeout = '5s'; \
    SET idle_in_transaction_session_timeout = '30s'; \
    SET default_transaction_isolation = 'read committed'; \
    SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3";
const POSTGRES_READER: &str = "SET default_transaction_read_only = on";
/// The same for MariaDB, which also is to refuse what it cannot store, and not to shorten it. Between `/*M!`
/// and `*/` is what MySQL does not know.
const MARIADB: &str = "SET SESSION sql_mode = \
    'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,PIPES_AS_CONCAT', \
    innodb_lock_wait_timeout = 5 /*M!, max_statement_time = 30, idle_transaction_timeout = 30 */";
const MARIADB_ISOLATION: &str = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
const MARIADB_READER: &str = "SET SESSION TRANSACTION READ ONLY";

pub(super) struct Connections {
    pub writer: DatabaseConnection,
    pub readers: DatabaseConnection,
}

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Schema,
    Write,
    Read,
}

/// Opens `url`, whose scheme is `sqlite`, `postgres`, `postgresql`, `mysql` or `mariadb`, and brings the schema
/// up to date.
pub(super) async fn connect(url: &str) -> Result<Connections> {
    let url = readable(url)?;
    if let Some(options) = url.starts_with("sqlite:").then(|| SqliteConnectOptions::from_str(&url)) {
        let options = options.map_err(unreadable)?;
        create_whole(options.get_filename()).await?;
        refuse_unwritable(options.get_filename())?;
    }
    let schema = Database::connect(options(&url, Use::Schema)).await?;
    let is_up = migration::bring_up(&schema).await;
    schema.close().await?;
    is_up?;
    let writer = Database::connect(options(&url, Use::Write)).await?;
    let readers = Database::connect(options(&url, Use::Read)).await?;
    Ok(Connections { writer, readers })
}

/// One connection that looks and changes no schema, to a database that must be there.
pub(super) fn looking(url: &str) -> Result<ConnectOptions> {
    let url = readable(url)?;
    let mut options = ConnectOptions::new(&url);
    options
        .max_connections(1)
        .acquire_timeout(WAIT_MAX)
        .connect_timeout(WAIT_MAX)
        .sqlx_logging(false)
        // As the file is, whoever made it: nothing that it brings along is run.
        .map_sqlx_sqlite_opts(|sqlite| {
            let sqlite = sqlite.create_if_missing(false).busy_timeout(WAIT_MAX);
            sqlite.pragma("trusted_schema", "OFF").pragma("cell_size_check", "ON")
        });
    Ok(options)
}

/// The file of a SQLite database; nothing for one that has a server of its own.
pub fn file(url: &str) -> Result<Option<PathBuf>> {
    let url = readable(url)?;
    let options = url.starts_with("sqlite:").then(|| SqliteConnectOptions::from_str(&url));
    Ok(options.transpose().map_err(unreadable)?.map(|options| options.get_filename().to_owned()))
}

/// The URL of a SQLite file that must be there.
pub(super) fn url_of(file: &Path) -> String {
    // What would end the name or be read as something else in it.
    let name = file.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    format!("sqlite://{name}?mode=rw")
}

/// The URL as the drivers take it.
pub(super) fn readable(url: &str) -> Result<String> {
    // The driver takes MariaDB for what it says on the wire, and panics on a URL it cannot read.
    let url = url.strip_prefix("mariadb:").map_or_else(|| url.to_owned(), |rest| format!("mysql:{rest}"));
    judge(&url)?;
    Ok(url)
}

/// Refuses what no driver could read, without repeating the URL: it may hold a password.
fn judge(url: &str) -> Result<()> {
    let has_place = |url: &str| url.contains("://");
    match url.split_once(':').map(|(scheme, _)| scheme) {
        Some("sqlite") => {
            let options = SqliteConnectOptions::from_str(url).map_err(unreadable)?;
            let file = options.get_filename().to_string_lossy();
            // Every connection to a database in memory would see a database of its own.
            if file.is_empty() || url.contains(":memory:") || url.contains("mode=memory") {
                return Err(StoreError::BadUrl("a SQLite database needs a file".to_owned()));
            }
            Ok(())
        }
        Some("postgres" | "postgresql") if has_place(url) => {
            PgConnectOptions::from_str(url).map(drop).map_err(unreadable)
        }
        Some("mysql") if has_place(url) => MySqlConnectOptions::from_str(url).map(drop).map_err(unreadable),
        _ => Err(StoreError::BadUrl(
            "a database URL begins with sqlite:, postgres:// or mariadb://".to_owned(),
        )),
    }
}

pub(super) fn unreadable(error: sea_orm::sqlx::Error) -> StoreError {
    StoreError::BadUrl(format!("the database URL cannot be read: {error}"))
}

fn options(url: &str, purpose: Use) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(if purpose == Use::Read { READERS_MAX } else { 1 })
        .min_connections(1)
        .acquire_timeout(WAIT_MAX)
        .connect_timeout(WAIT_MAX)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            let sqlite = sqlite
                .create_if_missing(false)
                .foreign_keys(true)
                .journal_mode(SqliteJournalMode::Wal)
                // With a write-ahead log this can lose the last moments in a power cut, never corrupt.
                .synchronous(SqliteSynchronous::Normal)
                .busy_timeout(if purpose == Use::Schema { SCHEMA_WAIT_MAX } else { WAIT_MAX });
            if purpose == Use::Read { sqlite.pragma("query_only", "ON") } else { sqlite }
        });
    // Changing the schema of a long history may take as long as it takes.
    let (postgres, mariadb): (&[&'static str], &[&'static str]) = match purpose {
        Use::Schema => (&[], &[]),
        Use::Write => (&[POSTGRES], &[MARIADB, MARIADB_ISOLATION]),
        Use::Read => (&[POSTGRES, POSTGRES_READER], &[MARIADB, MARIADB_ISOLATION, MARIADB_READER]),
    };
    // Said each time a connection is made: also after the server was gone.
    options
        .map_sqlx_sqlite_pool_opts(|pool| pool.before_acquire(|connection, _| is_at_rest(connection)))
        .map_sqlx_postgres_pool_opts(move |pool| {
            let pool = pool.before_acquire(|connection, _| is_at_rest(connection));
            pool.after_release(|connection, _| is_in_step(connection)).after_connect(move |connection, _| {
                Box::pin(async move {
                    for words in postgres {
                        connection.execute(*words).await?;
                    }
                    Ok(())
                })
            })
        })
        .map_sqlx_mysql_pool_opts(move |pool| {
            let pool = pool.before_acquire(|connection, _| is_at_rest(connection));
            pool.after_release(|connection, _| is_in_step_too(connection)).after_connect(
                move |connection, _| {
                    Box::pin(async move {
                        for words in mariadb {
                            connection.execute(*words).await?;
                        }
                        Ok(())
                    })
                },
            )
        });
    options
}

/// Whether a connection may be used again. Where the end of a transaction failed, on a full disk for example,
/// the driver takes it for open still: what comes next would be a part of it, never be committed, and be lost
/// when the program ends. Such a connection is replaced by a new one.
fn is_at_rest<'c>(
    connection: &'c mut impl Connection,
) -> BoxFuture<'c, std::result::Result<bool, sqlx::Error>> {
    let is_at_rest = !connection.is_in_transaction();
    Box::pin(async move { Ok(is_at_rest) })
}

/// SQLite writes beside its file too. It says of a folder that cannot be written to only that the file in it
/// cannot be opened.
fn refuse_unwritable(file: &Path) -> Result<()> {
    let folder = folder_of(file);
    match tempfile::tempfile_in(folder) {
        Ok(_) => Ok(()),
        Err(error) => {
            Err(StoreError::Unavailable(format!("nothing can be written to {}: {error}", folder.display())))
        }
    }
}

/// The file holds password hashes and sealed logins, so it is its owner's alone from the first byte. It gets its
/// name once it keeps a write-ahead log: two that both turn a new file to that wait for each other, which SQLite
/// ends for one of them at once, however long it may wait. No `Draft`, which sweeps away what others left: here
/// another start may be at work on its own.
async fn create_whole(file: &Path) -> Result<()> {
    let cannot = |error: &dyn std::fmt::Display| {
        StoreError::Unavailable(format!("cannot create {}: {error}", file.display()))
    };
    if file.try_exists().map_err(|error| cannot(&error))? {
        return Ok(());
    }
    let draft = tempfile::Builder::new().prefix(".routewarden-").tempfile_in(folder_of(file));
    let draft = draft.map_err(|error| cannot(&error))?;
    let options = SqliteConnectOptions::new().filename(draft.path()).journal_mode(SqliteJournalMode::Wal);
    let connection = options.connect().await.map_err(|error| cannot(&error))?;
    connection.close().await.map_err(|error| cannot(&error))?;
    match draft.persist_noclobber(file) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(cannot(&error.error)),
    }
}

/// Whether a connection that comes back may be used again. Its far end may be gone: the driver asks too, but waits for
/// the answer as long as it takes, with the place in the pool, and a line that went dead would keep the only writer
/// for a quarter of an hour. And it may be out of step: work that was dropped while a transaction began leaves one
/// that the driver does not know of, in which later changes are lost and of which later readers keep an old view. So it
/// is asked something whose answer shows both; what does not fit is closed, and replaced.
fn is_in_step(connection: &mut PgConnection) -> BoxFuture<'_, std::result::Result<bool, sqlx::Error>> {
    // Within a transaction the one is when that began.
    const QUESTION: &str = "SELECT now() = statement_timestamp()";
    Box::pin(async move {
        let row = timeout(RETURN_MAX, connection.fetch_one(QUESTION)).await.map_err(late)??;
        row.try_get::<bool, _>(0)
    })
}

/// The same for MariaDB, where work that was dropped while a statement was prepared also leaves an answer that the
/// driver takes for that of the next question.
fn is_in_step_too(connection: &mut MySqlConnection) -> BoxFuture<'_, std::result::Result<bool, sqlx::Error>> {
    const QUESTION: &str = "SELECT CAST(7919 AS SIGNED), CAST(0 /*M! + @@in_transaction */ AS SIGNED)";
    Box::pin(async move {
        let row = timeout(RETURN_MAX, connection.fetch_one(QUESTION)).await.map_err(late)??;
        Ok(row.try_get::<i64, _>(0)? == 7919 && row.try_get::<i64, _>(1)? == 0)
    })
}

fn late(_: Elapsed) -> sqlx::Error {
    sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())
}
