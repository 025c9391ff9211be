//! `rotate-key`: a new key for everything that is sealed, while the server runs or not.

use crate::{
    store::{Progress, Store},
    vault::Vault,
};
use anyhow::bail;
use std::io::Write;

/// Adds a key, seals everything with it, and drops the old one. Killed anywhere, it goes on when it is run again.
///
/// An error when something was left that no key opens; the keys that it names stay.
pub async fn run(store: &Store, vault: &Vault, out: &mut impl Write) -> anyhow::Result<()> {
    let mut written = Ok(());
    let sealed = store.sealed();
    let rotation = sealed.rotate(vault, |progress| {
        let line = match progress {
            Progress::Added { key } => writeln!(out, "added key {key}"),
            Progress::Resealed { count } => writeln!(out, "{count} sealed anew so far"),
        };
        if written.is_ok() {
            written = line;
        }
    });
    let rotation = rotation.await?;
    written?;
    for key in &rotation.dropped {
        writeln!(out, "dropped key {key}: nothing is sealed with it any more")?;
    }
    if !rotation.dropped.is_empty() {
        writeln!(
            out,
            "backups made before now need the dropped key: make a new one, or keep the old key with them"
        )?;
    }
    if rotation.unopened.is_empty() {
        return Ok(());
    }
    for left in &rotation.unopened {
        writeln!(out, "left        {}: {}", left.place, left.why)?;
    }
    bail!(
        "{} could not be opened and were left as they are, and so were the keys that they name; put a missing key \
         back into the key file or set these secrets anew, and run this again",
        rotation.unopened.len()
    )
}
