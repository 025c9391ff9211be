//! One ICMP socket: sends echoes, and gives each reply to the ping that waits for it.
//!
//! Our own rather than a crate's, because the one at hand hides its socket where its receive buffer cannot
//! be raised without unsafe code: replies to a thousand pings at once were lost in the default one.

use super::wire::{Echo, Family, PACKET, reply, request};
use crate::Duty;
use parking_lot::Mutex;
use socket2::{Domain, Protocol, Socket, Type};
use std::{
    collections::HashMap,
    io::{self, ErrorKind},
    net::{IpAddr, SocketAddr},
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    time::{Duration, Instant},
};
use tokio::{net::UdpSocket, sync::oneshot};

/// Room for the replies to some thousand pings, as far as the system allows.
const RECEIVE_BUFFER: usize = 4 << 20;
/// An IP header with options, and our packet.
const REPLY_MAX: usize = 60 + PACKET;

pub(super) struct EchoSocket {
    family: Family,
    socket: UdpSocket,
    magic: u64,
    began: Instant,
    last_id: AtomicU64,
    /// Whether replies are being read. While they are not, silence proves nothing.
    pub is_listening: AtomicBool,
    /// How often reading them ended: what was asked over such an end may have been answered unheard.
    pub breaks: AtomicU64,
    waiting: Mutex<HashMap<u64, Waiting>>,
}

struct Waiting {
    host: IpAddr,
    answer: oneshot::Sender<Duration>,
}

/// A ping that waits; forgotten when it is dropped.
pub(super) struct Wait<'a> {
    socket: &'a EchoSocket,
    id: u64,
    pub answer: oneshot::Receiver<Duration>,
}

impl EchoSocket {
    /// An unprivileged datagram socket, else a raw one.
    pub fn open(family: Family) -> io::Result<Self> {
        let (domain, protocol) = match family {
            Family::V4 => (Domain::IPV4, Protocol::ICMPV4),
            Family::V6 => (Domain::IPV6, Protocol::ICMPV6),
        };
        let socket = Socket::new(domain, Type::DGRAM, Some(protocol))
            .or_else(|_| Socket::new(domain, Type::RAW, Some(protocol)))?;
        // A smaller buffer is no reason not to ping.
        let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER);
        socket.set_nonblocking(true)?;
        Ok(Self {
            family,
            socket: UdpSocket::from_std(socket.into())?,
            magic: getrandom::u64().map_err(|error| io::Error::other(error.to_string()))?,
            began: Instant::now(),
            last_id: AtomicU64::new(0),
            is_listening: AtomicBool::new(false),
            breaks: AtomicU64::new(0),
            waiting: Mutex::default(),
        })
    }

    /// Announces a ping of `host`, whose echoes are sent with [`Wait::send`].
    pub fn wait(&self, host: IpAddr) -> Wait<'_> {
        let id = self.last_id.fetch_add(1, Relaxed);
        let (answer, receiver) = oneshot::channel();
        self.waiting.lock().insert(id, Waiting { host, answer });
        Wait { socket: self, id, answer: receiver }
    }

    /// Gives out replies for ever; ends with an error of the socket.
    pub async fn receive(&self, duty: &Duty) -> io::Result<()> {
        self.is_listening.store(true, Relaxed);
        let ended = self.read_replies(duty).await;
        self.is_listening.store(false, Relaxed);
        self.breaks.fetch_add(1, Relaxed);
        ended
    }

    async fn read_replies(&self, duty: &Duty) -> io::Result<()> {
        let mut buffer = [0; REPLY_MAX];
        loop {
            self.socket.readable().await?;
            loop {
                match self.socket.try_recv_from(&mut buffer) {
                    Ok((length, from)) => self.give_out(&buffer[..length], from.ip()),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error),
                }
            }
            duty.ran();
        }
    }

    fn give_out(&self, packet: &[u8], from: IpAddr) {
        let Some(echo) = reply(self.family, packet).filter(|echo| echo.magic == self.magic) else { return };
        let mut waiting = self.waiting.lock();
        if waiting.get(&echo.id).is_none_or(|waiting| waiting.host != from) {
            return;
        }
        if let Some(Waiting { answer, .. }) = waiting.remove(&echo.id) {
            let took = self.now_ns().saturating_sub(echo.sent_ns);
            // Whoever waited may have left.
            let _ = answer.send(Duration::from_nanos(took));
        }
    }

    fn now_ns(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

impl Wait<'_> {
    pub async fn send(&self, host: IpAddr) -> io::Result<()> {
        let socket = self.socket;
        let echo = Echo { magic: socket.magic, id: self.id, sent_ns: socket.now_ns() };
        let packet = request(socket.family, echo);
        socket.socket.send_to(&packet, SocketAddr::new(host, 0)).await.map(drop)
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.socket.waiting.lock().remove(&self.id);
    }
}
