//! The command line: one file per subcommand, each with its arguments and a `run`.
//!
//! Works on the database, so it does not matter whether the server is running: a running server notices.
//! To add a subcommand: a file here and a line in [`Command`].

pub mod backup;
pub mod check;
pub mod doctor;
pub mod health;
pub mod import;
pub mod restore;
pub mod rotate_key;
pub mod serve;
pub mod sim;
#[cfg(test)]
mod tests;
pub mod token;
pub mod user;
pub mod verify_audit;

use crate::config::masked;
use std::{fmt, path::PathBuf};

/// Watches over a network of MikroTik routers, and of what stands around them.
#[derive(Clone, Debug, clap::Parser)]
#[command(name = "routewarden", version)]
pub struct Args {
    #[command(flatten)]
    pub place: Place,
    /// `serve` when absent
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Where this Routewarden keeps its things: the same for every subcommand.
#[derive(Clone, Default, clap::Args)]
pub struct Place {
    /// Configuration file [default: routewarden.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of the database and the key [default: the platform's data folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<String>,
    /// Database, such as postgres://user@host/routewarden [default: routewarden.db in the data folder]
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// Key that credentials are sealed with [default: secret.key in the data folder]
    #[arg(long, global = true, value_name = "FILE")]
    pub key_file: Option<String>,
}

/// The database's URL may hold a password.
impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place")
            .field("config", &self.config)
            .field("data_dir", &self.data_dir)
            .field("database_url", &self.database_url.as_deref().map(masked))
            .field("key_file", &self.key_file)
            .finish()
    }
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum Command {
    /// Run the server
    Serve(serve::Serve),
    /// Print the effective configuration, secrets masked
    Config,
    /// Ask the running server whether it is well
    Health(health::Health),
    /// Manage accounts
    #[command(subcommand)]
    User(user::User),
    /// Manage API tokens
    #[command(subcommand)]
    Token(token::Token),
    /// Ask an address once, and print what was seen
    Check(check::Check),
    /// Add and change devices from a file
    Import(import::Import),
    /// Copy the database into a file, while the server runs or not; the key is no part of it
    Backup(backup::Backup),
    /// Put a backup in the place of the database; the server must not run
    Restore(restore::Restore),
    /// Seal every stored secret with a new key, while the server runs or not
    RotateKey,
    /// Look at everything Routewarden stands on, and say what helps
    Doctor,
    /// Check that the audit log is whole
    VerifyAudit(verify_audit::VerifyAudit),
    /// Run simulated routers
    #[command(hide = true)]
    Sim(sim::Sim),
}

/// A configuration key that was given as a flag, and its value.
pub type Flag = (&'static str, String);

impl Args {
    /// The flags that are configuration keys: the strongest layer of it.
    pub fn flags(&self) -> Vec<Flag> {
        let place = &self.place;
        let mut flags = Vec::new();
        let mut give = |name, value: &Option<String>| flags.extend(value.clone().map(|value| (name, value)));
        give("data_dir", &place.data_dir);
        give("database_url", &place.database_url);
        give("key_file", &place.key_file);
        match &self.command {
            Some(Command::Serve(serve)) => flags.extend(serve.flags()),
            Some(Command::Health(health)) => flags.extend(health.flags()),
            _ => {}
        }
        flags
    }
}
