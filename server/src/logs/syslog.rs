//! Receives lines that are sent by syslog, where that is wanted, and hands them to the keeper.

use engine::{
    Duty,
    log::syslog::{Received, Receiver},
};
use std::net::SocketAddr;
use tokio::sync::mpsc;

/// Lines that wait to be looked at: 8 MiB at most. What finds no place is lost, and said to be.
pub const SENT_MAX: usize = 1_024;

/// Receives until told to stop. A port that is taken is tried again by the supervisor.
pub async fn receive(at: SocketAddr, sent: mpsc::Sender<Received>, duty: Duty) -> anyhow::Result<()> {
    let receiver = Receiver::bind(at)
        .await
        .map_err(|error| anyhow::anyhow!("while binding {at} for syslog: {error}"))?;
    tracing::info!(address = %receiver.address()?, "lines are received by syslog");
    duty.ran();
    receiver.run(&sent, &duty.stop).await;
    Ok(())
}
