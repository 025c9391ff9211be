//! Starts the watching, and is the handle by which the program steers it.

use crate::{
    Fleet, Judgement, Lateness, LatenessCounts, Login, Outcome, Remembered, Watched, WorkerReport, Workers,
    check::Tools,
    driver::{
        icmp::Pinger,
        resolve::{Host, Resolver},
        routeros::Bell,
        ssh,
    },
    log::{LogReader, Reading},
    rates::Rates,
    schedule::{Build, Command, Histogram, Roster, Schedule, Setting},
    tally::Tally,
};
use model::{CheckKind, DeviceId, LogTrouble, ProbeReport, Timestamp};
use parking_lot::Mutex;
use std::{net::IpAddr, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

#[cfg(test)]
pub(crate) mod tests;

/// Commands that may wait for the schedule; a sender waits for room.
const COMMANDS_MAX: usize = 256;
/// How long a command is waited for: longer than a try and its confirmation take.
const ANSWER_MAX: Duration = Duration::from_secs(15);

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
    /// Pings the gateway of this machine's own network, to know when the monitor itself is cut off.
    pub asks_gateway: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            in_flight_max: 4096,
            per_host_max: 3,
            per_host_delay: Duration::from_secs(1),
            adaptive_max: 5,
            asks_gateway: false,
        }
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
            pinger: Pinger::open(workers, &stop),
            resolver: Resolver::default(),
            clock: workers.clock(),
            tracker: workers.tracker().clone(),
            stop,
        };
        let build: Build = Arc::new(crate::check::build);
        Self::start_with(Setting::new(fleet, outcomes, tools, (build, options)), workers)
    }

    pub(crate) fn start_with(setting: Setting, workers: &Workers) -> EngineHandle {
        let (commands, receiver) = mpsc::channel(COMMANDS_MAX);
        let handle = EngineHandle {
            commands,
            roster: setting.roster.clone(),
            lateness: setting.lateness.clone(),
            rates: setting.rates.clone(),
            tally: setting.tally.clone(),
            fleet: setting.fleet.clone(),
            workers: workers.clone(),
            tools: setting.tools.clone(),
        };
        let stop = setting.tools.stop.clone();
        let lease = Arc::new(Mutex::new(Some(receiver)));
        workers.start("schedule", stop, move |duty| {
            let (setting, lease) = (setting.clone(), lease.clone());
            async move {
                let mut commands = Lease::take(lease)?;
                Schedule::new(setting).run(duty, &mut commands.receiver).await;
                Ok(())
            }
        });
        handle
    }
}

/// The commands' receiver while one schedule runs: given back when it ends, even by a panic.
struct Lease {
    receiver: mpsc::Receiver<Command>,
    back: Arc<Mutex<Option<mpsc::Receiver<Command>>>>,
}

impl Lease {
    fn take(back: Arc<Mutex<Option<mpsc::Receiver<Command>>>>) -> anyhow::Result<Self> {
        let receiver = back.lock().take().ok_or_else(|| anyhow::anyhow!("another schedule runs"))?;
        Ok(Self { receiver, back })
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let (_, closed) = mpsc::channel(1);
        *self.back.lock() = Some(std::mem::replace(&mut self.receiver, closed));
    }
}

/// Steers the watching. Cheap to clone.
#[derive(Clone)]
pub struct EngineHandle {
    commands: mpsc::Sender<Command>,
    roster: Roster,
    lateness: Arc<Mutex<Histogram>>,
    rates: Rates,
    tally: Tally,
    fleet: Arc<Fleet>,
    workers: Workers,
    tools: Tools,
}

impl EngineHandle {
    /// Watches exactly these devices from now on; what stays the same goes on undisturbed.
    pub async fn replace(&self, devices: Vec<(Watched, Remembered)>) {
        self.roster.replace(devices);
        self.tell(|done| Command::Changed { device: None, done }).await;
    }

    /// Adds a device or takes over its new settings, in the fleet too. `remembered` counts only for a new one.
    pub async fn put(&self, watched: Watched, remembered: Remembered) {
        let device = Some(watched.device.id);
        self.roster.put(watched, remembered);
        self.tell(|done| Command::Changed { device, done }).await;
    }

    /// Stops watching a device and closes what was open to it, and takes it out of the fleet.
    pub async fn remove(&self, device: DeviceId) {
        self.roster.remove(device);
        self.tell(|done| Command::Changed { device: Some(device), done }).await;
    }

    /// Asks one device, or all, now; says whether the answers were judged within a bounded wait.
    pub async fn check_now(&self, device: Option<DeviceId>) -> bool {
        self.tell(|done| Command::Ask { device, done }).await
    }

    /// Sends a command, waits until it is done, and says whether it is. A schedule that is just being started again, or an
    /// engine that has stopped, is not waited for longer: the roster keeps what was meant.
    async fn tell(&self, command: impl FnOnce(oneshot::Sender<()>) -> Command) -> bool {
        let (done, is_done) = oneshot::channel();
        // An error is a schedule that ended before it answered, or had no room for the question.
        let told = async { self.commands.send(command(done)).await.is_ok() && is_done.await.is_ok() };
        matches!(timeout(ANSWER_MAX, self.tools.stop.run_until_cancelled(told)).await, Ok(Some(true)))
    }

    /// One-second rates of an interface (of the WAN, when none is named) while the receiver lives.
    /// `None` when the device is no router that we can log in to, or its WAN is not known.
    pub async fn rates(&self, device: DeviceId, interface: Option<String>) -> Option<mpsc::Receiver<Rate>> {
        self.rates.watch(&self.fleet, &self.tools, device, interface)
    }

    /// Where a device's address leads, as far as that was heard lately; nobody is asked.
    pub fn addresses(&self, address: &str) -> Vec<IpAddr> {
        self.tools.resolver.last_heard(&Host::new(address))
    }

    /// Whose logs can be read: every router that is watched with a login.
    pub fn routers(&self) -> Vec<DeviceId> {
        self.rates.routers()
    }

    /// Reads what is new in a router's log. Opens no session: where there is none, there is no log now.
    pub async fn read_log(&self, device: DeviceId, from: LogReader) -> Result<Reading, LogTrouble> {
        let session = self.rates.session(device).ok_or(LogTrouble::NoLogin)?;
        from.read(&session, &*self.tools.clock).await
    }

    /// Rings whenever a router writes a line into its log, until this future is dropped or the router does not let us
    /// hear. It takes one of the router's two places for our commands: only for while somebody looks.
    pub async fn hear_log(&self, device: DeviceId, bell: Bell) -> LogTrouble {
        match self.rates.session(device) {
            Some(session) => LogReader::hear(&session, bell).await,
            None => LogTrouble::NoLogin,
        }
    }

    #[cfg(test)]
    pub(crate) fn is_measuring(&self) -> bool {
        self.rates.is_measuring()
    }

    /// What a RouterOS login may see, feature by feature.
    pub async fn probe_permissions(&self, host: &str, login: Login) -> ProbeReport {
        crate::driver::routeros::facts::probe_permissions(host, login, self.tools.runtime()).await
    }

    /// A connection to a device by SSH, once it has proved who it is.
    pub async fn ssh(&self, endpoint: &ssh::Endpoint) -> Result<ssh::Connection, ssh::SshError> {
        ssh::connect(&self.tools.resolver, endpoint).await
    }

    /// One command on a device, in a connection of its own.
    pub async fn ssh_errand(
        &self,
        endpoint: &ssh::Endpoint,
        login: &ssh::SshLogin,
        errand: ssh::Errand<'_>,
    ) -> Result<ssh::Ran, ssh::SshError> {
        ssh::errand(&self.tools.resolver, endpoint, login, errand).await
    }

    /// How late probes started.
    pub fn lateness(&self) -> Lateness {
        self.lateness.lock().summary(Instant::now())
    }

    /// The same of all starts, for whoever draws it over time.
    pub fn lateness_counts(&self) -> LatenessCounts {
        self.lateness.lock().counts()
    }

    /// How tries were judged since the engine started: every kind of check with every judgement.
    pub fn judged(&self) -> Vec<(CheckKind, Judgement, u64)> {
        self.tally.counts()
    }

    /// How many commands wait for the schedule.
    pub fn commands_waiting(&self) -> usize {
        self.commands.max_capacity() - self.commands.capacity()
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
