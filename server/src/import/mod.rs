//! What other programs had: the tunnel monitor's `config.json`, the RouterOS dashboard's `routers.db`, or a
//! CSV or JSON list of devices.
//!
//! Reads and judges here; what is applied goes through the same repository as the pages and the API.
//! Everything is refused when one line is refused. To add a format: a file here and a line in [`read`].

mod database;
mod fields;
mod list;
mod report;
#[cfg(test)]
mod tests;
mod tunnels;

pub use database::{FernetKey, KeyPlaces, VARIABLE, is_database, read_database};
pub use report::{Line, Report, What};

use crate::{
    store::{Applied, Arrived, Entry, Incoming, NewAccount, Result, Store},
    vault::Vault,
};
use model::{FieldError, Role};
use serde_json::Value;
use std::collections::BTreeMap;

/// Largest file read, far above ten thousand devices.
pub const FILE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Most devices in one file.
const ENTRIES_MAX: usize = 50_000;

/// Why the file as a whole is of no use.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("the file is larger than {} MiB", FILE_BYTES_MAX / 1024 / 1024)]
    TooLarge,
    #[error("the file has more than {ENTRIES_MAX} devices")]
    TooMany,
    #[error("the file is not UTF-8 text (byte {0})")]
    Encoding(usize),
    #[error("the file is not valid JSON: {0}")]
    Json(String),
    #[error("the file is not valid CSV: {0}")]
    Csv(String),
    #[error(
        "the file has neither \"tunnels\" nor \"devices\" nor a CSV header with the columns name and ip_address"
    )]
    Unknown,
    #[error("the SQLite file cannot be read: {0}")]
    Database(String),
    #[error("the SQLite file has neither a table \"routers\" nor a table \"users\"")]
    UnknownDatabase,
    #[error(
        "the routers' passwords in it are encrypted: give their key with --fernet-key-file FILE, as {VARIABLE} \
         in the environment, or in a .env beside the file"
    )]
    KeyMissing,
    #[error("{at} holds no Fernet key: expected 32 bytes in URL-safe base64, which are 44 characters")]
    KeyMalformed { at: String },
    #[error(
        "the key of {at} opens none of the routers' passwords: give the {VARIABLE} that the dashboard ran with"
    )]
    KeyWrong { at: String },
    #[error("the key file {at} cannot be read: {error}")]
    KeyFile { at: String, error: String },
}

/// What a file says, before anything is held against the database.
#[derive(Debug, Default)]
pub struct Plan {
    entries: Vec<Read>,
    accounts: Vec<ReadAccount>,
    settings: BTreeMap<String, String>,
    /// What is understood and not needed here, in words.
    notes: Vec<String>,
    /// What is wrong outside any entry.
    refused: Vec<FieldError>,
}

/// One device of the file.
#[derive(Debug)]
struct Read {
    /// Where in the file: `line 3`, `tunnels[2]`.
    at: String,
    entry: Entry,
    errors: Vec<FieldError>,
}

/// One account of the file.
#[derive(Debug)]
struct ReadAccount {
    at: String,
    account: NewAccount,
    errors: Vec<FieldError>,
}

/// Understands `bytes`; never panics, whatever they are.
pub fn read(bytes: &[u8]) -> std::result::Result<Plan, Unreadable> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(Unreadable::TooLarge);
    }
    let text = str::from_utf8(bytes).map_err(|error| Unreadable::Encoding(error.valid_up_to()))?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let plan = if text.starts_with(['{', '[']) {
        match serde_json::from_str(text).map_err(|error| Unreadable::Json(error.to_string()))? {
            Value::Object(file) if file.contains_key("tunnels") => tunnels::read(file),
            Value::Object(mut file) if file.contains_key("devices") => {
                let devices = file.remove("devices").unwrap_or_default();
                list::read_json(devices, file)
            }
            devices @ Value::Array(_) => list::read_json(devices, serde_json::Map::new()),
            _ => return Err(Unreadable::Unknown),
        }
    } else {
        list::read_csv(text)?
    };
    if plan.entries.len() > ENTRIES_MAX {
        return Err(Unreadable::TooMany);
    }
    Ok(plan)
}

impl Plan {
    /// Applies everything or nothing, and says line by line what became (or would become) of it.
    pub async fn apply(self, store: &Store, vault: &Vault, is_dry_run: bool) -> Result<Report> {
        let is_refused = !self.refused.is_empty()
            || self.entries.iter().any(|read| !read.errors.is_empty())
            || self.accounts.iter().any(|read| !read.errors.is_empty());
        let (fit, unfit): (Vec<Read>, Vec<Read>) =
            self.entries.into_iter().partition(|read| read.errors.is_empty());
        let (fit_accounts, unfit_accounts): (Vec<ReadAccount>, Vec<ReadAccount>) =
            self.accounts.into_iter().partition(|read| read.errors.is_empty());
        let entries: Vec<Entry> = fit.iter().map(|read| read.entry.clone()).collect();
        let accounts: Vec<NewAccount> = fit_accounts.iter().map(|read| read.account.clone()).collect();
        let incoming = Incoming { entries: &entries, settings: &self.settings, accounts: &accounts };
        // Even when nothing will be applied, every other line is still told what is wrong with it.
        let (applied, arrived) = store.devices().apply(incoming, vault, is_dry_run || is_refused).await?;
        let mut lines: Vec<Line> = self.refused.into_iter().map(Line::outside).collect();
        lines.extend(unfit.into_iter().map(|read| Line::of(read, What::Refused)));
        lines.extend(fit.into_iter().zip(applied).map(|(mut read, applied)| {
            let what = match applied {
                Applied::Added => What::Added,
                Applied::Changed(fields) => What::Changed(fields),
                Applied::Unchanged => What::Unchanged,
                Applied::Refused(errors) => {
                    read.errors = errors;
                    What::Refused
                }
            };
            Line::of(read, what)
        }));
        let notes = [self.notes, notes_on(&accounts, &arrived)].concat();
        lines.extend(unfit_accounts.into_iter().map(|read| Line::of_account(read, What::Refused)));
        lines.extend(fit_accounts.into_iter().zip(arrived).map(|(mut read, arrived)| {
            let what = match arrived {
                Arrived::Added => What::Added,
                Arrived::Kept => What::Kept,
                Arrived::Refused(errors) => {
                    read.errors = errors;
                    What::Refused
                }
            };
            Line::of_account(read, what)
        }));
        Ok(Report { lines, settings: self.settings, notes, is_dry_run })
    }
}

/// What to know of accounts that were added: who rules here now, and what becomes of their passwords.
fn notes_on(accounts: &[NewAccount], arrived: &[Arrived]) -> Vec<String> {
    let added = || accounts.iter().zip(arrived).filter(|(_, arrived)| **arrived == Arrived::Added);
    let admins = added().filter(|(account, _)| account.role == Role::Admin);
    let admins: Vec<&str> = admins.map(|(account, _)| account.name.as_str()).collect();
    let mut notes = Vec::new();
    if !admins.is_empty() {
        notes.push(format!("admins there and so here: {}", admins.join(", ")));
    }
    if added().next().is_some() {
        let until = "passwords stay hashed with bcrypt until their owners' first login";
        notes.push(format!("{until}; as long as some do, every login takes a moment longer"));
    }
    notes
}
