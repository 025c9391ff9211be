//! The store on a real file with its real migrations, writer and readers as in life.

mod audit;
mod bots;
mod devices;
mod interrupted;
mod logins;
mod logs;
mod opening;
mod overtaken;
mod passing;
mod quiets;
mod rotation;
mod servers;
mod sign_in;
mod ssh;
mod states;
#[cfg(unix)]
mod upgrade;
mod users;

use super::*;
use model::{Settings, *};

/// What is written of a device when only its name and kind matter.
fn draft(name: &str, kind: DeviceKind) -> DeviceDraft {
    DeviceDraft::new(name, kind, "192.0.2.1")
}

fn server(name: &str) -> DeviceDraft {
    draft(name, DeviceKind::Server)
}

fn router(name: &str) -> DeviceDraft {
    DeviceDraft { routeros: CredentialChange::Set(login("s3cret")), ..draft(name, DeviceKind::Router) }
}

fn login(password: &str) -> NewCredential {
    NewCredential {
        username: "watcher".to_owned(),
        password: Some(password.to_owned()),
        port: None,
        tls: true,
    }
}

/// The fields that were refused.
fn refused<T: std::fmt::Debug>(result: Result<T>) -> Vec<String> {
    match result.unwrap_err() {
        StoreError::Invalid(errors) => errors.into_iter().map(|error| error.field).collect(),
        StoreError::Conflict(error) => vec![error.field],
        other => panic!("{other}"),
    }
}
