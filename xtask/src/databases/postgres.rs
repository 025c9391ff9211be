//! PostgreSQL: `initdb`, then `postgres` itself, which refuses to be root.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::server::{Place, Server};
use crate::exec;

const USER: &str = "postgres";
const VERSIONS: &str = "/usr/lib/postgresql";

/// Where Debian puts the programs of the newest version there is.
pub fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir(VERSIONS).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let number = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = versions.filter(|path| path.join("bin/initdb").is_file()).max_by_key(|path| number(path))?;
    Some(newest.join("bin"))
}

pub fn start() -> Result<Server> {
    let programs = programs().context("PostgreSQL is installed")?;
    let place = Place::new("postgres", USER)?;
    let data = place.folder.join("data");
    exec::output(
        place
            .command(programs.join("initdb"), "INT")
            .args(["-A", "trust", "-U", "routewarden", "-E", "UTF8", "--locale", "C.UTF-8", "-N", "-D"])
            .arg(&data),
    )?;
    let port = place.port.to_string();
    let mut server = place.command(programs.join("postgres"), "INT");
    server.arg("-D").arg(&data).args(["-p", &port]);
    // Nothing here outlives the test, so nothing waits for the disk.
    for setting in [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "max_connections=300",
        "fsync=off",
        "full_page_writes=off",
    ] {
        server.args(["-c", setting]);
    }
    let url = format!("postgres://routewarden@127.0.0.1:{port}/postgres");
    let mut is_ready = place.command(programs.join("pg_isready"), "INT");
    is_ready.args(["-q", "-h", "127.0.0.1", "-p", &port]);
    Server::start(place, server, is_ready, "INT", url)
}
