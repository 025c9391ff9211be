//! A clock that is set, by hours, while the program runs.

use super::{Tunnel, device};
use crate::fixture::{App, Hands, LiveSocket};
use chrono::DateTime;
use engine::Clock;
use model::{Change, Timestamp};
use serde_json::Value;
use std::time::Duration;

/// By how many hours the clock is set, forward and back.
const JUMPS_H: [i64; 4] = [6, -12, -6, 18];

fn set(clock: &Hands, hours: i64) {
    let by = Duration::from_secs(3600 * hours.unsigned_abs());
    if hours > 0 { clock.forward(by) } else { clock.back(by) }
}

/// When the state that is seen began.
fn since(seen: &Value) -> Timestamp {
    let at = DateTime::parse_from_rfc3339(seen["since"].as_str().unwrap()).unwrap();
    Timestamp(at.timestamp_millis())
}

#[tokio::test]
async fn a_clock_that_jumps_takes_nothing_down_and_dates_no_change_ahead_of_itself() {
    let (app, clock) = App::at_standstill().await;
    app.with_accounts().await;
    let admin = app.admin().await;
    let (mut falls, stands) = (Tunnel::new(&admin, "falls").await, Tunnel::new(&admin, "stands").await);
    let mut socket = LiveSocket::greeted(&admin).await;
    socket.snapshot().await;
    for hours in JUMPS_H {
        let before = [falls.is(&admin, true).await, stands.is(&admin, true).await];
        set(&clock, hours);
        let after = [falls.is(&admin, true).await, stands.is(&admin, true).await];
        for (before, after) in before.iter().zip(&after) {
            assert_eq!((&after["state"], &after["since"]), (&before["state"], &before["since"]), "{hours} h");
        }
        admin.get("/health").await.accepted();
        admin.visit("/").await.accepted();
        // An outage that begins before a jump and ends after it.
        falls.goes();
        let down = falls.is(&admin, false).await;
        assert!(since(&down) <= clock.now(), "{hours} h: {down}");
        set(&clock, hours);
        falls.comes_back().await;
        let up = falls.is(&admin, true).await;
        assert!(since(&up) <= clock.now(), "{hours} h: {up}");
        // A clock that was set back is believed, though by its word the outage ends before it began.
        if hours > 0 {
            assert!(since(&up) >= since(&down), "{hours} h: {down} {up}");
        }
        assert_eq!(stands.is(&admin, true).await["state"], "up", "{hours} h");
    }
    admin.call("load_overview", &[("limit", "10")]).await.accepted();
    // The live feed is the same one, and goes on: this device has been there since the last jump only.
    let added = admin.post("/api/devices", &device("late", 9)).await.has_status(201).json();
    let is_added = |change| matches!(change, Change::Row(row) if added["id"] == row.id.0);
    socket.until_change(is_added).await;
}
