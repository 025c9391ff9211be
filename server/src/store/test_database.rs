//! A database of a test's own on a server, gone with the test. The integration tests include this file too.

use parking_lot::Mutex;
use sqlx::{AssertSqlSafe, Connection, Error, Executor, MySqlConnection, PgConnection};
use std::{thread, time::Duration};
use tokio::time::timeout;

/// Where the tests' server is; without it they keep files.
const SERVER: &str = "ROUTEWARDEN_TEST_DATABASE";
/// How long the removal of one may take.
const REMOVE_MAX: Duration = Duration::from_secs(10);
/// So many are removed together: PostgreSQL writes down all that changed, of whichever database, before it removes one.
const TOGETHER: usize = 32;
/// What tests have ended with and is still there.
static ENDED: Mutex<Vec<Place>> = Mutex::new(Vec::new());

/// Dropped, it is removed, though not at once, whoever is still connected to it: hundreds of tests would fill a disk.
pub struct TestDatabase {
    pub url: String,
    pub place: Place,
}

/// A database of a server.
#[derive(Clone, Debug)]
pub struct Place {
    server: String,
    name: String,
}

impl TestDatabase {
    /// A new one, where the tests run on a server.
    pub async fn new() -> Option<Self> {
        let server = std::env::var(SERVER).ok()?;
        let mut random = [0; 8];
        getrandom::fill(&mut random).unwrap();
        let name = format!("test_{:016x}", u64::from_le_bytes(random));
        execute(&server, format!("CREATE DATABASE {name}")).await.unwrap();
        let mut url = url::Url::parse(&server).unwrap();
        url.set_path(&name);
        Some(Self { url: url.into(), place: Place { server, name } })
    }
}

impl Place {
    /// Ends every connection to it; how many there were.
    pub async fn cut(&self) -> Result<usize, Error> {
        if is_postgres(&self.server) {
            let mut admin = PgConnection::connect(&self.server).await?;
            let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
            return Ok(sqlx::query(end).bind(&self.name).fetch_all(&mut admin).await?.len());
        }
        let mut admin = MySqlConnection::connect(&mysql(&self.server)).await?;
        let find = "SELECT id FROM information_schema.processlist WHERE db = ?";
        let ids: Vec<i64> = sqlx::query_scalar(find).bind(&self.name).fetch_all(&mut admin).await?;
        for id in &ids {
            // One may be gone already.
            admin.execute(AssertSqlSafe(format!("KILL {id}"))).await.ok();
        }
        Ok(ids.len())
    }

    async fn remove(&self) -> Result<(), Error> {
        let name = &self.name;
        if is_postgres(&self.server) {
            return execute(&self.server, format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
        // Transactions that were left open end with the test's runtime, which waits for this.
        self.cut().await?;
        execute(&self.server, format!("DROP DATABASE {name}")).await
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let ended = {
            let mut ended = ENDED.lock();
            ended.push(self.place.clone());
            if ended.len() < TOGETHER {
                return;
            }
            std::mem::take(&mut *ended)
        };
        // The test's own runtime may be ending.
        let removing = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            for place in &ended {
                let removed = runtime.block_on(async { timeout(REMOVE_MAX, place.remove()).await });
                // A test of an outage may have ended in the middle of it.
                if !matches!(removed, Ok(Ok(()))) {
                    eprintln!("{place:?} is left: {removed:?}");
                }
            }
        };
        let is_done = thread::scope(|scope| scope.spawn(removing).join()).is_ok();
        assert!(is_done || thread::panicking(), "databases are removed without a panic");
    }
}

async fn execute(server: &str, sql: String) -> Result<(), Error> {
    let sql = AssertSqlSafe(sql);
    if is_postgres(server) {
        PgConnection::connect(server).await?.execute(sql).await?;
    } else {
        MySqlConnection::connect(&mysql(server)).await?.execute(sql).await?;
    }
    Ok(())
}

fn is_postgres(server: &str) -> bool {
    server.starts_with("postgres")
}

fn mysql(server: &str) -> String {
    server.replace("mariadb:", "mysql:")
}
