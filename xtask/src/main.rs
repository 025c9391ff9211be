//! `cargo xtask`: the only build tool. Each task sets up what it lacks, then does its work.
//!
//! To add a task: a variant of `Task` here, a module that does it.

mod bench;
mod crash;
mod databases;
mod exec;
mod fuzz;
mod http;
mod npm;
mod package;
mod packages;
mod program;
mod serve;
mod site;
mod test;
mod wasm;
mod workspace;

use anyhow::Result;
use clap::{Parser, Subcommand};
use packages::Consent;
use workspace::{Profile, Workspace};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "Builds, runs, tests and measures Routewarden."
)]
struct Cli {
    #[command(subcommand)]
    task: Task,
    /// Install missing Debian packages without asking (CI=true means the same).
    #[arg(long, global = true)]
    yes: bool,
}

#[derive(Subcommand)]
enum Task {
    /// Build what the browser gets, then the server
    Build(Built),
    /// Build only what the browser gets
    Site(Built),
    /// Build everything and serve it at http://127.0.0.1:5000
    Run(Served),
    /// As `run`, watching a simulated fleet
    Demo(Served),
    /// Run simulated routers alone
    Sim(Served),
    /// Set up what testing needs, then test everything
    Test {
        /// Only these steps
        #[arg(value_enum)]
        steps: Vec<test::Step>,
    },
    /// Take the pictures of docs/screenshots
    Screenshots,
    /// Build the release program and make a Debian package of it
    Package,
    /// Kill the server at random moments under load, on each database, and look for lost changes
    Crash {
        /// How often, on each database
        #[arg(long, default_value_t = 200)]
        kills: u32,
        /// Only this database
        #[arg(long, value_enum)]
        on: Option<databases::Kind>,
    },
    /// Throw mutations at whatever reads what outsiders write, led by coverage (builds for minutes at first)
    Fuzz(fuzz::Wish),
    /// Measure the release program beside its peers (takes a quarter of an hour)
    Bench(bench::Wish),
    /// The clients of `bench fleet`, as ordered on the input
    #[command(hide = true)]
    LiveSockets,
}

#[derive(clap::Args)]
struct Built {
    /// Optimise, shrink and compress
    #[arg(long)]
    release: bool,
}

#[derive(clap::Args)]
struct Served {
    #[command(flatten)]
    built: Built,
    /// Arguments for the program itself
    #[arg(last = true)]
    args: Vec<String>,
}

impl Built {
    fn profile(&self) -> Profile {
        if self.release { Profile::Release } else { Profile::Dev }
    }
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    let consent = Consent::of_caller(cli.yes);
    let workspace = Workspace::find()?;
    match cli.task {
        Task::Build(built) => serve::build(&workspace, built.profile(), consent),
        Task::Site(built) => site::build(&workspace, built.profile(), consent),
        Task::Run(served) => {
            serve::run(&workspace, served.built.profile(), consent, &["serve"], &served.args)
        }
        Task::Demo(served) => {
            serve::run(&workspace, served.built.profile(), consent, &["serve", "--demo"], &served.args)
        }
        Task::Sim(served) => serve::run(&workspace, served.built.profile(), consent, &["sim"], &served.args),
        Task::Test { steps } => test::run(&workspace, consent, &steps),
        Task::Screenshots => test::screenshots(&workspace, consent),
        Task::Package => package::run(&workspace, consent),
        Task::Crash { kills, on } => crash::run(&workspace, consent, kills, on),
        Task::Fuzz(wish) => fuzz::run(&workspace, consent, &wish),
        Task::Bench(wish) => bench::run(&workspace, consent, &wish),
        Task::LiveSockets => bench::live_sockets(),
    }
}
