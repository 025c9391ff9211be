//! What a device gets, keeps and is refused.

use super::*;

fn words(device: &Device) -> Vec<&'static str> {
    device.checks.iter().map(|check| check.kind.word()).collect()
}

#[tokio::test]
async fn a_device_gets_the_checks_of_its_kind_by_itself() {
    let temp = Store::open_temp().await;
    let devices = temp.devices();
    let create = |draft| devices.create(draft, &temp.vault);
    assert_eq!(words(&create(server("s")).await.unwrap()), ["icmp"]);
    assert_eq!(words(&create(draft("r", DeviceKind::Router)).await.unwrap()), ["icmp"]);
    let edge = create(router("edge")).await.unwrap();
    assert_eq!(words(&edge), ["icmp", "routeros"]);
    assert_eq!(edge.checks.iter().map(|check| check.interval_s).collect::<Vec<_>>(), [60, 30]);
    assert_eq!(refused(create(draft("t", DeviceKind::Tunnel)).await), ["port"]);
    let checks = default_checks(DeviceKind::Tunnel, Some(8443), false).unwrap();
    let tunnel = DeviceDraft { checks: Some(checks), ..draft("t", DeviceKind::Tunnel) };
    let tunnel = create(tunnel).await.unwrap();
    assert_eq!(words(&tunnel), ["tcp", "icmp"]);
    assert_eq!(tunnel.checks[0].settings.get("port").unwrap(), "8443");
    assert_eq!((tunnel.checks[0].interval_s, tunnel.checks[0].timeout_s), (30, 5));
}

#[tokio::test]
async fn the_settings_of_the_program_are_what_new_checks_start_from() {
    let temp = Store::open_temp().await;
    temp.settings().set("monitor_interval", "45").await.unwrap();
    temp.settings().set("timeout", "9").await.unwrap();
    let device = temp.devices().create(server("s"), &temp.vault).await.unwrap();
    assert_eq!((device.checks[0].interval_s, device.checks[0].timeout_s), (60, 9));
    let tunnel = DeviceDraft { checks: Some(vec![tcp_check(80)]), ..draft("t", DeviceKind::Tunnel) };
    let tunnel = temp.devices().create(tunnel, &temp.vault).await.unwrap();
    assert_eq!((tunnel.checks[0].interval_s, tunnel.checks[0].timeout_s), (45, 9));
    temp.settings().set("timeout", "nonsense").await.unwrap();
    let device = temp.devices().create(server("s2"), &temp.vault).await.unwrap();
    assert_eq!(device.checks[0].timeout_s, 5);
}

#[tokio::test]
async fn everything_wrong_is_told_at_once_each_at_its_field() {
    let temp = Store::open_temp().await;
    let bad = DeviceDraft {
        address: "not an address".to_owned(),
        checks: Some(vec![CheckDraft { interval_s: Some(1), ..tcp_check(0) }]),
        ..server("a/b")
    };
    let fields = refused(temp.devices().create(bad, &temp.vault).await);
    assert_eq!(fields, ["name", "ip_address", "checks[0].interval_seconds", "checks[0].settings.port"]);
    assert_eq!(temp.devices().list().await.unwrap(), []);
}

#[tokio::test]
async fn a_name_is_taken_once_and_compared_exactly() {
    let temp = Store::open_temp().await;
    let first = temp.devices().create(server("Edge"), &temp.vault).await.unwrap();
    assert_eq!(refused(temp.devices().create(server("Edge"), &temp.vault).await), ["name"]);
    let second = temp.devices().create(server("edge"), &temp.vault).await.unwrap();
    assert_eq!(refused(temp.devices().update(second.id, server("Edge"), &temp.vault).await), ["name"]);
    temp.devices().update(first.id, server("Edge"), &temp.vault).await.unwrap();
}

#[tokio::test]
async fn a_parent_must_exist_and_may_not_be_below() {
    let temp = Store::open_temp().await;
    let below = |name: &str, parent: DeviceId| DeviceDraft { parent: Some(parent), ..server(name) };
    let (devices, vault) = (temp.devices(), &temp.vault);
    assert_eq!(refused(devices.create(below("x", DeviceId(999)), vault).await), ["parent_id"]);
    let a = devices.create(server("a"), vault).await.unwrap().id;
    let b = devices.create(below("b", a), vault).await.unwrap().id;
    let c = devices.create(below("c", b), vault).await.unwrap().id;
    for parent in [a, b, c] {
        assert_eq!(refused(devices.update(a, below("a", parent), vault).await), ["parent_id"]);
    }
    devices.remove(b).await.unwrap();
    assert_eq!(devices.one(c).await.unwrap().parent, None, "a child outlives its parent");
    devices.update(a, below("a", c), vault).await.unwrap();
}

#[tokio::test]
async fn a_check_that_asks_the_same_keeps_its_identity_and_another_question_is_another_check() {
    let temp = Store::open_temp().await;
    let with = |checks: Vec<CheckDraft>| DeviceDraft { checks: Some(checks), ..server("s") };
    let ping =
        || CheckDraft { kind: CheckKind::Icmp, interval_s: None, timeout_s: None, settings: Settings::new() };
    let (devices, vault) = (temp.devices(), &temp.vault);
    let before = devices.create(with(vec![tcp_check(80), tcp_check(443), ping()]), vault).await.unwrap();
    let slower = CheckDraft { interval_s: Some(300), ..tcp_check(443) };
    let after = devices.update(before.id, with(vec![slower, tcp_check(8080)]), vault).await.unwrap();
    assert_eq!(after.checks[0].id, before.checks[1].id);
    assert_eq!(after.checks[0].interval_s, 300);
    assert!(before.checks.iter().all(|check| check.id != after.checks[1].id), "ids are not used again");
    assert_eq!(after.checks.len(), 2);
    let untouched = devices.update(before.id, server("s"), vault).await.unwrap();
    assert_eq!(untouched.checks, after.checks, "what a change does not speak of stays");
}

#[tokio::test]
async fn ids_are_not_used_again() {
    let temp = Store::open_temp().await;
    let first = temp.devices().create(server("a"), &temp.vault).await.unwrap().id;
    temp.devices().remove(first).await.unwrap();
    assert_ne!(temp.devices().create(server("a"), &temp.vault).await.unwrap().id, first);
    assert!(matches!(temp.devices().remove(first).await, Err(StoreError::NotFound)));
    assert!(matches!(temp.devices().one(first).await, Err(StoreError::NotFound)));
    assert!(matches!(temp.devices().set_enabled(first, true).await, Err(StoreError::NotFound)));
    assert!(matches!(
        temp.devices().update(first, server("a"), &temp.vault).await,
        Err(StoreError::NotFound)
    ));
}

#[tokio::test]
async fn empty_texts_are_absent_and_a_tag_counts_once() {
    let temp = Store::open_temp().await;
    let tags = ["core", " core ", "site a"].map(str::to_owned).to_vec();
    let draft =
        DeviceDraft { tags, location: Some("  ".to_owned()), vendor: Some(" x ".to_owned()), ..server("s") };
    let device = temp.devices().create(draft, &temp.vault).await.unwrap();
    assert_eq!(device.tags, ["core", "site a"]);
    assert_eq!((device.location, device.vendor.as_deref()), (None, Some("x")));
}

#[tokio::test]
async fn the_engine_is_given_every_device_however_many_there_are_and_whatever_was_removed_between() {
    let temp = Store::open_temp().await;
    assert_eq!(temp.devices().watched(&temp.vault).await.unwrap().len(), 0);
    for number in 0..9 {
        temp.devices().create(router(&format!("edge-{number}")), &temp.vault).await.unwrap();
    }
    for gone in [0, 3, 4, 5] {
        temp.devices().remove(temp.devices().list().await.unwrap()[gone].id).await.unwrap();
    }
    let watched = temp.devices().watched(&temp.vault).await.unwrap();
    let mut devices: Vec<_> = watched.iter().map(|(watched, _)| watched.device.clone()).collect();
    devices.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(devices, temp.devices().list().await.unwrap());
    assert_eq!(devices.len(), 5);
    assert!(watched.iter().all(|(watched, _)| watched.routeros.is_some()));
}
