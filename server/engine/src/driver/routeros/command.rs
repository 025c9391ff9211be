//! What is asked of a router: a path, its attributes and its queries.

use super::wire::WORD_BYTES_MAX;
use mikrotik_rs::proto::codec::{encode_terminator, encode_word};

/// One command. Every value travels in a word of its own, so no value can become another word.
#[derive(Clone, Debug)]
pub struct Command {
    path: String,
    /// Encoded words after the path.
    words: Vec<u8>,
    longest: usize,
}

impl Command {
    /// A command by its whole path, such as `/system/resource/print`.
    pub fn new(path: impl Into<String>) -> Self {
        let path = path.into();
        Self { longest: path.len(), path, words: Vec::new() }
    }

    /// `=key=value`. An empty value is a flag, such as `once`.
    pub fn attribute(self, key: &str, value: &str) -> Self {
        self.word(format!("={key}={value}").as_bytes())
    }

    /// The columns to send. Always name them: a router computes slow ones otherwise.
    pub fn proplist(self, columns: &[&str]) -> Self {
        self.attribute(".proplist", &columns.join(","))
    }

    /// A query word, such as `?name=ether1`, `?>mtu=1500` or `?#|`.
    pub fn query(self, query: &str) -> Self {
        let query = query.strip_prefix('?').unwrap_or(query);
        self.word(format!("?{query}").as_bytes())
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    /// Asking twice changes nothing on the router.
    pub(super) fn is_repeatable(&self) -> bool {
        self.path.ends_with("/print") || self.path.ends_with("/getall")
    }

    /// A router would cut the connection over a path that is none, and over a word this long.
    pub(super) fn is_sendable(&self) -> bool {
        self.path.len() > 1 && self.path.starts_with('/') && self.longest <= WORD_BYTES_MAX
    }

    pub(super) fn encode(&self, tag: u32) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.path.len() + self.words.len() + 24);
        encode_word(self.path.as_bytes(), &mut bytes);
        encode_word(format!(".tag={tag}").as_bytes(), &mut bytes);
        bytes.extend_from_slice(&self.words);
        encode_terminator(&mut bytes);
        bytes
    }

    fn word(mut self, word: &[u8]) -> Self {
        self.longest = self.longest.max(word.len());
        // The codec cannot state a longer length; `is_sendable` refuses the command.
        if word.len() <= WORD_BYTES_MAX {
            encode_word(word, &mut self.words);
        }
        self
    }
}
