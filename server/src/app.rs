//! Puts the program together, starts it and stops it: the same for `serve` and for the tests.

use crate::{
    accounts::{Accounts, SetupCode},
    alerts::{Alarm, Courier, Reporter},
    backend::{FreeBytes, Parts, Program, TerminalRules, Vitals},
    bot::Exchange,
    changes::Changes,
    commands::Commands,
    config::{Config, FirstTelegram, PublicUrl},
    history::{Recorder, Retention, keep_to, presence},
    instance::{Instance, keep_lease},
    journal::{Journal, QUEUE_MAX, Stopwatch, Timed},
    logs::{Bounds, Keeper as LogKeeper, LogDesk, Sent, receive},
    machine::free_bytes,
    own_log::OwnLog,
    quiet::Keeper,
    recordings::{Limits, Recordings},
    store::{Lease, Origin, Store},
    vault::Vault,
    web::{
        AppState, Certificate, Entrance, Feed, Places, Sockets, TrustedProxies, assets::Site, router,
        tell_headlines,
    },
    workers::{STOPPING_MAX, Stages},
};
use anyhow::Context as _;
use engine::{
    Clock, Duty, Engine, Fleet, Options, SystemClock, Workers,
    driver::resolve::Resolver,
    notify::{Names, Tools, web_push::Vapid},
};
use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::Path,
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{Mutex, Notify, mpsc},
    time::{Instant, MissedTickBehavior, interval, timeout_at},
};

/// How soon the server notices what the command line changed.
const LOOK_FOR_CHANGES: Duration = Duration::from_millis(500);
/// How often expired sessions are swept away.
const SWEEP: Duration = Duration::from_secs(600);

/// What differs between the real program and a test of it.
pub struct Surroundings {
    pub clock: Arc<dyn Clock>,
    /// How politely to ask; as the settings say, when absent.
    pub engine: Option<Options>,
    /// Answers only who asks for this machine by a name of its own.
    pub is_local_only: bool,
    /// How much room there is; the data folder's disk is asked, when absent.
    pub free_bytes: Option<FreeBytes>,
    /// Where admins read what is written; nothing is, when absent.
    pub own_log: Option<OwnLog>,
}

impl Default for Surroundings {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            engine: None,
            is_local_only: false,
            free_bytes: None,
            own_log: None,
        }
    }
}

/// The program, running.
pub struct RunningApp {
    pub address: SocketAddr,
    /// Where a browser on this machine finds it.
    pub url: String,
    /// For the first visit, while no admin exists.
    pub setup_code: Option<String>,
    stages: Stages,
    store: Store,
    /// Last, so that nobody else starts before everything has ended.
    _instance: Instance,
}

/// Opens what is stored, starts every worker, and answers at `address`.
pub async fn start(config: &Config, surroundings: Surroundings) -> anyhow::Result<RunningApp> {
    let clock = surroundings.clock;
    make_folder(config)?;
    let instance = Instance::take(config)?;
    let lease = Lease::take(&config.database_url).await.context("while opening the database")?;
    let (vault, store) = open(config, Origin::Server, clock.clone()).await?;
    let vault = Arc::new(vault);
    let stages = Stages::new(&clock);
    let fleet = Fleet::new(clock.clone());
    let cut_off = store.incidents().cut_off_since().await.context("while reading the incidents")?;
    fleet.set_cut_off(cut_off);
    let (outcomes, queue) = mpsc::channel(QUEUE_MAX);
    let outcomes_left = outcomes.downgrade();
    let options = match surroundings.engine {
        Some(options) => options,
        None => store.settings().engine_options().await.context("while reading the settings")?,
    };
    let watching = &stages.watching;
    let engine = Engine::start(fleet.clone(), outcomes, &watching.workers, watching.stop.clone(), options);
    if let Some(why) = engine.ping_trouble() {
        tracing::warn!(%why, "there are no pings: devices are asked by TCP and RouterOS only");
    }
    let folder = config.growing_folder();
    let vitals = Vitals {
        outcomes: outcomes_left,
        stopwatch: Stopwatch::default(),
        free_bytes: surroundings.free_bytes.unwrap_or_else(|| Arc::new(move || free_bytes(&folder))),
        started_at: clock.now(),
    };
    let (bell, quiets_changed) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let keeper = Keeper {
        store: store.clone(),
        fleet: fleet.clone(),
        clock: clock.clone(),
        changed: quiets_changed.clone(),
        bell: bell.clone(),
    };
    let history = Recorder::open(store.clone(), fleet.clone(), clock.clone(), bell.clone())
        .await
        .context("while reading the samples")?;
    let recordings = Recordings::new(store.clone(), vault.clone(), clock.clone(), Limits::of(&config.kept));
    let home = config.public_url.clone();
    let names = Names::of(Resolver::default()).allowing(&config.outbound_allow);
    let notify = Tools::with(names, clock.clone(), Vec::new()).context("while preparing the channels")?;
    let key = store.push().key(&vault).await.context("while opening the key for push services")?;
    let notify = notify.with_vapid(Vapid::new(&key, home.as_ref().and_then(PublicUrl::contact)));
    let courier = Courier::new(store.clone(), vault.clone(), clock.clone(), notify.clone(), bell.clone());
    let courier = courier.at(home.clone());
    let journals = stages.recording.workers.clone();
    let alarm = Alarm {
        store: store.clone(),
        vault: vault.clone(),
        clock: clock.clone(),
        fleet: fleet.clone(),
        tools: notify.clone(),
        home: home.clone(),
        why: Arc::new(move || last_failure(&journals, "journal")),
        memory: Arc::default(),
    };
    let ledger = Timed { ledger: history.clone(), stopwatch: vitals.stopwatch.clone() };
    store.rules().add_first(config.bandwidth_mbps).await.context("while writing the first rules")?;
    if let Some(FirstTelegram { token, chats }) = &config.telegram {
        let making = store.channels().add_first(chats, token, &vault).await;
        making.context("while making the first channels")?;
    }
    let code = SetupCode::generate().context("while making the setup code")?;
    let shown = code.to_string();
    let accounts = Accounts::new(store.clone(), vault.clone(), clock.clone(), code, config.session_length);
    let logs = LogDesk::default();
    let log_keeper = LogKeeper {
        desk: logs.clone(),
        store: store.clone(),
        engine: engine.clone(),
        fleet: fleet.clone(),
        clock: clock.clone(),
        bounds: Bounds::of(&config.kept),
    };
    let commands = Commands::new(clock.clone());
    let program = Program::new(Parts {
        store: store.clone(),
        vault: vault.clone(),
        fleet: fleet.clone(),
        engine,
        clock: clock.clone(),
        accounts,
        history: history.clone(),
        recordings: recordings.clone(),
        logs,
        notify: notify.clone(),
        home,
        bell: bell.clone(),
        quiets_changed,
        workers: vec![stages.web.workers.clone(), stages.recording.workers.clone()],
        vitals,
        own_log: surroundings.own_log.unwrap_or_else(|| OwnLog::unwritten(clock.clone())),
        commands: commands.clone(),
        session_idle: time::Duration::try_from(config.session_idle)?,
        session_length: time::Duration::try_from(config.session_length)?,
        terminal: TerminalRules { idle: config.terminal_idle, is_over_http: config.terminal_over_http },
        tasks: stages.web.workers.tracker().clone(),
    })
    .await
    .context("while looking for an admin")?;
    let pinning = program.clone();
    let pinned = Box::new(move |device| pinning.note(device));
    let feed = start_feed(&stages, &store, fleet.clone());
    let journal = Journal::new(Arc::new(ledger), fleet, clock.clone(), queue, pinned);
    let changes = Changes::from_now(store.clone()).await.context("while reading the changes")?;
    start_recording(&stages, &program, changes, journal);
    start_history(&stages, history, Retention::of(&config.kept), (store.clone(), clock.clone()));
    let reporter = Reporter { program: program.clone(), store: store.clone(), clock: clock.clone(), bell };
    start_reports(&stages, reporter);
    start_commands(&stages, commands);
    start_bots(
        &stages,
        Exchange { program: program.clone(), store: store.clone(), vault, clock, tools: notify },
    );
    stages.recording.workers.start("recordings", stages.recording.stop.clone(), move |duty| {
        let recordings = recordings.clone();
        async move { recordings.run(duty).await }
    });
    stages.recording.workers.start("outbox", stages.recording.stop.clone(), move |duty| {
        let courier = courier.clone();
        async move { courier.run(duty).await }
    });
    stages.recording.workers.start("alarm", stages.recording.stop.clone(), move |duty| {
        let alarm = alarm.clone();
        async move { alarm.run(duty).await }
    });
    if let Some(lease) = lease {
        let (recording, lease) = (&stages.recording, Arc::new(Mutex::new(lease)));
        recording.workers.start("lease", recording.stop.clone(), move |duty| keep_lease(duty, lease.clone()));
    }
    program.load_fleet().await.context("while reading the devices")?;
    // Once the devices are there: they are what windows are about.
    stages.recording.workers.start("quiet", stages.recording.stop.clone(), move |duty| {
        let keeper = keeper.clone();
        async move { keeper.run(duty).await }
    });
    start_logs(&stages, log_keeper, config.syslog_listen);
    let address = start_web(config, &stages, &program, feed, surroundings.is_local_only)?;
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    let setup_code = program.needs_setup().then_some(shown);
    Ok(RunningApp {
        address,
        url: format!("{scheme}://{address}"),
        setup_code,
        stages,
        store,
        _instance: instance,
    })
}

/// What a worker last failed at.
fn last_failure(workers: &Workers, name: &str) -> Option<String> {
    let report = workers.reports().into_iter().find(|report| report.name == name);
    report?.last_error.map(|(_, why)| why)
}

/// Opens the key file and the database, creating them where there are none.
pub async fn open(config: &Config, origin: Origin, clock: Arc<dyn Clock>) -> anyhow::Result<(Vault, Store)> {
    make_folder(config)?;
    let store =
        Store::open(&config.database_url, origin, clock).await.context("while opening the database")?;
    let vault = open_vault(&config.key_file, &store).await;
    if vault.is_err() {
        store.close().await?;
    }
    let vault = vault?;
    store.open_audit(&vault).await.context("while opening the audit log")?;
    Ok((vault, store))
}

fn make_folder(config: &Config) -> anyhow::Result<()> {
    fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("while making the folder {}", config.data_dir.display()))
}

/// Opens the key file. A new one is made only for a database that needs no old one: the key is what cannot be
/// made again.
async fn open_vault(key_file: &Path, store: &Store) -> anyhow::Result<Vault> {
    if !key_file.try_exists()? && store.sealed().is_any().await? {
        anyhow::bail!(
            "the key file {} is missing, and the database holds what was sealed with it; put it \
             back from where you keep it, or name its place with --key-file",
            key_file.display()
        );
    }
    Vault::open_file(key_file).with_context(|| format!("while opening the key file {}", key_file.display()))
}

fn start_recording(stages: &Stages, program: &Arc<Program>, changes: Changes, journal: Arc<Journal>) {
    let stage = &stages.recording;
    stage.workers.start("journal", stage.stop.clone(), move |duty| {
        let journal = journal.clone();
        async move { journal.run(duty).await }
    });
    let (looking, changes) = (program.clone(), Arc::new(changes));
    stage.workers.start("changes", stage.stop.clone(), move |duty| {
        notice_changes(duty, looking.clone(), changes.clone())
    });
    let noting = program.clone();
    stage.workers.start("visits", stage.stop.clone(), move |duty| {
        let noting = noting.clone();
        async move {
            noting.write_notes(&duty).await;
            Ok(())
        }
    });
    let sweeping = program.clone();
    stage.workers.start("sessions", stage.stop.clone(), move |duty| sweep(duty, sweeping.clone()));
}

/// Writes down that the program runs, and forgets what is too old.
fn start_history(
    stages: &Stages,
    history: Recorder,
    retention: Retention,
    (store, clock): (Store, Arc<dyn Clock>),
) {
    let stage = &stages.recording;
    let keeping = clock.clone();
    stage.workers.start("retention", stage.stop.clone(), move |duty| {
        keep_to(retention, history.clone(), keeping.clone(), duty)
    });
    stage.workers.start("presence", stage.stop.clone(), move |duty| {
        presence::tell(store.clone(), clock.clone(), duty)
    });
}

/// Reads the logs of routers, and receives what is sent where that is wanted.
fn start_logs(stages: &Stages, keeper: LogKeeper, syslog: Option<SocketAddr>) {
    // Whoever receives stops before whoever writes down what was received.
    let (receiving, recording) = (&stages.watching, &stages.recording);
    if syslog.is_some() {
        keeper.desk.begin_to_receive();
    }
    let (out, sent) = Sent::queue(keeper.desk.counts().clone());
    let sent = Arc::new(Mutex::new(sent));
    recording.workers.start("logs", recording.stop.clone(), move |duty| {
        let (keeper, sent) = (keeper.clone(), sent.clone());
        async move { keeper.run(sent, duty).await }
    });
    if let Some(at) = syslog {
        receiving.workers.start("syslog", receiving.stop.clone(), move |duty| receive(at, out.clone(), duty));
    }
}

/// Writes reports when they are due.
fn start_reports(stages: &Stages, reporter: Reporter) {
    let stage = &stages.recording;
    stage.workers.start("reports", stage.stop.clone(), move |duty| {
        let reporter = reporter.clone();
        async move { reporter.run(duty).await }
    });
}

/// Asks many devices one thing.
fn start_commands(stages: &Stages, commands: Commands) {
    let stage = &stages.web;
    stage.workers.start("commands", stage.stop.clone(), move |duty| {
        let commands = commands.clone();
        async move { commands.run(duty).await }
    });
}

/// Hears what people say to bots.
fn start_bots(stages: &Stages, exchange: Exchange) {
    let stage = &stages.web;
    stage.workers.start("telegram", stage.stop.clone(), move |duty| {
        let exchange = exchange.clone();
        async move { exchange.run(duty).await }
    });
}

/// Looks again at everything whenever the command line has changed something. A database that fails is
/// asked again with the next tick: what was taken away meanwhile is to end as soon as it is back.
async fn notice_changes(duty: Duty, program: Arc<Program>, changes: Arc<Changes>) -> anyhow::Result<()> {
    let mut tick = interval(LOOK_FOR_CHANGES);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_failing = false;
    while duty.stop.run_until_cancelled(tick.tick()).await.is_some() {
        let followed = changes.follow(async || Ok(program.look_again().await?)).await;
        if let Err(error) = &followed {
            if !is_failing {
                tracing::error!(
                    error = format!("{error:#}"),
                    "changes of the command line cannot be noticed"
                );
            }
            duty.failed(format!("{error:#}"));
        }
        is_failing = followed.is_err();
        program.watch_noted().await;
        duty.ran();
    }
    Ok(())
}

async fn sweep(duty: Duty, program: Arc<Program>) -> anyhow::Result<()> {
    let mut tick = interval(SWEEP);
    while duty.stop.run_until_cancelled(tick.tick()).await.is_some() {
        program.sweep_sessions().await?;
        duty.ran();
    }
    Ok(())
}

/// Gathers changes for the sockets.
fn start_feed(stages: &Stages, store: &Store, fleet: Arc<Fleet>) -> Feed {
    let feed = Feed::default();
    let (telling, told, store) = (feed.clone(), fleet.clone(), store.clone());
    stages.web.workers.start("headlines", stages.web.stop.clone(), move |duty| {
        let (store, fleet, feed) = (store.clone(), told.clone(), telling.clone());
        async move { tell_headlines(store, &fleet, &feed, duty).await }
    });
    let gathering = feed.clone();
    stages.web.workers.start("live", stages.web.stop.clone(), move |duty| {
        let (feed, fleet) = (gathering.clone(), fleet.clone());
        async move {
            feed.gather(&fleet, &duty).await;
            Ok(())
        }
    });
    feed
}

fn start_web(
    config: &Config,
    stages: &Stages,
    program: &Arc<Program>,
    feed: Feed,
    is_local_only: bool,
) -> anyhow::Result<SocketAddr> {
    let stage = &stages.web;
    let certificate =
        config.tls.clone().map(Certificate::load).transpose().context("while reading the certificate")?;
    let certificate = certificate.map(Arc::new);
    let listener =
        TcpListener::bind(config.listen).with_context(|| format!("while binding {}", config.listen))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let (proxies, tasks) =
        (TrustedProxies(config.trusted_proxies.clone().into()), stage.workers.tracker().clone());
    let site = Site::new(config.site_dir.clone());
    let sockets = Sockets { feed, tasks: tasks.clone(), stop: stage.stop.clone() };
    let router = router(AppState::new(program.clone(), site, proxies.clone(), sockets, is_local_only));
    let places = Places::of_this_process(proxies);
    let entrance = Entrance { router, places, certificate: certificate.clone(), tasks };
    stage.workers.start("web", stage.stop.clone(), move |duty| {
        let (listener, entrance) = (listener.try_clone(), entrance.clone());
        async move {
            entrance.keep(&tokio::net::TcpListener::from_std(listener?)?, &duty).await;
            Ok(())
        }
    });
    if let Some(certificate) = certificate {
        stage.workers.start("certificate", stage.stop.clone(), move |duty| {
            let certificate = certificate.clone();
            async move { certificate.follow(duty).await }
        });
    }
    Ok(address)
}

impl RunningApp {
    /// Stops everything in order; an error when something had to be left running.
    pub async fn stop(self) -> anyhow::Result<()> {
        let deadline = Instant::now() + STOPPING_MAX;
        let is_clean = self.stages.stop(deadline).await;
        timeout_at(deadline, self.store.close()).await.context("while closing the database")??;
        anyhow::ensure!(is_clean, "some workers did not stop within {} s", STOPPING_MAX.as_secs());
        Ok(())
    }

    /// Tells everything to stop and waits for nothing.
    pub fn abandon(self) {
        self.stages.cancel();
    }
}
