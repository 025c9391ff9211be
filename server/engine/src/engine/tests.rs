//! The whole engine on real sockets of this machine, through its public doors.

use super::*;
use crate::{
    Clock, SystemClock, Watched,
    check::tests as checks,
    driver::routeros::sim::{Personality, SimOptions, SimRouter},
};
use model::{CheckKind, CheckStatus, DeviceKind, Settings, State};
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

const DEADLINE: Duration = Duration::from_secs(20);

pub(crate) struct Running {
    pub fleet: Arc<Fleet>,
    pub engine: EngineHandle,
    stop: CancellationToken,
}

/// An engine whose outcomes are true as soon as they are told.
pub(crate) fn start() -> Running {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let workers = Workers::new(clock.clone(), TaskTracker::new());
    let (fleet, stop) = (Fleet::new(clock), CancellationToken::new());
    let (sender, mut outcomes) = mpsc::channel(64);
    let engine = Engine::start(fleet.clone(), sender, &workers, stop.clone(), Options::default());
    let journal = fleet.clone();
    workers.tracker().spawn(async move {
        while let Some(outcome) = outcomes.recv().await {
            journal.confirm(&outcome);
        }
    });
    Running { fleet, engine, stop }
}

impl Running {
    /// Waits for the event itself: the feed says when the device goes to the state.
    pub async fn until(&self, state: State) {
        let mut feed = self.fleet.changes();
        let (_, rows) = self.fleet.rows();
        if rows.iter().any(|row| row.live.state == state) {
            return;
        }
        let change = async {
            loop {
                match &feed.recv().await.unwrap().change {
                    model::Change::Live { live, .. } if live.state == state => return,
                    _ => {}
                }
            }
        };
        timeout(DEADLINE, change)
            .await
            .unwrap_or_else(|_| panic!("never {state:?}: {:?}", self.fleet.rows()));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn tunnel(port: u16) -> Watched {
    let settings = [("port".to_owned(), port.to_string())].into();
    let mut watched = checks::watched("127.0.0.1", CheckKind::Tcp, settings);
    watched.device.kind = DeviceKind::Tunnel;
    let mut ping = checks::watched("", CheckKind::Icmp, Settings::new()).device.checks.remove(0);
    ping.id = model::CheckId(2);
    watched.device.checks.push(ping);
    watched
}

#[tokio::test]
async fn a_real_listener_goes_down_and_up_and_the_fleet_follows() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let running = start();
    running.engine.put(tunnel(address.port()), Remembered::default()).await;
    running.until(State::Up).await;
    running.engine.check_now(None).await;
    let row = running.fleet.rows().1.remove(0);
    assert_eq!((row.live.checks[0].status, row.live.checks[0].port), (CheckStatus::Ok, Some(address.port())));
    let ping = &row.live.checks[1];
    assert_eq!(ping.status == CheckStatus::Ok, running.engine.ping_trouble().is_none(), "{ping:?}");

    drop(listener);
    running.engine.check_now(None).await;
    running.until(State::Down).await;
    let row = running.fleet.rows().1.remove(0);
    assert_eq!(row.live.cause.as_deref(), Some("connection refused"));

    let _listener = TcpListener::bind(address).await.unwrap();
    running.engine.check_now(None).await;
    running.until(State::Up).await;
}

#[tokio::test]
async fn a_check_with_senseless_settings_is_unknown_and_says_why() {
    let running = start();
    let mut watched = tunnel(443);
    watched.device.checks[0].settings.insert("port".into(), "no".into());
    running.engine.put(watched, Remembered::default()).await;
    let row = running.fleet.rows().1.remove(0);
    assert_eq!((row.live.state, row.live.checks[0].status), (State::Unknown, CheckStatus::Unknown));
    assert!(row.live.checks[0].why.as_deref().is_some_and(|why| why.contains("1 to 65535")), "{row:?}");
}

#[tokio::test]
async fn pinning_the_certificate_that_was_accepted_costs_no_second_login() {
    let options = SimOptions { tls: true, ..SimOptions::default() };
    let anywhere = "127.0.0.1:0".parse().unwrap();
    let router = SimRouter::start_with(Personality::V7, anywhere, options).await.unwrap();
    let mut device = checks::watched("127.0.0.1", CheckKind::Routeros, Settings::new());
    device.device.kind = DeviceKind::Router;
    device.routeros = Some(router.login());
    let running = start();
    running.engine.put(device.clone(), Remembered::default()).await;
    running.until(State::Up).await;
    for (pinned, logins) in [(router.fingerprint(), 1), (None, 2)] {
        device.routeros = Some(Login { pinned, ..router.login() });
        running.engine.put(device.clone(), Remembered::default()).await;
        running.engine.check_now(None).await;
        assert_eq!(router.logins(), logins);
    }
}

#[tokio::test]
async fn after_the_stop_nothing_waits_for_an_engine_that_is_gone() {
    let running = start();
    running.engine.put(tunnel(1), Remembered::default()).await;
    running.stop.cancel();
    let report = || running.engine.workers().into_iter().find(|report| report.name == "schedule").unwrap();
    let ended = async {
        while report().state == model::WorkerState::Running {
            tokio::task::yield_now().await;
        }
    };
    timeout(DEADLINE, ended).await.expect("the schedule stops");
    assert_eq!(timeout(DEADLINE, running.engine.check_now(None)).await, Ok(false), "nothing was asked");
    assert!(running.engine.rates(DeviceId(1), None).await.is_none(), "no router");
}
