//! Getting in: name and password at once (RouterOS 6.43 and later), or the MD5 challenge of before.
//!
//! The plain login goes first: a modern router still answers a bare `/login` with a challenge, but refuses
//! the response to it. Only a `!done` that carries `=ret=` is an old router asking for the response.

use super::cause::Disconnect;
use super::facts::words::clean;
use super::wire::{Kind, Reply};
use crate::Login;
use md5::{Digest, Md5};
use mikrotik_rs::proto::codec::{encode_terminator, encode_word};
use zeroize::Zeroizing;

/// A login under way.
pub(super) struct Handshake<'a> {
    login: &'a Login,
    has_responded: bool,
    refusal: Option<String>,
}

/// What to do after a sentence of the router.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Wait,
    Send(Zeroizing<Vec<u8>>),
    /// Logged in.
    In,
}

impl<'a> Handshake<'a> {
    /// The handshake and the first thing to send.
    pub fn start(login: &'a Login) -> (Self, Zeroizing<Vec<u8>>) {
        let first = sentence(&[("name", &login.username), ("password", login.password.expose())]);
        (Self { login, has_responded: false, refusal: None }, first)
    }

    pub fn receive(&mut self, reply: &Reply) -> Result<Next, Disconnect> {
        match reply.kind {
            Kind::Fatal => Err(Disconnect::Fatal(reply.message())),
            Kind::Trap => {
                self.refusal.get_or_insert_with(|| reply.message());
                Ok(Next::Wait)
            }
            Kind::Done => self.done(reply),
            Kind::Row | Kind::Empty | Kind::Unknown => Ok(Next::Wait),
        }
    }

    fn done(&mut self, reply: &Reply) -> Result<Next, Disconnect> {
        if let Some(message) = self.refusal.take() {
            return Err(refused(message));
        }
        let Some(challenge) = reply.ret() else { return Ok(Next::In) };
        if self.has_responded {
            return Err(refused("a second challenge followed the first".into()));
        }
        self.has_responded = true;
        let Some(response) = response(self.login.password.expose(), &challenge) else {
            let challenge = clean(&challenge).unwrap_or_default();
            return Err(refused(format!("the login challenge {challenge:?} is not hexadecimal")));
        };
        Ok(Next::Send(sentence(&[("name", &self.login.username), ("response", &response)])))
    }
}

/// When it is tried again is for others to say.
fn refused(message: String) -> Disconnect {
    Disconnect::LoginRefused { message, retry_in_s: 0 }
}

fn sentence(attributes: &[(&str, &str)]) -> Zeroizing<Vec<u8>> {
    let room = attributes.iter().map(|(key, value)| key.len() + value.len() + 8).sum::<usize>() + 16;
    // Enough room from the start: growing would leave copies of the password behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    encode_word(b"/login", &mut bytes);
    for (key, value) in attributes {
        let mut word = Zeroizing::new(Vec::with_capacity(key.len() + value.len() + 2));
        for part in ["=", key, "=", value] {
            word.extend_from_slice(part.as_bytes());
        }
        encode_word(&word, &mut bytes);
    }
    encode_terminator(&mut bytes);
    bytes
}

/// `00` and the MD5 of a zero byte, the password and the challenge.
fn response(password: &str, challenge_hex: &str) -> Option<String> {
    let mut hash = Md5::new();
    hash.update([0]);
    hash.update(password.as_bytes());
    hash.update(unhex(challenge_hex)?);
    Some(format!("00{}", super::tls::hex(&hash.finalize())))
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    let nibbles: Vec<u8> = digits
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|d| d.try_into().ok()))
        .collect::<Option<_>>()?;
    let (pairs, []) = nibbles.as_chunks::<2>() else { return None };
    Some(pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_response_to_a_challenge_is_what_old_routers_expect() {
        assert_eq!(response("passTest", "abc123").unwrap(), "0021277bff9ac7caf06aa608e46616d47f");
        assert_eq!(
            response("tset", "098f6bcd4621d373cade4e832627b4f6").unwrap(),
            "00119ce7e093e33497053e73f37a5d3e15"
        );
    }

    #[test]
    fn a_challenge_that_is_no_hexadecimal_has_no_response() {
        for odd in ["abc", "zz", "é0", "0x12"] {
            assert_eq!(response("p", odd), None, "{odd}");
        }
    }
}
