//! Kills the real server at random moments while clients write, and looks for what it had accepted.
//!
//! A change counts as accepted once its answer has arrived. What was asked and not answered may have happened
//! or not; everything else must be there after the next start, which may take `START_MAX`. `outage` takes the
//! database away instead.

mod client;
mod dice;
mod figures;
mod outage;
mod program;

pub use outage::on as outage;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::databases::{self, Kind};
use crate::packages::Consent;
use crate::test;
use crate::workspace::{Profile, Workspace};
use client::Writer;
use dice::Dice;
use figures::Figures;
use program::{Installation, Running};

/// Those who write at once.
const WRITERS: u64 = 4;
/// A server lives at least and at most so long.
const LIFE_MS: std::ops::Range<u64> = 20..600;
/// From starting the program to the first good `/health`.
const START_MAX: Duration = Duration::from_secs(5);

pub fn run(workspace: &Workspace, consent: Consent, kills: u32, only: Option<Kind>) -> Result<()> {
    databases::install(consent)?;
    test::build(workspace)?;
    let wanted = Kind::ALL.iter().filter(|kind| only.is_none_or(|only| only == **kind));
    for kind in wanted {
        println!("{}", on(workspace, *kind, kills)?);
        outage(workspace, *kind)?;
        println!("{} away and back: nothing lost", kind.name());
    }
    Ok(())
}

/// Kills the server so often on a database of this kind; an error when it lost anything or started late.
pub fn on(workspace: &Workspace, kind: Kind, kills: u32) -> Result<Figures> {
    let mut dice = Dice::new()?;
    let (seed, database) = (dice.seed(), kind.start()?);
    let installation = Installation::create(
        &workspace.server_binary(Profile::Dev),
        database.as_ref().map(|server| server.url.as_str()),
    )?;
    let mut writers: Vec<Writer> = (0..WRITERS).map(|number| Writer::new(number, dice.split())).collect();
    let mut figures = Figures::new(kind.name());
    for kill in 1..=kills {
        let life = Duration::from_millis(dice.within(LIFE_MS));
        round(&installation, &mut writers, life, &mut figures)
            .with_context(|| format!("{}: kill {kill}, seed {seed}", kind.name()))?;
    }
    let last = start(&installation, &mut figures)?;
    look(&last, &mut writers)?;
    figures.count(&writers);
    Ok(figures)
}

/// Starts, looks at what is there, lets everybody write, and kills.
fn round(
    installation: &Installation,
    writers: &mut [Writer],
    life: Duration,
    figures: &mut Figures,
) -> Result<()> {
    let running = start(installation, figures)?;
    look(&running, writers)?;
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writing: Vec<_> = writers
            .iter_mut()
            .map(|writer| {
                let client = running.client();
                scope.spawn(|| writer.write(client, &is_over))
            })
            .collect();
        std::thread::sleep(life);
        running.kill();
        is_over.store(true, Ordering::Relaxed);
        writing.into_iter().try_for_each(|writer| {
            writer.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a writer panicked")))
        })
    })?;
    figures.killed();
    Ok(())
}

fn start(installation: &Installation, figures: &mut Figures) -> Result<Running> {
    let running = installation.start()?;
    figures.started(running.took);
    let (took_s, max_s) = (running.took.as_secs_f64(), START_MAX.as_secs());
    ensure!(running.took <= START_MAX, "the start took {took_s:.1} s, more than {max_s} s");
    Ok(running)
}

fn look(running: &Running, writers: &mut [Writer]) -> Result<()> {
    let found = running.devices()?;
    writers.iter_mut().try_for_each(|writer| writer.compare(&found))
}
