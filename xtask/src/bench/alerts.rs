//! From a listener that is killed, or falls silent, to the message about it, with ten thousand other devices watched
//! beside: how long until it is sure, and how long from there to a webhook.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::{Handle, Runtime};
use tokio::task::JoinHandle;

use super::pace::Pace;
use super::program::Program;
use super::table::Line;
use super::targets;

/// Watched beside the listeners, by pings.
const DEVICES: usize = 10_000;
/// Listeners that are killed, and others that fall silent, side by side.
const TRIALS: usize = 200;
/// Listeners that are killed one by one: slower than a storm, which would be told together.
const MESSAGES: usize = 100;
const BETWEEN: Duration = Duration::from_secs(5);
/// The defaults of a tunnel.
const INTERVAL_S: u32 = 30;
const TIMEOUT_S: u32 = 5;
/// Time for every listener to have answered once.
const SETTLE: Duration = Duration::from_secs(70);
/// Longer than anything here may take.
const PATIENCE: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(500);

/// What has been measured stands, should something after it fail.
pub fn measure(mut program: Program, pace: Pace, lines: &mut Vec<Line>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let receiver = runtime.block_on(Receiver::start())?;
    program.client.post("/api/channels", &channel(receiver.address).to_string())?;
    let (trials, messages) = (pace.many(TRIALS), pace.many(MESSAGES));
    let total = 2 * trials + messages;
    let mut doors = runtime.block_on(open(total))?;
    program.import(&beside(pace.many(DEVICES)))?;
    program.import(
        &doors.iter().enumerate().map(|(number, door)| tunnel(number, door.address)).collect::<Vec<_>>(),
    )?;
    pace.sleep(SETTLE);
    let killed = sure(&mut program, &runtime, doors.drain(..trials).collect(), Door::kill)?;
    lines.extend(mean_and_worst("a killed listener is sure to be down", &killed, (19.0, 34.0)));
    let silent = sure(&mut program, &runtime, doors.drain(..trials).collect(), Door::fall_silent)?;
    lines.extend(mean_and_worst("a silent listener is sure to be down", &silent, (24.0, 39.0)));
    pace.sleep(Duration::from_secs(60));
    receiver.forget();
    for door in doors {
        runtime.block_on(async { door.kill().await });
        pace.sleep(BETWEEN);
    }
    let mut delays = receiver.delays(messages)?;
    let what = format!("from sure to webhook, of {messages}, p99");
    lines.push(Line::at_most(what, p99(&mut delays), "ms", 250.0));
    Ok(())
}

fn channel(address: SocketAddr) -> Value {
    json!({"name": "bench", "kind": "webhook", "severity": "critical",
        "settings": {"url": format!("http://{address}/")}})
}

fn beside(count: usize) -> Vec<Value> {
    let device = |(number, host): (usize, Ipv4Addr)| {
        json!({"name": format!("beside-{number}"), "ip_address": host, "device_type": "server",
            "checks": [{"kind": "icmp", "interval_seconds": 60}]})
    };
    targets::hosts(7, count).enumerate().map(device).collect()
}

fn tunnel(number: usize, address: SocketAddr) -> Value {
    json!({"name": format!("door-{number}"), "ip_address": address.ip(), "device_type": "tunnel", "checks": [
        {"kind": "tcp", "interval_seconds": INTERVAL_S, "timeout_seconds": TIMEOUT_S, "settings": {"port": address.port().to_string()}}]})
}

/// Ends these listeners at instants spread over an interval, and says after how many seconds each was sure to be down.
fn sure<F: Future<Output = Option<Vec<TcpStream>>>>(
    program: &mut Program,
    runtime: &Runtime,
    doors: Vec<Door>,
    end: fn(Door) -> F,
) -> Result<Vec<f64>> {
    let step = Duration::from_secs(INTERVAL_S.into()) / u32::try_from(doors.len().max(1))?;
    let mut ended = HashMap::new();
    // What keeps a silent one silent.
    let mut held = Vec::new();
    for door in doors {
        let name = door.name();
        held.push(runtime.block_on(end(door)));
        ended.insert(name, now_ms());
        std::thread::sleep(step);
    }
    let began = Instant::now();
    loop {
        let told = told(program, &ended)?;
        if told.len() == ended.len() {
            return Ok(told);
        }
        ensure!(began.elapsed() < PATIENCE, "{} of {} were told", told.len(), ended.len());
        std::thread::sleep(POLL);
    }
}

/// After how many seconds those that are known by now were sure to be down.
fn told(program: &mut Program, ended: &HashMap<String, f64>) -> Result<Vec<f64>> {
    let answer: Value = serde_json::from_str(&program.client.get("/api/alerts?state=open&limit=500")?.body)?;
    let alerts = answer["alerts"].as_array().context("alerts are a list")?;
    let one = |alert: &Value| {
        let at = ended.get(alert["device"]["name"].as_str()?)?;
        Some((millis(alert["told_at"].as_str()?)? - at) / 1_000.0)
    };
    Ok(alerts.iter().filter_map(one).collect())
}

/// A listener on a loopback host of its own.
struct Door {
    number: usize,
    address: SocketAddr,
    listener: Arc<TcpListener>,
    accepting: JoinHandle<()>,
}

async fn open(count: usize) -> Result<Vec<Door>> {
    let mut doors = Vec::new();
    for (number, host) in targets::hosts(9, count).enumerate() {
        let socket = TcpSocket::new_v4()?;
        socket.bind((host, 0).into())?;
        // A short line: a few connections that nobody accepts make it silent.
        let listener = Arc::new(socket.listen(1)?);
        let address = listener.local_addr()?;
        let taking = listener.clone();
        let accepting = Handle::current().spawn(async move {
            // One that is gone before it was accepted is none of ours.
            loop {
                drop(taking.accept().await);
            }
        });
        doors.push(Door { number, address, listener, accepting });
    }
    Ok(doors)
}

impl Door {
    fn name(&self) -> String {
        format!("door-{}", self.number)
    }

    /// Whoever connects is refused.
    async fn kill(self) -> Option<Vec<TcpStream>> {
        self.accepting.abort();
        // It holds the listener until it has ended.
        let _ = self.accepting.await;
        drop(self.listener);
        None
    }

    /// Whoever connects hears nothing: the line is full and nobody accepts.
    async fn fall_silent(self) -> Option<Vec<TcpStream>> {
        self.accepting.abort();
        let _ = self.accepting.await;
        let mut held = Vec::new();
        while let Ok(Ok(stream)) =
            tokio::time::timeout(Duration::from_millis(50), TcpStream::connect(self.address)).await
        {
            held.push(stream);
        }
        // The listener stays for as long as the process does.
        std::mem::forget(self.listener);
        Some(held)
    }
}

/// Takes webhooks and notes when they came.
struct Receiver {
    address: SocketAddr,
    delays_ms: Arc<Mutex<Vec<f64>>>,
}

impl Receiver {
    async fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let delays_ms = Arc::<Mutex<Vec<f64>>>::default();
        let noting = delays_ms.clone();
        Handle::current().spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let noting = noting.clone();
                Handle::current().spawn(async move {
                    // A line that ends is answered with the next one.
                    let _ = serve(stream, &noting).await;
                });
            }
        });
        Ok(Self { address, delays_ms })
    }

    fn forget(&self) {
        self.delays_ms.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The delays of so many messages, once they are there.
    fn delays(&self, count: usize) -> Result<Vec<f64>> {
        let began = Instant::now();
        loop {
            let delays = self.delays_ms.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if delays.len() >= count {
                return Ok(delays);
            }
            ensure!(began.elapsed() < PATIENCE, "{} of {count} messages came", delays.len());
            std::thread::sleep(POLL);
        }
    }
}

/// Answers the requests of one line.
async fn serve(mut stream: TcpStream, noting: &Mutex<Vec<f64>>) -> Result<()> {
    let mut bytes = Vec::new();
    loop {
        let head = loop {
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            ensure!(stream.read_buf(&mut bytes).await? > 0, "the line ended");
        };
        let text = String::from_utf8_lossy(&bytes[..head]).to_lowercase();
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        let end = head + length.unwrap_or(0);
        while bytes.len() < end {
            ensure!(stream.read_buf(&mut bytes).await? > 0, "the line ended");
        }
        let came = now_ms();
        let body: Value = serde_json::from_slice(&bytes[head..end])?;
        if let Some(sure) = body["incident"]["told_at"].as_str().and_then(millis)
            && body["event"] == "opened"
        {
            noting.lock().unwrap_or_else(PoisonError::into_inner).push(came - sure);
        }
        bytes.drain(..end);
        stream.write_all(b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n").await?;
    }
}

fn now_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64() * 1_000.0)
}

/// An instant as the program writes it, `2026-01-31T12:00:00.000Z`, in milliseconds since 1970.
fn millis(text: &str) -> Option<f64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut numbers = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (numbers.next()??, numbers.next()??, numbers.next()??);
    // Days since 1970 of the proleptic Gregorian calendar, with years that begin in March.
    let (years, months) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days =
        years * 365 + years / 4 - years / 100 + years / 400 + (months * 153 + 2) / 5 + day - 1 - 719_468;
    let mut parts = time.split(':').map(|part| part.parse::<f64>().ok());
    let seconds = parts.next()?? * 3_600.0 + parts.next()?? * 60.0 + parts.next()??;
    Some(days as f64 * 86_400_000.0 + seconds * 1_000.0)
}

fn mean_and_worst(what: &str, seconds: &[f64], goals: (f64, f64)) -> [Line; 2] {
    let (count, worst) = (seconds.len(), seconds.iter().copied().fold(0.0, f64::max));
    let mean = seconds.iter().sum::<f64>() / count.max(1) as f64;
    [("mean", mean, goals.0), ("worst", worst, goals.1)]
        .map(|(which, value, goal)| Line::at_most(format!("{what}, {which} of {count}"), value, "s", goal))
}

fn p99(delays: &mut [f64]) -> f64 {
    delays.sort_by(f64::total_cmp);
    let at = (delays.len() * 99 / 100).min(delays.len().saturating_sub(1));
    delays.get(at).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::millis;

    #[test]
    fn an_instant_is_read_as_it_is_written() {
        assert_eq!(millis("1970-01-01T00:00:00.000Z"), Some(0.0));
        assert_eq!(millis("2026-09-21T14:13:20.250Z"), Some(1_790_000_000_250.0));
        assert_eq!(millis("2024-02-29T00:00:00.000Z"), Some(1_709_164_800_000.0));
        assert_eq!(millis("yesterday"), None);
    }
}
