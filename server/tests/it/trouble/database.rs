//! A database that goes away and comes back: a server behind a line that breaks, a file that is locked.

use super::{Trouble, is_lived_through};
use crate::fixture::{App, TestDatabase};
use server::app::Surroundings;
use sqlx::{Connection, Executor, SqliteConnection};
use std::net::SocketAddr;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

/// How a line is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Condition {
    Whole,
    /// Whoever is connected is cut off, and nobody is let in.
    Cut,
    /// Nothing comes through, and nobody is told.
    Dead,
}

/// The line to a database server.
struct Line {
    condition: watch::Sender<Condition>,
    trouble: Condition,
    url: String,
    _carrying: JoinSet<()>,
}

impl Line {
    async fn to(url: &str, trouble: Condition) -> Self {
        let mut url = url::Url::parse(url).unwrap();
        let server = *url.socket_addrs(|| None).unwrap().first().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
        let (condition, seen) = watch::channel(Condition::Whole);
        let mut carrying = JoinSet::new();
        carrying.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((near, _)) = listener.accept().await {
                open.spawn(carry(near, server, seen.clone()));
            }
        });
        Self { condition, trouble, url: url.into(), _carrying: carrying }
    }
}

/// Carries both ways for as long as the line is whole. What went dead stays so, as after a firewall forgot it:
/// nobody at either end is told, and only a new connection helps.
async fn carry(mut near: TcpStream, server: SocketAddr, mut seen: watch::Receiver<Condition>) {
    if *seen.borrow() == Condition::Whole
        && let Ok(mut far) = TcpStream::connect(server).await
    {
        tokio::select! {
            _ = copy_bidirectional(&mut near, &mut far) => return,
            _ = seen.wait_for(|condition| *condition != Condition::Whole) => {}
        }
    }
    if *seen.borrow() == Condition::Dead {
        std::future::pending::<()>().await;
    }
}

#[async_trait::async_trait]
impl Trouble for Line {
    async fn begin(&mut self) {
        self.condition.send(self.trouble).unwrap();
    }

    async fn end(&mut self) {
        self.condition.send(Condition::Whole).unwrap();
    }
}

/// Another process that writes to the file, and does not come to an end.
struct Lock {
    holder: SqliteConnection,
}

#[async_trait::async_trait]
impl Trouble for Lock {
    async fn begin(&mut self) {
        self.holder.execute("BEGIN IMMEDIATE").await.unwrap();
    }

    async fn end(&mut self) {
        self.holder.execute("ROLLBACK").await.unwrap();
    }
}

#[tokio::test]
async fn a_database_that_goes_away_and_comes_back_is_lived_through() {
    if let Some(database) = TestDatabase::new().await {
        return is_lived_through_on(&database.url, Condition::Cut).await;
    }
    let app = App::fresh().await;
    let file = app.folder().join("routewarden.db").display().to_string();
    let holder = SqliteConnection::connect(&format!("sqlite://{file}")).await.unwrap();
    is_lived_through(app, Lock { holder }).await;
}

#[tokio::test]
async fn a_database_that_says_nothing_any_more_is_lived_through() {
    // A file has no line that could go dead.
    if let Some(database) = TestDatabase::new().await {
        is_lived_through_on(&database.url, Condition::Dead).await;
    }
}

async fn is_lived_through_on(url: &str, trouble: Condition) {
    let line = Line::to(url, trouble).await;
    let told = [("ROUTEWARDEN_DATABASE_URL", line.url.clone())];
    let told = told.each_ref().map(|(name, value)| (*name, value.as_str()));
    let app = App::in_surroundings(&told, Surroundings::default()).await;
    is_lived_through(app, line).await;
}
