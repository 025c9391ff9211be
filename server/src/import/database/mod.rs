//! The RouterOS dashboard's `routers.db`: its routers with their logins, and its users.
//!
//! Columns are found by their names, because older files have fewer. The file itself is only read.

mod fernet;
mod keys;
#[cfg(test)]
mod tests;

pub use fernet::Key as FernetKey;
pub use keys::{KeyPlaces, VARIABLE};

use super::{
    ENTRIES_MAX, FILE_BYTES_MAX, Plan, Read, ReadAccount, Unreadable,
    fields::{Fields, printable},
};
use crate::{
    accounts::imported,
    store::{CELL_BYTES_MAX, Entry, Foreign, ForeignError, ForeignRow, NewAccount},
};
use fernet::Closed;
use keys::Found;
use model::{DeviceKind, NewCredential, Role};
use std::path::Path;

/// How every SQLite file begins.
const MAGIC: &[u8] = b"SQLite format 3\0";
const ROUTERS: &[&str] = &["name", "host", "username", "password", "port", "enabled"];
const USERS: &[&str] = &["username", "password_hash", "role"];
/// RouterOS's port for the API under TLS: the dashboard has no word of its own for it.
const TLS_PORT: u16 = 8729;

/// Whether a file that begins like this is a SQLite database, whatever its name.
pub fn is_database(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// Understands the database in `file`.
pub async fn read_database(file: &Path, keys: &KeyPlaces) -> Result<Plan, Unreadable> {
    let unreadable = |error: ForeignError| Unreadable::Database(error.to_string());
    let bytes_max = u64::try_from(FILE_BYTES_MAX).unwrap_or(u64::MAX);
    let mut database = Foreign::open(file, bytes_max).await.map_err(unreadable)?;
    let routers = database.rows("routers", ROUTERS, ENTRIES_MAX + 1).await.map_err(unreadable)?;
    let users = database.rows("users", USERS, ENTRIES_MAX + 1).await.map_err(unreadable)?;
    if routers.is_none() && users.is_none() {
        return Err(Unreadable::UnknownDatabase);
    }
    let (routers, users) = (routers.unwrap_or_default(), users.unwrap_or_default());
    if routers.len().max(users.len()) > ENTRIES_MAX {
        return Err(Unreadable::TooMany);
    }
    let mut plan = Plan::default();
    read_routers(routers, || keys.find(file), &mut plan)?;
    for (index, row) in users.into_iter().enumerate() {
        let account = read_user(row, index, &mut plan.notes);
        plan.accounts.push(account);
    }
    Ok(plan)
}

/// Asks for the key only where there is something to open; one that opens nothing is the wrong one.
fn read_routers(
    rows: Vec<ForeignRow>,
    find: impl FnOnce() -> Result<Found, Unreadable>,
    plan: &mut Plan,
) -> Result<(), Unreadable> {
    let is_sealed = |row: &ForeignRow| row.cells.get("password").is_some_and(|text| text != "");
    let found = if rows.iter().any(is_sealed) { Some(find()?) } else { None };
    let (mut opened, mut of_other_keys) = (0, 0);
    for (index, row) in rows.into_iter().enumerate() {
        let mut fields = readable(row);
        let mut entry = read_router(&mut fields);
        let token = entry.routeros.as_mut().and_then(|login| login.password.take());
        let password = token.zip(found.as_ref()).map(|(token, found)| found.key.open(&token));
        match (&mut entry.routeros, password) {
            (Some(login), Some(Ok(password))) => {
                login.password = Some(password.as_str().to_owned());
                opened += 1;
            }
            (Some(_), Some(Err(closed))) => {
                of_other_keys += usize::from(closed == Closed::OtherKey);
                fields.refuse("password", "error_form", words(closed));
            }
            _ => {}
        }
        plan.entries.push(Read { at: format!("routers[{index}]"), entry, errors: fields.finish() });
    }
    match found {
        Some(found) if opened == 0 && of_other_keys > 0 => Err(Unreadable::KeyWrong { at: found.at }),
        _ => Ok(()),
    }
}

fn words(closed: Closed) -> &'static str {
    match closed {
        Closed::NoToken => "is not encrypted in the dashboard's way (Fernet)",
        Closed::OtherKey => "was encrypted with another key, or damaged",
        Closed::NoText => "is not text",
    }
}

/// The router, its password still closed.
fn read_router(fields: &mut Fields) -> Entry {
    let username = fields.text("username");
    let password = fields.text("password");
    let port = fields.port("port");
    if username.is_some() && password.is_none() {
        fields.missing("password");
    }
    if username.is_none() && password.is_some() {
        fields.missing("username");
    }
    let tls = port == Some(TLS_PORT);
    Entry {
        name: fields.required("name"),
        address: Some(fields.required("host")),
        kind: Some(DeviceKind::Router),
        enabled: fields.switch("enabled"),
        routeros: username.map(|username| NewCredential { username, password, port, tls }),
        ..Entry::default()
    }
}

fn read_user(row: ForeignRow, index: usize, notes: &mut Vec<String>) -> ReadAccount {
    let mut fields = readable(row);
    let name = fields.required("username");
    let hash = fields.required("password_hash");
    if !hash.is_empty() && imported::cost(&hash).is_none() {
        let message = format!("is not a bcrypt hash of cost 4 to {}", imported::COST_MAX);
        fields.refuse("password_hash", "error_form", message);
    }
    let word = fields.text("role").unwrap_or_default();
    let role = Role::from_word(&word.to_lowercase()).unwrap_or_else(|| {
        let (name, word) = (printable(&name), printable(&word));
        notes.push(format!("user {name}: the role {word:?} is none of ours; taken as a viewer"));
        Role::Viewer
    });
    let account = NewAccount { name, role, password_hash: hash };
    ReadAccount { at: format!("users[{index}]"), account, errors: fields.finish() }
}

/// The values of a row, those that cannot be read refused.
fn readable(row: ForeignRow) -> Fields {
    let mut fields = Fields::new(row.cells);
    for column in row.unreadable {
        fields.refuse(column, "error_form", format!("must be text of at most {CELL_BYTES_MAX} bytes"));
    }
    fields
}
