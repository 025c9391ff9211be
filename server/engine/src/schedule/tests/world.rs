//! A world of targets that answer as they are told, and an engine that watches them in paused time.

use super::super::*;
use crate::{
    EngineHandle, Fleet, Observation, Options, Remembered, RuntimeClock, Transition, Verdict, Watched,
    Workers,
    check::{BuildArgs, Tools},
    driver::{
        gateway::{AskGateway, Gateway},
        icmp::Pinger,
        resolve::Resolver,
    },
    engine::Engine,
};
use futures::future::BoxFuture;
use model::{Check as Stored, CheckId, CheckKind, DeviceKind, State, Timestamp};
use parking_lot::Mutex;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};
use tokio::time::sleep;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// What a target does when it is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Answer {
    #[default]
    Yes,
    Refuse,
    Silence,
    /// It answers, but takes so long.
    Slow(Duration),
    /// We cannot ask.
    Unknown,
    /// We cannot ask, and find out after so long.
    UnknownAfter(Duration),
    Panic,
}

/// One try that was made.
#[derive(Clone, Copy, Debug)]
pub struct Try {
    pub began: Instant,
    pub ended: Option<Instant>,
    pub device: DeviceId,
    pub host: HostKey,
    /// It opened a connection.
    pub connects: bool,
}

#[derive(Default)]
pub struct World {
    answers: Mutex<HashMap<DeviceId, Answer>>,
    /// What single checks do, where it is not what the device does.
    checks: Mutex<HashMap<CheckId, Answer>>,
    pub tries: Mutex<Vec<Try>>,
    pub news: Mutex<Vec<(Instant, Outcome)>>,
    /// The next check that is built panics.
    pub is_trap_set: Mutex<bool>,
    /// How often checks were told to hurry.
    pub hurried: Mutex<usize>,
    /// No check can be built.
    pub refuses_settings: Mutex<bool>,
    /// What the gateway says, where it is asked.
    pub gateway: Mutex<Option<Gateway>>,
}

struct FakeCheck {
    world: Arc<World>,
    device: DeviceId,
    check: CheckId,
    kind: CheckKind,
    host: HostKey,
    /// Its session is open, where its kind keeps one.
    is_open: AtomicBool,
}

impl Check for FakeCheck {
    fn is_connected(&self) -> bool {
        self.is_open.load(Relaxed)
    }

    fn hurry(&self) {
        *self.world.hurried.lock() += 1;
    }

    fn probe<'a>(&'a self, timeout: Duration) -> BoxFuture<'a, Observation> {
        Box::pin(async move {
            let answer = self.world.answer(self.device, self.check);
            let number = {
                let mut tries = self.world.tries.lock();
                let connects = self.kind != CheckKind::Icmp && !self.is_connected();
                let (device, host) = (self.device, self.host);
                tries.push(Try { began: Instant::now(), ended: None, device, host, connects });
                tries.len() - 1
            };
            let verdict = match answer {
                Answer::Yes => {
                    sleep(Duration::from_millis(10)).await;
                    Verdict::Up { time_ms: 10.0 }
                }
                Answer::Refuse => Verdict::Down { why: "connection refused".into() },
                Answer::Silence => {
                    sleep(timeout).await;
                    Verdict::Down { why: "no answer".into() }
                }
                Answer::Slow(takes) if takes < timeout => {
                    sleep(takes).await;
                    Verdict::Up { time_ms: takes.as_secs_f32() * 1_000.0 }
                }
                Answer::Slow(_) => {
                    sleep(timeout).await;
                    Verdict::Down { why: "no answer".into() }
                }
                Answer::UnknownAfter(takes) => {
                    sleep(takes).await;
                    Verdict::Unknown { why: "stopped".into() }
                }
                Answer::Unknown => Verdict::Unknown { why: "no permission".into() },
                Answer::Panic => panic!("told to"),
            };
            let answers = matches!(verdict, Verdict::Up { .. });
            self.is_open.store(answers && self.kind == CheckKind::Routeros, Relaxed);
            self.world.tries.lock()[number].ended = Some(Instant::now());
            let is_heard = answers || answer == Answer::Refuse;
            Observation { is_heard, ..verdict.into() }
        })
    }
}

impl World {
    pub fn set(&self, device: i64, answer: Answer) {
        self.answers.lock().insert(DeviceId(device), answer);
    }

    pub fn set_check(&self, check: i64, answer: Answer) {
        self.checks.lock().insert(CheckId(check), answer);
    }

    fn answer(&self, device: DeviceId, check: CheckId) -> Answer {
        let own = self.checks.lock().get(&check).copied();
        own.unwrap_or_else(|| self.answers.lock().get(&device).copied().unwrap_or_default())
    }

    /// When a device went to a state, as told, after `since`.
    pub fn told(&self, device: i64, to: State, since: Instant) -> Option<(Instant, Transition)> {
        let news = self.news.lock();
        let mut news = news.iter().filter(|(at, outcome)| *at >= since && outcome.device == DeviceId(device));
        news.find_map(|(at, outcome)| {
            let transition = outcome.transition.clone().filter(|transition| transition.to == to)?;
            Some((*at, transition))
        })
    }
}

/// A running engine over a world.
pub struct Scene {
    pub world: Arc<World>,
    pub fleet: Arc<Fleet>,
    pub engine: EngineHandle,
    pub workers: Workers,
    pub stop: CancellationToken,
}

impl Scene {
    pub fn start() -> Self {
        Self::with(Options::default(), 1024)
    }

    /// The journal of this engine has room for so many outcomes, and writes at once.
    pub fn with(options: Options, outcomes_max: usize) -> Self {
        let (scene, mut outcomes) = Self::without_journal(options, outcomes_max);
        let (world, fleet) = (scene.world.clone(), scene.fleet.clone());
        scene.workers.tracker().spawn(async move {
            while let Some(outcome) = outcomes.recv().await {
                fleet.confirm(&outcome);
                // What was measured has tests of its own.
                let outcome = Outcome { samples: Vec::new(), ..outcome };
                if !outcome.is_empty() {
                    world.news.lock().push((Instant::now(), outcome));
                }
            }
        });
        scene
    }

    pub fn without_journal(options: Options, outcomes_max: usize) -> (Self, mpsc::Receiver<Outcome>) {
        let clock: Arc<dyn crate::Clock> = Arc::new(RuntimeClock::starting_at(Timestamp(1_000_000)));
        let workers = Workers::new(clock.clone(), TaskTracker::new());
        let fleet = Fleet::new(clock.clone());
        let (world, stop) = (Arc::new(World::default()), CancellationToken::new());
        let tools = Tools {
            pinger: Pinger::default(),
            resolver: Resolver::default(),
            clock,
            tracker: workers.tracker().clone(),
            stop: stop.clone(),
        };
        let (sender, outcomes) = mpsc::channel(outcomes_max);
        let built = world.clone();
        let build: Build = Arc::new(move |args: &BuildArgs<'_>| {
            if std::mem::take(&mut *built.is_trap_set.lock()) {
                panic!("a trap");
            }
            if *built.refuses_settings.lock() {
                return Err(model::FieldError::new(
                    "routeros",
                    "error_needs_login",
                    "needs a RouterOS login",
                ));
            }
            let device = &args.watched.device;
            let host = phase::key(&device.address);
            Ok(Box::new(FakeCheck {
                world: built.clone(),
                device: device.id,
                check: args.check.id,
                kind: args.check.kind,
                host,
                is_open: AtomicBool::new(false),
            }))
        });
        let asks_gateway = options.asks_gateway;
        let options = Options { asks_gateway: false, ..options };
        let mut setting = Setting::new(fleet.clone(), sender, tools, (build, options));
        let said = world.clone();
        setting.gateway = asks_gateway.then(|| -> AskGateway {
            Arc::new(move || {
                let says = said.gateway.lock().unwrap_or(Gateway::NotKnown);
                let takes = Duration::from_millis(if says == Gateway::Answers { 1 } else { 2_000 });
                Box::pin(async move {
                    sleep(takes).await;
                    says
                })
            })
        });
        let engine = Engine::start_with(setting, &workers);
        (Self { world, fleet, engine, workers, stop }, outcomes)
    }

    pub async fn add(&self, device: model::Device) {
        self.engine.put(watched(device), Remembered::default()).await;
    }

    pub fn state(&self, device: i64) -> State {
        self.fleet.row(DeviceId(device)).expect("the device is there").live.state
    }

    /// Waits until the device is in the state; says how long that took.
    pub async fn until(&self, device: i64, state: State) -> Duration {
        let began = Instant::now();
        let seen = async {
            while self.state(device) != state {
                sleep(Duration::from_millis(10)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(600), seen).await;
        assert!(waited.is_ok(), "{device} is {:?} and never was {state:?}", self.state(device));
        began.elapsed()
    }

    pub fn tries_since(&self, since: Instant) -> Vec<Try> {
        self.world.tries.lock().iter().filter(|tried| tried.began >= since).copied().collect()
    }
}

pub fn watched(device: model::Device) -> Watched {
    Watched { device, routeros: None }
}

/// A tunnel with one TCP check (of the same number) every 30 s, on a host of its own.
pub fn tunnel(id: i64) -> model::Device {
    let address = format!("10.1.{}.{}", id / 256, id % 256);
    model::Device {
        checks: vec![check(id, CheckKind::Tcp)],
        ..model::Device::new(DeviceId(id), format!("tunnel-{id}"), DeviceKind::Tunnel, address)
    }
}

pub fn check(id: i64, kind: CheckKind) -> Stored {
    let settings = match kind {
        CheckKind::Tcp => [("port".to_owned(), "443".to_owned())].into(),
        _ => Default::default(),
    };
    Stored { id: CheckId(id), kind, interval_s: 30, timeout_s: 5, settings }
}

pub async fn seconds(count: u64) {
    sleep(Duration::from_secs(count)).await;
}
