//! An engine that watches villains, and honest tunnels beside them, in paused time.

use super::villain::Villain;
use engine::{Clock, Engine, EngineHandle, Fleet, Options, Remembered, RuntimeClock, Watched, Workers};
use model::{Check, CheckId, CheckKind, Device, DeviceId, DeviceKind, Settings, State, Timestamp};
use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};
use tokio::{net::TcpListener, sync::mpsc, task::JoinSet, time::sleep};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Where the honest ones are.
const HONEST: i64 = 1_000;

pub struct Scene {
    pub fleet: Arc<Fleet>,
    pub engine: EngineHandle,
    /// Ends the engine with the scene.
    stop: CancellationToken,
    honest: JoinSet<()>,
}

impl Scene {
    pub fn start() -> Self {
        let clock: Arc<dyn Clock> = Arc::new(RuntimeClock::starting_at(Timestamp(1_790_000_000_000)));
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
        Self { fleet, engine, stop, honest: JoinSet::new() }
    }

    pub async fn watch(&self, id: i64, villain: &Villain) {
        let device = device(id, DeviceKind::Router, villain.address, CheckKind::Routeros, Settings::new());
        let watched = Watched { device, routeros: Some(villain.login.clone()) };
        self.engine.put(watched, Remembered::default()).await;
    }

    /// Watches so many tunnels that answer.
    pub async fn watch_honest(&mut self, many: u8) {
        for number in 0..many {
            let address = Ipv4Addr::new(127, 67, number, 1);
            let listener = TcpListener::bind((IpAddr::V4(address), 0)).await.unwrap();
            let port = listener.local_addr().unwrap().port().to_string();
            self.honest.spawn(async move { while listener.accept().await.is_ok() {} });
            let settings = [("port".to_owned(), port)].into();
            let id = HONEST + i64::from(number);
            let device = device(id, DeviceKind::Tunnel, address, CheckKind::Tcp, settings);
            self.engine.put(Watched { device, routeros: None }, Remembered::default()).await;
        }
    }

    /// Honest tunnels that are not up, and what is said of them.
    pub fn slandered(&self) -> Vec<String> {
        let rows = self.fleet.rows().1.into_iter().filter(|row| row.id.0 >= HONEST);
        rows.filter(|row| row.live.state != State::Up).map(|row| format!("{row:?}")).collect()
    }

    /// Lets so much time pass; gives everything that was told of the villains meanwhile.
    pub async fn hear_for(&self, seconds: u32) -> Vec<(i64, BTreeSet<String>)> {
        let ids = || self.fleet.devices().into_iter().map(|device| device.id).filter(|id| id.0 < HONEST);
        let mut told: Vec<_> = ids().map(|id| (id.0, BTreeSet::new())).collect();
        for _ in 0..seconds {
            sleep(Duration::from_secs(1)).await;
            for (id, told) in &mut told {
                told.extend(self.told(DeviceId(*id)));
            }
        }
        told
    }

    /// Everything that people may read of why a device is not well.
    fn told(&self, id: DeviceId) -> Vec<String> {
        let row = self.fleet.row(id).unwrap();
        let mut told: Vec<_> = row.live.cause.into_iter().collect();
        told.extend(row.live.checks.into_iter().filter_map(|check| check.why));
        if let Some(facts) = self.fleet.facts(id) {
            told.extend(facts.metrics.missing.iter().map(|missing| missing.why.clone()));
            told.extend(facts.metrics.endings.iter().map(|ending| ending.reason.clone()));
        }
        told
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn device(id: i64, kind: DeviceKind, address: Ipv4Addr, check: CheckKind, settings: Settings) -> Device {
    let check = Check { id: CheckId(id), kind: check, interval_s: 5, timeout_s: 5, settings };
    Device {
        checks: vec![check],
        ..Device::new(DeviceId(id), format!("device-{id}"), kind, address.to_string())
    }
}
