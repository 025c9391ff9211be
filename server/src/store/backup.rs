//! Copies of a SQLite database: taken while others read and write, and put in its place again.

use super::{
    Origin, Store, connect,
    draft::{COMPANIONS, Draft, LASTING, beside, folder, sync_folder},
    error::StoreError,
    inspect::Inspected,
    sealed::Survey,
};
use crate::{machine::same_owner, vault::Vault};
use chrono::{DateTime, Utc};
use engine::Clock;
use model::{Act, Timestamp};
use sea_orm::sqlx::{
    self, ConnectOptions as _, Connection as _, SqliteConnection, query, query_scalar,
    sqlite::SqliteConnectOptions,
};
use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// How long a copy waits for another process that is just writing.
const WAIT_MAX: Duration = Duration::from_secs(5);
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// The codes of SQLite for "somebody else has it open".
const BUSY: [&str; 2] = ["5", "6"];

#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error("the database is on a server of its own")]
    NotAFile,
    #[error("{} exists; say --force to put the new one in its place", .0.display())]
    Exists(PathBuf),
    #[error("{} does not exist", .0.display())]
    Missing(PathBuf),
    #[error("{} is the database itself", .0.display())]
    Itself(PathBuf),
    /// In words that follow the file's name.
    #[error("{}: {why}", .file.display())]
    Unfit { file: PathBuf, why: String },
    #[error("another program has the database open; end it first")]
    InUse,
    #[error("{0}")]
    File(#[from] io::Error),
    #[error("{0}")]
    Sql(#[from] sqlx::Error),
    #[error("{0}")]
    Store(#[from] StoreError),
}

type Result<T> = std::result::Result<T, CopyError>;

/// Writes the database of `url` into `target`, as it is at one moment; how many bytes that are.
///
/// The copy is looked through before it has its name. The key file is no part of it.
pub async fn back_up(url: &str, target: &Path, may_replace: bool) -> Result<u64> {
    let source = connect::file(url)?.ok_or(CopyError::NotAFile)?;
    if !source.try_exists()? {
        return Err(CopyError::Missing(source));
    }
    if is_same(&source, target) {
        return Err(CopyError::Itself(target.to_owned()));
    }
    if target.try_exists()? {
        if !may_replace {
            return Err(CopyError::Exists(target.to_owned()));
        }
        // It may be anything else that was named by mistake, the key for example.
        if !is_database(target)? {
            let why = "exists and is no backup, so nothing was put in its place".to_owned();
            return Err(CopyError::Unfit { file: target.to_owned(), why });
        }
    }
    let draft = Draft::create(target)?;
    let mut connection = open(&source).await?;
    let copied = query("VACUUM INTO ?").bind(name(draft.path())?).execute(&mut connection).await;
    connection.close().await?;
    copied?;
    judge(draft.path(), &source).await?;
    let bytes = fs::metadata(draft.path())?.len();
    let put = if may_replace { draft.put(target) } else { draft.put_new(target) };
    match put {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(CopyError::Exists(target.to_owned())),
        put => Ok(put.map(|()| bytes)?),
    }
}

/// Whether a file begins as SQLite's do: <https://sqlite.org/fileformat2.html#magic_header_string>.
fn is_database(file: &Path) -> io::Result<bool> {
    let mut head = [0; MAGIC.len()];
    match File::open(file)?.read_exact(&mut head) {
        Ok(()) => Ok(head == *MAGIC),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// A copy that was looked through and brought up to date, beside the database whose place it is to take.
pub struct Prepared {
    draft: Draft,
    database: PathBuf,
    /// Which keys it needs.
    pub survey: Survey,
}

/// Copies `file` beside the database of `url`, refusing what is no whole database of this program.
///
/// Sessions are not brought back: one that was ended since would open again.
pub async fn prepare(
    url: &str,
    file: &Path,
    vault: Option<&Vault>,
    clock: Arc<dyn Clock>,
) -> Result<Prepared> {
    let database = connect::file(url)?.ok_or(CopyError::NotAFile)?;
    if !file.try_exists()? {
        return Err(CopyError::Missing(file.to_owned()));
    }
    if is_same(&database, file) {
        return Err(CopyError::Itself(file.to_owned()));
    }
    let draft = Draft::create(&database)?;
    draft.fill(file)?;
    draft.fill_companions(file)?;
    judge(draft.path(), file).await?;
    let store = Store::open(&connect::url_of(draft.path()), Origin::CommandLine, clock).await?;
    let survey = tidy(&store, vault, file).await;
    store.close().await?;
    let like = if database.try_exists()? { database.as_path() } else { folder(&database) };
    same_owner(like, draft.path())?;
    Ok(Prepared { draft, database, survey: survey? })
}

async fn tidy(store: &Store, vault: Option<&Vault>, file: &Path) -> Result<Survey> {
    let survey = store.sealed().survey(vault).await?;
    store.sessions().remove_expired(Timestamp(i64::MAX)).await?;
    // Without its key the log cannot be written to; whoever insists on that knows why.
    if let Some(vault) = vault
        && store.open_audit(vault).await.is_ok()
    {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
        store.audit().note(Act::Restored, name.as_deref(), None).await?;
    }
    Ok(survey)
}

impl Prepared {
    /// Takes the place of the database, which is kept under the name that is answered. Nobody may have it open.
    pub async fn put(self, now: Timestamp) -> Result<Option<PathBuf>> {
        let aside = match self.database.try_exists()? {
            true => Some(set_aside(&self.database, now).await?),
            false => None,
        };
        self.draft.put(&self.database)?;
        Ok(aside)
    }
}

/// Gives the database a second name, which it keeps when another takes the first: there is no moment without one.
async fn set_aside(database: &Path, now: Timestamp) -> Result<PathBuf> {
    let aside = free_name(database, now)?;
    // What is not folded in belongs to it. Kept first, for folding in throws away what it cannot make sense of.
    let companions = LASTING.map(|companion| (beside(database, companion), beside(&aside, companion)));
    for (from, to) in &companions {
        keep(from, to)?;
    }
    let is_folded = fold(database).await;
    if !matches!(is_folded, Ok(false)) {
        for (_, kept) in &companions {
            remove(kept)?;
        }
    }
    if !is_folded? {
        for companion in COMPANIONS {
            // Nor may it be taken for the new one's.
            remove(&beside(database, companion))?;
        }
    }
    keep(database, &aside)?;
    sync_folder(database)?;
    Ok(aside)
}

/// Gives a file, if it is there, a second name.
fn keep(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        // Some file systems know no second name.
        Err(_) => fs::copy(from, to).and_then(|_| fs::File::open(to)?.sync_all()),
    }
}

fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes the database one single file; `false` when it is too damaged for that.
async fn fold(database: &Path) -> Result<bool> {
    let is_busy = |error: &sqlx::Error| {
        error.as_database_error().and_then(|error| error.code()).is_some_and(|code| {
            // The low byte is the kind, what is above it the reason.
            let kind = code.parse::<u32>().map(|code| (code & 0xff).to_string()).unwrap_or_default();
            BUSY.contains(&kind.as_str())
        })
    };
    let folded = async {
        let mut connection = open(database).await?;
        let mode: std::result::Result<String, _> =
            query_scalar("PRAGMA journal_mode = DELETE").fetch_one(&mut connection).await;
        connection.close().await?;
        mode
    };
    match folded.await {
        Ok(mode) if mode == "delete" => Ok(true),
        Ok(_) => Err(CopyError::InUse),
        Err(error) if is_busy(&error) => Err(CopyError::InUse),
        Err(error) => {
            tracing::warn!(%error, "the present database is damaged, and is kept as it is");
            Ok(false)
        }
    }
}

fn free_name(database: &Path, now: Timestamp) -> io::Result<PathBuf> {
    let at = DateTime::<Utc>::from_timestamp_millis(now.0).unwrap_or_default().format("%Y%m%dT%H%M%SZ");
    let mut name = beside(database, &format!(".before-restore-{at}"));
    let mut number = 1;
    while name.try_exists()? {
        number += 1;
        name = beside(database, &format!(".before-restore-{at}-{number}"));
    }
    Ok(name)
}

/// Refuses a copy that is damaged, or none of ours.
async fn judge(copy: &Path, of: &Path) -> Result<()> {
    let unfit = |why: String| CopyError::Unfit { file: of.to_owned(), why };
    let foreign = |_: StoreError| unfit("it is no database of Routewarden's".to_owned());
    let inspected = Inspected::open(&connect::url_of(copy)).await.map_err(|error| match error {
        StoreError::Damaged(_) => unfit(error.to_string()),
        error => foreign(error),
    })?;
    let judged = async {
        if let Some(damage) = inspected.damage().await? {
            return Err(unfit(StoreError::Damaged(damage).to_string()));
        }
        match inspected.schema().await.map_err(foreign)?.refusal() {
            Some(why) => Err(unfit(why)),
            None => Ok(()),
        }
    };
    let judged = judged.await;
    inspected.close().await?;
    judged
}

async fn open(file: &Path) -> std::result::Result<SqliteConnection, sqlx::Error> {
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(false).busy_timeout(WAIT_MAX);
    options.disable_statement_logging().connect().await
}

fn is_same(one: &Path, other: &Path) -> bool {
    matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}

fn name(path: &Path) -> Result<&str> {
    path.to_str().ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "the file's name is not text").into())
}
