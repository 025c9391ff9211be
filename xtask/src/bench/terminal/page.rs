//! A terminal of ours, from the page's side: it says what it drew as often as the browser does.

use std::net::TcpStream;

use anyhow::{Context, Result, anyhow, bail};
use model::{FromTerminal, TERMINAL_AHEAD_MAX, TERMINAL_BYTES, TERMINAL_WORD, ToTerminal};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::{IntoClientRequest, client_with_config};
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Bytes, Message, WebSocket};

use super::Account;
use super::prompt::{PATIENCE, PROMPT, Prompt, Speed, draw_until};

/// After so many bytes the browser says that they were drawn.
const DRAWN_TOLD_BYTES: usize = TERMINAL_AHEAD_MAX as usize / 4;
const READ_BUFFER: usize = 64 * 1024;

pub struct Page {
    socket: WebSocket<TcpStream>,
    /// The last message, kind and all.
    heard: Bytes,
    /// Bytes that were drawn since that was last told.
    drawn: usize,
}

impl Page {
    /// Opens a terminal on the device, trusts whichever host key it has, and waits for the prompt.
    pub fn open(account: &mut Account, device: i64) -> Result<Self> {
        let wish = json!({"purpose": "ssh", "device": device}).to_string();
        let answer: Value = serde_json::from_str(&account.client.post("/ws-token", &wish)?.body)?;
        let ticket = answer["ticket"].as_str().context("a ticket is given")?.to_owned();
        let mut request = format!("ws://{}/ws/ssh/{device}", account.address).into_client_request()?;
        let (name, value) = account.header.split_once(": ").context("a header has a name")?;
        request.headers_mut().insert(HeaderName::from_bytes(name.as_bytes())?, HeaderValue::from_str(value)?);
        let stream = TcpStream::connect(account.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER);
        let (socket, _) = client_with_config(request, stream, Some(config))
            .map_err(|error| anyhow!("while opening a terminal's socket: {error}"))?;
        let mut page = Self { socket, heard: Bytes::new(), drawn: 0 };
        page.say(&FromTerminal::Hello { ticket, columns: 80, rows: 24 })?;
        page.until_open()?;
        draw_until(&mut page, PROMPT, Speed::Any)?;
        Ok(page)
    }

    fn until_open(&mut self) -> Result<()> {
        loop {
            match self.word()? {
                Some(ToTerminal::Open { .. }) => return Ok(()),
                Some(ToTerminal::HostKey { fingerprint, .. }) => {
                    self.say(&FromTerminal::Trust { fingerprint })?;
                }
                Some(ToTerminal::Step(_)) => {}
                other => bail!("instead of opening, the terminal says {other:?}"),
            }
        }
    }

    fn say(&mut self, word: &FromTerminal) -> Result<()> {
        self.send(TERMINAL_WORD, &postcard::to_allocvec(word)?)
    }

    fn send(&mut self, kind: u8, rest: &[u8]) -> Result<()> {
        Ok(self.socket.send(Message::binary([&[kind], rest].concat()))?)
    }

    /// The next message: a word, or bytes, which are in `heard` then.
    fn word(&mut self) -> Result<Option<ToTerminal>> {
        loop {
            match self.socket.read()? {
                Message::Binary(bytes) => self.heard = bytes,
                Message::Close(_) => bail!("the server closed the terminal's socket"),
                _ => continue,
            }
            return match self.heard.split_first() {
                Some((&TERMINAL_WORD, word)) => Ok(Some(postcard::from_bytes(word)?)),
                Some((&TERMINAL_BYTES, _)) => Ok(None),
                other => bail!("a message begins with {:?}", other.map(|(kind, _)| kind)),
            };
        }
    }
}

impl Prompt for Page {
    fn type_in(&mut self, bytes: &[u8]) -> Result<()> {
        self.send(TERMINAL_BYTES, bytes)
    }

    fn hear(&mut self) -> Result<&[u8]> {
        self.drawn += self.heard.len().saturating_sub(1);
        self.heard = Bytes::new();
        if self.drawn >= DRAWN_TOLD_BYTES {
            let bytes = u32::try_from(std::mem::take(&mut self.drawn))?;
            self.say(&FromTerminal::Drawn { bytes })?;
        }
        while let Some(word) = self.word()? {
            if let ToTerminal::Ended(end) = word {
                bail!("the terminal ended: {end:?}");
            }
        }
        Ok(self.heard.get(1..).unwrap_or_default())
    }
}
