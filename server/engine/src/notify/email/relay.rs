//! The mail server and the way to hand it a letter: RFC 5321, with STARTTLS (RFC 3207), TLS from the start
//! (RFC 8314 3.3), and AUTH (RFC 4954) by PLAIN or LOGIN.
//!
//! A dialogue of our own, since each recipient's answer counts by itself, and what the server says has limits.

use super::{
    Taken,
    talk::{Reply, Talk, dotted},
};
use crate::{
    Secret,
    driver::reach::{Unreached, connect},
    notify::{
        Tools, Trouble,
        guard::{NoAddress, Reach},
        http::{CONNECT_WITHIN, io_words},
    },
};
use base64::{Engine as _, prelude::BASE64_STANDARD as BASE64};
use lettre::Address;
use rustls::pki_types::ServerName;
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use zeroize::Zeroizing;

/// A server that reads no more is left without a farewell.
const PARTING_WITHIN: Duration = Duration::from_secs(1);

pub struct Relay {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub login: Option<Login>,
}

pub struct Login {
    pub username: String,
    pub password: Secret<String>,
}

/// When TLS begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// After the greeting, and not without it.
    Starttls,
    /// Before the greeting.
    Tls,
    None,
}

impl Security {
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "starttls" => Some(Security::Starttls),
            "tls" => Some(Security::Tls),
            "none" => Some(Security::None),
            _ => None,
        }
    }
}

impl Relay {
    /// Hands the letter over, and says for each recipient what became of it.
    pub async fn hand_over(
        &self,
        tools: &Tools,
        from: &Address,
        to: &[Address],
        letter: &[u8],
    ) -> Result<Vec<Taken>, Trouble> {
        let stream = self.connect(tools).await?;
        let ours = hello(&stream);
        match self.security {
            Security::Tls => {
                let mut talk = Talk::new(self.encrypt(tools, stream).await?);
                talk.reply().await?.expect(220)?;
                self.transfer(talk, &ours, (from, to), letter).await
            }
            Security::None => {
                let mut talk = Talk::new(stream);
                talk.reply().await?.expect(220)?;
                self.transfer(talk, &ours, (from, to), letter).await
            }
            Security::Starttls => {
                let mut talk = Talk::new(stream);
                talk.reply().await?.expect(220)?;
                let offered = talk.ask(&ours).await?.expect(250)?;
                if !offers(&offered, "STARTTLS") {
                    // Whoever sits in between can leave it out: this may end.
                    return Err(Trouble::later("the mail server offers no STARTTLS"));
                }
                talk.ask("STARTTLS").await?.expect(220)?;
                let talk = Talk::new(self.encrypt(tools, talk.into_stream()?).await?);
                self.transfer(talk, &ours, (from, to), letter).await
            }
        }
    }

    async fn connect(&self, tools: &Tools) -> Result<TcpStream, Trouble> {
        let found = tools.names.addresses(&self.host, self.port, Reach::Own, CONNECT_WITHIN).await;
        let addresses = found.map_err(|none| match none {
            NoAddress::Forbidden(error) => Trouble::refused(error.to_string()),
            NoAddress::Unknown(error) => Trouble::later(error.to_string()),
        })?;
        // A silent address leaves time for the next.
        let share = CONNECT_WITHIN / u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX);
        let mut why = "there is no address".to_owned();
        for address in addresses {
            match timeout(share, connect(&[address])).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(Unreached { why: said, .. })) => why = said,
                Err(_) => "no answer".clone_into(&mut why),
            }
        }
        Err(Trouble::later(why))
    }

    async fn encrypt(&self, tools: &Tools, stream: TcpStream) -> Result<TlsStream<TcpStream>, Trouble> {
        let name = ServerName::try_from(self.host.clone())
            .map_err(|_| Trouble::refused("the mail server's name fits no certificate"))?;
        let connector = TlsConnector::from(Arc::clone(&tools.tls));
        connector.connect(name, stream).await.map_err(|error| Trouble::later(io_words(&error)))
    }

    /// From EHLO to QUIT, however far it comes.
    async fn transfer<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        mut talk: Talk<S>,
        hello: &str,
        way: (&Address, &[Address]),
        letter: &[u8],
    ) -> Result<Vec<Taken>, Trouble> {
        let went = self.pass(&mut talk, hello, way, letter).await;
        // What it answers to that would change nothing.
        let _ = timeout(PARTING_WITHIN, talk.part()).await;
        went
    }

    async fn pass<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        talk: &mut Talk<S>,
        hello: &str,
        (from, to): (&Address, &[Address]),
        letter: &[u8],
    ) -> Result<Vec<Taken>, Trouble> {
        let offered = talk.ask(hello).await?.expect(250)?;
        if let Some(login) = &self.login {
            login.prove(talk, &offered).await?;
        }
        let is_ascii = to.iter().chain([from]).all(|address| address.to_string().is_ascii());
        let parameter = match (is_ascii, offers(&offered, "SMTPUTF8")) {
            (true, _) => "",
            (false, true) => " SMTPUTF8",
            (false, false) => return Err(Trouble::refused("the mail server takes ASCII addresses only")),
        };
        talk.ask(&format!("MAIL FROM:<{from}>{parameter}")).await?.expect(250)?;
        let mut taken = Vec::with_capacity(to.len());
        for to in to {
            let reply = talk.ask(&format!("RCPT TO:<{to}>")).await?;
            taken.push(match reply.code {
                250 | 251 => Taken::Yes,
                // The server closes, whatever was said before.
                421 => return Err(reply.trouble()),
                500.. => Taken::No(reply.words()),
                _ => Taken::Later(reply.words()),
            });
        }
        if taken.iter().any(|taken| matches!(taken, Taken::Yes)) {
            talk.ask("DATA").await?.expect(354)?;
            talk.say(&dotted(letter)).await?;
            talk.reply().await?.expect(250)?;
        }
        Ok(taken)
    }

    /// What a server could repeat: the password, alone and as it was sent.
    pub fn secrets(&self) -> Vec<Zeroizing<String>> {
        let Some(login) = &self.login else { return Vec::new() };
        let password = login.password.expose();
        vec![login.plain(), Zeroizing::new(BASE64.encode(password)), Zeroizing::new(password.clone())]
    }
}

impl Login {
    async fn prove<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        talk: &mut Talk<S>,
        offered: &Reply,
    ) -> Result<(), Trouble> {
        let mechanisms = offered.lines.iter().find_map(|line| {
            let (word, rest) = line.split_once([' ', '='])?;
            word.eq_ignore_ascii_case("AUTH").then_some(rest)
        });
        let knows = |name: &str| {
            mechanisms.is_some_and(|all| all.split(' ').any(|known| known.eq_ignore_ascii_case(name)))
        };
        if knows("PLAIN") {
            let line = Zeroizing::new(format!("AUTH PLAIN {}", *self.plain()));
            talk.ask(&line).await?.expect(235)?;
        } else if knows("LOGIN") {
            talk.ask("AUTH LOGIN").await?.expect(334)?;
            talk.ask(&BASE64.encode(&self.username)).await?.expect(334)?;
            let line = Zeroizing::new(BASE64.encode(self.password.expose()));
            talk.ask(&line).await?.expect(235)?;
        } else {
            return Err(Trouble::refused("the mail server takes no password by PLAIN or LOGIN"));
        }
        Ok(())
    }

    /// RFC 4616 2.
    fn plain(&self) -> Zeroizing<String> {
        let open = Zeroizing::new(format!("\0{}\0{}", self.username, self.password.expose()));
        Zeroizing::new(BASE64.encode(&*open))
    }
}

/// Our own address in place of a name that this machine may not have (RFC 5321 4.1.3).
fn hello(stream: &TcpStream) -> String {
    match stream.local_addr().map(|address: SocketAddr| address.ip().to_canonical()) {
        Ok(IpAddr::V6(v6)) => format!("EHLO [IPv6:{v6}]"),
        Ok(IpAddr::V4(v4)) => format!("EHLO [{v4}]"),
        Err(_) => "EHLO [127.0.0.1]".to_owned(),
    }
}

/// Whether an answer to EHLO names the extension; its first line names the server.
fn offers(reply: &Reply, extension: &str) -> bool {
    let first_word = |line: &String| line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
    reply.lines.iter().skip(1).any(|line| first_word(line) == extension)
}
