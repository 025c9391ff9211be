//! Receives lines that are sent by syslog, where that is wanted, and hands them to the keeper.

use engine::{
    Duty,
    log::syslog::{Counts, Known, Outbox, Received, Receiver},
};
use std::{net::SocketAddr, sync::Arc};
use tokio::sync::{Semaphore, mpsc};

/// Lines of devices that wait to be looked at, and their bytes: two devices may send at once all they may. What finds no
/// place is lost, and said to be.
const SENT_MAX: usize = 8_192;
const SENT_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Lines of streams, which are read no further meanwhile: 512 KiB at most.
const STREAMED_MAX: usize = 64;
/// Lines of strangers, which are only counted.
const STRANGE_MAX: usize = 128;

/// What was sent, at its other end.
pub struct Sent {
    pub(super) of_devices: mpsc::Receiver<Received>,
    pub(super) of_streams: mpsc::Receiver<Received>,
    pub(super) of_strangers: mpsc::Receiver<Received>,
    pub(super) known: Known,
}

impl Sent {
    /// The two ends; what becomes of each line is counted.
    pub fn queue(counts: Counts) -> (Outbox, Self) {
        let (devices, of_devices) = mpsc::channel(SENT_MAX);
        let (streams, of_streams) = mpsc::channel(STREAMED_MAX);
        let (strangers, of_strangers) = mpsc::channel(STRANGE_MAX);
        let known = Known::default();
        let out = Outbox {
            known: known.clone(),
            of_devices: devices,
            room: Arc::new(Semaphore::new(SENT_BYTES_MAX)),
            of_streams: streams,
            of_strangers: strangers,
            counts,
        };
        (out, Self { of_devices, of_streams, of_strangers, known })
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
    use std::{collections::HashSet, time::Duration};
    use tokio::{net::TcpListener, time::timeout};
    use tokio_util::{sync::CancellationToken, task::TaskTracker};

    #[tokio::test]
    async fn nothing_is_received_before_it_is_known_which_devices_there_are() {
        // A port that is taken tells when it is tried.
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = taken.local_addr().unwrap();
        let (out, sent) = Sent::queue(Counts::default());
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
