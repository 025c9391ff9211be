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

/// All that a wish finds, part by part, each of which looks at no more than three entries.
async fn found(store: &Store, wish: AuditWish) -> (Vec<i64>, usize) {
    let (mut ids, mut parts, mut wish) = (Vec::new(), 0, wish);
    loop {
        let found = store.audit().search_within(&wish, 2, 3).await.unwrap();
        ids.extend(found.entries.iter().map(|entry| entry.id));
        parts += 1;
        assert!(parts < 100);
        let Some(next) = found.next else { return (ids, parts) };
        wish.before = Some(next);
    }
}

#[tokio::test]
async fn entries_are_found_part_by_part_by_all_that_is_known_of_them() {
    let temp = Store::open_temp().await;
    for (minute, subject) in
        ["core_1", "core-1", "50%", "EDGE", "edge", "!", "core-1"].into_iter().enumerate()
    {
        temp.clock.forward(if minute == 0 { 0 } else { 60_000 });
        temp.audit().note(Act::LoggedIn, Some(subject), Some("<b>detail</b>")).await.unwrap();
    }
    let begin = 1_790_000_000_000;
    let text = |text: &str| AuditWish { text: Some(text.to_owned()), ..AuditWish::default() };
    let check = async |wish: AuditWish, expected: &[i64]| {
        let (ids, _) = found(&temp, wish.clone()).await;
        assert_eq!(ids, expected, "{wish:?}");
    };
    check(AuditWish::default(), &[7, 6, 5, 4, 3, 2, 1]).await;
    check(text("core_1"), &[1]).await;
    check(text("0%"), &[3]).await;
    check(text("!"), &[6]).await;
    check(text("Edge"), &[5, 4]).await;
    check(text("nowhere"), &[]).await;
    check(text("</B>"), &[7, 6, 5, 4, 3, 2, 1]).await;
    check(AuditWish { subject: Some("core-1".to_owned()), ..AuditWish::default() }, &[7, 2]).await;
    let between = |from: i64, to: i64| AuditWish {
        from: Some(Timestamp(begin + from * 60_000)),
        to: Some(Timestamp(begin + to * 60_000)),
        ..AuditWish::default()
    };
    check(between(1, 4), &[4, 3, 2]).await;
    check(between(4, 4), &[]).await;
    check(between(100, 200), &[]).await;
    check(between(-9, 1), &[1]).await;
    check(AuditWish { act: Some(Act::LoggedOut), ..AuditWish::default() }, &[]).await;
    let (ids, parts) = found(&temp, text("nowhere")).await;
    assert!(ids.is_empty() && parts == 3, "{parts}");
    check(AuditWish { before: Some(-1), ..AuditWish::default() }, &[]).await;
    temp.audit().note(Act::LoggedIn, Some("Москва"), None).await.unwrap();
    check(text("Москва"), &[8]).await;
}
