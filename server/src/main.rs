//! `routewarden`: the one program. Reads what it was told, and hands over.

use anyhow::Context as _;
use clap::Parser as _;
use engine::SystemClock;
use server::{
    app::{self, Surroundings},
    cli::{self, Args, Command},
    config::{Config, LogFormat, Sources},
    store::Origin,
};
use std::{
    io::{stdin, stdout},
    process::ExitCode,
    sync::Arc,
};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("routewarden: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let sources = Sources::of_this_process(args.place.config.clone());
    let (config, layers) = Config::load(&args.flags(), &sources)?;
    match args.command.unwrap_or_else(|| Command::Serve(cli::serve::Serve::default())) {
        Command::Config => print!("{layers}"),
        Command::Serve(_) => {
            log_to_standard_error(&config)?;
            return serve(&config).await;
        }
        Command::Sim(sim) => sim.run(CancellationToken::new()).await?,
        Command::User(user) => {
            let (_, store) = app::open(&config, Origin::CommandLine, Arc::new(SystemClock)).await?;
            cli::user::run(user, &store, &mut stdin(), &mut stdout()).await?;
        }
        Command::Token(token) => {
            let (_, store) = app::open(&config, Origin::CommandLine, Arc::new(SystemClock)).await?;
            cli::token::run(token, &store, &mut stdout()).await?;
        }
        Command::Import(import) => {
            let (vault, store) = app::open(&config, Origin::CommandLine, Arc::new(SystemClock)).await?;
            cli::import::run(import, &store, &vault, &mut stdout()).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs the server until a signal ends it; a second signal ends the ending.
async fn serve(config: &Config) -> anyhow::Result<ExitCode> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let running = app::start(config, Surroundings::default()).await?;
    eprintln!("Routewarden is at http://{}", running.address);
    if let Some(code) = &running.setup_code {
        eprintln!(
            "Create the first admin at http://{}/setup (from another machine, with the code {code})",
            running.address
        );
    }
    let mut signalled = async || {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    signalled().await;
    tokio::select! {
        stopped = running.stop() => stopped.map(|()| ExitCode::SUCCESS),
        () = signalled() => anyhow::bail!("stopped at once by a second signal"),
    }
}

fn log_to_standard_error(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log)
        .with_context(|| format!("log = {:?}: expected a filter such as info", config.log))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Text => lines.init(),
        LogFormat::Json => lines.json().init(),
    }
    Ok(())
}
