//! MariaDB: `mariadb-install-db`, then `mariadbd`.

use std::path::Path;

use anyhow::Result;

use super::server::{Place, Server};
use crate::exec;

const USER: &str = "mysql";
/// Not on everybody's search path.
const SERVER: &str = "/usr/sbin/mariadbd";

pub fn is_installed() -> bool {
    Path::new(SERVER).is_file() && exec::exists("mariadb-install-db")
}

pub fn start() -> Result<Server> {
    let place = Place::new("mariadb", USER)?;
    let data = place.folder.join("data");
    exec::output(
        place
            .command("mariadb-install-db", "TERM")
            .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
            .arg(format!("--datadir={}", data.display())),
    )?;
    let port = place.port.to_string();
    let mut server = place.command(SERVER, "TERM");
    server
        .args(["--no-defaults", "--bind-address=127.0.0.1", "--max-connections=300"])
        // Nothing here outlives the test, so nothing waits for the disk.
        .args([
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-flush-method=nosync",
            "--skip-innodb-doublewrite",
        ])
        .arg(format!("--port={port}"))
        .arg(format!("--datadir={}", data.display()))
        .arg(format!("--socket={}", place.folder.join("socket").display()))
        .arg(format!("--pid-file={}", place.folder.join("pid").display()));
    let url = format!("mariadb://root@127.0.0.1:{port}/mysql");
    let mut is_ready = place.command("mariadb-admin", "TERM");
    is_ready.args(["--no-defaults", "--protocol=tcp", "-h", "127.0.0.1", "-u", "root", "-P", &port, "ping"]);
    Server::start(place, server, is_ready, "TERM", url)
}
