//! A mail server of the tests' own: friendly, unless it is told otherwise for some line.

use parking_lot::Mutex;
use std::{net::SocketAddr, sync::Arc};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpListener,
    sync::Notify,
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

/// What the server does in place of its friendly answer.
#[derive(Clone, Debug)]
pub enum Act {
    Say(&'static str),
    /// Nothing more, and no end.
    Hang,
    /// The connection ends.
    Drop,
    /// These bytes again and again.
    Flood(&'static str),
}

/// When TLS begins.
#[derive(Clone)]
pub enum Tls {
    Never,
    Starttls(TlsAcceptor),
    First(TlsAcceptor),
}

/// How a server behaves: the extensions it offers, and acts by the beginning of a line. `greet` is the connection
/// itself, `.` the end of a letter. An act may hold for the first so many connections only.
#[derive(Clone)]
pub struct Manners {
    pub offers: &'static [&'static str],
    pub acts: Vec<(&'static str, Act)>,
    /// From this connection on it is friendly.
    pub mends_after: usize,
    pub tls: Tls,
}

impl Default for Manners {
    fn default() -> Self {
        Self { offers: &[], acts: Vec::new(), mends_after: usize::MAX, tls: Tls::Never }
    }
}

/// The server; it ends with its handle.
pub struct MailSim {
    pub at: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
    bell: Arc<Notify>,
    _tasks: JoinSet<()>,
}

impl MailSim {
    pub async fn start(manners: Manners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let (heard, bell): (Arc<Mutex<Vec<String>>>, Arc<Notify>) = Default::default();
        let mut tasks = JoinSet::new();
        let (lines, ring) = (heard.clone(), bell.clone());
        tasks.spawn(async move {
            let mut talks = JoinSet::new();
            let mut number = 0;
            while let Ok((stream, _)) = listener.accept().await {
                number += 1;
                let mut manners = manners.clone();
                if number > manners.mends_after {
                    manners.acts.clear();
                }
                let desk = Desk { manners, heard: lines.clone(), bell: ring.clone() };
                talks.spawn(async move {
                    let _ = match desk.manners.tls.clone() {
                        Tls::First(tls) => match tls.accept(stream).await {
                            Ok(stream) => desk.serve(BufReader::new(stream), true).await.map(drop),
                            Err(_) => None,
                        },
                        Tls::Never => desk.serve(BufReader::new(stream), true).await.map(drop),
                        Tls::Starttls(tls) => match desk.serve(BufReader::new(stream), true).await {
                            Some(stream) => match tls.accept(stream.into_inner()).await {
                                Ok(stream) => desk.serve(BufReader::new(stream), false).await.map(drop),
                                Err(_) => None,
                            },
                            None => None,
                        },
                    };
                });
            }
        });
        Self { at, heard, bell, _tasks: tasks }
    }

    /// Every line heard so far, with a letter as one of them.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().clone()
    }

    /// Ends when the server has nothing more to say.
    pub async fn is_silent(&self) {
        self.bell.notified().await;
    }
}

struct Desk {
    manners: Manners,
    heard: Arc<Mutex<Vec<String>>>,
    bell: Arc<Notify>,
}

impl Desk {
    /// Answers line after line; gives the stream back when TLS is to begin.
    async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        mut stream: BufReader<S>,
        greets: bool,
    ) -> Option<BufReader<S>> {
        if greets {
            self.act(&mut stream, "greet", "220 sim ready\r\n").await?;
        }
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            let line = line.trim_end().to_owned();
            self.heard.lock().push(line.clone());
            let word = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
            match word.as_str() {
                "EHLO" => {
                    let more: String =
                        self.manners.offers.iter().map(|one| format!("250-{one}\r\n")).collect();
                    self.act(&mut stream, &line, &format!("250-sim greets\r\n{more}250 HELP\r\n")).await?;
                }
                "STARTTLS" => {
                    self.act(&mut stream, &line, "220 go on\r\n").await?;
                    return Some(stream);
                }
                "AUTH" if line == "AUTH LOGIN" => {
                    for _ in 0..2 {
                        stream.write_all(b"334 VXNlcm5hbWU6\r\n").await.ok()?;
                        let mut said = String::new();
                        stream.read_line(&mut said).await.ok()?;
                        self.heard.lock().push(said.trim_end().to_owned());
                    }
                    self.act(&mut stream, &line, "235 welcome\r\n").await?;
                }
                "AUTH" => self.act(&mut stream, &line, "235 welcome\r\n").await?,
                "DATA" => {
                    self.act(&mut stream, &line, "354 go on\r\n").await?;
                    let mut letter = String::new();
                    while !letter.ends_with("\r\n.\r\n") {
                        if stream.read_line(&mut letter).await.ok()? == 0 {
                            return None;
                        }
                    }
                    self.heard.lock().push(letter);
                    self.act(&mut stream, ".", "250 queued\r\n").await?;
                }
                _ => self.act(&mut stream, &line, "250 fine\r\n").await?,
            }
        }
    }

    /// The friendly answer, or what was told instead; nothing when that is the end.
    async fn act(&self, stream: &mut (impl AsyncWrite + Unpin), line: &str, friendly: &str) -> Option<()> {
        let act = self.manners.acts.iter().find(|(begin, _)| line.starts_with(begin)).map(|(_, act)| act);
        match act {
            None => stream.write_all(friendly.as_bytes()).await.ok()?,
            Some(Act::Say(words)) => stream.write_all(words.as_bytes()).await.ok()?,
            Some(Act::Flood(words)) => loop {
                stream.write_all(words.as_bytes()).await.ok()?;
            },
            Some(Act::Drop) => return None,
            Some(Act::Hang) => {
                self.bell.notify_one();
                std::future::pending().await
            }
        }
        stream.flush().await.ok()
    }
}
