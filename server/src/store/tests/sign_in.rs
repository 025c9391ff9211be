//! Where sessions are, and second factors, in the database.

use super::*;
use engine::Secret;

async fn anna(store: &Store) -> User {
    store.users().create_first_admin("anna", "hash".to_owned()).await.unwrap()
}

async fn session(store: &Store, user: UserId, id_hash: &str) {
    session_from(store, user, id_hash, Timestamp(i64::try_from(id_hash.len()).unwrap())).await;
}

async fn session_from(store: &Store, user: UserId, id_hash: &str, created_at: Timestamp) {
    let row = SessionRow {
        id_hash: id_hash.to_owned(),
        user: Some(user),
        data: "{}".to_owned(),
        created_at,
        seen_at: Timestamp(1),
        expires_at: Timestamp(i64::MAX),
        browser: None,
        address: None,
        password_at: None,
    };
    store.sessions().create(row).await.unwrap();
}

async fn left(store: &Store) -> Vec<String> {
    let mut left: Vec<_> = store.sessions().all().await.unwrap().into_iter().map(|row| row.id_hash).collect();
    left.sort();
    left
}

async fn add_factor(temp: &Temp, id: UserId, codes: &[String], keep: &str) -> Result<()> {
    let secret = Secret::new("JBSWY3DP".to_owned());
    let new = NewFactor { secret: &secret, step: 10, code_hashes: codes };
    temp.second_factors().add(id, new, keep, &temp.vault).await
}

fn codes(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

const TOLD: Ended<'static> = Ended { account: "anna", what: "Firefox, 192.0.2.1" };

#[tokio::test]
async fn where_a_session_is_is_written_once_and_no_visit_forgets_it() {
    let temp = Store::open_temp().await;
    let anna = anna(&temp).await;
    session(&temp, anna.id, "a").await;
    temp.sessions().arrive("a", Some("é".repeat(100)), "2001:db8::1".to_owned()).await.unwrap();
    temp.sessions().password_given("a", Timestamp(7)).await.unwrap();
    let row = temp.sessions().one("a").await.unwrap().unwrap();
    let visited =
        SessionRow { browser: None, address: None, password_at: None, seen_at: Timestamp(2), ..row };
    assert!(temp.sessions().save(visited).await.unwrap());
    let row = temp.sessions().one("a").await.unwrap().unwrap();
    assert_eq!((row.address.as_deref(), row.password_at), (Some("2001:db8::1"), Some(Timestamp(7))));
    assert_eq!(row.browser, Some("é".repeat(64)), "as much as there is room for");
    temp.sessions().remove("a").await.unwrap();
    temp.sessions().password_given("a", Timestamp(8)).await.unwrap();
    assert_eq!(temp.sessions().one("a").await.unwrap(), None);
}

#[tokio::test]
async fn an_account_has_so_many_sessions_and_the_oldest_end_for_a_new_one() {
    let temp = Store::open_temp().await;
    let ann = temp.users().create("ann", Role::Admin, "hash".to_owned()).await.unwrap().id;
    let ben = temp.users().create("ben", Role::Viewer, "hash".to_owned()).await.unwrap().id;
    session(&temp, ben, "x").await;
    let most = i64::try_from(SESSIONS_MAX).unwrap();
    for number in 1..=most {
        session_from(&temp, ann, &format!("a{number}"), Timestamp(number)).await;
    }
    assert_eq!(temp.sessions().of(ann).await.unwrap().len() as u64, SESSIONS_MAX);
    session_from(&temp, ann, "one too many", Timestamp(most + 1)).await;
    let left: Vec<_> = temp.sessions().of(ann).await.unwrap().into_iter().map(|row| row.id_hash).collect();
    assert_eq!(left.len() as u64, SESSIONS_MAX);
    assert_eq!((left[0].as_str(), left.contains(&"a1".to_owned())), ("one too many", false));
    assert_eq!(temp.sessions().of(ben).await.unwrap().len(), 1, "somebody else's stay");
}

#[tokio::test]
async fn an_account_ends_its_own_sessions_and_nobody_else_s() {
    let temp = Store::open_temp().await;
    let anna = anna(&temp).await;
    let vera = temp.users().create("vera", Role::Viewer, String::new()).await.unwrap();
    for (user, id) in [(anna.id, "a"), (anna.id, "aa"), (anna.id, "aaa"), (vera.id, "v")] {
        session(&temp, user, id).await;
    }
    let own: Vec<_> = temp.sessions().of(anna.id).await.unwrap().into_iter().map(|row| row.id_hash).collect();
    assert_eq!(own, ["aaa", "aa", "a"], "the newest first");
    let foreign = temp.sessions().end(vera.id, "a", TOLD).await;
    assert!(matches!(foreign, Err(StoreError::NotFound)));
    temp.sessions().end(anna.id, "a", TOLD).await.unwrap();
    assert_eq!(left(&temp).await, ["aa", "aaa", "v"]);
    temp.sessions().end_others(anna.id, "aa", TOLD).await.unwrap();
    assert_eq!(left(&temp).await, ["aa", "v"]);
    let wanted = Wanted { act: Some(Act::SessionEnded), limit: 10, ..Wanted::default() };
    let entries = temp.audit().list(&wanted).await.unwrap();
    assert_eq!((entries.len(), entries[0].subject.as_deref()), (2, Some("anna")));
}

#[tokio::test]
async fn a_second_factor_is_on_once_and_ends_the_sessions_that_began_without_it() {
    let temp = Store::open_temp().await;
    let anna = anna(&temp).await;
    for id in ["a", "aa"] {
        session(&temp, anna.id, id).await;
    }
    assert_eq!(temp.second_factors().of(anna.id).await.unwrap(), None);
    let list = codes(&["c1", "c2"]);
    add_factor(&temp, anna.id, &list, "aa").await.unwrap();
    assert_eq!(left(&temp).await, ["aa"]);
    assert!(temp.users().one(anna.id).await.unwrap().user.has_second_factor);
    let on = SecondFactor { since: temp.clock.now(), codes_left: 2 };
    assert_eq!(temp.second_factors().of(anna.id).await.unwrap(), Some(on));
    assert_eq!(refused(add_factor(&temp, anna.id, &list, "aa").await), ["code"]);
    temp.second_factors().remove(anna.id, None).await.unwrap();
    assert_eq!(left(&temp).await, Vec::<String>::new());
    assert_eq!(temp.second_factors().of(anna.id).await.unwrap(), None);
    assert!(!temp.second_factors().use_code(anna.id, "c1").await.unwrap(), "its codes went along");
    assert!(!temp.second_factors().use_step(anna.id, 99).await.unwrap());
    assert_eq!(refused(temp.second_factors().remove(anna.id, None).await), ["code"]);
    assert_eq!(refused(temp.second_factors().replace_codes(anna.id, &list).await), ["code"]);
}

#[tokio::test]
async fn a_step_and_a_recovery_code_are_used_once() {
    let temp = Store::open_temp().await;
    let anna = anna(&temp).await;
    let list = codes(&["c1", "c2"]);
    add_factor(&temp, anna.id, &list, "").await.unwrap();
    let factors = temp.second_factors();
    for (step, is_new) in [(10, false), (9, false), (12, true), (12, false), (11, false), (13, true)] {
        assert_eq!(factors.use_step(anna.id, step).await.unwrap(), is_new, "{step}");
    }
    assert!(factors.use_code(anna.id, "c1").await.unwrap());
    assert!(!factors.use_code(anna.id, "c1").await.unwrap());
    let vera = temp.users().create("vera", Role::Viewer, String::new()).await.unwrap();
    assert!(!factors.use_code(vera.id, "c2").await.unwrap(), "another account's");
    factors.replace_codes(anna.id, &codes(&["c3"])).await.unwrap();
    assert!(
        !factors.use_code(anna.id, "c2").await.unwrap() && factors.use_code(anna.id, "c3").await.unwrap()
    );
    let wanted = Wanted { act: Some(Act::RecoveryCodeUsed), limit: 10, ..Wanted::default() };
    let told: Vec<_> =
        temp.audit().list(&wanted).await.unwrap().into_iter().map(|entry| entry.detail.unwrap()).collect();
    assert_eq!(told, ["0 left", "1 left"]);
}

#[tokio::test]
async fn of_two_processes_that_use_the_same_code_one_is_first() {
    let temp = Store::open_temp().await;
    let other = temp.again(Origin::CommandLine).await;
    let anna = anna(&temp).await;
    let list = codes(&["c1"]);
    add_factor(&temp, anna.id, &list, "").await.unwrap();
    let (here, there) = (temp.second_factors(), other.second_factors());
    let used = tokio::join!(here.use_code(anna.id, "c1"), there.use_code(anna.id, "c1"));
    assert_ne!(used.0.unwrap(), used.1.unwrap());
    let used = tokio::join!(here.use_step(anna.id, 11), there.use_step(anna.id, 11));
    assert_ne!(used.0.unwrap(), used.1.unwrap());
}

#[tokio::test]
async fn the_log_is_read_page_by_page_and_by_who_and_what() {
    let temp = Store::open_temp().await;
    anna(&temp).await;
    for name in ["b", "c", "d"] {
        temp.users().create(name, Role::Viewer, String::new()).await.unwrap();
    }
    let subjects = async |wanted: Wanted| {
        let entries = temp.audit().list(&wanted).await.unwrap();
        (
            entries.into_iter().filter_map(|entry| entry.subject).collect::<Vec<_>>(),
            temp.audit().count(&wanted).await.unwrap(),
        )
    };
    let page = |offset| Wanted { offset, limit: 2, ..Wanted::default() };
    assert_eq!(subjects(page(0)).await, (codes(&["d", "c"]), 4));
    assert_eq!(subjects(page(2)).await, (codes(&["b", "anna"]), 4));
    assert_eq!(subjects(page(9)).await, (Vec::new(), 4));
    let created = Wanted { act: Some(Act::UserCreated), ..page(0) };
    assert_eq!(subjects(created).await, (codes(&["d", "c"]), 3));
    let nobody = Wanted { who: Some("nobody".to_owned()), ..page(0) };
    assert_eq!(subjects(nobody).await, (Vec::new(), 0));
}
