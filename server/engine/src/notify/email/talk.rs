//! Lines to and from a mail server (RFC 5321 4.2), with a limit on each and on all of them.

use crate::notify::{Trouble, http::io_words, text};
use std::io;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use zeroize::Zeroizing;

/// RFC 5321 4.5.3.1.5 says 512, and servers say more.
const LINE_BYTES_MAX: usize = 2048;
/// What a server may say during one letter.
const HEARD_BYTES_MAX: usize = 64 * 1024;

/// A conversation over some stream.
pub struct Talk<S> {
    stream: BufReader<S>,
    heard: usize,
}

/// What the server answered: a code, and its lines without the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub code: u16,
    pub lines: Vec<String>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Talk<S> {
    pub fn new(stream: S) -> Self {
        Self { stream: BufReader::new(stream), heard: 0 }
    }

    /// Says one line and hears the answer.
    pub async fn ask(&mut self, line: &str) -> Result<Reply, Trouble> {
        // It may be a password.
        let line = Zeroizing::new(format!("{line}\r\n"));
        self.say(line.as_bytes()).await?;
        self.reply().await
    }

    pub async fn say(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        let saying = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        saying.await.map_err(|error| broken(&error))
    }

    /// Says that there is nothing more, and waits for no answer.
    pub async fn part(&mut self) -> Result<(), Trouble> {
        self.say(b"QUIT\r\n").await?;
        self.stream.shutdown().await.map_err(|error| broken(&error))
    }

    /// All lines of the next answer.
    pub async fn reply(&mut self) -> Result<Reply, Trouble> {
        let mut lines = Vec::new();
        loop {
            let line = self.line().await?;
            let (code, is_last, said) =
                parse(&line).ok_or_else(|| Trouble::later("the server does not speak SMTP"))?;
            lines.push(said);
            if is_last {
                return Ok(Reply { code, lines });
            }
        }
    }

    async fn line(&mut self) -> Result<Vec<u8>, Trouble> {
        let room = LINE_BYTES_MAX.min(HEARD_BYTES_MAX.saturating_sub(self.heard));
        let mut line = Vec::new();
        let mut limited = (&mut self.stream).take(u64::try_from(room).unwrap_or_default());
        limited.read_until(b'\n', &mut line).await.map_err(|error| broken(&error))?;
        self.heard += line.len();
        match line.last() {
            Some(b'\n') => Ok(line),
            _ if line.len() == room => Err(Trouble::later("the server talks without end")),
            _ => Err(Trouble::later("the connection broke off")),
        }
    }

    /// The stream, for TLS to go on with. Nothing may have been said before it: it would count as said under it.
    pub fn into_stream(self) -> Result<S, Trouble> {
        match self.stream.buffer() {
            [] => Ok(self.stream.into_inner()),
            _ => Err(Trouble::later("the server spoke before it was asked")),
        }
    }
}

fn broken(error: &io::Error) -> Trouble {
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => {
            Trouble::later("the connection broke off")
        }
        _ => Trouble::later(io_words(error)),
    }
}

/// A line of an answer: its code, whether it is the last, and what it says.
pub(crate) fn parse(line: &[u8]) -> Option<(u16, bool, String)> {
    let line = String::from_utf8_lossy(line);
    let line = line.trim_end_matches(['\r', '\n']);
    let (code, rest) = line.split_at_checked(3)?;
    let is_code = code.bytes().all(|byte| byte.is_ascii_digit()) && matches!(code.as_bytes()[0], b'2'..=b'5');
    let code = code.parse().ok().filter(|_| is_code)?;
    match rest.chars().next() {
        None => Some((code, true, String::new())),
        Some(' ') => Some((code, true, text::line(rest))),
        Some('-') => Some((code, false, text::line(rest.get(1..)?))),
        Some(_) => None,
    }
}

impl Reply {
    /// The code and the words, in one line.
    pub fn words(&self) -> String {
        format!("{} {}", self.code, self.lines.join(" ")).trim_end().to_owned()
    }

    /// What a code means that was not hoped for: 4xx is for now, 5xx for good (RFC 5321 4.2.1).
    pub fn trouble(&self) -> Trouble {
        let why = format!("the mail server answered {}", self.words());
        match self.code {
            500.. => Trouble::Refused { why },
            _ => Trouble::later(why),
        }
    }

    /// The answer, when it has this code.
    pub fn expect(self, code: u16) -> Result<Self, Trouble> {
        if self.code == code { Ok(self) } else { Err(self.trouble()) }
    }
}

/// A letter's bytes as they go over the wire: every line ends with CRLF and nothing else does, a dot before each
/// dot that begins a line, and the line that ends it all (RFC 5321 4.5.2).
pub fn dotted(letter: &[u8]) -> Vec<u8> {
    let mut wire = Vec::with_capacity(letter.len() + 64);
    let letter = letter.strip_suffix(b"\n").unwrap_or(letter);
    for line in letter.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.starts_with(b".") {
            wire.push(b'.');
        }
        // A lone CR is a line's end to some servers, and so would be whatever stands behind it.
        wire.extend(line.iter().map(|byte| if *byte == b'\r' { b' ' } else { *byte }));
        wire.extend(b"\r\n");
    }
    wire.extend(b".\r\n");
    wire
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_of_answers_are_taken_apart() {
        let parsed = |line: &str| parse(line.as_bytes());
        assert_eq!(parsed("250-SIZE 1000\r\n"), Some((250, false, "SIZE 1000".into())));
        assert_eq!(parsed("550 5.1.1 no \u{7}such\n"), Some((550, true, "5.1.1 no  such".into())));
        assert_eq!(parsed("354\r\n"), Some((354, true, String::new())));
        for odd in ["", "25", "2500", "250x", "abc d", "+50 x", "150 x", "650 x", "ы50 x"] {
            assert_eq!(parsed(odd), None, "{odd}");
        }
        assert_eq!(parse(b"220 \xff\xfe\r\n"), Some((220, true, "\u{fffd}\u{fffd}".into())));
    }

    #[test]
    fn a_lone_dot_in_a_letter_does_not_end_it() {
        assert_eq!(dotted(b"a\r\n.\r\n.b\r\n"), b"a\r\n..\r\n..b\r\n.\r\n");
        assert_eq!(dotted(b"a\n.\nb"), b"a\r\n..\r\nb\r\n.\r\n");
        assert_eq!(dotted(b"a\r.\rb"), b"a . b\r\n.\r\n");
    }

    proptest! {
        #[test]
        fn no_bytes_bring_the_reader_down(line in prop::collection::vec(any::<u8>(), 0..40)) {
            parse(&line);
        }

        #[test]
        fn a_letter_ends_once_and_is_read_back(letter in "[a.\r\n]{0,40}") {
            let wire = String::from_utf8(dotted(letter.as_bytes())).unwrap();
            prop_assert_eq!(wire.find("\r\n.\r\n").unwrap_or(0) + 5, wire.len().max(5));
            prop_assert!(!wire.replace("\r\n", "").contains(['\r', '\n']));
        }
    }
}
