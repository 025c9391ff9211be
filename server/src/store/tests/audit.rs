//! The audit log tells of every change, and any change of the log itself is found.

use super::*;
use sea_orm::ConnectionTrait;

async fn words(store: &Store) -> Vec<String> {
    let wanted = Wanted { limit: 100, ..Wanted::default() };
    let entries = store.audit().list(&wanted).await.unwrap();
    entries
        .into_iter()
        .rev()
        .map(|entry| format!("{} {} {}", entry.who, entry.act, entry.subject.unwrap_or_default()))
        .collect()
}

async fn with_history() -> Temp {
    let temp = Store::open_temp().await;
    let admin = temp.users().create_first_admin("anna", "hash".to_owned()).await.unwrap();
    let anna = Actor { user: Some(admin.id), name: "anna".to_owned(), via: Via::Browser, address: None };
    acting(Arc::new(anna), async {
        let made = temp.devices().create(server("core-1"), &temp.vault).await.unwrap();
        temp.devices().set_enabled(made.id, false).await.unwrap();
        temp.devices().remove(made.id).await.unwrap();
    })
    .await;
    temp
}

#[tokio::test]
async fn every_change_names_who_did_it_and_to_what() {
    let temp = with_history().await;
    let expected = [
        "routewarden set_up anna",
        "anna device_created core-1",
        "anna device_paused core-1",
        "anna device_removed core-1",
    ];
    assert_eq!(words(&temp).await, expected);
}

#[tokio::test]
async fn what_was_taken_back_leaves_no_entry() {
    let temp = with_history().await;
    let refused = temp.devices().create(server(""), &temp.vault).await;
    assert!(refused.is_err());
    assert_eq!(temp.audit().count(&Wanted::default()).await.unwrap(), 4);
    assert_eq!(temp.audit().verify(None).await.unwrap().fault, None);
}

#[tokio::test]
async fn any_edit_removal_or_move_of_an_entry_is_found() {
    for (forgery, found) in [
        ("UPDATE audit_entries SET who = 'mallory' WHERE id = 2", Fault::Entry(2)),
        ("UPDATE audit_entries SET detail = '' WHERE id = 3", Fault::Entry(3)),
        ("DELETE FROM audit_entries WHERE id = 2", Fault::Entry(3)),
        ("UPDATE audit_entries SET id = 9 WHERE id = 1", Fault::Entry(2)),
        ("DELETE FROM audit_entries WHERE id = 4", Fault::End { expected: 4, found: 3 }),
    ] {
        let temp = with_history().await;
        temp.connections.writer.execute_unprepared(forgery).await.unwrap();
        let verdict = temp.audit().verify(None).await.unwrap();
        assert_eq!(verdict.fault, Some(found), "{forgery}");
    }
}

#[tokio::test]
async fn an_end_cut_off_with_its_head_is_found_by_a_head_kept_elsewhere() {
    let temp = with_history().await;
    let head = temp.audit().verify(None).await.unwrap().head;
    for forgery in [
        "DELETE FROM audit_entries WHERE id = 4",
        "UPDATE audit_head SET entries = 3, mac = (SELECT mac FROM audit_entries WHERE id = 3)",
    ] {
        temp.connections.writer.execute_unprepared(forgery).await.unwrap();
    }
    assert_eq!(temp.audit().verify(None).await.unwrap().fault, None, "the chain alone cannot tell");
    assert_eq!(temp.audit().verify(Some(&head)).await.unwrap().holds_anchor, Some(false));
}

#[tokio::test]
async fn two_processes_write_one_chain() {
    let temp = with_history().await;
    let other = temp.again(Origin::CommandLine).await;
    let writing = (0..20).map(|number| {
        let store = if number % 2 == 0 { temp.store.clone() } else { other.clone() };
        async move { store.audit().note(Act::LoginRefused, Some("nobody"), None).await }
    });
    for written in futures::future::join_all(writing).await {
        written.unwrap();
    }
    let verdict = other.audit().verify(None).await.unwrap();
    assert_eq!((verdict.entries, verdict.fault), (24, None));
}
