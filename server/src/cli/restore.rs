//! `restore`: puts a backup in the place of the database, which is kept beside it. The server must not run.

use super::backup::tool;
use crate::{
    config::Config,
    instance::Instance,
    store::{self, CopyError, Prepared},
    vault::{Vault, VaultError},
};
use anyhow::{Context as _, bail};
use engine::Clock;

#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, fs, io::Write, path::PathBuf, sync::Arc};

#[derive(Clone, Debug, clap::Args)]
pub struct Restore {
    /// What `backup` wrote
    pub file: PathBuf,
    /// Also when the key file cannot open what is sealed in it
    #[arg(long)]
    pub force: bool,
}

/// Places named when secrets cannot be opened; there may be thousands.
const PLACES_MAX: usize = 5;

pub async fn run(
    asked: Restore,
    config: &Config,
    clock: Arc<dyn Clock>,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("while making the folder {}", config.data_dir.display()))?;
    // Held to the end: no server starts on a database that is just being replaced.
    let _instance = Instance::take(config)?;
    let vault = Vault::open_existing(&config.key_file);
    let prepared =
        store::prepare(&config.database_url, &asked.file, vault.as_ref().ok(), clock.clone()).await;
    let prepared = match prepared {
        Err(CopyError::NotAFile) => bail!(
            "the database is on a server of its own, which has a tool for this: {}",
            tool(
                &config.database_url,
                "pg_restore --clean --if-exists --dbname={} FILE",
                "mariadb {} < FILE"
            )
        ),
        prepared => prepared.context("while looking through the backup")?,
    };
    if let Some(trouble) = trouble(&prepared, &vault) {
        if !asked.force {
            bail!("{trouble}; put the missing key into {}, or say --force", config.key_file.display());
        }
        writeln!(out, "warning: {trouble}; the server starts only when the key of its audit log is back")?;
    }
    let aside = prepared.put(clock.now()).await.context("while replacing the database")?;
    if let Some(aside) = aside {
        writeln!(out, "the database as it was is kept as {}", aside.display())?;
    }
    writeln!(out, "restored {}", asked.file.display())?;
    writeln!(out, "everybody logs in again; passwords and API tokens are those of the backup")?;
    Ok(())
}

/// What the keys at hand do not open.
fn trouble(prepared: &Prepared, vault: &Result<Vault, VaultError>) -> Option<String> {
    let survey = &prepared.survey;
    let named = |ids: &mut dyn Iterator<Item = String>| ids.collect::<BTreeSet<_>>();
    let missing = match vault {
        Ok(_) => named(&mut survey.unopened.iter().filter_map(|left| left.missing_key.clone())),
        Err(_) => named(&mut survey.keys.keys().cloned()),
    };
    let other: Vec<&str> = survey
        .unopened
        .iter()
        .filter(|left| left.missing_key.is_none())
        .map(|left| left.place.as_str())
        .collect();
    let mut told = Vec::new();
    if let (Err(error), false) = (vault, missing.is_empty()) {
        told.push(error.to_string());
    }
    if !missing.is_empty() {
        let ids: Vec<_> = missing.into_iter().collect();
        told.push(format!("secrets in it were sealed with keys that are not at hand: {}", ids.join(", ")));
    }
    if !other.is_empty() {
        let places = other[..other.len().min(PLACES_MAX)].join(", ");
        told.push(format!(
            "secrets in it that do not open with their key: {}, such as {places}",
            other.len()
        ));
    }
    (!told.is_empty()).then(|| told.join("; "))
}
