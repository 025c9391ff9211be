//! Terminals: who gets one, what passes through it, and how it ends.

mod commands;
mod doors;
mod flood;
mod footing;
mod host_key;
mod peers;
mod real;
mod recorded;
mod session;

use crate::fixture::{App, Client, SSH_PASSWORD, SSH_USER, SshSim, Terminal};
use serde_json::{Value, json};

/// A device at this port of this machine, with this SSH login.
async fn add(admin: &Client, name: &str, ssh: Value) -> i64 {
    let body = json!({"name": name, "ip_address": "127.0.0.1", "device_type": "server", "enabled": false, "ssh": ssh});
    admin.post("/api/devices", &body).await.has_status(201).json()["id"].as_i64().unwrap()
}

async fn add_known(admin: &Client, name: &str, port: u16) -> i64 {
    add(admin, name, json!({"username": SSH_USER, "password": SSH_PASSWORD, "port": port})).await
}

/// A device of which the host key is accepted already.
async fn add_trusted(admin: &Client, name: &str, sim: &SshSim) -> i64 {
    let id = add_known(admin, name, sim.port).await;
    let key = json!({"algorithm": "ssh-ed25519", "fingerprint": sim.fingerprint});
    admin.post(&format!("/api/devices/{id}/host-key"), &key).await.accepted();
    id
}

/// A server, one who may open terminals, and a device that lets it in.
async fn trusted() -> (App, Client, SshSim, i64) {
    let app = App::start().await;
    let admin = app.admin().await;
    let sim = SshSim::start(1).await;
    let id = add_trusted(&admin, "edge-1", &sim).await;
    (app, admin, sim, id)
}

/// The terminal of a device that has another login from now on.
async fn greeted_as(admin: &Client, id: i64, ssh: Value) -> Terminal {
    admin.put(&format!("/api/devices/{id}"), &json!({ "ssh": ssh })).await.accepted();
    Terminal::greeted(admin, id).await
}
