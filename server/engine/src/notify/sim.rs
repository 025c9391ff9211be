//! A server of the tests' own on a port of its own: takes HTTP requests apart and answers them as told.

use parking_lot::Mutex;
use rustls::{ServerConfig, crypto::ring, pki_types::PrivatePkcs8KeyDer};
use std::{collections::VecDeque, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    sync::Notify,
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

/// What the next connection gets.
#[derive(Clone, Debug)]
pub enum Play {
    /// These bytes, then the end.
    Say(String),
    /// These bytes, then nothing more, and no end.
    Hang(String),
    /// These bytes, then an endless rest as fast as it is taken.
    Flood(String),
    /// These bytes, then one more byte every second.
    Drip(String),
    /// The connection is torn down before a byte is read.
    Reset,
}

/// A certificate for `localhost` that nobody knows: what answers with it, and the certificate itself in DER.
pub fn tls() -> (TlsAcceptor, Vec<u8>) {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der()).into();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), cert.der().to_vec())
}

/// A request as it arrived.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Method and path.
    pub line: String,
    /// By lower-case name.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// The server; it ends with its handle.
pub struct Sim {
    pub at: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    heard: Arc<Notify>,
    _tasks: JoinSet<()>,
}

/// An answer with a status line, some header lines and a body.
pub fn answer(status: &str, headers: &[&str], body: &str) -> Play {
    let mut head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n", body.len());
    for header in headers {
        head += &format!("{header}\r\n");
    }
    Play::Say(format!("{head}\r\n{body}"))
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

impl Sim {
    /// Plays one after the other, a connection each; when they run out, connections hang.
    pub async fn start(plays: impl IntoIterator<Item = Play>) -> Self {
        Self::start_with(plays, None).await
    }

    /// The same, with TLS before it.
    pub async fn start_tls(plays: impl IntoIterator<Item = Play>, tls: TlsAcceptor) -> Self {
        Self::start_with(plays, Some(tls)).await
    }

    async fn start_with(plays: impl IntoIterator<Item = Play>, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let (asked, heard) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Notify::new()));
        let mut plays: VecDeque<Play> = plays.into_iter().collect();
        let mut tasks = JoinSet::new();
        let (all, bell) = (asked.clone(), heard.clone());
        tasks.spawn(async move {
            let mut talks = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let play = plays.pop_front().unwrap_or(Play::Hang(String::new()));
                let (all, bell, tls) = (all.clone(), bell.clone(), tls.clone());
                talks.spawn(async move {
                    match tls {
                        // Unread bytes make the kernel send a reset.
                        _ if matches!(play, Play::Reset) => stream.readable().await.unwrap(),
                        None => talk(stream, play, all, bell).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                talk(stream, play, all, bell).await;
                            }
                        }
                    }
                });
            }
        });
        Self { at, asked, heard, _tasks: tasks }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.at)
    }

    /// Everything asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().clone()
    }

    /// Ends when a whole request has arrived.
    pub async fn heard(&self) {
        self.heard.notified().await;
    }
}

async fn talk(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    play: Play,
    asked: Arc<Mutex<Vec<Asked>>>,
    heard: Arc<Notify>,
) {
    let Some(request) = take_request(&mut stream).await else { return };
    asked.lock().push(request);
    let (Play::Say(text) | Play::Hang(text) | Play::Flood(text) | Play::Drip(text)) = &play else { return };
    let _ = stream.write_all(text.as_bytes()).await;
    heard.notify_one();
    match play {
        Play::Flood(_) => while stream.write_all(&[b'x'; 4096]).await.is_ok() {},
        Play::Drip(_) => {
            let mut second = tokio::time::interval(Duration::from_secs(1));
            while stream.write_all(b"x").await.is_ok() {
                second.tick().await;
            }
        }
        Play::Hang(_) => std::future::pending().await,
        Play::Say(_) | Play::Reset => {}
    }
    let _ = stream.shutdown().await;
}

async fn take_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<Asked> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let mut lines = head.lines();
    let line = lines.next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let mut asked = Asked { line, headers, body: Vec::new() };
    let length = asked.header("content-length").map_or(0, |length| length.parse().unwrap());
    while bytes.len() < head_end + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    asked.body = bytes.split_off(head_end);
    Some(asked)
}
