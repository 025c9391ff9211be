//! `backup`: one file with everything but the key, taken while the server runs or not.

use crate::{
    config::{Config, masked},
    machine::in_words,
    store::{self, CopyError},
};
use anyhow::bail;
use std::{io::Write, path::PathBuf};

#[derive(Clone, Debug, clap::Args)]
pub struct Backup {
    /// The file to write
    pub file: PathBuf,
    /// Put it in the place of a file that is there
    #[arg(long)]
    pub force: bool,
}

pub async fn run(asked: Backup, config: &Config, out: &mut impl Write) -> anyhow::Result<()> {
    match store::back_up(&config.database_url, &asked.file, asked.force).await {
        Ok(bytes) => {
            writeln!(out, "{}: {}, looked through and whole", asked.file.display(), in_words(bytes))?;
            writeln!(out, "the key is no part of it: keep {} elsewhere", config.key_file.display())?;
            Ok(())
        }
        Err(CopyError::NotAFile) => bail!(
            "the database is on a server of its own, which has a tool for this: {}",
            tool(
                &config.database_url,
                "pg_dump --format=custom --file=FILE --dbname={}",
                "mariadb-dump --single-transaction --result-file=FILE {}",
            )
        ),
        Err(error) => bail!("while backing up to {}: {error}", asked.file.display()),
    }
}

/// The command for the kind of server that the URL names, which goes where `{}` is. The password is left for the
/// tool to ask.
pub(super) fn tool(url: &str, postgres: &str, mariadb: &str) -> String {
    let place = masked(url);
    if url.starts_with("postgres") {
        postgres.replace("{}", &place.replace(":***@", "@"))
    } else {
        let (server, database) = parts(&place);
        mariadb.replace("{}", &format!("{server} {database}"))
    }
}

/// Flags for host, port and user, and the database, of `scheme://user:***@host:port/database?...`.
fn parts(url: &str) -> (String, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split_once('?').map_or(rest, |(rest, _)| rest);
    let (login, place) = rest.rsplit_once('@').map_or(("", rest), |(login, place)| (login, place));
    let (server, database) = place.split_once('/').unwrap_or((place, ""));
    let user = login.split_once(':').map_or(login, |(user, _)| user);
    let (host, port) = match server.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, Some(port)),
        _ => (server, None),
    };
    let mut flags = format!("--host={}", host.trim_matches(['[', ']']));
    flags.extend(port.map(|port| format!(" --port={port}")));
    if !user.is_empty() {
        flags += &format!(" --user={user} --password");
    }
    (flags, database)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_s_own_tool_is_named_without_the_password() {
        let told = |url| tool(url, "pg_dump --dbname={}", "mariadb-dump {}");
        assert_eq!(
            told("postgres://rw:hunter2@db:5433/watch"),
            "pg_dump --dbname=postgres://rw@db:5433/watch"
        );
        assert_eq!(
            told("mariadb://rw:hunter2@db:3307/watch?ssl-mode=required"),
            "mariadb-dump --host=db --port=3307 --user=rw --password watch"
        );
        assert_eq!(told("mysql://[::1]/watch"), "mariadb-dump --host=::1 watch");
    }
}
