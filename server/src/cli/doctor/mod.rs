//! `doctor`: looks at everything that Routewarden stands on, and says of each what is wrong and what helps.
//!
//! It changes nothing, and works beside a running server. To add a look: a function that answers [`Finding`]s, in
//! the file of its area, and a line in [`examine`].

mod config;
mod data;
mod machine;
#[cfg(test)]
mod tests;

use crate::config::Config;
use engine::Clock;
use std::{fmt, io::Write, sync::Arc, time::Instant};

/// How a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Fine,
    /// Works, and could be better.
    Warning,
    /// Does not work.
    Broken,
}

/// What was seen of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub verdict: Verdict,
    /// One word for the thing.
    pub thing: &'static str,
    pub seen: String,
    /// What helps, where something is to be helped.
    pub remedy: Option<String>,
}

impl Finding {
    fn fine(thing: &'static str, seen: impl Into<String>) -> Finding {
        Finding { verdict: Verdict::Fine, thing, seen: seen.into(), remedy: None }
    }

    fn warning(thing: &'static str, seen: impl Into<String>, remedy: impl Into<String>) -> Finding {
        Finding { verdict: Verdict::Warning, thing, seen: seen.into(), remedy: Some(remedy.into()) }
    }

    fn broken(thing: &'static str, seen: impl Into<String>, remedy: impl Into<String>) -> Finding {
        Finding { verdict: Verdict::Broken, thing, seen: seen.into(), remedy: Some(remedy.into()) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.verdict {
            Verdict::Fine => '✓',
            Verdict::Warning => '!',
            Verdict::Broken => '✗',
        };
        write!(f, "{mark} {:<9} {}", self.thing, self.seen)?;
        match &self.remedy {
            Some(remedy) => write!(f, "\n            → {remedy}"),
            None => Ok(()),
        }
    }
}

/// Prints what was found; whether nothing is broken.
pub async fn run(config: &Config, clock: Arc<dyn Clock>, out: &mut impl Write) -> anyhow::Result<bool> {
    let mut is_well = true;
    for finding in examine(config, clock).await {
        is_well &= finding.verdict != Verdict::Broken;
        writeln!(out, "{finding}")?;
    }
    Ok(is_well)
}

/// Looks at everything.
pub async fn examine(config: &Config, clock: Arc<dyn Clock>) -> Vec<Finding> {
    let began = (clock.now(), Instant::now());
    let mut findings = config::look(config);
    findings.extend(config::tls(config.tls.as_ref()));
    findings.push(config::port(config));
    findings.push(machine::ping().await);
    findings.push(machine::disk(&config.growing_folder()));
    let (database, latest) = data::database(config).await;
    findings.extend(database);
    findings.extend(data::key(config).await);
    let now = (clock.now(), Instant::now());
    findings.push(machine::clock(began, now, latest));
    findings
}
