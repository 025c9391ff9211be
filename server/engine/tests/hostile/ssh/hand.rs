//! The protocol spoken by hand, so that it can be broken at any place, also behind the keys.
//!
//! Key exchange is `diffie-hellman-group14-sha256` (RFC 4253, section 8) with a share of our own that needs no arithmetic:
//! the generator itself, so that the secret is what the visitor sent. Packets are `aes256-gcm@openssh.com` (RFC 5647).

use aes_gcm::{
    Aes256Gcm, Nonce,
    aead::{Aead, KeyInit, Payload},
};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use model::SshHostKey;
use p256::{
    SecretKey,
    ecdsa::{Signature, SigningKey, signature::Signer},
    elliptic_curve::sec1::ToSec1Point,
};
use sha2::{Digest, Sha256};
use std::io::{Error, Result};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const VERSION: &str = "SSH-2.0-hand";
const KEY_KIND: &[u8] = b"ecdsa-sha2-nistp256";
/// Longest packet of a visitor that is read.
const PACKET_BYTES_MAX: usize = 64 * 1024;
/// The generator of the group.
const SHARE: &[u8] = &[2];

pub fn string(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

/// A positive number, the highest byte first.
fn number(bytes: &[u8]) -> Vec<u8> {
    let bytes: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
    let sign: &[u8] = if bytes.first().is_some_and(|first| first & 0x80 != 0) { &[0] } else { &[] };
    string(&[sign, &bytes].concat())
}

/// What stands before a string that begins here, and what is behind it.
pub fn read_string(bytes: &[u8]) -> (&[u8], &[u8]) {
    let (length, rest) = bytes.split_first_chunk().unwrap();
    rest.split_at(u32::from_be_bytes(*length) as usize)
}

/// A host key, by a number.
pub struct HostKey(SecretKey);

impl HostKey {
    pub fn new(seed: u8) -> Self {
        Self(SecretKey::from_slice(&[seed; 32]).unwrap())
    }

    fn blob(&self) -> Vec<u8> {
        let point = self.0.public_key().to_sec1_point(false);
        [string(KEY_KIND), string(b"nistp256"), string(point.as_bytes())].concat()
    }

    pub fn known(&self) -> SshHostKey {
        let sum = STANDARD_NO_PAD.encode(Sha256::digest(self.blob()));
        SshHostKey {
            algorithm: String::from_utf8(KEY_KIND.to_vec()).unwrap(),
            fingerprint: format!("SHA256:{sum}"),
        }
    }

    fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        let signature: Signature = SigningKey::from(&self.0).sign(bytes);
        let bytes = signature.to_bytes();
        let (r, s) = bytes.split_at(32);
        [string(KEY_KIND), string(&[number(r), number(s)].concat())].concat()
    }
}

/// One way of the line: its key, and the number of the next packet.
struct Way {
    cipher: Aes256Gcm,
    nonce: [u8; 12],
}

impl Way {
    fn next_nonce(&mut self) -> [u8; 12] {
        let nonce = self.nonce;
        let counter = u64::from_be_bytes(nonce[4..].try_into().unwrap()).wrapping_add(1);
        self.nonce[4..].copy_from_slice(&counter.to_be_bytes());
        nonce
    }
}

/// A line to a visitor.
pub struct Hand {
    line: TcpStream,
    theirs: Option<Way>,
    ours: Option<Way>,
    their_version: Vec<u8>,
    /// The first hash of all.
    session: Option<Vec<u8>>,
}

impl Hand {
    /// Says hello and exchanges keys.
    pub async fn shake(line: TcpStream, key: &HostKey) -> Result<Self> {
        let (theirs, ours, session) = (None, None, None);
        let mut hand = Self { line, theirs, ours, their_version: Vec::new(), session };
        hand.line.write_all(format!("{VERSION}\r\n").as_bytes()).await?;
        loop {
            match hand.line.read_u8().await? {
                b'\n' => break,
                b'\r' => {}
                byte => hand.their_version.push(byte),
            }
        }
        hand.agree(key).await?;
        Ok(hand)
    }

    /// Exchanges keys, for the first time or again.
    pub async fn agree(&mut self, key: &HostKey) -> Result<()> {
        let lists: [&[u8]; 10] = [
            b"diffie-hellman-group14-sha256",
            KEY_KIND,
            b"aes256-gcm@openssh.com",
            b"aes256-gcm@openssh.com",
            b"hmac-sha2-256",
            b"hmac-sha2-256",
            b"none",
            b"none",
            b"",
            b"",
        ];
        let lists: Vec<u8> = lists.iter().flat_map(|list| string(list)).collect();
        let wishes = [&[20][..], &[0; 16], &lists, &[0; 5]].concat();
        self.send(&wishes).await?;
        let their_wishes = self.wait_for(20).await?;
        let start = self.wait_for(30).await?;
        let share = number(read_string(&start[1..]).0);
        let (blob, ours) = (string(&key.blob()), number(SHARE));
        let hashed = [
            string(&self.their_version),
            string(VERSION.as_bytes()),
            string(&their_wishes),
            string(&wishes),
            blob.clone(),
            share.clone(),
            ours.clone(),
            // Their number to the power of one.
            share.clone(),
        ];
        let hash = Sha256::digest(hashed.concat()).to_vec();
        let signature = string(&key.sign(&hash));
        self.send(&[vec![31], blob, ours, signature].concat()).await?;
        self.send(&[21]).await?;
        let session = self.session.get_or_insert_with(|| hash.clone()).clone();
        let derived = |letter: u8| Sha256::digest([&share[..], &hash, &[letter], &session].concat());
        let way = |nonce: u8, key: u8| {
            let cipher = Aes256Gcm::new_from_slice(&derived(key)).unwrap();
            Way { cipher, nonce: derived(nonce)[..12].try_into().unwrap() }
        };
        self.ours = Some(way(b'B', b'D'));
        self.wait_for(21).await?;
        self.theirs = Some(way(b'A', b'C'));
        Ok(())
    }

    /// A message of this kind; others on the way are passed over.
    pub async fn wait_for(&mut self, kind: u8) -> Result<Vec<u8>> {
        loop {
            let message = self.receive().await?;
            if message.first() == Some(&kind) {
                return Ok(message);
            }
        }
    }

    pub async fn receive(&mut self) -> Result<Vec<u8>> {
        let mut length = [0; 4];
        self.line.read_exact(&mut length).await?;
        let bytes = u32::from_be_bytes(length) as usize;
        assert!(bytes <= PACKET_BYTES_MAX, "a packet of {bytes} bytes");
        let tag = if self.theirs.is_some() { 16 } else { 0 };
        let mut packet = vec![0; bytes + tag];
        self.line.read_exact(&mut packet).await?;
        if let Some(way) = &mut self.theirs {
            let nonce = way.next_nonce();
            let payload = Payload { msg: &packet, aad: &length };
            packet = way.cipher.decrypt(&Nonce::from(nonce), payload).expect("packets that are whole");
        }
        let padding = usize::from(packet[0]);
        Ok(packet[1..packet.len() - padding].to_vec())
    }

    pub async fn send(&mut self, message: &[u8]) -> Result<()> {
        let block = 16;
        // Where nothing is encrypted the length counts as well.
        let before = if self.ours.is_some() { 1 } else { 5 };
        let padding = block + 4 - (message.len() + before + 4) % block;
        let mut packet = vec![u8::try_from(padding).unwrap()];
        packet.extend_from_slice(message);
        packet.resize(packet.len() + padding, 0);
        let length = u32::try_from(packet.len()).map_err(Error::other)?.to_be_bytes();
        if let Some(way) = &mut self.ours {
            let nonce = way.next_nonce();
            packet = way.cipher.encrypt(&Nonce::from(nonce), Payload { msg: &packet, aad: &length }).unwrap();
        }
        self.line.write_all(&[&length[..], &packet].concat()).await
    }

    /// Reads until the visitor has left.
    pub async fn wait(&mut self) -> Result<()> {
        loop {
            self.receive().await?;
        }
    }
}
