//! A start that ends halfway, and starts at the same moment.

use super::*;
use crate::{
    store::temp::{cut_short, in_a_process, new_url},
    vault::Vault,
};
use engine::SystemClock;
use sea_orm::{ConnectionTrait, DbBackend};
use tokio::task::JoinSet;

async fn open(url: &str) -> Result<Store> {
    Store::open(url, Origin::Server, Arc::new(SystemClock)).await
}

/// SQLite has no far end: its thread may have the answer before anybody waits for it.
fn is_at_once(temp: &Temp) -> bool {
    temp.connections.writer.get_database_backend() == DbBackend::Sqlite
}

#[test]
fn a_first_start_that_ends_anywhere_is_made_good_by_the_next() {
    let mut steps = 1;
    loop {
        let folder = tempfile::tempdir().unwrap();
        let (url, _database) = in_a_process(new_url(folder.path()));
        let came_to_its_end = in_a_process(cut_short(steps, open(&url))).is_some();
        in_a_process(async {
            let vault = Vault::open_file(&folder.path().join("secret.key")).unwrap();
            let store = open(&url).await.unwrap_or_else(|error| panic!("after {steps} steps: {error}"));
            store.open_audit(&vault).await.unwrap();
            store.users().create_first_admin("anna", String::new()).await.unwrap();
            let next = Store::open(&url, Origin::CommandLine, Arc::new(SystemClock)).await.unwrap();
            next.open_audit(&vault).await.unwrap();
            next.users().create("bert", Role::Viewer, String::new()).await.unwrap();
            assert_eq!(store.changes().await.unwrap(), 1, "after {steps} steps each counter is there once");
        });
        if came_to_its_end {
            break;
        }
        steps += 1;
    }
    assert!(steps > 20, "a start takes more than {steps} steps");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn first_starts_at_the_same_moment_wait_for_each_other() {
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let (url, _database) = new_url(folder.path()).await;
        let mut starts = JoinSet::new();
        for _ in 0..4 {
            let url = url.clone();
            starts.spawn(async move { open(&url).await });
        }
        for store in starts.join_all().await {
            store.unwrap().ping().await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_reading_that_is_dropped_anywhere_leaves_the_next_neither_an_old_view_nor_a_foreign_answer() {
    let temp = Store::open_temp().await;
    let mut steps = 1;
    loop {
        // Its connections are new: what they are asked is prepared there for the first time.
        let store = temp.again(Origin::CommandLine).await;
        let came_to_its_end = cut_short(steps, store.devices().list()).await.is_some();
        temp.devices().create(server(&format!("s{steps}")), &temp.vault).await.unwrap();
        let seen = store.devices().list().await;
        let seen = seen.unwrap_or_else(|error| panic!("after {steps} steps: {error}"));
        assert_eq!(seen.len(), steps, "after {steps} steps");
        store.close().await.unwrap();
        if came_to_its_end {
            break;
        }
        steps += 1;
    }
    assert!(steps > 1 || is_at_once(&temp), "a reading takes more than {steps} steps");
}

#[tokio::test]
async fn a_change_that_is_dropped_anywhere_leaves_the_next_no_transaction_to_be_lost_in() {
    let temp = Store::open_temp().await;
    let mut steps = 1;
    loop {
        let store = temp.again(Origin::CommandLine).await;
        let devices = store.devices();
        let dropped = devices.create(server(&format!("a{steps}")), &temp.vault);
        let came_to_its_end = cut_short(steps, dropped).await.is_some();
        // Something that needs no transaction of its own, and begins to look.
        let writer = &store.connections.writer;
        writer.execute_unprepared("UPDATE devices SET name = name").await.unwrap();
        let next = store.devices().create(server(&format!("b{steps}")), &temp.vault).await;
        next.unwrap_or_else(|error| panic!("after {steps} steps: {error}"));
        store.close().await.unwrap();
        let seen = temp.devices().list().await.unwrap();
        assert!(seen.iter().any(|device| device.name == format!("b{steps}")), "after {steps} steps");
        if came_to_its_end {
            break;
        }
        steps += 1;
    }
    assert!(steps > 1 || is_at_once(&temp), "a change takes more than {steps} steps");
}

#[tokio::test]
async fn what_is_accepted_after_the_room_ran_out_is_there_for_everybody() {
    let temp = Store::open_temp().await;
    let writer = &temp.connections.writer;
    if writer.get_database_backend() != DbBackend::Sqlite {
        return;
    }
    let create =
        async |number: usize| temp.devices().create(server(&format!("s{number}")), &temp.vault).await;
    for round in 0..3 {
        // As a full disk says it: at any statement of a transaction, or at its end.
        writer.execute_unprepared("PRAGMA max_page_count = 1").await.unwrap();
        let mut number = round * 1000;
        while create(number).await.is_ok() {
            number += 1;
            assert!(number % 1000 < 900, "it never ran out");
        }
        writer.execute_unprepared("PRAGMA max_page_count = 1000000").await.unwrap();
        create(round * 1000 + 999).await.unwrap();
        let seen = temp.again(Origin::CommandLine).await.devices().list().await.unwrap();
        assert!(seen.iter().any(|device| device.name == format!("s{}", round * 1000 + 999)), "round {round}");
    }
}
