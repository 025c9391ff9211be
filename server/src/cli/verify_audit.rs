//! `routewarden verify-audit`: walks the chain of the audit log and says whether it is whole.

use crate::store::Store;
use anyhow::bail;
use std::io::Write;

#[derive(Clone, Debug, clap::Args)]
pub struct VerifyAudit {
    /// A head that this command printed earlier and that was kept elsewhere: it must still be in the chain
    #[arg(long, value_name = "CODE")]
    pub since: Option<String>,
}

/// Of 256 bits in hex.
const CODE_LETTERS: usize = 64;

/// Prints what was found; an error when the log was tampered with.
pub async fn run(asked: VerifyAudit, store: &Store, out: &mut impl Write) -> anyhow::Result<()> {
    if let Some(code) = &asked.since
        && !(code.len() == CODE_LETTERS && code.bytes().all(|letter| letter.is_ascii_hexdigit()))
    {
        bail!(
            "--since: a head is a code of {CODE_LETTERS} digits and letters from a to f, as this command prints it"
        );
    }
    let since = asked.since.map(|code| code.to_ascii_lowercase());
    let verdict = store.audit().verify(since.as_deref()).await?;
    if let Some(fault) = verdict.fault {
        bail!("the audit log is not whole: {fault}");
    }
    if verdict.holds_anchor == Some(false) {
        bail!("the audit log does not reach back to the code given: entries were cut off or written anew");
    }
    writeln!(out, "{} entries, whole", verdict.entries)?;
    if !verdict.head.is_empty() {
        writeln!(out, "head {}", verdict.head)?;
    }
    Ok(())
}
