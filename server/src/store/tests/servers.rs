//! What must hold alike on every database, and what a server of its own brings with it.

use super::*;
use engine::{Outcome, Transition};
use sea_orm::{ActiveModelTrait, Set};
use std::collections::BTreeMap;
use tokio::task::JoinSet;

fn setting(name: &str) -> entity::setting::ActiveModel {
    entity::setting::ActiveModel { name: Set(name.to_owned()), value: Set("y".to_owned()) }
}

#[tokio::test]
async fn readers_cannot_write() {
    let temp = Store::open_temp().await;
    let error = setting("x").insert(temp.reader()).await.unwrap_err().to_string();
    assert!(error.to_lowercase().replace([' ', '-'], "").contains("readonly"), "{error}");
}

#[tokio::test]
async fn what_is_too_long_is_refused_and_not_shortened() {
    let temp = Store::open_temp().await;
    let name = "x".repeat(65);
    let written = setting(&name).insert(&temp.connections.writer).await;
    let kept: Vec<String> = temp.settings().all().await.unwrap().into_keys().collect();
    // SQLite counts no letters; the model does, long before.
    assert_eq!(kept, if written.is_ok() { vec![name] } else { vec![] });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_journal_and_the_command_line_never_stop_each_other() {
    let temp = Store::open_temp().await;
    let command_line = temp.again(Origin::CommandLine).await;
    for round in 0..15 {
        let mut ids = Vec::new();
        for number in 0..6 {
            let draft = server(&format!("s{round}-{number}"));
            ids.push(temp.devices().create(draft, &temp.vault).await.unwrap().id);
        }
        let outcomes: Vec<Outcome> = ids.iter().map(|id| went_down(*id)).collect();
        let mut work = JoinSet::new();
        let journal = temp.store.clone();
        work.spawn(async move { journal.states().record(&outcomes).await });
        for id in ids.into_iter().rev() {
            let store = command_line.clone();
            work.spawn(async move { store.devices().remove(id).await.map(drop) });
        }
        for done in work.join_all().await {
            done.unwrap();
        }
    }
}

fn went_down(device: DeviceId) -> Outcome {
    let at = Timestamp(1);
    let transition = Some(Transition { from: State::Up, to: State::Down, at, cause: None });
    Outcome { device, at, transition, ..Outcome::default() }
}

#[tokio::test]
async fn a_long_list_is_one_transaction_and_taken_back_as_one() {
    let temp = Store::open_temp().await;
    let entry = |number: usize| Entry {
        name: format!("s{number}"),
        address: Some("192.0.2.1".to_owned()),
        kind: Some(DeviceKind::Server),
        ..Entry::default()
    };
    let mut entries: Vec<Entry> = (0..300).map(entry).collect();
    entries.push(Entry { address: Some("no address".to_owned()), ..entry(300) });
    let settings = BTreeMap::new();
    let list = Incoming { entries: &entries, settings: &settings, accounts: &[] };
    temp.devices().apply(list, &temp.vault, false).await.unwrap();
    assert_eq!(temp.devices().list().await.unwrap(), []);
    entries.pop();
    let list = Incoming { entries: &entries, settings: &settings, accounts: &[] };
    temp.devices().apply(list, &temp.vault, false).await.unwrap();
    assert_eq!(temp.devices().list().await.unwrap().len(), 300);
}

#[tokio::test]
async fn connections_that_the_server_ended_are_made_again_with_what_holds_on_them() {
    let temp = Store::open_temp().await;
    // SQLite has no server that could end them.
    let Some(database) = &temp.database else { return };
    let ended = database.place.cut().await.unwrap();
    assert!(ended >= 2, "writer and readers were connected: {ended}");
    temp.settings().set("timeout", "7").await.unwrap();
    assert_eq!(temp.settings().all().await.unwrap()["timeout"], "7");
    assert!(setting("x").insert(temp.reader()).await.is_err(), "a reader is a reader again");
}

#[tokio::test]
async fn a_database_server_has_one_routewarden_server_until_it_is_gone() {
    let temp = Store::open_temp().await;
    let first = Lease::take(&temp.url).await.unwrap();
    // A SQLite file has no server that could know; there the data folder is locked.
    let Some(mut first) = first else { return };
    assert!(matches!(Lease::take(&temp.url).await, Err(StoreError::Held)));
    first.renew().await.unwrap();
    drop(first);
    let mut second = Lease::take(&temp.url).await.unwrap().unwrap();
    let ended = temp.database.as_ref().unwrap().place.cut().await.unwrap();
    assert!(ended >= 3, "writer, readers and the lease were connected: {ended}");
    second.renew().await.unwrap();
    assert!(matches!(Lease::take(&temp.url).await, Err(StoreError::Held)), "it is held again");
}
