//! `token`: API tokens for programs.

use super::user::named;
use crate::{accounts, store::Store};
use model::Scope;
use std::io::Write;

#[derive(Clone, Debug, clap::Subcommand)]
pub enum Token {
    /// Print a new token, once, alone on standard output
    Create {
        /// The account it acts for
        #[arg(long)]
        user: String,
        /// What it is for
        #[arg(long)]
        name: String,
        /// read or write, and never more than the account may do
        #[arg(long, default_value = "read", value_parser = scope)]
        scope: Scope,
    },
}

pub async fn run(token: Token, store: &Store, output: &mut impl Write) -> anyhow::Result<()> {
    let Token::Create { user, name, scope } = token;
    let account = named(store, &user).await?;
    let (_, token) = accounts::token::create(store, account.user.id, &name, scope).await?;
    writeln!(output, "{}", token.expose())?;
    Ok(())
}

fn scope(word: &str) -> Result<Scope, String> {
    Scope::from_word(word).ok_or_else(|| "must be read or write".to_owned())
}
