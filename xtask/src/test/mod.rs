//! The test command: every step, whatever the others say, then one line that counts them all.
//!
//! To add a step: a variant of `Step`, a module with a function that answers a `Tally`.

mod browser;
mod clients;
mod databases;
mod lint;
mod mail;
mod rust;
mod tally;

pub use browser::{bundle_bytes, in_browser, screenshots};
pub use rust::build;

use std::time::Instant;

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::packages::Consent;
use crate::workspace::Workspace;
use tally::Tally;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Step {
    /// Format, and clippy for the server and for the browser
    Lint,
    /// Unit and integration tests
    Rust,
    /// The tests that store, and a few kills, on PostgreSQL and MariaDB
    Databases,
    /// Letters to a real mail server
    Mail,
    /// RouterOS clients of other people against the simulator
    Clients,
    /// The release bundle and its size
    Bundle,
    /// Pages in Chromium
    Browser,
}

impl Step {
    /// Cheapest complaint first; the browser last, as it needs what the others built.
    const ALL: &[Self] =
        &[Self::Lint, Self::Rust, Self::Databases, Self::Mail, Self::Clients, Self::Bundle, Self::Browser];

    fn name(self) -> &'static str {
        match self {
            Self::Lint => "lint",
            Self::Rust => "rust",
            Self::Databases => "databases",
            Self::Mail => "mail",
            Self::Clients => "clients",
            Self::Bundle => "bundle",
            Self::Browser => "browser",
        }
    }

    fn run(self, workspace: &Workspace, consent: Consent) -> Result<Tally> {
        match self {
            Self::Lint => lint::run(workspace, consent),
            Self::Rust => rust::run(workspace, consent),
            Self::Databases => databases::run(workspace, consent),
            Self::Mail => mail::run(workspace, consent),
            Self::Clients => clients::run(workspace, consent),
            Self::Bundle => browser::bundle(workspace, consent),
            Self::Browser => browser::run(workspace, consent),
        }
    }
}

/// Runs the steps named, or all; ends with the line `N passed, N failed` alone.
pub fn run(workspace: &Workspace, consent: Consent, steps: &[Step]) -> Result<()> {
    let steps = if steps.is_empty() { Step::ALL } else { steps };
    let mut total = Tally::default();
    let mut durations = Vec::new();
    for step in steps {
        println!("== {}", step.name());
        let started = Instant::now();
        let tally = step.run(workspace, consent).unwrap_or_else(|error| {
            println!("{}: {error:#}", step.name());
            Tally::failure()
        });
        durations.push((step.name(), started.elapsed(), tally));
        total += tally;
    }
    println!();
    for (name, elapsed, tally) in durations {
        println!("{name:<9} {:>6.1} s  {tally}", elapsed.as_secs_f64());
    }
    println!("{total}");
    if total.failed > 0 {
        bail!("not everything passed");
    }
    Ok(())
}
