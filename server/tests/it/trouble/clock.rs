//! A clock that is set, by hours, while the program runs.

use super::Tunnel;
use crate::fixture::{App, LiveSocket};
use std::time::Duration;

const HOURS: Duration = Duration::from_secs(6 * 3600);

#[tokio::test]
async fn a_clock_that_jumps_takes_nothing_down_and_no_outage_ends_before_it_began() {
    let (app, clock) = App::at_standstill().await;
    app.with_accounts().await;
    let admin = app.admin().await;
    let (mut falls, stands) = (Tunnel::new(&admin, "falls").await, Tunnel::new(&admin, "stands").await);
    let mut socket = LiveSocket::greeted(&admin).await;
    socket.snapshot().await;
    let jumps: [&dyn Fn(); 4] =
        [&|| clock.forward(HOURS), &|| clock.back(2 * HOURS), &|| clock.back(HOURS), &|| {
            clock.forward(3 * HOURS)
        }];
    for (number, jump) in jumps.into_iter().enumerate() {
        let before = [falls.is(&admin, true).await, stands.is(&admin, true).await];
        jump();
        let after = [falls.is(&admin, true).await, stands.is(&admin, true).await];
        for (before, after) in before.iter().zip(&after) {
            assert_eq!((&after["state"], &after["since"]), (&before["state"], &before["since"]), "{number}");
        }
        admin.get("/health").await.accepted();
        admin.visit("/").await.accepted();
        // An outage that begins before a jump and ends after it.
        falls.goes();
        let down = falls.is(&admin, false).await;
        jump();
        falls.comes_back().await;
        let up = falls.is(&admin, true).await;
        assert!(up["since"].as_str() >= down["since"].as_str() || number > 0, "{number}: {down} {up}");
        assert_eq!(stands.is(&admin, true).await["state"], "up", "{number}");
    }
    // The live feed is the same one, and goes on.
    admin.call("load_overview", &[("limit", "10")]).await.accepted();
    socket.until_change(|_| true).await;
}
