//! What the device form makes of what was typed.

use super::*;

fn forms() -> Vec<CheckForm> {
    let port = Field {
        name: "port".to_owned(),
        label: "check_port".to_owned(),
        input: Input::Number { min: 1, max: 65_535 },
        required: true,
        default: Some("443".to_owned()),
    };
    CheckKind::ALL
        .into_iter()
        .map(|kind| CheckForm {
            kind,
            label: format!("check_{}", kind.word()),
            interval_s: None,
            fields: if kind == CheckKind::Tcp { vec![port.clone()] } else { Vec::new() },
        })
        .collect()
}

fn filled_in(kind: DeviceKind) -> Form {
    let mut form = Form { name: " edge-1 ".to_owned(), address: "192.0.2.1".to_owned(), ..Form::empty() };
    form.choose_kind(kind, &forms());
    form
}

fn check(kind: CheckKind) -> Check {
    Check { id: CheckId(1), kind, interval_s: 60, timeout_s: 5, settings: Settings::new() }
}

fn stored() -> Device {
    Device {
        location: Some("BDG".to_owned()),
        tags: vec!["core".to_owned()],
        checks: vec![check(CheckKind::Icmp)],
        routeros: Some(RouterosAccess {
            port: None,
            tls: true,
            credential: CredentialSummary { username: "watch".to_owned(), set_at: Timestamp(1) },
            pinned: None,
        }),
        ..Device::new(DeviceId(7), "edge-1", DeviceKind::Router, "192.0.2.1")
    }
}

fn fields(errors: Result<DeviceDraft, Vec<FieldError>>) -> Vec<String> {
    errors.unwrap_err().into_iter().map(|error| error.field).collect()
}

#[test]
fn each_kind_brings_its_own_checks_until_a_person_changes_them() {
    let kinds = |form: &Form| form.checks.iter().map(|check| check.kind).collect::<Vec<_>>();
    let mut form = filled_in(DeviceKind::Tunnel);
    assert_eq!(kinds(&form), [CheckKind::Tcp, CheckKind::Icmp]);
    assert_eq!(form.checks[0].settings.get("port").unwrap(), "443");
    form.choose_kind(DeviceKind::Router, &forms());
    assert_eq!(kinds(&form), [CheckKind::Icmp, CheckKind::Routeros]);
    form.change_row(form.checks[0].key, |row| row.interval = "90".to_owned());
    form.choose_kind(DeviceKind::Tunnel, &forms());
    assert_eq!(kinds(&form), [CheckKind::Icmp], "only what needs the login goes with it");
    assert_eq!(form.checks[0].interval, "90");
}

#[test]
fn rows_keep_their_key_when_others_are_removed() {
    let mut form = filled_in(DeviceKind::Tunnel);
    let (first, second) = (form.checks[0].key, form.checks[1].key);
    form.remove_check(first);
    form.push_check(CheckKind::Tcp, &forms());
    assert_eq!((form.index_of(first), form.index_of(second)), (None, Some(0)));
    assert_ne!(form.checks[1].key, second);
}

#[test]
fn a_saved_row_keeps_the_key_of_what_was_sent_and_no_other_takes_it() {
    let mut form = filled_in(DeviceKind::Tunnel);
    form.remove_check(form.checks[0].key);
    form.push_check(CheckKind::Tcp, &forms());
    let keys = |form: &Form| form.checks.iter().map(|row| (row.key, row.kind)).collect::<Vec<_>>();
    let sent = keys(&form);
    let mut device =
        Device { routeros: None, checks: vec![check(CheckKind::Icmp), check(CheckKind::Tcp)], ..stored() };
    assert_eq!(keys(&form.saved_as(&device)), sent);

    // Somebody else's order: no row of one kind goes on under the key of another.
    device.checks.reverse();
    let saved = form.saved_as(&device);
    assert!(saved.checks.iter().all(|row| sent.iter().all(|(key, _)| *key != row.key)), "{saved:?}");
    assert_ne!(saved.checks[0].key, saved.checks[1].key);
}

#[test]
fn what_was_typed_while_the_request_was_on_its_way_is_kept() {
    let device = stored();
    let mut form = Form::of(&device);
    form.name = " edge-1 ".to_owned();
    form.login.password = "new".to_owned();
    let sent = form.clone();
    form.location = "JKT".to_owned();
    let saved = sent.saved_as(&device);
    form.rebase(&sent, &saved);
    assert_eq!(
        (form.name.as_str(), form.location.as_str(), form.login.password.as_str()),
        ("edge-1", "JKT", "")
    );
    assert_ne!(form, saved, "there is something left to save");
    form.location = "BDG".to_owned();
    assert_eq!(form, saved);
}

#[test]
fn a_kind_that_cannot_log_in_takes_the_login_away_and_gives_it_back() {
    let device = Device { checks: vec![check(CheckKind::Icmp), check(CheckKind::Routeros)], ..stored() };
    let mut form = Form::of(&device);
    form.choose_kind(DeviceKind::Server, &forms());
    let draft = form.draft(Some(&device)).unwrap();
    assert_eq!(draft.routeros, CredentialChange::Remove);
    assert_eq!(draft.checks.unwrap().len(), 1, "the check that needs the login goes with it");
    form.choose_kind(DeviceKind::Router, &forms());
    assert_eq!(form, Form::of(&device));
}

#[test]
fn a_draft_is_trimmed_and_leaves_out_what_was_left_empty() {
    let draft = filled_in(DeviceKind::Server).draft(None).unwrap();
    assert_eq!(
        (draft.name.as_str(), draft.location, draft.routeros),
        ("edge-1", None, CredentialChange::Keep)
    );
    assert_eq!(draft.checks.unwrap()[0].interval_s, None);
}

#[test]
fn what_is_wrong_is_said_at_its_field_before_anything_is_sent() {
    assert_eq!(fields(Form::empty().draft(None)), ["device_type"]);
    let mut form = filled_in(DeviceKind::Tunnel);
    form.address = "1.2.3".to_owned();
    form.checks[0].interval = "soon".to_owned();
    form.checks[1].timeout = "90".to_owned();
    let wrong = ["checks[0].interval_seconds", "ip_address", "checks[1].timeout_seconds"];
    assert_eq!(fields(form.draft(None)), wrong);
}

#[test]
fn a_setting_is_judged_by_its_field_before_anything_is_sent() {
    let mut form = filled_in(DeviceKind::Tunnel);
    assert_eq!(form.settings_errors(&forms()), []);
    form.checks[0].settings.insert("port".to_owned(), "70000".to_owned());
    let errors = form.settings_errors(&forms());
    assert_eq!(errors.into_iter().map(|error| error.field).collect::<Vec<_>>(), ["checks[0].settings.port"]);
}

#[test]
fn a_new_router_is_read_through_routeros_until_a_person_says_otherwise() {
    let mut form = filled_in(DeviceKind::Router);
    assert!(form.login.is_on);
    form.choose_kind(DeviceKind::Server, &forms());
    assert!(!form.login.is_on);
    form.choose_kind(DeviceKind::Router, &forms());
    form.set_login(false, &forms());
    form.choose_kind(DeviceKind::Switch, &forms());
    form.choose_kind(DeviceKind::Router, &forms());
    assert!(!form.login.is_on, "turned off by hand");
}

#[test]
fn a_new_login_needs_its_password_and_a_stored_one_keeps_it() {
    let mut form = filled_in(DeviceKind::Router);
    form.login.port = "70000".to_owned();
    form.login.username.clear();
    assert_eq!(fields(form.draft(None)), ["routeros.password", "routeros.port", "routeros.username"]);

    let device = stored();
    let mut form = Form::of(&device);
    assert_eq!(form.draft(Some(&device)).unwrap().routeros, CredentialChange::Keep);
    form.login.username = "other".to_owned();
    let CredentialChange::Set(login) = form.draft(Some(&device)).unwrap().routeros else { panic!("not set") };
    assert_eq!((login.username.as_str(), login.password, login.tls), ("other", None, true));
    form.login.is_on = false;
    assert_eq!(form.draft(Some(&device)).unwrap().routeros, CredentialChange::Remove);
}

#[test]
fn a_stored_password_is_asked_for_again_before_it_goes_anywhere_else() {
    let device = stored();
    let changed = |change: fn(&mut Form)| {
        let mut form = Form::of(&device);
        change(&mut form);
        form
    };
    let elsewhere: [fn(&mut Form); 3] = [
        |form| form.address = "192.0.2.2".to_owned(),
        |form| form.login.port = "8730".to_owned(),
        |form| form.login.tls = false,
    ];
    for change in elsewhere {
        let mut form = changed(change);
        assert_eq!(fields(form.draft(Some(&device))), ["routeros.password"]);
        form.login.password = "again".to_owned();
        assert!(form.draft(Some(&device)).is_ok());
    }
    assert!(
        changed(|form| form.login.port = "8729".to_owned()).draft(Some(&device)).is_ok(),
        "the same port"
    );
    let mut without = changed(|form| form.address = "192.0.2.2".to_owned());
    without.login.is_on = false;
    assert!(without.draft(Some(&device)).is_ok(), "nothing is kept");
}

#[test]
fn the_form_of_a_stored_device_sends_back_what_was_stored() {
    let device = stored();
    let draft = Form::of(&device).draft(Some(&device)).unwrap();
    assert_eq!((draft.location, draft.tags), (device.location, device.tags));
    let checks = draft.checks.unwrap();
    assert_eq!((checks[0].interval_s, checks[0].timeout_s), (Some(60), Some(5)));
}

#[test]
fn an_ssh_login_is_kept_changed_and_removed_and_its_secrets_are_never_sent_elsewhere() {
    let access = SshAccess {
        username: "admin".to_owned(),
        has_password: true,
        has_private_key: false,
        port: None,
        has_legacy: false,
        set_at: Timestamp(1),
    };
    let device = Device { ssh: Some(access), ..stored() };
    let draft = |change: fn(&mut Form)| {
        let mut form = Form::of(&device);
        change(&mut form);
        form.draft(Some(&device))
    };
    assert_eq!(draft(|_| ()).unwrap().ssh, SshChange::Keep);
    assert_eq!(draft(|form| form.ssh.is_on = false).unwrap().ssh, SshChange::Remove);
    let SshChange::Set(login) = draft(|form| form.ssh.has_legacy = true).unwrap().ssh else {
        panic!("not set")
    };
    assert_eq!(
        (login.username.as_str(), login.password, login.has_legacy),
        ("admin", SecretChange::Keep, true)
    );
    assert_eq!(fields(draft(|form| form.ssh.port = "2222".to_owned())), ["ssh.password"]);
    assert!(draft(|form| form.ssh.port = "22".to_owned()).is_ok(), "the same port");
    assert_eq!(
        fields(draft(|form| form.address = "192.0.2.2".to_owned())),
        ["routeros.password", "ssh.password"]
    );
    assert_eq!(fields(draft(|form| form.ssh.username.clear())), ["ssh.username"]);
    let ports: [fn(&mut Form); 3] = [
        |form| form.ssh.port = "0".to_owned(),
        |form| form.ssh.port = "99999".to_owned(),
        |form| form.ssh.port = "ssh".to_owned(),
    ];
    for port in ports {
        let errors = draft(port).unwrap_err();
        let told = errors.iter().find(|error| error.field == "ssh.port").unwrap();
        assert_eq!(told.code, "error_port");
    }
}

#[test]
fn only_what_was_typed_here_and_saved_elsewhere_too_collides() {
    let clean = Form::of(&stored());
    let saved = |name: &str, location: Option<&str>| {
        let location = location.map(str::to_owned);
        clean.saved_as(&Device { name: name.to_owned(), location, ..stored() })
    };
    let typed = |name: &str| Form { name: name.to_owned(), ..clean.clone() };
    let (here, elsewhere) = (Some("BDG"), Some("CKR"));
    for (typed, saved, expected) in [
        (typed("mine"), saved("theirs", here), true),
        (typed("mine"), saved("edge-1", elsewhere), false),
        (typed("edge-1"), saved("theirs", elsewhere), false),
        // Both mean the same.
        (typed("both"), saved("both", here), false),
    ] {
        assert_eq!(typed.collides(&clean, &saved), expected, "{} {}", typed.name, saved.name);
    }
}
