//! What a device sends that does not get as far as the keys.

use futures::future::BoxFuture;
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinSet,
    time::interval,
};

pub type Act = fn(&mut TcpStream) -> BoxFuture<'_, ()>;

pub struct Case {
    pub name: &'static str,
    pub act: Act,
    pub told: &'static str,
}

pub struct Door {
    pub port: u16,
    left: Arc<Notify>,
    _serving: JoinSet<()>,
}

impl Door {
    /// Somebody who had come is gone.
    pub async fn left(&self) {
        self.left.notified().await;
    }
}

pub async fn open(act: Act) -> Door {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (left, mut serving) = (Arc::new(Notify::new()), JoinSet::new());
    let leaving = left.clone();
    serving.spawn(async move {
        while let Ok((mut line, _)) = listener.accept().await {
            act(&mut line).await;
            leaving.notify_one();
        }
    });
    Door { port, left, _serving: serving }
}

async fn say(line: &mut TcpStream, bytes: &[u8]) {
    // Whoever left is what is wanted.
    let _ = line.write_all(bytes).await;
}

async fn storm(line: &mut TcpStream, bytes: &[u8]) {
    while line.write_all(bytes).await.is_ok() {}
}

/// Reads until the other side has left.
async fn wait(line: &mut TcpStream) {
    let mut heard = [0; 4096];
    while line.read(&mut heard).await.is_ok_and(|count| count > 0) {}
}

/// An unencrypted packet with this payload.
fn packet(payload: &[u8]) -> Vec<u8> {
    let padding = 16 - (payload.len() + 5) % 8;
    let length = u32::try_from(payload.len() + padding + 1).unwrap();
    let mut packet = length.to_be_bytes().to_vec();
    packet.push(u8::try_from(padding).unwrap());
    packet.extend_from_slice(payload);
    packet.resize(packet.len() + padding, 0);
    packet
}

const HELLO: &[u8] = b"SSH-2.0-villain\r\n";

pub const GREETS_AND_WAITS: Act = |line| {
    Box::pin(async move {
        say(line, HELLO).await;
        wait(line).await;
    })
};

macro_rules! case {
    ($name:literal, $told:literal, |$line:ident| $body:block) => {
        Case { name: $name, told: $told, act: |$line| Box::pin(async move { $body }) }
    };
}

pub const CASES: &[Case] = &[
    case!("it never says anything", "SSH was not agreed on within 15 s", |line| { wait(line).await }),
    case!("it closes at once", "ended the connection", |line| {
        let _ = line.shutdown().await;
    }),
    case!("an endless greeting", "does not speak SSH 2", |line| { storm(line, b"welcome\r\n").await }),
    case!("a line without end", "does not speak SSH 2", |line| { storm(line, &[b'x'; 1000]).await }),
    case!("zeros", "does not speak SSH 2", |line| { storm(line, &[0; 1000]).await }),
    case!("a web server", "the device ended the connection", |line| {
        say(line, b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n").await;
        let _ = line.shutdown().await;
    }),
    case!("SSH 1", "SSH was not agreed on within 15 s", |line| {
        say(line, b"SSH-1.5-old\r\n").await;
        wait(line).await;
    }),
    case!("it greets and is silent", "SSH was not agreed on within 15 s", |line| {
        say(line, HELLO).await;
        wait(line).await;
    }),
    case!("it greets and leaves", "the device ended the connection", |line| {
        say(line, HELLO).await;
        let _ = line.shutdown().await;
        wait(line).await;
    }),
    case!("it greets a letter at a time", "SSH was not agreed on within 15 s", |line| {
        let mut each = interval(Duration::from_secs(3));
        for byte in HELLO.iter().cycle() {
            if line.write_all(&[*byte, b'-']).await.is_err() {
                return;
            }
            each.tick().await;
        }
    }),
    case!("a packet of 4 GB", "Bad packet size: 4294967295", |line| {
        say(line, &[HELLO, &[0xff; 64]].concat()).await;
        wait(line).await;
    }),
    case!("a packet of 1 MB", "Bad packet size: 1048576", |line| {
        say(line, &[HELLO, &[0, 16, 0, 0, 4, 20, 0, 0]].concat()).await;
        wait(line).await;
    }),
    case!("a packet of 256 KB that never comes", "SSH was not agreed on within 15 s", |line| {
        say(line, &[HELLO, &[0, 4, 0, 0, 4, 20, 0, 0]].concat()).await;
        wait(line).await;
    }),
    case!("a packet of nothing", "the device ended the connection", |line| {
        say(line, &[HELLO, &[0; 64]].concat()).await;
        wait(line).await;
    }),
    case!("algorithms that are no list", "broke the protocol", |line| {
        say(line, &[HELLO, &packet(&[20; 40])].concat()).await;
        wait(line).await;
    }),
    case!("words that say nothing, without end", "more than 256 KB before the login", |line| {
        say(line, HELLO).await;
        let ignored = packet(&[&[2, 0, 0, 3, 232][..], &[b'x'; 1000]].concat());
        storm(line, &ignored).await;
    }),
    case!("a farewell with a trick in it", "the device ended the connection", |line| {
        let words = b"\x1b]0;owned\x07\xe2\x80\xaebye";
        let length = u8::try_from(words.len()).unwrap();
        let farewell = [&[1, 0, 0, 0, 2, 0, 0, 0, length][..], words, &[0, 0, 0, 0]].concat();
        say(line, &[HELLO, &packet(&farewell)].concat()).await;
        wait(line).await;
    }),
];
