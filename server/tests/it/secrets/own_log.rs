//! The program's own log, as an admin's page reads it: every line since the start.

use super::{Ears, hunt::Hunt, live};
use crate::fixture::{Client, LiveSocket};
use app::api::wire;
use model::{FromServerLog, ToServerLog};
use serde_json::json;
use std::path::Path;

pub(super) async fn read(folder: &Path, admin: &Client, hunt: &mut Hunt, ears: &mut Ears) {
    let form = json!({"wish": {"least": "trace", "text": ""}});
    ears.answer("the last lines", &admin.post("/api/load_server_log", &form).await.accepted());
    // A line that is the last of all.
    let last = "warn,server=trace,engine=trace,the_last=info";
    ears.answer("POST /api/logging", &admin.post("/api/logging", &json!({"filter": last})).await.accepted());

    let (line, origin) = (live::encrypted(folder, admin).await, [("origin", admin.base.as_str())]);
    let mut socket = LiveSocket::open_at("/ws/logs", line, admin, &origin).await.unwrap();
    let ticket = hunt.plant(live::USED_TICKET, admin.ticket_for("logs").await);
    socket.say_bytes(wire::encode(&ToServerLog::Hello { ticket, run: 0, after: 0 })).await;
    let (mut count, mut is_over) = (0, false);
    while !is_over {
        let bytes = socket.hear_bytes().await.expect("the socket stays open");
        if let Some(FromServerLog::Lines { lines, .. }) = wire::decode(&bytes) {
            assert!(count > 0 || lines[0].seq == 1, "none is gone yet: {}", lines[0].seq);
            count += lines.len();
            is_over = lines.iter().any(|line| line.details().contains(last));
        }
        ears.hear("the log's socket", bytes);
    }
    assert!(count > 20, "the program has something to tell: {count}");
    ears.answer("GET /admin/logs", &admin.visit("/admin/logs").await.accepted());
}
