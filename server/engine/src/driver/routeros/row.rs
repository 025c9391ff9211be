//! One sentence of a router: its words in their order, as the bytes they came in.

use mikrotik_rs::proto::codec::{Decode, decode_length, encode_word};
use std::borrow::Cow;
use std::fmt;

/// What keeping a row costs beside its bytes.
const OVERHEAD_BYTES: usize = 48;

/// The attributes of one `!re`. Keeps the words as they came, length prefixes included: one allocation.
#[derive(Clone, PartialEq, Eq)]
pub struct Row(Box<[u8]>);

impl Row {
    /// Takes whole encoded words, without the terminator.
    pub(super) fn from_words(encoded: &[u8]) -> Self {
        Self(encoded.into())
    }

    /// A row as a router would send it.
    pub fn of(pairs: &[(&str, &str)]) -> Self {
        let mut words = Vec::new();
        encode_word(b"!re", &mut words);
        for (key, value) in pairs {
            encode_word(format!("={key}={value}").as_bytes(), &mut words);
        }
        Self(words.into())
    }

    /// The value as text; the first one when the router repeats a key.
    pub fn text(&self, key: &str) -> Option<Cow<'_, str>> {
        self.raw(key).map(text)
    }

    /// The value as the router sent it.
    pub fn raw(&self, key: &str) -> Option<&[u8]> {
        self.raw_pairs().find(|(name, _)| *name == key.as_bytes()).map(|(_, value)| value)
    }

    /// Every attribute, in the router's order.
    pub fn pairs(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        self.raw_pairs().map(|(key, value)| (text(key), text(value)))
    }

    /// What this row holds of the memory allowed to a reply.
    pub(super) fn size(&self) -> usize {
        self.0.len() + OVERHEAD_BYTES
    }

    /// What it took on the wire: its words, and the empty one that ends them.
    pub(super) fn wire_bytes(&self) -> usize {
        self.0.len() + 1
    }

    pub(super) fn words(&self) -> Words<'_> {
        Words(&self.0)
    }

    fn raw_pairs(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.words().filter_map(|word| {
            let attribute = word.strip_prefix(b"=")?;
            match attribute.iter().position(|&byte| byte == b'=') {
                Some(at) => Some((&attribute[..at], &attribute[at + 1..])),
                None => Some((attribute, &[][..])),
            }
        })
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.pairs()).finish()
    }
}

/// The words of an encoded sentence.
pub(super) struct Words<'a>(&'a [u8]);

impl<'a> Iterator for Words<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let Ok(Decode::Complete { value: (length, prefix), .. }) = decode_length(self.0) else { return None };
        let end = prefix.checked_add(usize::try_from(length).ok()?)?;
        let word = self.0.get(prefix..end)?;
        self.0 = &self.0[end..];
        Some(word)
    }
}

/// Routers hold whatever bytes an operator's terminal sent: UTF-8 today, a Windows code page in old comments.
pub(super) fn text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|&byte| windows_1252(byte)).collect()),
    }
}

fn windows_1252(byte: u8) -> char {
    /// 0x80 to 0x9F; the five holes of the code page stay the control characters of Latin-1.
    const C1: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => C1[usize::from(byte - 0x80)],
        other => char::from(other),
    }
}
