//! `import`: what another program had, from its file.

use crate::{
    import::{self, FILE_BYTES_MAX, KeyPlaces, VARIABLE},
    store::Store,
    vault::Vault,
};
use anyhow::{Context, bail};
use std::{
    fs::File,
    io::{Read, Write},
    path::PathBuf,
};

#[derive(Clone, Debug, clap::Args)]
pub struct Import {
    /// The tunnel monitor's config.json, the RouterOS dashboard's routers.db, or a CSV or JSON list of devices
    pub file: PathBuf,
    /// Say what would happen, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Key of the passwords in routers.db [default: FERNET_KEY in the environment, or in a .env beside the file]
    #[arg(long, value_name = "FILE")]
    pub fernet_key_file: Option<PathBuf>,
}

/// Prints what became of every line; fails when a line was refused.
pub async fn run(args: Import, store: &Store, vault: &Vault, output: &mut impl Write) -> anyhow::Result<()> {
    let file = args.file.display();
    let mut bytes = Vec::new();
    File::open(&args.file)
        .and_then(|file| {
            file.take(u64::try_from(FILE_BYTES_MAX + 1).unwrap_or(u64::MAX)).read_to_end(&mut bytes)
        })
        .with_context(|| format!("while reading {file}"))?;
    let plan = if import::is_database(&bytes) {
        let environment = std::env::var(VARIABLE).ok();
        let keys = KeyPlaces { file: args.fernet_key_file.clone(), environment };
        import::read_database(&args.file, &keys).await
    } else {
        import::read(&bytes)
    };
    let plan = plan.with_context(|| format!("while reading {file}"))?;
    let report = plan.apply(store, vault, args.dry_run).await?;
    write!(output, "{report}")?;
    if report.is_refused() {
        bail!("{file} was not imported");
    }
    Ok(())
}
