//! A terminal ends with what it stands on: its device, where that is, the login, and the host key.

use super::{
    add_trusted, greeted_as,
    recorded::{opened, until_over},
    trusted,
};
use crate::{
    fixture::{App, SSH_PASSWORD, SSH_USER, SshSim, Terminal, eventually},
    recordings::{greet, ticket},
};
use model::{RecordingEnd, TerminalEnd};
use serde_json::json;

#[tokio::test]
async fn a_terminal_and_who_looks_on_end_at_once_with_what_the_device_was_known_by() {
    let app = App::start().await;
    let admin = app.admin().await;
    let (sim, other) = (SshSim::start(1).await, SshSim::start(2).await);
    let login = json!({"username": SSH_USER, "password": SSH_PASSWORD, "port": sim.port});
    let changed = |field: &str, value: serde_json::Value| {
        let mut login = login.clone();
        login[field] = value;
        Some(json!({ "ssh": login }))
    };
    for (name, change, expected) in [
        ("removed", None, TerminalEnd::Removed),
        ("moved", Some(json!({"ip_address": "127.0.0.9", "ssh": login})), TerminalEnd::Changed),
        ("another-port", changed("port", json!(other.port)), TerminalEnd::Changed),
        ("another-user", changed("username", json!("somebody")), TerminalEnd::Changed),
        ("another-password", changed("password", json!("s3cret-other")), TerminalEnd::Changed),
        ("no-login", Some(json!({"ssh": null})), TerminalEnd::Changed),
        ("another-key", None, TerminalEnd::KeyReplaced),
    ] {
        let id = add_trusted(&admin, name, &sim).await;
        let path = format!("/api/devices/{id}");
        let mut terminal = Terminal::greeted(&admin, id).await;
        let recording = opened(&mut terminal).await;
        terminal.until_drawn("> ").await;
        let ticket = ticket(&admin, &format!("watch:{recording}")).await;
        let mut watcher = greet(&admin, recording, ticket).await;
        terminal.word().await.expect("somebody looks on");

        // What it does not stand on may change, and what is said again is no change.
        admin.put(&path, &json!({"description": "in the cellar", "ssh": login})).await.accepted();
        let key = json!({"algorithm": "ssh-ed25519", "fingerprint": sim.fingerprint});
        admin.post(&format!("{path}/host-key"), &key).await.accepted();
        terminal.type_in(b"still there").await;
        terminal.until_drawn("still there").await;

        match (&expected, change) {
            (TerminalEnd::Removed, _) => admin.delete(&path).await.accepted(),
            (_, Some(change)) => admin.put(&path, &change).await.accepted(),
            (_, None) => {
                let key = json!({"algorithm": "ssh-ed25519", "fingerprint": other.fingerprint});
                admin.post(&format!("{path}/host-key"), &key).await.accepted()
            }
        };
        let end = match expected {
            TerminalEnd::Removed => RecordingEnd::Removed,
            _ => RecordingEnd::Changed,
        };
        assert_eq!(terminal.end().await, Some(expected), "{name}");
        assert_eq!(until_over(&mut watcher).await, Some(end), "{name}");
        let path = format!("/api/recordings/{recording}");
        eventually("it is written", &admin, &path, |one| one["end"] == end.word()).await;
    }
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn a_terminal_that_still_asks_ends_too_and_no_login_goes_where_the_device_was() {
    let (_app, admin, sim, id) = trusted().await;
    let login = json!({"username": SSH_USER, "port": sim.port, "password": null});
    let mut terminal = greeted_as(&admin, id, login).await;
    let asked = terminal.next_word().await;
    assert!(matches!(asked, Some(model::ToTerminal::Ask { .. })), "{asked:?}");
    admin.delete(&format!("/api/devices/{id}")).await.accepted();
    assert_eq!(terminal.end().await, Some(TerminalEnd::Removed));
    assert_eq!(sim.logins(), 0);
}
