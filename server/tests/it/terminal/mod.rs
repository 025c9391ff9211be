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

use crate::fixture::{Client, SSH_PASSWORD, SSH_USER, SshSim};
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
