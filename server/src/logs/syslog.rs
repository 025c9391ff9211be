//! Receives lines that are sent by syslog, where that is wanted, and hands them to the keeper.

use engine::{
    Duty,
    log::syslog::{Known, Outbox, Received, Receiver},
};
use std::net::SocketAddr;
use tokio::sync::mpsc;

/// Lines of devices that wait to be looked at: 8 MiB at most. What finds no place is lost, and said to be.
const SENT_MAX: usize = 1_024;
/// Lines of strangers, which are only counted.
const STRANGE_MAX: usize = 128;

/// What was sent, at its other end.
pub struct Sent {
    pub(super) of_devices: mpsc::Receiver<Received>,
    pub(super) of_strangers: mpsc::Receiver<Received>,
    pub(super) known: Known,
}

impl Sent {
    /// The two ends.
    pub fn queue() -> (Outbox, Self) {
        let (devices, of_devices) = mpsc::channel(SENT_MAX);
        let (strangers, of_strangers) = mpsc::channel(STRANGE_MAX);
        let known = Known::default();
        let out = Outbox { known: known.clone(), of_devices: devices, of_strangers: strangers };
        (out, Self { of_devices, of_strangers, known })
    }
}

/// Receives until told to stop. A port that is taken is tried again by the supervisor.
pub async fn receive(at: SocketAddr, out: Outbox, duty: Duty) -> anyhow::Result<()> {
    let receiver = Receiver::bind(at)
        .await
        .map_err(|error| anyhow::anyhow!("while binding {at} for syslog: {error}"))?;
    tracing::info!(address = %receiver.address()?, "lines are received by syslog");
    duty.ran();
    receiver.run(&out, &duty.stop).await;
    Ok(())
}
