//! A router that means harm: a real server on an address of its own, which does one thing to whoever connects.

use super::words::{done, sentence};
use engine::{Login, Secret};
use futures::future::BoxFuture;
use rcgen::{CertificateParams, KeyPair};
use rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer};
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

/// What it does with one connection.
pub type Act = fn(Visit) -> BoxFuture<'static, ()>;

/// How it is entered.
#[derive(Clone, Copy, PartialEq)]
pub enum Door {
    Plain,
    /// By TLS, with nothing but the bytes of [`Act`] on its side.
    Faked,
    /// By TLS, with one certificate.
    Tls,
    /// By TLS, with another certificate after the first visit.
    Changing,
    /// By TLS, with certificates of more bytes than a handshake may have.
    Huge,
}

pub struct Villain {
    pub address: Ipv4Addr,
    pub login: Login,
    visits: Arc<AtomicUsize>,
    _doing: JoinSet<()>,
}

impl Villain {
    /// Listens on a loopback address of its own, since politeness is kept per host.
    pub async fn start(number: u8, door: Door, act: Act) -> Self {
        let address = Ipv4Addr::new(127, 66, number, 1);
        let listener = TcpListener::bind((IpAddr::V4(address), 0)).await.unwrap();
        let login = Login {
            username: "monitor".into(),
            password: Secret::new("look-only".into()),
            port: Some(listener.local_addr().unwrap().port()),
            tls: door != Door::Plain,
            pinned: None,
        };
        let acceptors = match door {
            Door::Plain | Door::Faked => vec![],
            Door::Tls => vec![acceptor(1)],
            Door::Changing => vec![acceptor(1), acceptor(1)],
            Door::Huge => vec![acceptor(80)],
        };
        let (visits, counted) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let count = visits.clone();
        let mut doing = JoinSet::new();
        doing.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let number = counted.fetch_add(1, Relaxed);
                count.store(number + 1, Relaxed);
                let acceptor = acceptors.get(number).or(acceptors.last()).cloned();
                open.spawn(async move {
                    let pipe: Box<dyn Pipe> = match acceptor {
                        None => Box::new(stream),
                        Some(acceptor) => match acceptor.accept(stream).await {
                            Ok(stream) => Box::new(stream),
                            Err(_) => return,
                        },
                    };
                    act(Visit { pipe, heard: Vec::new() }).await;
                });
                while open.try_join_next().is_some() {}
            }
        });
        Self { address, login, visits, _doing: doing }
    }

    /// How often somebody connected.
    pub fn visits(&self) -> usize {
        self.visits.load(Relaxed)
    }
}

/// Shows its certificate so many times, as a chain.
fn acceptor(times: usize) -> TlsAcceptor {
    let key = KeyPair::generate().unwrap();
    let names: Vec<_> = (0..40).map(|name| format!("router-{name:032}.lan")).collect();
    let certificate = CertificateParams::new(names).unwrap().self_signed(&key).unwrap().der().clone();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate; times], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

pub trait Pipe: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Pipe for T {}

/// One connection, from the router's side. It is closed when this is dropped.
pub struct Visit {
    pipe: Box<dyn Pipe>,
    heard: Vec<u8>,
}

impl Visit {
    /// Whether it could still be said.
    pub async fn say(&mut self, bytes: &[u8]) -> bool {
        self.pipe.write_all(bytes).await.is_ok() && self.pipe.flush().await.is_ok()
    }

    /// Says it again and again until nobody listens any more.
    pub async fn storm(&mut self, bytes: &[u8]) {
        let many = bytes.repeat((16 * 1024 / bytes.len()).max(1));
        while self.say(&many).await {}
    }

    /// Says it so many times, as far as somebody listens.
    pub async fn repeat(&mut self, bytes: &[u8], times: usize) {
        for _ in 0..times {
            if !self.say(bytes).await {
                return;
            }
        }
    }

    /// The next sentence of ours; `None` when the connection ends.
    pub async fn hear(&mut self) -> Option<Vec<Vec<u8>>> {
        loop {
            if let Some(words) = take(&mut self.heard) {
                return Some(words);
            }
            if self.pipe.read_buf(&mut self.heard).await.ok()? == 0 {
                return None;
            }
        }
    }

    /// The tag word of the next command, as the answer has to carry it.
    pub async fn tag(&mut self) -> Vec<u8> {
        let words = self.hear().await.unwrap_or_default();
        words.into_iter().find(|word| word.starts_with(b".tag=")).unwrap_or_default()
    }

    /// Lets anybody in, as a router does that means no harm yet.
    pub async fn let_in(&mut self) {
        self.hear().await;
        self.say(&sentence(["!done"])).await;
    }

    /// Answers every command with a row of what is given.
    pub async fn answer_all(&mut self, attributes: &[&[u8]]) {
        while let Some(words) = self.hear().await {
            let Some(tag) = words.iter().find(|word| word.starts_with(b".tag=")) else { continue };
            let row = super::words::row(tag, attributes);
            if !self.say(&[row, done(tag)].concat()).await {
                return;
            }
        }
    }

    /// Says nothing more, and waits until the other side leaves.
    pub async fn silence(&mut self) {
        let mut ignored = [0; 512];
        while self.pipe.read(&mut ignored).await.is_ok_and(|count| count > 0) {}
    }
}

/// Takes a whole sentence off the front; ours have no word of 16 KiB.
fn take(from: &mut Vec<u8>) -> Option<Vec<Vec<u8>>> {
    let (mut words, mut at) = (Vec::new(), 0);
    loop {
        let first = usize::from(*from.get(at)?);
        let (length, begin) = match first {
            0..0x80 => (first, at + 1),
            _ => ((first & 0x3f) << 8 | usize::from(*from.get(at + 1)?), at + 2),
        };
        let word = from.get(begin..begin + length)?.to_vec();
        at = begin + length;
        if word.is_empty() {
            from.drain(..at);
            return Some(words);
        }
        words.push(word);
    }
}
