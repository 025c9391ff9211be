//! From an address to a logged-in link: resolve, connect, TLS, log in, each under its own deadline.

use super::cause::{Disconnect, Stage};
use super::login::{Handshake, Next};
use super::session::{Endpoint, Shared};
use super::tls;
use super::wire::{Decoder, Reply};
use crate::driver::reach::{self, Unreached};
use crate::driver::resolve::Host;
use socket2::{SockRef, TcpKeepalive};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// What each step may take. A slow router answers a login in a second or two.
const STEP_MAX: Duration = Duration::from_secs(5);
/// A command that the router does not take off the wire in this time never will be.
const WRITE_MAX: Duration = Duration::from_secs(5);
/// Idle peers that vanished without a word are found by the kernel after about a minute.
const KEEPALIVE: (Duration, Duration, u32) = (Duration::from_secs(30), Duration::from_secs(10), 3);
/// How many of a name's addresses are tried.
const ADDRESSES_MAX: usize = 4;

pub(super) trait Pipe: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Pipe for T {}

/// A connection that speaks sentences.
pub(super) struct Link {
    pipe: Box<dyn Pipe>,
    decoder: Decoder,
}

impl Link {
    pub fn new(pipe: Box<dyn Pipe>) -> Self {
        Self { pipe, decoder: Decoder::default() }
    }

    pub async fn send(&mut self, bytes: &[u8]) -> Result<(), Disconnect> {
        let write = async {
            self.pipe.write_all(bytes).await?;
            self.pipe.flush().await
        };
        match timeout(WRITE_MAX, write).await {
            Ok(written) => written.map_err(broken),
            Err(_) => Err(Disconnect::Broken("the router no longer reads what it is sent".into())),
        }
    }

    /// The next sentence. Loses nothing when dropped half-way.
    pub async fn receive(&mut self) -> Result<Reply, Disconnect> {
        loop {
            if let Some(reply) = self.decoder.next_reply()? {
                return Ok(reply);
            }
            if self.pipe.read_buf(self.decoder.space()).await.map_err(broken)? == 0 {
                return Err(Disconnect::Closed);
            }
        }
    }

    pub fn held(&self) -> usize {
        self.decoder.held()
    }
}

/// Opens a session. `pin` is the certificate to accept, and becomes the first one seen.
pub(super) async fn open(
    endpoint: &Endpoint,
    pin: &mut Option<String>,
    shared: &Shared,
) -> Result<Link, Disconnect> {
    let tcp = connect(endpoint, shared).await?;
    let pipe: Box<dyn Pipe> = if endpoint.login.tls {
        let (stream, seen) = step(shared, Stage::Tls, tls::handshake(tcp, pin.clone())).await?;
        if pin.is_none() {
            shared.saw_certificate(&seen);
            *pin = Some(seen);
        }
        Box::new(stream)
    } else {
        Box::new(tcp)
    };
    let mut link = Link::new(pipe);
    step(shared, Stage::Login, log_in(&mut link, endpoint)).await?;
    link.decoder.admit();
    shared.enter(Stage::Command);
    Ok(link)
}

async fn connect(endpoint: &Endpoint, shared: &Shared) -> Result<TcpStream, Disconnect> {
    let host = Host::new(&endpoint.host);
    let mut addresses = step(shared, Stage::Resolve, async {
        let found = shared.resolver.addresses(&host, endpoint.port(), STEP_MAX).await;
        found.map_err(|error| Disconnect::Unresolved(error.to_string()))
    })
    .await?;
    addresses.truncate(ADDRESSES_MAX);
    let tcp =
        step(shared, Stage::Connect, async { reach::connect(&addresses).await.map_err(unreachable) }).await?;
    shared.connected_from(tcp.local_addr().ok().map(|address| address.ip().to_canonical()));
    // Both only save time; a socket that refuses them still works.
    let _ = tcp.set_nodelay(true);
    let (after, every, times) = KEEPALIVE;
    let keepalive = TcpKeepalive::new().with_time(after).with_interval(every).with_retries(times);
    let _ = SockRef::from(&tcp).set_tcp_keepalive(&keepalive);
    Ok(tcp)
}

async fn log_in(link: &mut Link, endpoint: &Endpoint) -> Result<(), Disconnect> {
    let (mut handshake, first) = Handshake::start(&endpoint.login);
    link.send(&first).await?;
    loop {
        let reply = link.receive().await?;
        match handshake.receive(&reply)? {
            Next::Wait => {}
            Next::Send(bytes) => link.send(&bytes).await?,
            Next::In => return Ok(()),
        }
    }
}

async fn step<T>(
    shared: &Shared,
    stage: Stage,
    work: impl Future<Output = Result<T, Disconnect>>,
) -> Result<T, Disconnect> {
    shared.enter(stage);
    timeout(STEP_MAX, work).await.unwrap_or(Err(Disconnect::Silent { stage, after: STEP_MAX }))
}

fn unreachable(unreached: Unreached) -> Disconnect {
    let message = match unreached.kind {
        io::ErrorKind::ConnectionRefused => {
            "the connection was refused: the API service is off, on another port, or not open to this address"
                .into()
        }
        _ => unreached.why,
    };
    Disconnect::Unreachable { is_ours: unreached.is_ours, message }
}

pub(super) fn broken(error: io::Error) -> Disconnect {
    match error.kind() {
        // TLS tells an end without its farewell as `UnexpectedEof`; RouterOS never says farewell.
        io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => Disconnect::Closed,
        io::ErrorKind::ConnectionReset => Disconnect::Reset,
        _ => Disconnect::Broken(error.to_string()),
    }
}
