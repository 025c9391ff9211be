//! Routers that mean harm beside honest tunnels: how late the others' checks start, and what the harm costs.
//!
//! That each is told with its reason, and held to its share of memory, the engine's tests say.

use std::net::{IpAddr, Ipv4Addr};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::pace::Pace;
use super::program::Program;
use super::table::Line;
use super::targets::{self, Door};

const HONEST: usize = 1000;
const HOSTILE: usize = 60;
/// As often as anything may be asked.
const INTERVAL_S: usize = 5;
/// What `/health` says of lateness is of the last two minutes at most.
const WATCH: Duration = Duration::from_secs(130);
const LATENESS_GOAL_MS: f64 = 100.0;
const MEMORY_GOAL_MB: f64 = 20.0;

const LET_IN: &[u8] = b"\x05!done\x00";
/// A row for the first command of a session.
const ROW: &[u8] = b"\x03!re\x06.tag=1\x0a=uptime=1h\x00";
/// As endless as it can be said at once.
const AT_ONCE: usize = 64 * 1024;

/// Hostile routers on one port of as many loopback addresses, in a thread of their own.
struct Villains {
    port: u16,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Villains {
    fn start() -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)))?;
        let port = listener.local_addr()?.port();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => {}
                    () = accept(listener) => {}
                }
            });
        });
        Ok(Self { port, stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Villains {
    fn drop(&mut self) {
        drop(self.stop.take());
        // It ended by itself if it panicked, which it has said.
        self.thread.take().map(JoinHandle::join);
    }
}

async fn accept(listener: TcpListener) {
    let mut open = JoinSet::new();
    loop {
        if let Ok((stream, peer)) = listener.accept().await
            && peer.ip().is_loopback()
        {
            // The other side leaving is how most of them end.
            open.spawn(async move { misbehave(stream).await.unwrap_or_default() });
        }
        while open.try_join_next().is_some() {}
    }
}

/// What it does follows from the address it was asked at.
async fn misbehave(mut stream: TcpStream) -> Result<()> {
    let IpAddr::V4(address) = stream.local_addr()?.ip() else { return Ok(()) };
    let mut heard = [0; 1024];
    if stream.read(&mut heard).await? == 0 {
        return Ok(());
    }
    let kind = address.octets()[3] % 10;
    if kind > 2 {
        stream.write_all(LET_IN).await?;
        if stream.read(&mut heard).await? == 0 {
            return Ok(());
        }
    }
    match kind {
        0 => silence(&mut stream).await,
        1 => storm(&mut stream, b"\x03!re\x05=a=bc\x00").await,
        2 => stream.write_all(b"\x06!fatal\x02no\x00").await.context("while saying no"),
        3 => storm(&mut stream, ROW).await,
        4 => storm(&mut stream, b"\x05!trap\x06.tag=1\x00").await,
        5 => storm(&mut stream, b"\x05=word").await,
        6 => storm(&mut stream, b"\xf0\xff\xff\xff\xff").await,
        7 => storm(&mut stream, b"\x03!re\x07.tag=99\x00").await,
        8 => slowly(&mut stream, ROW).await,
        // Lets in, and leaves.
        _ => Ok(()),
    }
}

async fn silence(stream: &mut TcpStream) -> Result<()> {
    let mut ignored = [0; 1024];
    while stream.read(&mut ignored).await? > 0 {}
    Ok(())
}

async fn storm(stream: &mut TcpStream, bytes: &[u8]) -> Result<()> {
    let many = bytes.repeat(AT_ONCE / bytes.len());
    loop {
        stream.write_all(&many).await?;
    }
}

async fn slowly(stream: &mut TcpStream, bytes: &[u8]) -> Result<()> {
    loop {
        for byte in bytes {
            stream.write_all(&[*byte]).await?;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

pub fn measure(mut program: Program, pace: Pace) -> Result<Vec<Line>> {
    let (door, villains) = (Door::open()?, Villains::start()?);
    let (honest, hostile) = (pace.many(HONEST), pace.many(HOSTILE));
    let tunnels = targets::hosts(7, honest).enumerate().map(|(number, host)| {
        let check =
            json!({"kind": "tcp", "settings": {"port": door.port}, "interval_seconds": INTERVAL_S});
        json!({"name": format!("tunnel-{number}"), "ip_address": host, "device_type": "tunnel", "checks": [check]})
    });
    program.import(&tunnels.collect::<Vec<_>>())?;
    pace.sleep(WATCH);
    let (memory, cpu) = (program.resident_mb()?, program.cpu_s()?);
    for (number, host) in targets::hosts(66, hostile).enumerate() {
        program.add_device(&json!({
            "name": format!("villain-{number}"), "ip_address": host, "device_type": "router",
            "checks": [{"kind": "routeros", "interval_seconds": INTERVAL_S}],
            "routeros": {"username": "monitor", "password": "look-only", "port": villains.port},
        }))?;
    }
    let before = program.cpu_s()?;
    pace.sleep(WATCH);
    let share = (program.cpu_s()? - before) / pace.wait(WATCH).as_secs_f64() * 100.0;
    let usual = cpu / pace.wait(WATCH).as_secs_f64() * 100.0;
    let health: Value = serde_json::from_str(&program.client.get("/health")?.body)?;
    let p99 = health["scheduler"]["lateness_ms_p99"].as_f64().context("checks were started")?;
    let about = format!("{hostile} hostile routers beside {honest} tunnels");
    Ok(vec![
        Line::at_most(
            format!("{about}, start of a check after it was due, p99"),
            p99,
            "ms",
            LATENESS_GOAL_MS,
        ),
        Line::at_most(format!("{about}, memory more"), program.resident_mb()? - memory, "MB", MEMORY_GOAL_MB),
        Line::at_most(format!("{about}, share of one core more"), share - usual, "%", 50.0),
    ])
}
