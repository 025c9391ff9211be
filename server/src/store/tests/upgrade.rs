//! Databases that earlier versions wrote open with today's program, and nothing of them is lost.
//!
//! `testdata/first_schema.sql` was written by the program itself on the day of its first schema; its key lies
//! beside it. Neither is ever changed.

use super::*;
use crate::{
    accounts::{Passwords, Verdict},
    vault::Vault,
};
use engine::{Secret, SystemClock};
use sea_orm::{ConnectionTrait, Database};
use std::{os::unix::fs::OpenOptionsExt, path::Path};

const FIRST_SCHEMA: &str = include_str!("../testdata/first_schema.sql");
const FIRST_KEY: &str = include_str!("../testdata/first_schema.key");

async fn first_database(folder: &Path) -> (Store, Vault) {
    let url = format!("sqlite://{}?mode=rwc", folder.join("routewarden.db").display());
    let old = Database::connect(&url).await.unwrap();
    // The dump has its tables in the order of the alphabet.
    old.execute_unprepared(&format!("PRAGMA foreign_keys = OFF; {FIRST_SCHEMA}")).await.unwrap();
    old.close().await.unwrap();
    let key_file = folder.join("secret.key");
    let mut key =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&key_file).unwrap();
    std::io::Write::write_all(&mut key, FIRST_KEY.as_bytes()).unwrap();
    let vault = Vault::open_file(&key_file).unwrap();
    (Store::open(&url, Origin::Server, Arc::new(SystemClock)).await.unwrap(), vault)
}

#[tokio::test]
async fn the_first_schema_opens_with_everybody_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _vault) = first_database(folder.path()).await;
    let users = store.users().list().await.unwrap();
    let seen: Vec<_> = users.iter().map(|user| (user.name.as_str(), user.role, user.enabled)).collect();
    assert_eq!(seen, [("ani.lestari", Role::Admin, true), ("budi.santoso", Role::Viewer, true)]);
    assert_eq!(users[0].last_login_at, Some(Timestamp(1_795_839_311_156)));
    let hash = store.users().one(users[0].id).await.unwrap().password_hash;
    let password = Secret::new("correct horse battery".to_owned());
    let verdict = Passwords::default().verify(password, Some(hash)).await.unwrap();
    assert_ne!(verdict, Verdict::Wrong);

    let sessions = store.sessions().all().await.unwrap();
    assert_eq!((sessions.len(), sessions[0].user), (1, Some(users[0].id)));
    assert_eq!(sessions[0].expires_at, Timestamp(1_795_925_711_157));
    let hash = "9e347adb629f4ce84207cd5009f197b32bf5a9b6fa904503ff6a9b1e534c31a2";
    let (holder, token) = store.tokens().holder(hash).await.unwrap().unwrap();
    assert_eq!(
        (holder.name.as_str(), token.name.as_str(), token.scope),
        ("ani.lestari", "grafana", Scope::Write)
    );
}

#[tokio::test]
async fn the_first_schema_opens_with_every_device_its_login_and_its_past() {
    let folder = tempfile::tempdir().unwrap();
    let (store, vault) = first_database(folder.path()).await;
    let watched = store.devices().watched(&vault).await.unwrap();
    let seen: Vec<_> = watched
        .iter()
        .map(|(watched, past)| {
            (watched.device.name.as_str(), watched.device.kind, past.state, past.answered.len())
        })
        .collect();
    let expected = [
        ("CIKARANG", DeviceKind::Tunnel, State::Unknown, 1),
        ("core-sw", DeviceKind::Server, State::Up, 1),
        ("edge-1", DeviceKind::Router, State::Down, 1),
        ("retired", DeviceKind::Server, State::Paused, 0),
    ];
    assert_eq!(seen, expected);
    let (edge, past) = &watched[2];
    assert_eq!(
        (past.since, past.cause.as_deref()),
        (Timestamp(1_795_839_358_641), Some("TCP 45112: connection refused"))
    );
    let login = edge.routeros.as_ref().unwrap();
    assert_eq!(
        (login.username.as_str(), login.password.expose().as_str()),
        ("monitor", "first schema s3cret")
    );
    assert_eq!((login.port, edge.device.parent), (Some(45112), Some(watched[1].0.device.id)));
    let core = &watched[1].0.device;
    assert_eq!((core.tags.join("|").as_str(), core.vendor.as_deref()), ("core|site a", Some("Debian")));
    assert_eq!(core.description.as_deref(), Some("Rack 1 \u{2013} \u{fc}ber"));
    let checks: Vec<_> = edge.device.checks.iter().map(|check| (check.kind, check.interval_s)).collect();
    assert_eq!(checks, [(CheckKind::Routeros, 5), (CheckKind::Tcp, 5)]);
    let settings = store.settings().all().await.unwrap();
    assert_eq!((settings["timeout"].as_str(), settings["monitor_interval"].as_str()), ("7", "30"));
    assert_eq!(store.changes().await.unwrap(), 4);
}

#[tokio::test]
async fn the_first_schema_becomes_exactly_todays() {
    let folder = tempfile::tempdir().unwrap();
    let (old, _vault) = first_database(folder.path()).await;
    let new_folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", new_folder.path().join("routewarden.db").display());
    let new = Store::open(&url, Origin::Server, Arc::new(SystemClock)).await.unwrap();
    assert_eq!(schema(&old).await, schema(&new).await);
}

/// What makes tables and indexes, by name.
async fn schema(store: &Store) -> Vec<String> {
    use sea_orm::{DbBackend, Statement};
    let all = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name";
    let rows = store.reader().query_all_raw(Statement::from_string(DbBackend::Sqlite, all)).await.unwrap();
    rows.into_iter().map(|row| row.try_get::<String>("", "sql").unwrap()).collect()
}

#[tokio::test]
async fn the_first_schema_tells_of_states_by_rules_as_it_did_without() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _vault) = first_database(folder.path()).await;
    let rules = store.rules().list().await.unwrap();
    let on = rules.iter().filter(|rule| rule.draft.enabled && rule.draft.scope.is_everything());
    let mut on: Vec<_> = on.map(|rule| rule.draft.about.event().unwrap().state.word()).collect();
    on.sort_unstable();
    assert_eq!(on, ["certificate", "degraded", "down", "rebooted", "reconnects"]);
}
