//! PostgreSQL and MariaDB as real servers: each in a throwaway folder, on a free port, gone when dropped.
//!
//! To add a database: a variant of `Kind`, a file here that says how it is made and started.

mod mariadb;
mod postgres;
mod server;

pub use server::{Place, Server};

use anyhow::Result;
use clap::ValueEnum;

use crate::packages::{self, Consent};

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    Sqlite,
    Postgres,
    Mariadb,
}

impl Kind {
    pub const ALL: &[Self] = &[Self::Sqlite, Self::Postgres, Self::Mariadb];
    /// Those that are servers.
    pub const SERVERS: &[Self] = &[Self::Postgres, Self::Mariadb];

    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::Mariadb => "MariaDB",
        }
    }

    /// Starts one of its own; SQLite has none.
    pub fn start(self) -> Result<Option<Server>> {
        match self {
            Self::Sqlite => Ok(None),
            Self::Postgres => postgres::start().map(Some),
            Self::Mariadb => mariadb::start().map(Some),
        }
    }
}

/// Installs what is missing of the servers, without starting any.
pub fn install(consent: Consent) -> Result<()> {
    let mut missing = Vec::new();
    if postgres::programs().is_none() {
        missing.push("postgresql");
    }
    if !mariadb::is_installed() {
        missing.push("mariadb-server");
    }
    packages::install_at_rest(&missing, consent)
}
