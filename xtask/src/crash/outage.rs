//! Takes the database away from a running server and gives it back: a database server is stopped and started, and
//! the SQLite file may not be written to, as on a disk that turned read-only. Nobody helps the server.

use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::program::{Installation, Running};
use crate::databases::{Kind, Server};
use crate::exec;
use crate::http::{Client, Refused};
use crate::workspace::{Profile, Workspace};

/// For what is seen with the next round of checks, or the next try to write.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(100);
const INTERVAL_S: u32 = 5;
const SILENT: u16 = 9;

pub fn on(workspace: &Workspace, kind: Kind) -> Result<()> {
    lived_through(workspace, kind).with_context(|| format!("{} away and back", kind.name()))
}

fn lived_through(workspace: &Workspace, kind: Kind) -> Result<()> {
    let mut database = kind.start()?;
    let url = database.as_ref().map(|server| server.url.as_str());
    let installation = Installation::create(&workspace.server_binary(Profile::Dev), url)?;
    let running = installation.start()?;
    let mut client = running.client();
    let door = TcpListener::bind("127.0.0.1:0")?;
    client.post("/api/devices", &tunnel("falls", door.local_addr()?.port()))?;
    until("the tunnel is up", || Ok(is_up(&mut client)? == Some(true)))?;

    away(database.as_mut(), &running)?;
    drop(door);
    until("it is seen that the tunnel fell", || Ok(is_up(&mut client)? == Some(false)))?;
    until("health complains", || is_refused(client.get("/health").map(drop)))?;
    let change = client.post("/api/devices", &tunnel("refused", SILENT)).map(drop);
    ensure!(is_refused(change)?, "a change was accepted that cannot be kept");

    back(database.as_mut(), &running)?;
    until("everything works again", || Ok(!is_refused(client.get("/health").map(drop))?))?;
    client.post("/api/devices", &tunnel("accepted", SILENT))?;
    let kept: Vec<String> = running.devices()?.into_keys().collect();
    ensure!(kept == ["accepted", "falls"], "these devices are kept: {kept:?}");
    Ok(())
}

fn tunnel(name: &str, port: u16) -> String {
    let check =
        json!({"kind": "tcp", "interval_seconds": INTERVAL_S, "settings": {"port": port.to_string()}});
    json!({"name": name, "ip_address": "127.0.0.1", "device_type": "tunnel", "port": port, "checks": [check]})
        .to_string()
}

fn is_up(client: &mut Client) -> Result<Option<bool>> {
    let seen: Value = serde_json::from_str(&client.get("/api/tunnel/falls")?.body)?;
    Ok(seen["timestamp"].is_string().then(|| seen["overall"] == true))
}

/// Whether the server answered, and said no.
fn is_refused(answer: Result<()>) -> Result<bool> {
    match answer {
        Ok(()) => Ok(false),
        Err(error) if error.is::<Refused>() => Ok(true),
        Err(error) => Err(error),
    }
}

fn until(what: &str, mut is_so: impl FnMut() -> Result<bool>) -> Result<()> {
    let began = Instant::now();
    while !is_so().with_context(|| format!("while waiting until {what}"))? {
        if began.elapsed() > PATIENCE {
            bail!("{} s passed, and it is not so that {what}", PATIENCE.as_secs());
        }
        std::thread::sleep(LOOK);
    }
    Ok(())
}

fn away(database: Option<&mut Server>, running: &Running) -> Result<()> {
    match database {
        Some(server) => server.stop(),
        None => may_write(running, "0:unlimited"),
    }
}

fn back(database: Option<&mut Server>, running: &Running) -> Result<()> {
    match database {
        Some(server) => server.resume(),
        None => may_write(running, "unlimited"),
    }
}

/// How far into a file the process may write from now on.
fn may_write(running: &Running, limit: &str) -> Result<()> {
    let pid = running.pid().to_string();
    exec::output(Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={limit}")])).map(drop)
}
