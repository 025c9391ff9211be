//! A database of a test's own: a SQLite file in a temporary folder, opened as in life.
//!
//! With `ROUTEWARDEN_TEST_DATABASE` set to the URL of a PostgreSQL or MariaDB server, a database there
//! instead, so that the same tests show that the same words work on all three.

use super::{Origin, Store, test_database::TestDatabase};
use crate::vault::Vault;
use engine::Clock;
use model::Timestamp;
use sea_orm::{DbBackend, FromQueryResult, JsonValue, Statement};
use std::{
    future::poll_fn,
    ops::Deref,
    path::Path,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    task::Poll,
};
use tempfile::TempDir;

/// A clock that only moves when told to.
#[derive(Default)]
pub struct Hands(AtomicI64);

impl Hands {
    pub fn forward(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

/// An open store with everything it stands on.
pub struct Temp {
    pub store: Store,
    pub vault: Arc<Vault>,
    pub clock: Arc<Hands>,
    pub folder: TempDir,
    pub url: String,
    /// Where it is not a file in the folder.
    pub database: Option<TestDatabase>,
}

impl Store {
    pub async fn open_temp() -> Temp {
        let folder = tempfile::tempdir().unwrap();
        let (url, database) = new_url(folder.path()).await;
        let clock = Arc::new(Hands(AtomicI64::new(1_790_000_000_000)));
        let store = Store::open(&url, Origin::Server, clock.clone()).await.unwrap();
        let vault = Arc::new(Vault::open_file(&folder.path().join("secret.key")).unwrap());
        store.open_audit(&vault).await.unwrap();
        Temp { store, vault, clock, folder, url, database }
    }
}

impl Temp {
    /// A second handle with connections of its own, as another process would have.
    pub async fn again(&self, origin: Origin) -> Store {
        let store = Store::open(&self.url, origin, self.clock.clone()).await.unwrap();
        store.open_audit(&self.vault).await.unwrap();
        store
    }
}

impl Temp {
    /// Every value of every table, as anybody finds them who gets hold of the database.
    pub async fn dump(&self) -> String {
        let reader = self.store.reader();
        let backend = reader.get_database_backend();
        let all =
            |sql: String| JsonValue::find_by_statement(Statement::from_string(backend, sql)).all(reader);
        let tables = match backend {
            DbBackend::Sqlite => "SELECT name AS name FROM sqlite_master WHERE type = 'table'",
            DbBackend::MySql => {
                "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()"
            }
            _ => "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public'",
        };
        let mut dump = String::new();
        for table in all(tables.to_owned()).await.unwrap() {
            let table = table["name"].as_str().unwrap();
            for row in all(format!("SELECT * FROM {table}")).await.unwrap() {
                dump += &format!("{table} {row}\n");
            }
        }
        dump
    }
}

impl Deref for Temp {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

/// The URL of a database that nothing has opened yet, and what removes it once it is dropped: a file goes with its
/// folder.
pub async fn new_url(folder: &Path) -> (String, Option<TestDatabase>) {
    match TestDatabase::new().await {
        Some(database) => (database.url.clone(), Some(database)),
        None => (format!("sqlite://{}", folder.join("routewarden.db").display()), None),
    }
}

/// Lets `work` take so many steps, then drops it as it is; what it came to, if that was enough.
pub async fn cut_short<T>(steps: usize, work: impl Future<Output = T>) -> Option<T> {
    let (mut work, mut taken) = (pin!(work), 0);
    poll_fn(|context| {
        if taken == steps {
            return Poll::Ready(None);
        }
        taken += 1;
        Pin::as_mut(&mut work).poll(context).map(Some)
    })
    .await
}

/// Runs `work` as a process of its own: whatever it leaves behind, connections too, ends with it.
pub fn in_a_process<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}
