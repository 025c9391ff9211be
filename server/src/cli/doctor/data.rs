//! What is kept: the database, and the key to what is sealed in it.

use super::{Finding, Verdict};
use crate::{
    config::Config,
    store::{Inspected, Schema, StoreError, file_of, in_time},
    vault::Vault,
};
use model::Timestamp;
use std::path::Path;

/// The database, and when something was last written down in it.
pub async fn database(config: &Config) -> (Vec<Finding>, Option<Timestamp>) {
    if let Ok(Some(file)) = file_of(&config.database_url)
        && matches!(file.try_exists(), Ok(false))
    {
        let seen = format!("{} is not there yet", file.display());
        return (vec![Finding::warning("database", seen, "the first start of the server makes it")], None);
    }
    let inspected = match Inspected::open(&config.database_url).await {
        Ok(inspected) => inspected,
        Err(StoreError::Damaged(why)) => return (vec![damaged(&why)], None),
        Err(error) => return (vec![broken(&format!("it cannot be opened: {error}"))], None),
    };
    let mut findings = Vec::new();
    let mut latest = None;
    match inspected.damage().await {
        Ok(None) => {}
        Ok(Some(damage)) => findings.push(damaged(&damage)),
        Err(error) => findings.push(broken(&format!("it cannot be looked through: {error}"))),
    }
    if findings.is_empty() {
        let (found, time) = inside(&inspected).await;
        findings = found;
        latest = time;
    }
    // It was only looked at.
    let _ = inspected.close().await;
    (findings, latest)
}

async fn inside(inspected: &Inspected) -> (Vec<Finding>, Option<Timestamp>) {
    let schema = match inspected.schema().await {
        Ok(schema) => judge_schema(&schema),
        Err(error) => return (vec![broken(&format!("it does not answer: {error}"))], None),
    };
    if schema.verdict == Verdict::Broken {
        return (vec![schema], None);
    }
    let written = match in_time(inspected.write()).await {
        Ok(()) => Finding::fine("database", "a change was tried, and taken back before it reached the disk"),
        Err(error) => Finding::broken(
            "database",
            format!("it cannot be written to: {error}"),
            "look at the permissions and the room of its folder, or at the database's own log",
        ),
    };
    // A database of an older version may have no log yet.
    (vec![schema, written], inspected.latest().await.ok().flatten())
}

pub fn judge_schema(schema: &Schema) -> Finding {
    match schema {
        Schema::Current => Finding::fine("database", "it opens, and is of this version"),
        Schema::Older { missing } => Finding::warning(
            "database",
            format!("it lacks {missing} changes of this version"),
            "the next start of the server makes them; make a backup before",
        ),
        Schema::Newer { unknown } => Finding::broken(
            "database",
            format!("a newer Routewarden changed it ({})", unknown.join(", ")),
            "install that version again, or restore a backup made before it",
        ),
        Schema::Foreign => Finding::broken(
            "database",
            "it is no database of Routewarden's",
            "let database_url name a database that is empty or ours",
        ),
    }
}

fn damaged(why: &str) -> Finding {
    let remedy = "stop the server, keep a copy, and restore the last backup";
    Finding::broken("database", format!("it is damaged: {why}"), remedy)
}

fn broken(seen: &str) -> Finding {
    Finding::broken(
        "database",
        seen,
        "look at database_url, at the permissions of the file or the account, and at the database server",
    )
}

/// The key file: whose it is, where it is, and whether it opens what is sealed.
pub async fn key(config: &Config) -> Vec<Finding> {
    let file = &config.key_file;
    let is_there = file.try_exists();
    if matches!(is_there, Ok(false)) {
        let needs = needed_keys(config, None).await;
        return vec![match needs {
            Some((keys, _)) if !keys.is_empty() => Finding::broken(
                "key",
                format!("{} is missing, and the database needs the keys {}", file.display(), keys.join(", ")),
                "put it back from where you keep it, or name its place with --key-file",
            ),
            _ => Finding::warning(
                "key",
                format!("{} is not there yet", file.display()),
                "the first start of the server makes it; keep a copy apart from the database",
            ),
        }];
    }
    let vault = match Vault::open_existing(file) {
        Ok(vault) => vault,
        Err(error) => {
            return vec![Finding::broken(
                "key",
                error.to_string(),
                "the server does not start before that is mended",
            )];
        }
    };
    let mut findings = vec![Finding::fine("key", format!("{} is its owner's alone", file.display()))];
    if let Some((_, unopened)) = needed_keys(config, Some(&vault)).await
        && !unopened.is_empty()
    {
        findings = vec![Finding::broken(
            "key",
            format!("secrets that do not open: {}, such as {}", unopened.len(), unopened[0]),
            "put the missing key back into the key file, or set these secrets anew",
        )];
    }
    if is_beside(file, config) {
        findings.push(Finding::warning(
            "key",
            format!("{} lies beside the database: who copies the folder has both", file.display()),
            "move it elsewhere, say where with --key-file or key_file, and back it up apart",
        ));
    }
    findings
}

fn is_beside(key: &Path, config: &Config) -> bool {
    match file_of(&config.database_url) {
        Ok(Some(database)) => database.parent() == key.parent(),
        _ => false,
    }
}

/// Which keys the database needs, and what `vault` does not open. Nothing of a database that is not to be read.
async fn needed_keys(config: &Config, vault: Option<&Vault>) -> Option<(Vec<String>, Vec<String>)> {
    let inspected = Inspected::open(&config.database_url).await.ok()?;
    let survey = inspected.survey(vault).await.ok();
    let _ = inspected.close().await;
    let survey = survey?;
    let unopened = survey.unopened.into_iter().map(|left| format!("{} ({})", left.place, left.why)).collect();
    Some((survey.keys.into_keys().collect(), unopened))
}
