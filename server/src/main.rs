//! `routewarden`: the one program. Reads what it was told, and hands over.

use anyhow::{Context as _, bail};
use clap::Parser as _;
use engine::SystemClock;
use server::{
    app::{self, RunningApp, Surroundings},
    cli::{self, Args, Command},
    config::{Config, LogFormat, Sources},
    demo::{self, Demo},
    own_log::OwnLog,
    store::{Origin, Store, file_of},
    vault::Vault,
};
use std::{
    io::{IsTerminal as _, stderr, stdin, stdout},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};
use tokio::{
    runtime::Runtime,
    signal::unix::{Signal, SignalKind, signal},
};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::{EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// Signals that come this close together are one.
const ONE_WISH: Duration = Duration::from_millis(500);

/// How long the end waits for what cannot be cancelled, such as a lookup of a name.
const LEAVING_MAX: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let ended = Runtime::new().context("while starting").and_then(|runtime| {
        let ended = runtime.block_on(run(Args::parse()));
        runtime.shutdown_timeout(LEAVING_MAX);
        ended
    });
    match ended {
        Ok(code) => code,
        Err(error) => {
            eprintln!("routewarden: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let sources = Sources::of_this_process(args.place.config.clone())?;
    let (config, layers) = Config::load(&args.flags(), &sources)?;
    match args.command.unwrap_or_else(|| Command::Serve(cli::serve::Serve::default())) {
        Command::Config => print!("{layers}"),
        Command::Serve(wish) => {
            let log = log_to_standard_error(&config)?;
            return if wish.demo { demonstrate(&config, log).await } else { serve(&config, log).await };
        }
        Command::Health(asked) => {
            cli::health::run(config.listen, asked.https || config.tls.is_some()).await?;
        }
        Command::Sim(sim) => simulate(sim).await?,
        Command::User(user) => {
            let (_, store) =
                if user.may_be_first() { open(&config).await? } else { open_there(&config).await? };
            cli::user::run(user, &store, &mut stdin(), &mut stdout()).await?;
        }
        Command::Token(token) => {
            let (_, store) = open_there(&config).await?;
            cli::token::run(token, &store, &mut stdout()).await?;
        }
        Command::VerifyAudit(asked) => {
            let (_, store) = open_there(&config).await?;
            cli::verify_audit::run(asked, &store, &mut stdout()).await?;
        }
        Command::Backup(backup) => cli::backup::run(backup, &config, &mut stdout()).await?,
        Command::Restore(restore) => {
            cli::restore::run(restore, &config, Arc::new(SystemClock), &mut stdout()).await?;
        }
        Command::RotateKey => {
            let (vault, store) = open_there(&config).await?;
            cli::rotate_key::run(&store, &vault, &mut stdout()).await?;
        }
        Command::Doctor => {
            let is_well = cli::doctor::run(&config, Arc::new(SystemClock), &mut stdout()).await?;
            return Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Command::Check(check) => {
            let has_answered = cli::check::run(check, &mut stdin(), &mut stdout()).await?;
            return Ok(if has_answered { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Command::Import(import) => {
            let (vault, store) = open(&config).await?;
            cli::import::run(import, &store, &vault, &mut stdout()).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The database and its key, made where there are none.
async fn open(config: &Config) -> anyhow::Result<(Vault, Store)> {
    app::open(config, Origin::CommandLine, Arc::new(SystemClock)).await
}

/// The database and its key, which are there: whoever named the wrong folder shall not be told that an
/// installation made this moment is in good order.
async fn open_there(config: &Config) -> anyhow::Result<(Vault, Store)> {
    let file = file_of(&config.database_url)?;
    if let Some(file) = file.filter(|file| !file.exists()) {
        bail!(
            "there is no database at {}: name the folder with --data-dir, the database with --database-url, or \
             the configuration with --config",
            file.display()
        );
    }
    open(config).await
}

/// Runs the server until a signal ends it.
async fn serve(config: &Config, log: OwnLog) -> anyhow::Result<ExitCode> {
    let mut signals = Signals::new()?;
    let running = app::start(config, Surroundings { own_log: Some(log), ..Surroundings::default() }).await?;
    let url = &running.url;
    eprintln!("Routewarden is at {url}");
    if let Some(code) = &running.setup_code {
        eprintln!("Create the first admin at {url}/setup");
        eprintln!("From another machine it asks for this code: {code}");
    }
    signals.next().await;
    stop(running).await
}

/// The same, on a network that exists only here.
async fn demonstrate(config: &Config, log: OwnLog) -> anyhow::Result<ExitCode> {
    let mut signals = Signals::new()?;
    let mut demo = Demo::start(config, Some(log)).await?;
    eprintln!("Log in as {} with the password {}", demo::NAME, demo.password.expose());
    eprintln!("A simulated network is watched at {}", demo.running.url);
    tokio::select! {
        () = demo.play() => {}
        () = signals.next() => {}
    }
    stop(demo.running).await
}

/// Simulated routers alone, until a signal ends them.
async fn simulate(sim: cli::sim::Sim) -> anyhow::Result<()> {
    let (mut signals, stop) = (Signals::new()?, CancellationToken::new());
    let asked_to_stop = async {
        signals.next().await;
        stop.cancel();
        std::future::pending().await
    };
    tokio::select! {
        ended = sim.run(stop.clone()) => ended,
        () = asked_to_stop => Ok(()),
    }
}

/// Stops in order; a second signal ends the ending.
async fn stop(running: RunningApp) -> anyhow::Result<ExitCode> {
    let second = async {
        // Some tools tell a program and its whole group, which is one wish and two signals.
        tokio::time::sleep(ONE_WISH).await;
        Signals::new()?.next().await;
        anyhow::Ok(())
    };
    tokio::select! {
        stopped = running.stop() => stopped.map(|()| ExitCode::SUCCESS),
        heard = second => {
            heard?;
            anyhow::bail!("stopped at once by a second signal")
        }
    }
}

/// What asks the program to end.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Writes the log where systems gather it; what comes back is where admins read it.
fn log_to_standard_error(config: &Config) -> anyhow::Result<OwnLog> {
    let filter = EnvFilter::try_new(&config.log)
        .with_context(|| format!("log = {:?}: expected a filter such as info", config.log))?;
    let (log, gate) = OwnLog::open(filter, &config.log, Arc::new(SystemClock));
    // Colours are for people: in a journal or a file they are noise.
    let lines = tracing_subscriber::fmt::layer().with_ansi(stderr().is_terminal()).with_writer(stderr);
    let lines = match config.log_format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    // Libraries that speak by `log` keep the level of the start: what they would tell at a lower one is what travels.
    tracing_subscriber::registry().with(gate).with(lines).init();
    log_panics();
    Ok(log)
}

/// A panic ends a request or a worker, and is told in the log like everything else.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let what = panic.payload_as_str().unwrap_or("without words");
        let trace = std::backtrace::Backtrace::capture();
        tracing::error!(place, what, %trace, "a panic");
    }));
}
