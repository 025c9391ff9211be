//! A SQLite file that another program wrote: read, never written, and not trusted.
//!
//! What is opened is a copy of one's own, with whatever that program had not folded into the file yet.

use sea_orm::sqlx::{
    AssertSqlSafe, ConnectOptions, Row as _, SqliteConnection, query, query_scalar,
    sqlite::{SqliteConnectOptions, SqliteRow},
};
use serde_json::{Map, Value};
use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    time::Duration,
};
use tempfile::TempDir;
use tokio::time::timeout;

/// Longest value that is read.
pub const CELL_BYTES_MAX: u32 = 4096;
/// How long reading a table may take: a file may be made so that it never ends.
const READING_MAX: Duration = Duration::from_secs(30);
/// What SQLite keeps beside a database until it is folded in.
const COMPANIONS: [&str; 2] = ["-wal", "-journal"];

/// One row, as text by column; `NULL` and columns that the file lacks are absent.
pub struct ForeignRow {
    pub cells: Map<String, Value>,
    /// Columns whose value is too long or not text.
    pub unreadable: Vec<&'static str>,
}

/// Why the file is of no use.
#[derive(Debug, thiserror::Error)]
pub enum ForeignError {
    #[error("{0}")]
    File(#[from] io::Error),
    #[error("{0}")]
    Sql(#[from] sea_orm::sqlx::Error),
    #[error("it takes longer than {} s", READING_MAX.as_secs())]
    Late,
}

type Result<T> = std::result::Result<T, ForeignError>;

pub struct Foreign {
    connection: SqliteConnection,
    _folder: TempDir,
}

impl Foreign {
    /// Copies `file`, at most `bytes_max` of it and of each companion, and opens the copy.
    pub async fn open(file: &Path, bytes_max: u64) -> Result<Foreign> {
        let folder = private_folder()?;
        let copy = folder.path().join("copy");
        copy_up_to(file, &copy, bytes_max)?;
        for companion in COMPANIONS {
            let beside = |path: &Path| PathBuf::from(format!("{}{companion}", path.display()));
            match copy_up_to(&beside(file), &beside(&copy), bytes_max) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        let options = SqliteConnectOptions::new()
            .filename(&copy)
            .create_if_missing(false)
            // Nothing that the file brings along is run: no functions in its schema, no damaged pages.
            .pragma("trusted_schema", "OFF")
            .pragma("cell_size_check", "ON")
            .pragma("query_only", "ON")
            .disable_statement_logging();
        let connection = in_time(options.connect()).await?;
        Ok(Foreign { connection, _folder: folder })
    }

    /// The rows of `table`, at most `rows_max`, with those of `columns` that it has; `None` without a table.
    pub async fn rows(
        &mut self,
        table: &'static str,
        columns: &[&'static str],
        rows_max: usize,
    ) -> Result<Option<Vec<ForeignRow>>> {
        if !self.has_table(table).await? {
            return Ok(None);
        }
        let there: Vec<String> = in_time(
            query_scalar("SELECT name FROM pragma_table_info(?)").bind(table).fetch_all(&mut self.connection),
        )
        .await?;
        let is_there = |column: &&&str| there.iter().any(|name| name.eq_ignore_ascii_case(column));
        let columns: Vec<&'static str> = columns.iter().filter(is_there).copied().collect();
        if columns.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let rows_max = i64::try_from(rows_max).unwrap_or(i64::MAX);
        // Names of our own only: a question cannot bind names.
        let question = AssertSqlSafe(question(table, &columns));
        let rows = in_time(query(question).bind(rows_max).fetch_all(&mut self.connection)).await?;
        Ok(Some(rows.iter().map(|row| read(row, &columns)).collect()))
    }

    /// A table proper: a view or a virtual table would run what the file says.
    async fn has_table(&mut self, table: &str) -> Result<bool> {
        let question = "SELECT count(*) FROM sqlite_schema \
            WHERE type = 'table' AND rootpage > 0 AND name = ? COLLATE NOCASE";
        let found: i64 = in_time(query_scalar(question).bind(table).fetch_one(&mut self.connection)).await?;
        Ok(found > 0)
    }
}

/// Two columns for each: its text, unless it is too long, and whether it is.
fn question(table: &str, columns: &[&str]) -> String {
    let columns = columns.iter().map(|column| {
        let is_long = format!("coalesce(octet_length(\"{column}\"), 0) > {CELL_BYTES_MAX}");
        format!("CAST(iif({is_long}, NULL, \"{column}\") AS TEXT), {is_long}")
    });
    format!("SELECT {} FROM \"{table}\" LIMIT ?", columns.collect::<Vec<_>>().join(", "))
}

fn read(row: &SqliteRow, columns: &[&'static str]) -> ForeignRow {
    let mut read = ForeignRow { cells: Map::new(), unreadable: Vec::new() };
    for (index, &column) in columns.iter().enumerate() {
        let text = row.try_get::<Option<String>, _>(2 * index);
        let is_long = row.try_get::<bool, _>(2 * index + 1).unwrap_or(true);
        match text {
            Ok(text) if !is_long => {
                read.cells.extend(text.map(|text| (column.to_owned(), Value::String(text))))
            }
            _ => read.unreadable.push(column),
        }
    }
    read
}

async fn in_time<T>(work: impl Future<Output = std::result::Result<T, sea_orm::sqlx::Error>>) -> Result<T> {
    match timeout(READING_MAX, work).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(ForeignError::Late),
    }
}

/// Nobody else's: the copy may hold what the original keeps from others.
fn private_folder() -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("routewarden-import-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir()
}

fn copy_up_to(from: &Path, to: &Path, bytes_max: u64) -> io::Result<()> {
    if !fs::metadata(from)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file"));
    }
    let (mut from, mut to) = (File::open(from)?.take(bytes_max.saturating_add(1)), File::create_new(to)?);
    if io::copy(&mut from, &mut to)? > bytes_max {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "too large"));
    }
    to.flush()
}

/// Another program's file, written as that program would; in use until the answer is dropped.
#[cfg(test)]
pub async fn make(file: &Path, statements: &str) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    sea_orm::sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut connection).await.unwrap();
    connection
}
