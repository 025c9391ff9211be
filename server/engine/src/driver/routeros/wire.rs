//! Bytes to replies, without any I/O: a decoder that is fed what arrived and gives whole sentences.
//!
//! Never holds more than a sentence may measure, and never looks at a byte of a word twice. The word
//! codec is mikrotik-proto's; order, tags, `ret` and the limits are ours because it has none of them.

use super::facts::words::clean;
use super::row::{Row, text};
use mikrotik_rs::proto::codec::{Decode, decode_length};

/// The longest word taken from a router; the longest real ones are scripts and certificates.
pub const WORD_BYTES_MAX: usize = 64 * 1024;
/// The most words in a sentence; RouterOS's widest menus have about 80 columns.
pub const SENTENCE_WORDS_MAX: usize = 256;
/// The most bytes in a sentence; while it is read it is held twice.
pub const SENTENCE_BYTES_MAX: usize = 256 * 1024;
/// What a router may send in all before it accepted the login.
pub const BEFORE_LOGIN_BYTES_MAX: usize = 64 * 1024;
/// What all replies of a session may hold at one moment, rows waiting to be collected included. With a sentence
/// being read and the facts kept of a router it makes less than 2 MiB.
pub const HELD_BYTES_MAX: usize = 768 * 1024;
/// What a router may send for one command in all, whether it is kept or thrown away: one that goes on after it
/// was told to stop is not listened to for as long as it likes.
pub const REPLY_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// Room asked for before each read; idle sessions keep no more than this.
const READ_BYTES: usize = 4 * 1024;

/// A router that breaks the protocol, or one of the limits put on it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    #[error("a length prefix that does not exist (0x{0:02x}): is this the API port?")]
    Length(u8),
    #[error("a word of {0} bytes (at most {WORD_BYTES_MAX})")]
    WordTooLong(u64),
    #[error("a sentence of more than {SENTENCE_WORDS_MAX} words")]
    TooManyWords,
    #[error("a sentence of more than {0} bytes")]
    SentenceTooLong(usize),
    #[error("a reply of more than {} MiB", REPLY_BYTES_MAX / 1024 / 1024)]
    ReplyTooLong,
    #[error("more than {BEFORE_LOGIN_BYTES_MAX} bytes before the login was accepted")]
    TooMuchBeforeLogin,
    #[error("a sentence without words")]
    EmptySentence,
    /// Also what a lost byte looks like: whatever follows would be read wrongly.
    #[error("a sentence that does not begin with a reply word: is this the API port?")]
    NoReplyWord,
    #[error("two replies in one sentence: a part of the first was lost")]
    Spliced,
    #[error("replies that belong to no command")]
    Strays,
}

/// The reply word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Row,
    Done,
    Trap,
    /// The router ends the connection, and says why.
    Fatal,
    /// Since 7.18: nothing matched; `!done` follows.
    Empty,
    /// A word of a later RouterOS; counted, otherwise ignored.
    Unknown,
}

/// One sentence of the router.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub kind: Kind,
    pub tag: Option<u32>,
    pub row: Row,
}

impl Reply {
    fn read(encoded: &[u8]) -> Result<Self, WireError> {
        let row = Row::from_words(encoded);
        let kind = match row.words().next() {
            Some(b"!re") => Kind::Row,
            Some(b"!done") => Kind::Done,
            Some(b"!trap") => Kind::Trap,
            Some(b"!fatal") => Kind::Fatal,
            Some(b"!empty") => Kind::Empty,
            Some([b'!', word @ ..]) if word.iter().all(u8::is_ascii_lowercase) => Kind::Unknown,
            _ => return Err(WireError::NoReplyWord),
        };
        // Values travel in words that begin with `=`; only the text of a fatal is bare.
        if kind != Kind::Fatal && row.words().skip(1).any(|word| word.starts_with(b"!")) {
            return Err(WireError::Spliced);
        }
        let tag = row.words().find_map(|word| word.strip_prefix(b".tag=")).and_then(number);
        Ok(Self { kind, tag, row })
    }

    /// The `=ret=` of a `!done`: the id of what was added, a count, or a login challenge.
    pub fn ret(&self) -> Option<String> {
        self.row.text("ret").map(|ret| ret.into_owned())
    }

    /// A trap's category, 0 to 7.
    pub fn category(&self) -> Option<u8> {
        self.row.raw("category").and_then(number)
    }

    /// What the router says in a trap or a fatal: `=message=`, else the bare words after the reply word.
    /// People read it, so it is short and free of control characters.
    pub fn message(&self) -> String {
        clean(&self.said()).unwrap_or_else(|| "no reason given".into())
    }

    fn said(&self) -> String {
        if let Some(message) = self.row.text("message") {
            return message.into_owned();
        }
        let bare = self.row.words().skip(1).filter(|word| !word.starts_with(b".tag="));
        let words: Vec<_> = bare.map(|word| text(word.strip_prefix(b"=").unwrap_or(word))).collect();
        words.join(" ")
    }
}

/// Collects bytes until they make a sentence.
#[derive(Debug)]
pub struct Decoder {
    buffer: Vec<u8>,
    /// Where the sentence being read begins.
    start: usize,
    /// The end of its last whole word.
    scanned: usize,
    words: usize,
    /// What may still arrive before the login is accepted; `None` afterwards.
    allowance: Option<usize>,
}

impl Default for Decoder {
    fn default() -> Self {
        Self { buffer: Vec::new(), start: 0, scanned: 0, words: 0, allowance: Some(BEFORE_LOGIN_BYTES_MAX) }
    }
}

impl Decoder {
    /// The login was accepted: the limits become those of replies.
    pub fn admit(&mut self) {
        self.allowance = None;
    }

    /// Where to read into. Forgets consumed sentences first, so a long reply costs one sentence at a time.
    pub fn space(&mut self) -> &mut Vec<u8> {
        self.buffer.drain(..self.start);
        self.scanned -= self.start;
        self.start = 0;
        if self.buffer.is_empty() && self.buffer.capacity() > 2 * READ_BYTES {
            self.buffer = Vec::new();
        }
        let missing = READ_BYTES.saturating_sub(self.buffer.capacity() - self.buffer.len());
        if missing > 0 {
            // In steps that double, so that no byte is moved often, but never past the longest sentence.
            let whole = (2 * self.buffer.capacity()).min(SENTENCE_BYTES_MAX + READ_BYTES);
            self.buffer.reserve_exact(whole.saturating_sub(self.buffer.len()).max(READ_BYTES));
        }
        &mut self.buffer
    }

    /// The bytes held for sentences not yet given out, and room for what follows.
    pub fn held(&self) -> usize {
        self.buffer.capacity()
    }

    /// The next whole sentence, if it has arrived.
    pub fn next_reply(&mut self) -> Result<Option<Reply>, WireError> {
        loop {
            let (length, prefix) = match decode_length(&self.buffer[self.scanned..]) {
                Ok(Decode::Complete { value, .. }) => value,
                Ok(Decode::Incomplete { .. }) => return Ok(None),
                Err(_) => return Err(WireError::Length(self.buffer[self.scanned])),
            };
            if length == 0 {
                return self.take(prefix).map(Some);
            }
            let end = self.scanned + prefix + self.admissible(length)?;
            self.within_limits(end - self.start)?;
            if end > self.buffer.len() {
                return Ok(None);
            }
            self.scanned = end;
            self.words += 1;
        }
    }

    fn admissible(&self, length: u32) -> Result<usize, WireError> {
        if self.words == SENTENCE_WORDS_MAX {
            return Err(WireError::TooManyWords);
        }
        match usize::try_from(length) {
            Ok(length) if length <= WORD_BYTES_MAX => Ok(length),
            _ => Err(WireError::WordTooLong(length.into())),
        }
    }

    fn within_limits(&self, sentence_bytes: usize) -> Result<(), WireError> {
        match self.allowance {
            Some(left) if sentence_bytes > left => Err(WireError::TooMuchBeforeLogin),
            None if sentence_bytes > SENTENCE_BYTES_MAX => {
                Err(WireError::SentenceTooLong(SENTENCE_BYTES_MAX))
            }
            _ => Ok(()),
        }
    }

    fn take(&mut self, terminator: usize) -> Result<Reply, WireError> {
        if self.words == 0 {
            return Err(WireError::EmptySentence);
        }
        let reply = Reply::read(&self.buffer[self.start..self.scanned])?;
        let end = self.scanned + terminator;
        if let Some(left) = &mut self.allowance {
            *left = left.saturating_sub(end - self.start);
        }
        (self.start, self.scanned, self.words) = (end, end, 0);
        Ok(reply)
    }
}

fn number<N: std::str::FromStr>(digits: &[u8]) -> Option<N> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}
