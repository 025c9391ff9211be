//! A database that goes away and comes back: a server behind a line that breaks, a file that is locked.

use super::{Trouble, is_lived_through};
use crate::fixture::{App, database};
use server::app::Surroundings;
use sqlx::{Connection, Executor, SqliteConnection};
use std::net::SocketAddr;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

/// The line to a database server; while it is broken, nothing comes through and nobody is let in.
struct Line {
    is_whole: watch::Sender<bool>,
    url: String,
    _carrying: JoinSet<()>,
}

impl Line {
    async fn to(url: &str) -> Self {
        let mut url = url::Url::parse(url).unwrap();
        let server: SocketAddr = (*url.socket_addrs(|| None).unwrap().first().unwrap()).to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
        let (is_whole, state) = watch::channel(true);
        let mut carrying = JoinSet::new();
        carrying.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((mut near, _)) = listener.accept().await {
                let mut state = state.clone();
                open.spawn(async move {
                    if !*state.borrow() {
                        return;
                    }
                    let Ok(mut far) = TcpStream::connect(server).await else { return };
                    tokio::select! {
                        _ = copy_bidirectional(&mut near, &mut far) => {}
                        _ = state.wait_for(|is_whole| !is_whole) => {}
                    }
                });
            }
        });
        Self { is_whole, url: url.into(), _carrying: carrying }
    }
}

#[async_trait::async_trait]
impl Trouble for Line {
    async fn begin(&mut self) {
        self.is_whole.send(false).unwrap();
    }

    async fn end(&mut self) {
        self.is_whole.send(true).unwrap();
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
    let Some(url) = database::new_url().await else {
        let app = App::fresh().await;
        let file = app.folder().join("routewarden.db").display().to_string();
        let holder = SqliteConnection::connect(&format!("sqlite://{file}")).await.unwrap();
        return is_lived_through(app, Lock { holder }).await;
    };
    let line = Line::to(&url).await;
    let told = [("ROUTEWARDEN_DATABASE_URL", line.url.clone())];
    let told = told.each_ref().map(|(name, value)| (*name, value.as_str()));
    let app = App::in_surroundings(&told, Surroundings::default()).await;
    is_lived_through(app, line).await;
}
