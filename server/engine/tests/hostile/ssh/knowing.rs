//! Devices that know the protocol, and what they do with it.

use model::SshHostKey;
use russh::{
    Channel, ChannelId, Disconnect, Preferred, Pty, SshId, cipher, kex,
    keys::{HashAlg, PrivateKey, ssh_key::private::Ed25519Keypair},
    mac,
    server::{self, Auth, ChannelOpenHandle, Msg, Response, Session},
};
use std::{
    borrow::Cow,
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{net::TcpListener, task::JoinSet};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Trick {
    Honest,
    MuteAtLogin,
    Refuses,
    AsksForEver,
    AsksTooMuchAtOnce,
    AsksForAnotherSecret,
    SaysTooMuchBefore,
    OpensNothing,
    MuteAtOpening,
    RefusesTheTerminal,
    MuteAtTheTerminal,
    LeavesAtTheTerminal,
    Floods,
    FloodsAsErrors,
    /// As a kind of output that nobody has heard of.
    FloodsElsewhere,
    TakesNothing,
    TakesPacketsOfNothing,
    NeverCloses,
    /// Says something, and no more.
    NeverEnds,
    Curses,
    OpensChannels,
    SaysNothingWithoutEnd,
    WantsOddThingsWithoutEnd,
    OnlyOld,
}

use Trick::*;

/// Each with a part of what is to be said of it.
pub const TRICKS: &[(Trick, &str)] = &[
    (Honest, "ended with Some(0)"),
    (MuteAtLogin, "no answer to the login within 15 s"),
    (Refuses, "the device refused the login"),
    (AsksForEver, "it does not stop asking"),
    (AsksTooMuchAtOnce, "it asks too many questions at once"),
    (AsksForAnotherSecret, "the device refused the login"),
    (SaysTooMuchBefore, "ended with Some(0), banner 16"),
    (OpensNothing, "the device opens no terminal"),
    (MuteAtOpening, "no terminal was opened within 15 s"),
    (RefusesTheTerminal, "the device opens no terminal"),
    (MuteAtTheTerminal, "no terminal was opened within 15 s"),
    (LeavesAtTheTerminal, "the device ended the connection"),
    (Floods, "read enough"),
    (FloodsAsErrors, "read enough"),
    (FloodsElsewhere, "it sends a kind of output that nobody knows"),
    (TakesNothing, "the device does not take what was typed"),
    (TakesPacketsOfNothing, "the device broke the protocol"),
    (NeverCloses, "ended with Some(3)"),
    (Curses, "the device ended the connection: \u{fffd}]0;owned\u{fffd}\u{fffd}bye"),
    (OpensChannels, "ended with Some(0)"),
    (SaysNothingWithoutEnd, "it sends without end what no terminal needs"),
    (WantsOddThingsWithoutEnd, "it sends without end what no terminal needs"),
];

pub struct Device {
    pub port: u16,
    pub key: SshHostKey,
    logins: Arc<AtomicUsize>,
    _serving: JoinSet<()>,
}

impl Device {
    pub async fn start(trick: Trick, seed: u8) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let key = PrivateKey::from(Ed25519Keypair::from_seed(&[seed; 32]));
        let known = SshHostKey {
            algorithm: "ssh-ed25519".to_owned(),
            fingerprint: key.public_key().fingerprint(HashAlg::Sha256).to_string(),
        };
        let config = Arc::new(config(trick, key));
        let logins = Arc::new(AtomicUsize::new(0));
        let (counted, mut serving) = (logins.clone(), JoinSet::new());
        serving.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((line, _)) = listener.accept().await {
                // As servers of terminals do; while something waits to be acknowledged, the paused clock would run.
                line.set_nodelay(true).unwrap();
                let visit = Visit { trick, logins: counted.clone(), floods: JoinSet::new() };
                let config = config.clone();
                open.spawn(async move {
                    if let Ok(session) = server::run_stream(config, line, visit).await {
                        // How it ends is what the test is about, on the other side.
                        let _ = session.await;
                    }
                });
            }
        });
        Self { port, key: known, logins, _serving: serving }
    }

    pub fn logins(&self) -> usize {
        self.logins.load(Relaxed)
    }
}

fn config(trick: Trick, key: PrivateKey) -> server::Config {
    let mut config = server::Config {
        // Of no other device is anything asked that nobody confirmed.
        server_id: SshId::Standard("SSH-2.0-ROSSSH".into()),
        keys: vec![key],
        auth_rejection_time: Duration::ZERO,
        ..server::Config::default()
    };
    match trick {
        TakesNothing => config.window_size = 0,
        TakesPacketsOfNothing => config.maximum_packet_size = 0,
        OnlyOld => {
            config.preferred = Preferred {
                kex: Cow::Borrowed(&[kex::DH_G14_SHA1]),
                mac: Cow::Borrowed(&[mac::HMAC_SHA1]),
                cipher: Cow::Borrowed(&[cipher::AES_128_CBC]),
                ..Preferred::DEFAULT
            };
        }
        _ => {}
    }
    config
}

struct Visit {
    trick: Trick,
    logins: Arc<AtomicUsize>,
    floods: JoinSet<()>,
}

impl Visit {
    fn flood(&mut self, channel: ChannelId, kind: Option<u32>, session: &Session) {
        let handle = session.handle();
        self.floods.spawn(async move {
            loop {
                let bytes = vec![b'x'; 16 * 1024];
                let sent = match kind {
                    None => handle.data(channel, bytes).await.is_ok(),
                    Some(kind) => handle.extended_data(channel, kind, bytes).await.is_ok(),
                };
                if !sent {
                    return;
                }
            }
        });
    }
}

impl server::Handler for Visit {
    type Error = russh::Error;

    async fn authentication_banner(&mut self) -> Result<Option<String>, russh::Error> {
        Ok((self.trick == SaysTooMuchBefore).then(|| format!("{}\n", "x".repeat(70)).repeat(1500)))
    }

    async fn auth_none(&mut self, _: &str) -> Result<Auth, russh::Error> {
        if self.trick == MuteAtLogin {
            pending::<()>().await;
        }
        Ok(Auth::reject())
    }

    async fn auth_password(&mut self, _: &str, password: &str) -> Result<Auth, russh::Error> {
        self.logins.fetch_add(1, Relaxed);
        let is_asking =
            matches!(self.trick, AsksForEver | AsksTooMuchAtOnce | AsksForAnotherSecret | Refuses);
        Ok(if password == "right" && !is_asking { Auth::Accept } else { Auth::reject() })
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        _: &str,
        _: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, russh::Error> {
        let question = |text: &'static str| (Cow::Borrowed(text), false);
        let prompts = match self.trick {
            AsksForEver => vec![],
            AsksTooMuchAtOnce => vec![question("Password:"); 1000],
            AsksForAnotherSecret => vec![question("One-time password (OATH) for `admin`:")],
            _ => return Ok(Auth::reject()),
        };
        assert!(self.trick != AsksForAnotherSecret || response.is_none(), "it was given something");
        Ok(Auth::Partial { name: "".into(), instructions: "".into(), prompts: prompts.into() })
    }

    async fn channel_open_session(
        &mut self,
        _: Channel<Msg>,
        reply: ChannelOpenHandle,
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        match self.trick {
            OpensNothing => Ok(()),
            MuteAtOpening => pending().await,
            Curses => {
                let words = "\u{1b}]0;owned\u{7}\u{202e}bye";
                session.disconnect(Disconnect::ByApplication, words, "")
            }
            _ => {
                reply.accept().await;
                Ok(())
            }
        }
    }

    async fn pty_request(
        &mut self,
        channel: ChannelId,
        _: &str,
        _: u32,
        _: u32,
        _: u32,
        _: u32,
        _: &[(Pty, u32)],
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        match self.trick {
            RefusesTheTerminal => session.channel_failure(channel),
            MuteAtTheTerminal => Ok(()),
            LeavesAtTheTerminal => Err(russh::Error::Disconnect),
            _ => session.channel_success(channel),
        }
    }

    async fn shell_request(&mut self, channel: ChannelId, session: &mut Session) -> Result<(), russh::Error> {
        session.channel_success(channel)?;
        match self.trick {
            Floods => self.flood(channel, None, session),
            FloodsAsErrors => self.flood(channel, Some(1), session),
            FloodsElsewhere => self.flood(channel, Some(99), session),
            OpensChannels => {
                for _ in 0..1000 {
                    session.channel_open_session()?;
                    session.channel_open_agent()?;
                }
            }
            SaysNothingWithoutEnd => {
                for _ in 0..60 {
                    session.debug(false, &"x".repeat(30_000), "")?;
                }
            }
            WantsOddThingsWithoutEnd => {
                let handle = session.handle();
                self.floods.spawn(async move {
                    // Each is refused, and the next follows.
                    for _ in 0..1_000_000 {
                        let _ = handle.forward_tcpip("x".repeat(1000), 1).await;
                    }
                });
            }
            _ => {}
        }
        Ok(())
    }

    /// As in a terminal, and as if something were typed there.
    async fn exec_request(
        &mut self,
        channel: ChannelId,
        _: &[u8],
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        self.shell_request(channel, session).await?;
        self.data(channel, b"x", session).await
    }

    /// What was typed ends it.
    async fn data(
        &mut self,
        channel: ChannelId,
        _: &[u8],
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        match self.trick {
            Floods | FloodsAsErrors | FloodsElsewhere | SaysNothingWithoutEnd | WantsOddThingsWithoutEnd => {
                Ok(())
            }
            NeverCloses => session.exit_status_request(channel, 3),
            NeverEnds => session.data(channel, b"begun".to_vec()),
            _ => {
                session.exit_status_request(channel, 0)?;
                session.eof(channel)?;
                session.close(channel)
            }
        }
    }
}
