//! The pages' side of a thousand live sockets, in a process of its own so that it is not measured.
//!
//! A change carries when its device was asked: the delay is from there to here, by one clock.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use futures::{SinkExt, StreamExt};
use model::{Change, FromBrowser, FromServer, LiveEvent};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, http::HeaderValue};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::delays::Delays;
use super::{BEGIN, END, Orders, Seen};
use crate::http::Client;

/// Sockets that get their first snapshot at the same time.
const AT_ONCE: usize = 4;
/// One message in so many is read for its delay, another one at each socket: the others are counted.
const READ_EVERY: u64 = 8;
const READ_BUFFER: usize = 16 * 1024;
/// The variant of messages that carry changes.
const CHANGES: u8 = 1;

type Socket = WebSocketStream<TcpStream>;

#[derive(Default)]
struct Tally {
    is_counting: AtomicBool,
    is_open: AtomicUsize,
    changes: AtomicU64,
    restarts: AtomicU64,
    delays: Mutex<Delays>,
}

/// Does what its input orders, and says on its output when the window begins and ends, and what was seen.
pub fn run() -> Result<()> {
    let orders: Orders = serde_json::from_reader(std::io::stdin())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let seen = runtime.block_on(watch(&orders));
    runtime.shutdown_background();
    println!("{}", serde_json::to_string(&seen?)?);
    Ok(())
}

async fn watch(orders: &Orders) -> Result<Seen> {
    let tally = Arc::new(Tally::default());
    let mut sockets = JoinSet::new();
    let opening = open_all(orders, &tally, &mut sockets);
    timeout(Duration::from_secs_f64(orders.opening_max_s), opening).await.with_context(|| {
        format!("only {} of {} sockets were opened in time", tally.is_open.load(Relaxed), orders.sockets)
    })??;
    sleep(Duration::from_secs_f64(orders.warm_up_s)).await;
    tally.is_counting.store(true, Relaxed);
    say(BEGIN)?;
    sleep(Duration::from_secs_f64(orders.window_s)).await;
    tally.is_counting.store(false, Relaxed);
    say(END)?;
    let delays = match tally.delays.lock() {
        Ok(delays) => delays,
        Err(_) => bail!("counting the delays failed"),
    };
    Ok(Seen {
        open: tally.is_open.load(Relaxed),
        changes: tally.changes.load(Relaxed),
        restarts: tally.restarts.load(Relaxed),
        delay_ms_p50: delays.share_ms(0.5).context("changes arrive")?,
        delay_ms_p99: delays.share_ms(0.99).context("changes arrive")?,
    })
}

/// At once, though our output is no terminal.
fn say(word: &str) -> Result<()> {
    let mut output = std::io::stdout();
    writeln!(output, "{word}")?;
    Ok(output.flush()?)
}

/// Opens them one after the other, the accounts in turn, and waits until all have the whole fleet.
async fn open_all(orders: &Orders, tally: &Arc<Tally>, sockets: &mut JoinSet<()>) -> Result<()> {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut clients: Vec<Client> =
        orders.accounts.iter().map(|header| Client::new(orders.address, header.clone())).collect();
    for number in 0..orders.sockets {
        let place = places.clone().acquire_owned().await?;
        let account = number % clients.len();
        let (Some(client), Some(header)) = (clients.get_mut(account), orders.accounts.get(account)) else {
            bail!("there are no accounts");
        };
        let socket = open(orders, client, header).await?;
        let tally = tally.clone();
        sockets.spawn(async move {
            follow(socket, number as u64, &tally, place).await;
        });
    }
    // Every place is free again: every snapshot has come to its end.
    let _all = places.acquire_many(AT_ONCE as u32).await?;
    Ok(())
}

async fn open(orders: &Orders, client: &mut Client, header: &str) -> Result<Socket> {
    // A question of a millisecond; nothing else needs this thread meanwhile.
    let answer: serde_json::Value =
        serde_json::from_str(&client.post("/ws-token", r#"{"purpose":"live"}"#)?.body)?;
    let ticket = answer["ticket"].as_str().context("a ticket is given")?.to_owned();
    let mut request = format!("ws://{}/ws/live", orders.address).into_client_request()?;
    let (name, value) = header.split_once(": ").context("a header has a name")?;
    let name = tokio_tungstenite::tungstenite::http::HeaderName::from_bytes(name.as_bytes())?;
    request.headers_mut().insert(name, HeaderValue::from_str(value)?);
    let stream = TcpStream::connect(orders.address).await?;
    stream.set_nodelay(true)?;
    let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER);
    let (mut socket, _) = client_async_with_config(request, stream, Some(config)).await?;
    let hello = postcard::to_allocvec(&FromBrowser::Hello { ticket })?;
    socket.send(Message::binary(hello)).await?;
    Ok(socket)
}

/// Reads to the end of the socket. `place` is given up after the first snapshot.
async fn follow(mut socket: Socket, number: u64, tally: &Tally, place: OwnedSemaphorePermit) {
    let mut place = Some(place);
    let mut turn = number;
    while let Some(Ok(message)) = socket.next().await {
        let Message::Binary(bytes) = message else { continue };
        let count = changes(&bytes);
        if count > 0 {
            turn += 1;
            let is_counted = place.is_none() && tally.is_counting.load(Relaxed);
            if is_counted {
                tally.changes.fetch_add(count, Relaxed);
            }
            if !is_counted || !turn.is_multiple_of(READ_EVERY) {
                continue;
            }
        }
        match postcard::from_bytes(&bytes) {
            Ok(FromServer::Snapshot { is_last: true, .. }) => match place.take() {
                Some(_) => drop(tally.is_open.fetch_add(1, Relaxed)),
                None => drop(tally.restarts.fetch_add(1, Relaxed)),
            },
            Ok(FromServer::Changes(events)) => events.iter().for_each(|event| note(event, tally)),
            Ok(FromServer::Bye { .. }) | Err(_) => break,
            Ok(_) => {}
        }
    }
    if place.is_none() {
        tally.is_open.fetch_sub(1, Relaxed);
    }
}

/// How many changes a message carries, by its first bytes: the number of the variant, and of the changes.
fn changes(bytes: &[u8]) -> u64 {
    match postcard::take_from_bytes::<(u8, u64)>(bytes) {
        Ok(((CHANGES, count), _)) => count,
        _ => 0,
    }
}

/// Only a round's own change counts: others tell again when the device was last asked.
fn note(event: &LiveEvent, tally: &Tally) {
    let Change::Live { live, .. } = &event.change else { return };
    let (Some(asked_at), Some(_)) = (live.checked_at, live.beat) else { return };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    if let Ok(mut delays) = tally.delays.lock() {
        delays.add(i64::try_from(now.as_millis()).unwrap_or(i64::MAX).saturating_sub(asked_at.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_counted_by_their_first_bytes() {
        let event = LiveEvent { seq: 7, change: Change::Removed { id: model::DeviceId(1) } };
        for count in [1, 130] {
            let message = FromServer::Changes(vec![event.clone(); count as usize]);
            assert_eq!(changes(&postcard::to_allocvec(&message).unwrap()), count);
        }
        let bye = FromServer::Bye { why: String::new() };
        assert_eq!(changes(&postcard::to_allocvec(&bye).unwrap()), 0);
    }
}
