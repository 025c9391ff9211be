//! SSH logins and host keys: sealed part by part, changed part by part, and gone with their device.

use super::*;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};

/// Made for this test by `ssh-keygen`; it opens nothing.
const KEY: &str = include_str!("../testdata/ssh_key_of_nobody");
const FINGERPRINT: &str = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU";

fn with(password: SecretChange, private_key: SecretChange) -> DeviceDraft {
    let login =
        NewSshLogin { username: "netadmin".to_owned(), password, private_key, ..NewSshLogin::default() };
    DeviceDraft { ssh: SshChange::Set(login), ..server("edge") }
}

fn set(text: &str) -> SecretChange {
    SecretChange::Set(text.to_owned())
}

#[tokio::test]
async fn each_secret_stays_changes_or_goes_as_it_is_told_and_is_nowhere_in_the_open() {
    let temp = Store::open_temp().await;
    let (devices, vault) = (temp.devices(), &temp.vault);
    let id = devices.create(with(set("planted-1f2e"), set(KEY)), vault).await.unwrap().id;
    let dump = temp.dump().await;
    assert!(
        dump.contains("netadmin") && !dump.contains("planted-1f2e") && !dump.contains("PRIVATE KEY"),
        "{dump}"
    );
    let opened = async || {
        let login = devices.reach(id, vault).await.unwrap().own.unwrap();
        let open = |secret: Option<engine::Secret<String>>| secret.map(|secret| secret.expose().clone());
        (open(login.password), open(login.private_key))
    };
    assert_eq!(opened().await, (Some("planted-1f2e".to_owned()), Some(KEY.to_owned())));
    devices.update(id, with(SecretChange::Keep, SecretChange::Remove), vault).await.unwrap();
    assert_eq!(opened().await, (Some("planted-1f2e".to_owned()), None));
    let changed = devices.update(id, with(set("other"), SecretChange::Keep), vault).await.unwrap();
    assert_eq!(opened().await, (Some("other".to_owned()), None));
    let access = changed.ssh.unwrap();
    assert_eq!((access.has_password, access.has_private_key), (true, false));
    let gone = DeviceDraft { ssh: SshChange::Remove, ..server("edge") };
    assert_eq!(devices.update(id, gone, vault).await.unwrap().ssh, None);
    assert!(devices.reach(id, vault).await.unwrap().own.is_none());
    assert_eq!(refused(devices.update(id, with(set("x"), set("no key")), vault).await), ["ssh.private_key"]);
    let encrypted = KEY.replacen('\n', "\nProc-Type: 4,ENCRYPTED\n\n", 1);
    for (key, code) in [
        ("no key", "error_private_key"),
        ("ssh-ed25519 AAAA", "error_key_public"),
        (encrypted.as_str(), "error_key_passphrase"),
    ] {
        let told = devices.update(id, with(set("x"), set(key)), vault).await;
        let Err(StoreError::Invalid(errors)) = told else { panic!("{told:?}") };
        assert_eq!(errors[0].code, code);
    }
}

#[tokio::test]
async fn a_key_is_sealed_anew_by_a_rotation_and_opens_at_no_other_device() {
    let temp = Store::open_temp().await;
    let (devices, vault) = (temp.devices(), &temp.vault);
    let first = devices.create(with(set("a"), set(KEY)), vault).await.unwrap().id;
    let second = DeviceDraft { name: "other".to_owned(), ..with(set("b"), set(KEY)) };
    let second = devices.create(second, vault).await.unwrap().id;
    let rotation = temp.sealed().rotate(vault, |_| {}).await.unwrap();
    assert!(rotation.unopened.is_empty() && rotation.resealed >= 4, "{rotation:?}");
    let login = devices.reach(first, vault).await.unwrap().own.unwrap();
    assert_eq!(login.private_key.unwrap().expose(), KEY);
    let find = |id: DeviceId| entity::ssh_login::Entity::find_by_id(id.0);
    let stolen = find(first).one(temp.reader()).await.unwrap().unwrap();
    for swap in [stolen.password.clone(), stolen.private_key.clone()] {
        let mut row = find(second).one(temp.reader()).await.unwrap().unwrap().into_active_model();
        row.password = Set(swap);
        row.update(&temp.connections.writer).await.unwrap();
        assert!(matches!(devices.reach(second, vault).await, Err(StoreError::Vault(_))));
    }
}

fn host_key(last: &str) -> SshHostKey {
    let fingerprint = format!("{}{last}", &FINGERPRINT[..49]);
    SshHostKey { algorithm: "ssh-ed25519".to_owned(), fingerprint }
}

#[tokio::test]
async fn another_host_key_is_told_by_the_rules_about_certificates_and_stays_with_the_one_that_tells_of_it() {
    let temp = Store::open_temp().await;
    let (devices, rules) = (temp.devices(), temp.rules());
    let id = devices.create(with(set("a"), SecretChange::Keep), &temp.vault).await.unwrap().id;
    // Those that a new database has would tell of it.
    for rule in rules.list().await.unwrap() {
        rules.remove(rule.id).await.unwrap();
    }
    let [accepted, seen, another] = ["U", "Y", "c"].map(host_key);
    assert!(devices.accept_host_key(id, &accepted, true).await.unwrap());
    let incidents = async || temp.incidents().list(false, (0, 10)).await.unwrap().incidents;
    let change = async |pinned, seen| temp.incidents().host_key_changed(id, pinned, seen).await.unwrap();
    change(&accepted, &seen).await;
    assert!(incidents().await.is_empty(), "no rule asks for it");

    let draft = |name: &str, severity| RuleDraft {
        name: name.to_owned(),
        enabled: true,
        severity,
        about: About::State(Event::new(IncidentKind::Certificate)),
        scope: RuleScope::default(),
        for_s: 0,
        cool_down_s: 0,
    };
    let first = rules.create(&draft("keys", Severity::Critical)).await.unwrap();
    change(&seen, &accepted).await;
    assert!(incidents().await.is_empty(), "what is compared with is not the accepted key any more");
    for seen in [&seen, &another] {
        change(&accepted, seen).await;
    }
    let told = incidents().await;
    assert_eq!((told.len(), told[0].kind, told[0].rule), (1, IncidentKind::HostKey, Some(first.id)));
    assert_eq!((told[0].severity, told[0].closed_at), (Severity::Critical, None));
    let cause = told[0].cause.as_deref().unwrap();
    assert!(cause.contains(&accepted.fingerprint) && cause.contains(&seen.fingerprint), "{cause}");

    let second = rules.create(&draft("others", Severity::Warning)).await.unwrap();
    rules.remove(first.id).await.unwrap();
    let passed = incidents().await;
    assert_eq!((passed[0].rule, passed[0].severity), (Some(second.id), Severity::Warning));
    assert_eq!(passed[0].closed_at, None);
    rules.update(second.id, &RuleDraft { enabled: false, ..second.draft }).await.unwrap();
    assert_eq!(incidents().await[0].ending, Some(IncidentEnd::Withdrawn));
    assert!(!temp.incidents().host_key_is_back(id, &accepted).await.unwrap());

    // A key that nobody has seen at the device ends nothing; the one that was seen does.
    let again = rules.create(&draft("seen", Severity::Warning)).await.unwrap();
    change(&accepted, &seen).await;
    assert!(devices.accept_host_key(id, &another, false).await.unwrap());
    assert_eq!(incidents().await[0].ending, None, "the device shows what it showed");
    assert!(devices.accept_host_key(id, &seen, false).await.unwrap());
    assert_eq!(incidents().await[0].ending, Some(IncidentEnd::Accepted));
    rules.remove(again.id).await.unwrap();

    // Whoever connected before another key was accepted says nothing of that one.
    rules.create(&draft("again", Severity::Warning)).await.unwrap();
    assert!(devices.accept_host_key(id, &another, false).await.unwrap());
    change(&another, &seen).await;
    assert_eq!(incidents().await.len(), 3);
    for (found, ending) in [(&accepted, None), (&another, Some(IncidentEnd::Recovered))] {
        temp.incidents().host_key_is_back(id, found).await.unwrap();
        assert_eq!(incidents().await[0].ending, ending);
    }
}

#[tokio::test]
async fn the_first_host_key_is_accepted_once_and_outlives_the_login_but_not_the_device() {
    let temp = Store::open_temp().await;
    let (devices, vault) = (temp.devices(), &temp.vault);
    let id = devices.create(with(set("a"), SecretChange::Keep), vault).await.unwrap().id;
    let key = host_key;
    assert!(devices.accept_host_key(id, &key("U"), true).await.unwrap());
    assert!(devices.accept_host_key(id, &key("U"), true).await.unwrap(), "the same again");
    assert!(!devices.accept_host_key(id, &key("Y"), true).await.unwrap(), "another is not the first");
    devices.update(id, DeviceDraft { ssh: SshChange::Remove, ..server("edge") }, vault).await.unwrap();
    let pinned = devices.one(id).await.unwrap().host_key.unwrap();
    assert_eq!((pinned.key, pinned.pinned_by.as_str()), (key("U"), "routewarden"));
    assert!(devices.accept_host_key(id, &key("Y"), false).await.unwrap());
    assert_eq!(devices.one(id).await.unwrap().host_key.unwrap().key, key("Y"));
    for bad in ["", "SHA256:", "MD5:aa", &format!("SHA256:{}", "A".repeat(43))] {
        let bad = SshHostKey { fingerprint: bad.to_owned(), ..key("U") };
        assert_eq!(refused(devices.accept_host_key(id, &bad, false).await), ["fingerprint"]);
    }
    devices.remove(id).await.unwrap();
    assert_eq!(entity::ssh_host_key::Entity::find().all(temp.reader()).await.unwrap(), []);
    assert!(matches!(devices.accept_host_key(id, &key("U"), true).await, Err(StoreError::NotFound)));
}
