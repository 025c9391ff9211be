//! What a client asked, taken apart; and what a router says, put together.

use super::codec::put_word;
use super::columns::Columns;

/// One command of a client. Texts are decoded leniently: a router does not care.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub command: String,
    pub tag: Option<String>,
    pub attributes: Vec<(String, String)>,
    /// Query words without their question mark, in order.
    pub queries: Vec<String>,
}

impl Asked {
    pub fn read(words: &[Vec<u8>]) -> Self {
        let mut asked = Self::default();
        for word in words {
            let word = String::from_utf8_lossy(word);
            if let Some(tag) = word.strip_prefix(".tag=") {
                asked.tag = Some(tag.into());
            } else if let Some(query) = word.strip_prefix('?') {
                asked.queries.push(query.into());
            } else if let Some(attribute) = word.strip_prefix('=') {
                let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
                asked.attributes.push((name.into(), value.into()));
            } else if asked.command.is_empty() {
                asked.command = word.into_owned();
            }
        }
        asked
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The command as menu and verb: `/ip/address/print` is (`/ip/address`, `print`).
    pub fn menu_and_verb(&self) -> (&str, &str) {
        self.command.rsplit_once('/').unwrap_or(("", &self.command))
    }
}

/// Sentences to one command, on their way out.
pub(super) struct Reply<'a> {
    tag: Option<&'a str>,
    /// Text leaves as Latin-1, as it does when an old terminal wrote it.
    is_latin1: bool,
    pub bytes: Vec<u8>,
}

impl<'a> Reply<'a> {
    pub fn to(tag: Option<&'a str>, is_latin1: bool) -> Self {
        Self { tag, is_latin1, bytes: Vec::new() }
    }

    pub fn row(&mut self, row: &Columns) {
        self.start("!re");
        for (name, value) in row.pairs() {
            self.word(name, value);
        }
        self.bytes.push(0);
    }

    pub fn done(&mut self) {
        self.start("!done");
        self.bytes.push(0);
    }

    pub fn done_with(&mut self, ret: &str) {
        self.start("!done");
        self.word("ret", ret);
        self.bytes.push(0);
    }

    pub fn empty(&mut self) {
        self.start("!empty");
        self.bytes.push(0);
    }

    /// A refusal, and the `!done` that follows it.
    pub fn trap(&mut self, category: Option<u8>, message: &str) {
        self.start("!trap");
        if let Some(category) = category {
            self.word("category", &category.to_string());
        }
        self.word("message", message);
        self.bytes.push(0);
        self.done();
    }

    pub fn fatal(&mut self, reason: &str) {
        put_word(b"!fatal", &mut self.bytes);
        put_word(reason.as_bytes(), &mut self.bytes);
        self.bytes.push(0);
    }

    fn start(&mut self, reply_word: &str) {
        put_word(reply_word.as_bytes(), &mut self.bytes);
        if let Some(tag) = self.tag {
            put_word(format!(".tag={tag}").as_bytes(), &mut self.bytes);
        }
    }

    fn word(&mut self, name: &str, value: &str) {
        let text = format!("={name}={value}");
        if self.is_latin1 {
            let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
            put_word(&bytes, &mut self.bytes);
        } else {
            put_word(text.as_bytes(), &mut self.bytes);
        }
    }
}
