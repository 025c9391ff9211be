//! Devices that exchange keys as they should, and break the protocol behind them.

use super::hand::{Hand, HostKey, read_string, string};
use model::SshHostKey;
use std::io::Result;
use tokio::{net::TcpListener, task::JoinSet};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Breach {
    Nothing,
    /// Before anybody has said who they are.
    GreetsWithoutEnd,
    /// The library does not tell of it, and need not: who exchanges keys again does so within the line of whoever proved
    /// the first one (RFC 4253, section 9).
    AnotherKeyLater,
    WindowsBeyondAll,
    WindowsWithoutEnd,
    MoreThanTheWindow,
    MoreThanAPacket,
    MoreThanAPacketBehindText,
    ForAnotherChannel,
    LongerThanItIs,
    NoKindThatIsKnown,
    EndsAgainAndAgain,
}

use Breach::*;

/// Each with a part of what is to be said of it.
pub const BREACHES: &[(Breach, &str)] = &[
    (Nothing, "ended with Some(0)"),
    (GreetsWithoutEnd, "more than 256 KB before the login"),
    (AnotherKeyLater, "ended with Some(0)"),
    (WindowsBeyondAll, "ended with Some(0)"),
    (WindowsWithoutEnd, "it sends without end what no terminal needs"),
    (MoreThanTheWindow, "read enough"),
    (MoreThanAPacket, "it sends more at once than was agreed"),
    (MoreThanAPacketBehindText, "it sends more at once than was agreed"),
    (ForAnotherChannel, "it sends without end what no terminal needs"),
    (LongerThanItIs, "the device broke the protocol"),
    (NoKindThatIsKnown, "it sends without end what no terminal needs"),
    (EndsAgainAndAgain, "ended with Some(0)"),
];

/// What comes before the breach of [`MoreThanAPacketBehindText`].
pub const TEXT_BYTES: usize = 1000;

pub struct Device {
    pub port: u16,
    pub key: SshHostKey,
    _serving: JoinSet<()>,
}

impl Device {
    pub async fn start(breach: Breach) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                // As servers of terminals do; while something waits to be acknowledged, the paused clock would run.
                line.set_nodelay(true).unwrap();
                let Ok(mut hand) = Hand::shake(line, &HostKey::new(1)).await else { continue };
                // How it ends is what the test is about, on the other side.
                let _ = serve(&mut hand, breach).await;
            }
        });
        Self { port, key: HostKey::new(1).known(), _serving: serving }
    }
}

/// A number, and what follows.
fn numbers(kind: u8, numbers: &[u32]) -> Vec<u8> {
    let bytes = numbers.iter().flat_map(|number| number.to_be_bytes());
    [kind].into_iter().chain(bytes).collect()
}

/// Bytes of the terminal.
fn data(channel: u32, bytes: usize) -> Vec<u8> {
    [numbers(94, &[channel]), string(&vec![b'x'; bytes])].concat()
}

async fn serve(hand: &mut Hand, breach: Breach) -> Result<()> {
    hand.wait_for(5).await?;
    hand.send(&[vec![6], string(b"ssh-userauth")].concat()).await?;
    if breach == GreetsWithoutEnd {
        let banner = [vec![53], string(&[b'x'; 1000]), string(b"")].concat();
        loop {
            hand.send(&banner).await?;
        }
    }
    hand.wait_for(50).await?;
    hand.send(&[vec![51], string(b"password"), vec![0]].concat()).await?;
    hand.wait_for(50).await?;
    hand.send(&[52]).await?;
    let opening = hand.wait_for(90).await?;
    let channel = u32::from_be_bytes(read_string(&opening[1..]).1[..4].try_into().unwrap());
    hand.send(&numbers(91, &[channel, 0, 64 * 1024, 16 * 1024])).await?;
    // A terminal, and a shell in it.
    for _ in 0..2 {
        hand.wait_for(98).await?;
        hand.send(&numbers(99, &[channel])).await?;
    }
    misbehave(hand, breach, channel).await?;
    // What was typed ends it.
    if breach != AnotherKeyLater {
        hand.wait_for(94).await?;
    }
    let ended = [numbers(98, &[channel]), string(b"exit-status"), vec![0; 5]].concat();
    hand.send(&ended).await?;
    if breach == EndsAgainAndAgain {
        for _ in 0..1000 {
            hand.send(&ended).await?;
            hand.send(&numbers(96, &[channel])).await?;
        }
    }
    hand.send(&numbers(97, &[channel])).await?;
    if breach == EndsAgainAndAgain {
        for _ in 0..1000 {
            hand.send(&numbers(97, &[channel])).await?;
            hand.send(&data(channel, 10)).await?;
        }
    }
    hand.wait().await
}

async fn misbehave(hand: &mut Hand, breach: Breach, channel: u32) -> Result<()> {
    match breach {
        Nothing | GreetsWithoutEnd | EndsAgainAndAgain => Ok(()),
        AnotherKeyLater => {
            hand.wait_for(94).await?;
            hand.agree(&HostKey::new(2)).await
        }
        WindowsBeyondAll => {
            for _ in 0..10 {
                hand.send(&numbers(93, &[channel, u32::MAX])).await?;
            }
            Ok(())
        }
        WindowsWithoutEnd => loop {
            hand.send(&numbers(93, &[channel, 1])).await?;
        },
        MoreThanTheWindow => loop {
            hand.send(&data(channel, 4 * 1024)).await?;
        },
        MoreThanAPacket => loop {
            hand.send(&data(channel, 200 * 1024)).await?;
        },
        MoreThanAPacketBehindText => {
            hand.send(&data(channel, TEXT_BYTES)).await?;
            hand.send(&data(channel, 200 * 1024)).await
        }
        ForAnotherChannel => loop {
            hand.send(&data(channel.wrapping_add(7), 1000)).await?;
        },
        LongerThanItIs => hand.send(&numbers(94, &[channel, u32::MAX, 0])).await,
        NoKindThatIsKnown => loop {
            hand.send(&[199; 1000]).await?;
        },
    }
}
