//! The rate of one interface, second by second, for as long as somebody looks.

use super::super::{AskError, Command, Row, Session};
use super::words::whole;
use crate::{Clock, Rate};
use model::Timestamp;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval},
};

/// The command behind it, which needs the policy [`POLICY`] on some versions.
pub const PATH: &str = "/interface/monitor-traffic";
pub const POLICY: &str = "test";

const EVERY: Duration = Duration::from_secs(1);
/// An answer later than this is about another second.
const PATIENCE: Duration = Duration::from_secs(3);

/// Measures once per second and ends when the receiver goes, or when the router refuses: a missing permission
/// or interface does not come back by asking. A lost session does, so it is waited for.
pub async fn watch_rate(session: Session, interface: String, clock: Arc<dyn Clock>, tx: mpsc::Sender<Rate>) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let measure = async {
        loop {
            ticks.tick().await;
            match session.ask(command(&interface), PATIENCE).await {
                Ok(answer) => {
                    let rate = answer.rows.first().and_then(|row| read(row, &interface, clock.now()));
                    if let Some(rate) = rate
                        && tx.send(rate).await.is_err()
                    {
                        return;
                    }
                }
                Err(AskError::Disconnected(_) | AskError::Timeout { .. }) => {}
                Err(_) => return,
            }
        }
    };
    tokio::select! {
        () = tx.closed() => {}
        () = measure => {}
    }
}

/// One measurement of one interface.
pub fn command(interface: &str) -> Command {
    Command::new(PATH).attribute("interface", interface).attribute("once", "")
}

fn read(row: &Row, interface: &str, at: Timestamp) -> Option<Rate> {
    Some(Rate {
        interface: interface.to_owned(),
        rx_bps: whole(row, "rx-bits-per-second")?,
        tx_bps: whole(row, "tx-bits-per-second")?,
        at,
    })
}
