//! `user`: accounts, without a browser and without the server.

use crate::{
    accounts::Passwords,
    store::{Account, Store},
};
use anyhow::{Context, bail};
use engine::Secret;
use model::{PASSWORD_BYTES_MAX, Role};
use std::io::{BufRead, BufReader, Read, Write};
use zeroize::Zeroizing;

#[derive(Clone, Debug, clap::Subcommand)]
pub enum User {
    /// Add an account
    Add {
        name: String,
        /// admin or viewer
        #[arg(long, value_parser = role)]
        role: Role,
        #[command(flatten)]
        password: FromStdin,
    },
    /// List the accounts
    List,
    /// Set a new password and end the account's sessions
    Passwd {
        name: String,
        #[command(flatten)]
        password: FromStdin,
    },
    /// Take away an account's second factor, whose authenticator is lost, and end its sessions
    RemoveSecondFactor { name: String },
    /// Remove an account with its sessions and tokens
    Remove { name: String },
}

impl User {
    /// Whether it makes sense where nothing has been installed yet.
    pub fn may_be_first(&self) -> bool {
        matches!(self, User::Add { .. })
    }
}

/// A password never comes as an argument: every user of the machine could read it there.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct FromStdin {
    /// Read the password from standard input (one line)
    #[arg(long)]
    password_stdin: bool,
}

pub async fn run(
    user: User,
    store: &Store,
    input: &mut impl Read,
    output: &mut impl Write,
) -> anyhow::Result<()> {
    match user {
        User::Add { name, role, password } => {
            let hash = password.hashed(&name, input).await?;
            let user = store.users().create(&name, role, hash).await?;
            writeln!(output, "added {} {}", user.role.word(), user.name)?;
        }
        User::List => {
            for user in store.users().list().await? {
                let state = if user.enabled { "enabled" } else { "disabled" };
                writeln!(output, "{:<6}  {:<8}  {}", user.role.word(), state, user.name)?;
            }
        }
        User::Passwd { name, password } => {
            let account = named(store, &name).await?;
            let hash = password.hashed(&name, input).await?;
            store.users().set_password(account.user.id, hash, None).await?;
            writeln!(output, "changed the password of {name}, whose sessions end now")?;
        }
        User::RemoveSecondFactor { name } => {
            let account = named(store, &name).await?;
            if account.totp.is_none() {
                bail!("{name} has no second factor");
            }
            store.second_factors().remove(account.user.id, None).await?;
            writeln!(output, "{name} logs in with the password alone; the sessions end now")?;
        }
        User::Remove { name } => {
            store.users().remove(named(store, &name).await?.user.id).await?;
            writeln!(output, "removed {name}")?;
        }
    }
    Ok(())
}

pub(super) async fn named(store: &Store, name: &str) -> anyhow::Result<Account> {
    store.users().named(name).await?.with_context(|| format!("there is no account named {name:?}"))
}

impl FromStdin {
    /// The first line of `input`, judged and hashed.
    async fn hashed(self, name: &str, input: &mut impl Read) -> anyhow::Result<String> {
        if !self.password_stdin {
            bail!("say --password-stdin, and give the password on standard input");
        }
        model::user_name(name).map_err(anyhow::Error::msg)?;
        let password = line(input)?;
        let passwords = Passwords::default();
        let refusal = passwords.refusal("password", name, password.clone()).await;
        let hash = match refusal {
            Ok(Some(error)) => bail!("{error}"),
            Ok(None) => passwords.hash(password).await,
            Err(busy) => Err(busy),
        };
        hash.map_err(|_| anyhow::anyhow!("the password could not be hashed"))
    }
}

/// The first line of `input`: a password.
pub(super) fn line(input: &mut impl Read) -> anyhow::Result<Secret<String>> {
    // Room for one byte too many, so that a longer password is refused and not cut, and for the line's end.
    let mut line = Zeroizing::new(String::with_capacity(PASSWORD_BYTES_MAX + 3));
    let line_bytes_max = u64::try_from(PASSWORD_BYTES_MAX + 3)?;
    BufReader::new(input.take(line_bytes_max)).read_line(&mut line).context("while reading the password")?;
    Ok(Secret::new(line.trim_end_matches(['\n', '\r']).to_owned()))
}

fn role(word: &str) -> Result<Role, String> {
    Role::from_word(word).ok_or_else(|| "must be admin or viewer".to_owned())
}
