//! Devices' logins: sealed, kept, replaced, pinned, and never in the open.

use super::*;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};

const PIN: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

#[tokio::test]
async fn a_password_is_nowhere_in_the_database_or_the_files_in_the_open() {
    let temp = Store::open_temp().await;
    let draft = DeviceDraft { routeros: CredentialChange::Set(login("planted-9f3a")), ..router("edge") };
    temp.devices().create(draft, &temp.vault).await.unwrap();
    let dump = temp.dump().await;
    assert!(dump.contains("watcher"), "{dump}");
    assert!(!dump.contains("planted-9f3a"), "{dump}");
    for entry in std::fs::read_dir(temp.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(12).any(|window| window == b"planted-9f3a"));
    }
}

#[tokio::test]
async fn a_login_stays_changes_or_goes_as_it_is_told() {
    let temp = Store::open_temp().await;
    let (devices, vault) = (temp.devices(), &temp.vault);
    let id = devices.create(router("edge"), vault).await.unwrap().id;
    devices.pin(id, PIN).await.unwrap();
    let change = |routeros| DeviceDraft { routeros, ..router("edge") };
    let password =
        || async { devices.login(id, vault).await.unwrap().map(|login| login.password.expose().clone()) };

    let kept = devices.update(id, change(CredentialChange::Keep), vault).await.unwrap();
    assert_eq!(kept.routeros.unwrap().pinned.as_deref(), Some(PIN));
    assert_eq!(password().await.as_deref(), Some("s3cret"));

    let renamed = NewCredential { username: "other".to_owned(), password: None, ..login("") };
    let renamed = devices.update(id, change(CredentialChange::Set(renamed)), vault).await.unwrap();
    assert_eq!(renamed.routeros.as_ref().unwrap().credential.username, "other");
    assert_eq!(renamed.routeros.unwrap().pinned.as_deref(), Some(PIN), "it is still the same router");
    assert_eq!(password().await.as_deref(), Some("s3cret"));

    let gone = devices.update(id, change(CredentialChange::Remove), vault).await.unwrap();
    assert_eq!((gone.routeros, gone.checks.len()), (None, 1), "its check goes along");
    assert_eq!(password().await, None);
    let nothing_to_keep = NewCredential { password: None, ..login("") };
    let nothing_to_keep = devices.update(id, change(CredentialChange::Set(nothing_to_keep)), vault).await;
    assert_eq!(refused(nothing_to_keep), ["routeros.password"]);
    let back = devices.update(id, change(CredentialChange::Set(login("new"))), vault).await.unwrap();
    assert_eq!(back.checks.len(), 2, "and comes back with it");
    assert_eq!(back.routeros.unwrap().pinned, None);
}

#[tokio::test]
async fn the_routeros_check_needs_a_login() {
    let temp = Store::open_temp().await;
    let check = CheckDraft { kind: CheckKind::Routeros, ..tcp_check(1) };
    let check = CheckDraft { settings: Settings::new(), ..check };
    let draft = DeviceDraft { checks: Some(vec![check]), ..draft("r", DeviceKind::Router) };
    assert_eq!(refused(temp.devices().create(draft, &temp.vault).await), ["checks[0].kind"]);
}

#[tokio::test]
async fn only_the_first_certificate_is_pinned_without_a_person() {
    let temp = Store::open_temp().await;
    let device = temp.devices().create(router("edge"), &temp.vault).await.unwrap().id;
    let pinned = || async { temp.devices().one(device).await.unwrap().routeros.unwrap().pinned.unwrap() };
    let seen = |digit: &str| engine::Outcome {
        device,
        first_seen_certificate: Some(digit.repeat(64)),
        ..engine::Outcome::default()
    };
    temp.states().record(&[seen("1")]).await.unwrap();
    temp.states().record(&[seen("2")]).await.unwrap();
    assert_eq!(pinned().await, "1".repeat(64));
    temp.devices().pin(device, &"2".repeat(64)).await.unwrap();
    assert_eq!(pinned().await, "2".repeat(64));
    for bad in ["", "2", &"G".repeat(64), &"A".repeat(64)] {
        assert_eq!(refused(temp.devices().pin(device, bad).await), ["fingerprint"]);
    }
    let plain = temp.devices().create(server("s"), &temp.vault).await.unwrap().id;
    assert!(matches!(temp.devices().pin(plain, PIN).await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn a_login_that_cannot_be_opened_leaves_the_rest_of_the_fleet_watched() {
    let temp = Store::open_temp().await;
    let broken = temp.devices().create(router("broken"), &temp.vault).await.unwrap().id;
    temp.devices().create(router("whole"), &temp.vault).await.unwrap();
    let row = entity::credential::Entity::find_by_id((broken.0, "routeros".to_owned()));
    let mut row = row.one(temp.reader()).await.unwrap().unwrap().into_active_model();
    row.sealed = Set("v1.00000000.AAAA.AAAA".to_owned());
    row.update(&temp.connections.writer).await.unwrap();
    let watched = temp.devices().watched(&temp.vault).await.unwrap();
    let logins: Vec<(&str, bool)> = watched
        .iter()
        .map(|(watched, _)| (watched.device.name.as_str(), watched.routeros.is_some()))
        .collect();
    assert_eq!(logins, [("broken", false), ("whole", true)]);
}

#[tokio::test]
async fn a_login_copied_to_another_device_does_not_open() {
    let temp = Store::open_temp().await;
    let from = temp.devices().create(router("a"), &temp.vault).await.unwrap().id;
    let to = temp.devices().create(router("b"), &temp.vault).await.unwrap().id;
    let find = |id: DeviceId| entity::credential::Entity::find_by_id((id.0, "routeros".to_owned()));
    let sealed = find(from).one(temp.reader()).await.unwrap().unwrap().sealed;
    let mut row = find(to).one(temp.reader()).await.unwrap().unwrap().into_active_model();
    row.sealed = Set(sealed);
    row.update(&temp.connections.writer).await.unwrap();
    assert!(matches!(temp.devices().login(to, &temp.vault).await, Err(StoreError::Vault(_))));
    assert!(temp.devices().login(from, &temp.vault).await.unwrap().is_some());
}
