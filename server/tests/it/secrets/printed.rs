//! What a panic or a log line prints of whatever holds a secret.

use super::hunt::Hunt;
use engine::{Login, Secret, Watched};
use model::{CredentialChange, Device, DeviceDraft, DeviceId, DeviceKind, NewCredential};
use server::config::{Config, Sources};
use std::{fmt::Debug, panic};

/// The message of a real panic over `value`.
fn panic_over<T: Debug>(value: T) -> String {
    let refuse = || -> Result<(), T> { Err(value) };
    let panicked = panic::catch_unwind(panic::AssertUnwindSafe(|| refuse().unwrap())).unwrap_err();
    panicked.downcast_ref::<String>().unwrap().clone()
}

#[test]
fn a_panic_over_what_holds_a_secret_tells_nothing_of_it() {
    let mut hunt = Hunt::default();
    let password = hunt.plant("a password", "pl4nted \"panic\" & word");
    let plain = hunt.plant("the database's password", "pl4nted-panic-database");
    let login = Login {
        username: "monitor".into(),
        password: Secret::new(password.clone()),
        port: None,
        tls: true,
        pinned: None,
    };
    let new =
        NewCredential { username: "monitor".into(), password: Some(password.clone()), port: None, tls: true };
    let device = Device::new(DeviceId(1), "edge", DeviceKind::Router, "192.0.2.1");
    let draft = DeviceDraft {
        routeros: CredentialChange::Set(new.clone()),
        ..DeviceDraft::new("edge", DeviceKind::Router, "192.0.2.1")
    };
    let url = format!("postgres://rw:{plain}@127.0.0.1/rw");
    let environment = [
        ("ROUTEWARDEN_DATABASE_URL".to_owned(), url.clone()),
        ("ROUTEWARDEN_DATA_DIR".to_owned(), "data".to_owned()),
    ];
    let sources = Sources { file: None, environment: environment.into() };
    let (config, layers) = Config::load(&[], &sources).unwrap();
    let place = server::cli::Place { database_url: Some(url), ..Default::default() };
    for (what, said) in [
        ("a login", panic_over(login.clone())),
        ("a device with its login", panic_over(Watched { device, routeros: Some(login) })),
        ("a login on its way in", panic_over(new)),
        ("a draft", panic_over(draft)),
        ("a secret", panic_over(Secret::new(password))),
        ("the configuration", panic_over(config)),
        ("what was told in the shell", panic_over(place)),
        ("the effective configuration", layers.to_string()),
    ] {
        hunt.search(what, said.as_bytes(), &[]);
    }
    hunt.found_nothing();
}
