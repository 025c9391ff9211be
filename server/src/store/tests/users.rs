//! Accounts and sessions in the database.

use super::*;
use tokio::task::JoinSet;

async fn user(store: &Store, name: &str, role: Role) -> User {
    store.users().create(name, role, format!("hash of {name}")).await.unwrap()
}

fn session(user: UserId, id_hash: &str) -> SessionRow {
    SessionRow {
        id_hash: id_hash.to_owned(),
        user: Some(user),
        data: "{}".to_owned(),
        created_at: Timestamp(1),
        seen_at: Timestamp(1),
        expires_at: Timestamp(i64::MAX),
        browser: None,
        address: None,
        password_at: None,
    }
}

fn is_last_admin<T>(result: Result<T>) -> bool {
    matches!(result, Err(StoreError::LastAdmin))
}

#[tokio::test]
async fn a_name_is_taken_once_exactly_as_it_is_written() {
    let temp = Store::open_temp().await;
    user(&temp, "anna", Role::Admin).await;
    assert_eq!(refused(temp.users().create("anna", Role::Viewer, String::new()).await), ["username"]);
    assert_eq!(refused(temp.users().create("an na", Role::Viewer, String::new()).await), ["username"]);
    user(&temp, "Anna", Role::Viewer).await;
    let names: Vec<String> = temp.users().list().await.unwrap().into_iter().map(|user| user.name).collect();
    assert_eq!(names.len(), 2);
    assert_eq!(temp.users().named("Anna").await.unwrap().unwrap().user.role, Role::Viewer);
    assert!(temp.users().named("ANNA").await.unwrap().is_none());
}

#[tokio::test]
async fn the_last_enabled_admin_stays_whatever_others_there_are() {
    let temp = Store::open_temp().await;
    let anna = user(&temp, "anna", Role::Admin).await;
    let bert = user(&temp, "bert", Role::Admin).await;
    user(&temp, "vera", Role::Viewer).await;
    let users = temp.users();
    users.update(bert.id, Role::Admin, false).await.unwrap();
    assert!(is_last_admin(users.remove(anna.id).await), "a disabled admin is no admin");
    assert!(is_last_admin(users.update(anna.id, Role::Viewer, true).await));
    assert!(is_last_admin(users.update(anna.id, Role::Admin, false).await));
    assert_eq!(users.one(anna.id).await.unwrap().user, anna, "what was refused changed nothing");
    users.update(anna.id, Role::Admin, true).await.unwrap();
    users.remove(bert.id).await.unwrap();
    let bert = user(&temp, "bert", Role::Admin).await;
    users.remove(anna.id).await.unwrap();
    assert!(is_last_admin(users.remove(bert.id).await));
    assert!(matches!(users.remove(anna.id).await, Err(StoreError::NotFound)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_admins_who_remove_each_other_at_the_same_moment_leave_one() {
    let temp = Store::open_temp().await;
    let others = temp.again(Origin::CommandLine).await;
    for round in 0..20 {
        let anna = user(&temp, &format!("anna{round}"), Role::Admin).await;
        let bert = user(&temp, &format!("bert{round}"), Role::Admin).await;
        // The survivor of the round before leaves, so that there are these two and nobody else.
        for old in temp.users().list().await.unwrap() {
            if old.id != anna.id && old.id != bert.id {
                temp.users().remove(old.id).await.unwrap();
            }
        }
        let mut work = JoinSet::new();
        for (store, id) in [(temp.store.clone(), anna.id), (others.clone(), bert.id)] {
            work.spawn(async move { store.users().remove(id).await });
        }
        let results = work.join_all().await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
        assert_eq!(temp.users().list().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn the_first_admin_is_created_once() {
    let temp = Store::open_temp().await;
    assert!(!temp.users().has_admin().await.unwrap());
    user(&temp, "vera", Role::Viewer).await;
    temp.users().create_first_admin("anna", String::new()).await.unwrap();
    assert!(temp.users().has_admin().await.unwrap());
    let again = temp.users().create_first_admin("mallory", String::new()).await;
    assert!(matches!(again, Err(StoreError::NotFound)), "{again:?}");
}

#[tokio::test]
async fn losing_a_right_ends_the_sessions_in_the_database() {
    let temp = Store::open_temp().await;
    user(&temp, "root", Role::Admin).await;
    let anna = user(&temp, "anna", Role::Admin).await;
    let vera = user(&temp, "vera", Role::Viewer).await;
    let open = || async {
        temp.sessions().create(session(anna.id, "a1")).await.unwrap();
        temp.sessions().create(session(anna.id, "a2")).await.unwrap();
    };
    let left = || async {
        let mut left: Vec<_> =
            temp.sessions().all().await.unwrap().into_iter().map(|row| row.id_hash).collect();
        left.sort();
        left.join(" ")
    };
    temp.sessions().create(session(vera.id, "v")).await.unwrap();
    open().await;
    temp.users().update(anna.id, Role::Admin, true).await.unwrap();
    assert_eq!(left().await, "a1 a2 v", "nothing changed");
    temp.users().set_password(anna.id, "new".to_owned(), Some("a2")).await.unwrap();
    assert_eq!(left().await, "a2 v");
    temp.users().update(anna.id, Role::Viewer, true).await.unwrap();
    assert_eq!(left().await, "v");
    open().await;
    temp.users().update(anna.id, Role::Viewer, false).await.unwrap();
    assert_eq!(left().await, "v");
    open().await;
    temp.users().remove(anna.id).await.unwrap();
    assert_eq!(left().await, "v");
}

#[tokio::test]
async fn a_session_that_ended_cannot_be_saved_back_to_life() {
    let temp = Store::open_temp().await;
    let anna = user(&temp, "anna", Role::Admin).await;
    temp.sessions().create(session(anna.id, "a1")).await.unwrap();
    assert!(temp.sessions().create(session(anna.id, "a1")).await.is_err(), "an id is used once");
    assert!(temp.sessions().save(session(anna.id, "a1")).await.unwrap());
    temp.sessions().remove("a1").await.unwrap();
    assert!(!temp.sessions().save(session(anna.id, "a1")).await.unwrap());
    assert_eq!(temp.sessions().one("a1").await.unwrap(), None);
}

#[tokio::test]
async fn only_what_is_past_its_time_is_forgotten() {
    let temp = Store::open_temp().await;
    let anna = user(&temp, "anna", Role::Admin).await;
    for (id, expires_at) in [("old", 99), ("now", 100), ("young", 101)] {
        let row = SessionRow { expires_at: Timestamp(expires_at), ..session(anna.id, id) };
        temp.sessions().create(row).await.unwrap();
    }
    temp.sessions().remove_expired(Timestamp(100)).await.unwrap();
    let left = temp.sessions().all().await.unwrap();
    assert_eq!(left.iter().map(|row| row.id_hash.as_str()).collect::<Vec<_>>(), ["young"]);
}

#[tokio::test]
async fn a_password_changed_meanwhile_is_not_hashed_back() {
    let temp = Store::open_temp().await;
    let anna = user(&temp, "anna", Role::Admin).await;
    temp.users().rehash(anna.id, "hash of anna", "better".to_owned()).await.unwrap();
    temp.users().rehash(anna.id, "hash of anna", "late".to_owned()).await.unwrap();
    assert_eq!(temp.users().one(anna.id).await.unwrap().password_hash, "better");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_changed_at_the_same_moment_is_not_hashed_back() {
    let temp = Store::open_temp().await;
    let other = temp.again(Origin::CommandLine).await;
    let anna = user(&temp, "anna", Role::Admin).await.id;
    for round in 0..40 {
        let old = temp.users().one(anna).await.unwrap().password_hash;
        let (new, better) = (format!("new {round}"), format!("better {round}"));
        let rehash = tokio::task::JoinSet::from_iter([{
            let store = temp.store.clone();
            async move { store.users().rehash(anna, &old, better).await }
        }]);
        other.users().set_password(anna, new.clone(), None).await.unwrap();
        assert!(rehash.join_all().await.iter().all(Result::is_ok));
        assert_eq!(temp.users().one(anna).await.unwrap().password_hash, new);
    }
}

#[tokio::test]
async fn a_password_changed_with_an_old_one_does_not_undo_a_reset_that_came_between() {
    let temp = Store::open_temp().await;
    let anna = temp.users().create_first_admin("anna", "old".to_owned()).await.unwrap().id;
    temp.users().set_password(anna, "reset".to_owned(), None).await.unwrap();
    assert!(!temp.users().change_password(anna, "old", "own".to_owned(), None).await.unwrap());
    assert_eq!(temp.users().one(anna).await.unwrap().password_hash, "reset");
    assert!(temp.users().change_password(anna, "reset", "own".to_owned(), None).await.unwrap());
    assert_eq!(temp.users().one(anna).await.unwrap().password_hash, "own");
}
