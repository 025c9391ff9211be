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
    tokio::select! {
        () = out.known.is_said() => {}
        () = duty.stop.cancelled() => return Ok(()),
    }
    let receiver = Receiver::bind(at)
        .await
        .map_err(|error| anyhow::anyhow!("while binding {at} for syslog: {error}"))?;
    tracing::info!(address = %receiver.address()?, "lines are received by syslog");
    duty.ran();
    receiver.run(&out, &duty.stop).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::{SystemClock, Workers};
    use std::{collections::HashSet, sync::Arc, time::Duration};
    use tokio::{net::TcpListener, time::timeout};
    use tokio_util::{sync::CancellationToken, task::TaskTracker};

    #[tokio::test]
    async fn nothing_is_received_before_it_is_known_which_devices_there_are() {
        // A port that is taken tells when it is tried.
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = taken.local_addr().unwrap();
        let (out, sent) = Sent::queue();
        let (tell, mut tried) = mpsc::channel(1);
        let workers = Workers::new(Arc::new(SystemClock), TaskTracker::new());
        workers.start("syslog", CancellationToken::new(), move |duty| {
            let (out, tell) = (out.clone(), tell.clone());
            async move {
                let received = receive(at, out, duty).await;
                // The test may have ended.
                let _ = tell.send(received.is_err()).await;
                Ok(())
            }
        });
        assert!(timeout(Duration::from_millis(100), tried.recv()).await.is_err());
        sent.known.replace(HashSet::new());
        assert_eq!(tried.recv().await, Some(true));
    }
}
