//! What stores and serves, on PostgreSQL and MariaDB as real servers, and a few kills and an outage of each database.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{Tally, rust};
use crate::packages::{self, Consent};
use crate::workspace::Workspace;
use crate::{
    crash,
    databases::{self, Kind},
    exec,
};

/// The server's unit tests that open a database.
const OPENING: &[&str] = &[
    "store::",
    "history::tests",
    "alerts::tests",
    "accounts::",
    "changes::",
    "cli::",
    "import::",
    "--skip",
    "arbitrary",
];
/// Of the integration tests, all but those that look at the checkout.
const WHOLE: &[&str] = &["--skip", "tidy::"];
/// Kills on each database; `cargo xtask crash` does many more.
const KILLS: u32 = 5;

pub fn run(workspace: &Workspace, consent: Consent) -> Result<Tally> {
    let servers = match databases::install(consent) {
        Ok(()) => Kind::SERVERS,
        Err(error) if packages::in_ci() => return Err(error),
        Err(error) => {
            println!("skipped: PostgreSQL and MariaDB cannot be installed here: {error:#}");
            &[]
        }
    };
    let programs = rust::programs(workspace)?;
    let program = |name: &str| programs.get(name).with_context(|| format!("the tests {name} are built"));
    let (unit, whole) = (program("server")?, program("it")?);
    let mut tally = Tally::default();
    for kind in servers {
        let on_it = on(*kind, workspace, &[(unit, OPENING), (whole, WHOLE)]);
        tally += on_it.unwrap_or_else(|error| {
            println!("{}: {error:#}", kind.name());
            Tally::failure()
        });
    }
    for kind in Kind::ALL.iter().filter(|kind| **kind == Kind::Sqlite || servers.contains(kind)) {
        tally += Tally::test(crash::on(workspace, *kind, KILLS).map(|figures| println!("{figures}")));
        tally += Tally::test(crash::outage(workspace, *kind));
    }
    Ok(tally)
}

fn on(kind: Kind, workspace: &Workspace, tests: &[(&PathBuf, &[&str])]) -> Result<Tally> {
    let server = kind.start()?.context("it is a server")?;
    let mut tally = Tally::default();
    for (program, args) in tests {
        let mut command = exec::clean(program);
        command
            .args(*args)
            .current_dir(workspace.root.join("server"))
            .env("ROUTEWARDEN_TEST_DATABASE", &server.url);
        rust::side_by_side(&mut command);
        let mut seen = Tally::default();
        let succeeded = exec::follow(&mut command, |line| seen.read_cargo(line))?;
        tally += seen.judged(succeeded);
    }
    Ok(tally)
}
