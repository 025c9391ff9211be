//! The live socket, heard as it travels.

use super::{Ears, hunt::Hunt};
use crate::fixture::{Client, LiveSocket, PATIENCE};
use app::api::wire;
use model::{Change, DeviceId, FromBrowser, FromServer};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use serde_json::json;
use std::{collections::BTreeSet, path::Path, sync::Arc};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};

pub const USED_TICKET: &str = "a ticket that was used";

/// The whole fleet, a login that changes meanwhile, and facts and rates of a router whose page is open.
pub(super) async fn listen(folder: &Path, admin: &Client, hunt: &mut Hunt, ears: &mut Ears) {
    let list = admin.get("/api/devices").await.accepted().json();
    let [watched, changed] = ["plain", "changing"].map(|name| {
        let device = list["devices"].as_array().unwrap().iter().find(|device| device["name"] == name);
        DeviceId(device.unwrap()["id"].as_i64().unwrap())
    });
    let line = encrypted(folder, admin).await;
    let mut socket = LiveSocket::open_over(line, admin, &[("origin", admin.base.as_str())]).await.unwrap();
    let ticket = hunt.plant(USED_TICKET, admin.ticket().await);
    socket.say(&FromBrowser::Hello { ticket }).await;
    while !matches!(hear(&mut socket, ears).await, FromServer::Snapshot { is_last: true, .. }) {}

    socket.say(&FromBrowser::Watch { id: Some(watched), interface: None }).await;
    let told = hunt.plant("a router's password while somebody listens", "pl4nted router (heard)");
    let change = json!({"routeros": {"username": "monitor", "password": told, "port": 9}});
    let answer = admin.put(&format!("/api/devices/{changed}"), &change).await.accepted();
    ears.answer("PUT /api/devices while somebody listens", &answer);
    let listening = async {
        let mut missing = BTreeSet::from(["change", "facts", "rate"]);
        while !missing.is_empty() {
            let kind = match hear(&mut socket, ears).await {
                FromServer::Changes(events) if events.iter().any(|event| is_of(&event.change, changed)) => {
                    "change"
                }
                FromServer::Facts { .. } => "facts",
                FromServer::Rate { .. } => "rate",
                _ => continue,
            };
            missing.remove(kind);
        }
    };
    timeout(PATIENCE, listening).await.expect("the socket tells all of it");
}

/// Whether this tells the new settings of this device.
fn is_of(change: &Change, id: DeviceId) -> bool {
    matches!(change, Change::Row(row) if row.id == id)
}

/// The next message, which is kept as it came.
async fn hear(socket: &mut LiveSocket, ears: &mut Ears) -> FromServer {
    let bytes = socket.hear_bytes().await.expect("the socket stays open");
    let message = wire::decode(&bytes).unwrap();
    ears.hear("the live socket", bytes);
    message
}

/// A line to a server whose certificate is in this folder, and was signed by nobody else.
pub(super) async fn encrypted(folder: &Path, client: &Client) -> TlsStream<TcpStream> {
    let certificate = std::fs::read(folder.join("cert.pem")).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&certificate).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let line = TcpStream::connect(client.host()).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, line).await.unwrap()
}
