//! Opens the connections: one that writes, and others that only read.
//!
//! The writer is a pool of one, which is a fair queue: writers wait in order and never meet a busy database.

use super::error::{Result, StoreError};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection,
    sqlx::{
        mysql::MySqlConnectOptions,
        postgres::PgConnectOptions,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};
use std::{path::Path, str::FromStr, time::Duration};

/// Readers of a fleet in memory are few: the pages of history and the admin's lists.
const READERS_MAX: u32 = 4;
/// How long anyone waits for a connection, or SQLite for another process to finish writing.
const WAIT_MAX: Duration = Duration::from_secs(5);

pub(super) struct Connections {
    pub writer: DatabaseConnection,
    pub readers: DatabaseConnection,
}

/// Opens `url`, whose scheme is `sqlite`, `postgres`, `postgresql`, `mysql` or `mariadb`.
pub(super) async fn connect(url: &str) -> Result<Connections> {
    // The driver takes MariaDB for what it says on the wire, and panics on a URL it cannot read.
    let url = url.strip_prefix("mariadb:").map_or_else(|| url.to_owned(), |rest| format!("mysql:{rest}"));
    judge(&url)?;
    if let Some(options) = url.starts_with("sqlite:").then(|| SqliteConnectOptions::from_str(&url)) {
        create_private(options.map_err(unreadable)?.get_filename())?;
    }
    let writer = Database::connect(options(&url, 1, false)).await?;
    let readers = Database::connect(options(&url, READERS_MAX, true)).await?;
    Ok(Connections { writer, readers })
}

/// Refuses what no driver could read, without repeating the URL: it may hold a password.
fn judge(url: &str) -> Result<()> {
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
        Some("postgres" | "postgresql") => PgConnectOptions::from_str(url).map(drop).map_err(unreadable),
        Some("mysql") => MySqlConnectOptions::from_str(url).map(drop).map_err(unreadable),
        _ => Err(StoreError::BadUrl(
            "a database URL begins with sqlite:, postgres:// or mariadb://".to_owned(),
        )),
    }
}

fn unreadable(error: sea_orm::sqlx::Error) -> StoreError {
    StoreError::BadUrl(format!("the database URL cannot be read: {error}"))
}

fn options(url: &str, connections_max: u32, is_reader: bool) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections_max)
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
                .busy_timeout(WAIT_MAX);
            if is_reader { sqlite.pragma("query_only", "ON") } else { sqlite }
        });
    options
}

/// The file holds password hashes and sealed logins, so it is its owner's alone from the first byte.
fn create_private(file: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::Unavailable(format!("cannot create {}: {error}", file.display()))),
    }
}
