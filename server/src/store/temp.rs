//! A database of a test's own: a SQLite file in a temporary folder, opened as in life.
//!
//! With `ROUTEWARDEN_TEST_DATABASE` set to the URL of a PostgreSQL or MariaDB server, a database there
//! instead, so that the same tests show that the same words work on all three.

use super::{Origin, Store};
use crate::vault::Vault;
use engine::Clock;
use model::Timestamp;
use sea_orm::{ConnectionTrait, Database};
use std::{
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};
use tempfile::TempDir;

/// A clock that only moves when told to.
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
}

impl Store {
    pub async fn open_temp() -> Temp {
        let folder = tempfile::tempdir().unwrap();
        let url = match std::env::var("ROUTEWARDEN_TEST_DATABASE") {
            Ok(server) => database_on(&server).await,
            Err(_) => format!("sqlite://{}", folder.path().join("routewarden.db").display()),
        };
        let clock = Arc::new(Hands(AtomicI64::new(1_790_000_000_000)));
        let store = Store::open(&url, Origin::Server, clock.clone()).await.unwrap();
        let vault = Arc::new(Vault::open_file(&folder.path().join("secret.key")).unwrap());
        store.open_audit(&vault).await.unwrap();
        Temp { store, vault, clock, folder, url }
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

impl Deref for Temp {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

async fn database_on(server: &str) -> String {
    let mut random = [0; 8];
    getrandom::fill(&mut random).unwrap();
    let name = format!("test_{:016x}", u64::from_le_bytes(random));
    let connection = Database::connect(server).await.unwrap();
    connection.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    connection.close().await.unwrap();
    let mut url = url::Url::parse(server).unwrap();
    url.set_path(&name);
    url.into()
}
