//! Words on the wire, from the router's side. Deliberately shares nothing with the driver's codec.

/// What a router accepts of a client.
const WORD_BYTES_MAX: usize = 64 * 1024;
const SENTENCE_WORDS_MAX: usize = 256;

/// The first byte says how many follow: (its upper bits, how many length bytes follow).
const FORMS: [(u8, u8, usize); 5] =
    [(0x00, 0x80, 0), (0x80, 0xc0, 1), (0xc0, 0xe0, 2), (0xe0, 0xf0, 3), (0xf0, 0xff, 4)];

/// A client that does not speak the protocol; a router hangs up.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Garbage;

/// Appends a length prefix.
pub(super) fn put_length(length: usize, to: &mut Vec<u8>) {
    let bytes = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    let follow = match length {
        0..0x80 => 0,
        0x80..0x4000 => 1,
        0x4000..0x20_0000 => 2,
        0x20_0000..0x1000_0000 => 3,
        _ => 4,
    };
    let (mark, ..) = FORMS[follow];
    match bytes.get(3 - follow.min(3)..) {
        Some(tail) if follow < 4 => {
            to.push(tail[0] | mark);
            to.extend_from_slice(&tail[1..]);
        }
        _ => {
            to.push(mark);
            to.extend_from_slice(&bytes);
        }
    }
}

pub(in super::super) fn put_word(word: &[u8], to: &mut Vec<u8>) {
    put_length(word.len(), to);
    to.extend_from_slice(word);
}

/// Takes the first whole sentence off the front of `from`.
pub(in super::super) fn take_sentence(from: &mut Vec<u8>) -> Result<Option<Vec<Vec<u8>>>, Garbage> {
    let (mut words, mut rest) = (Vec::new(), from.as_slice());
    loop {
        let Some((length, after)) = length(rest)? else { return Ok(None) };
        if length > WORD_BYTES_MAX || words.len() > SENTENCE_WORDS_MAX {
            return Err(Garbage);
        }
        let Some((word, after)) = after.split_at_checked(length) else { return Ok(None) };
        rest = after;
        if word.is_empty() {
            let used = from.len() - rest.len();
            from.drain(..used);
            return Ok(Some(words));
        }
        words.push(word.to_vec());
    }
}

fn length(bytes: &[u8]) -> Result<Option<(usize, &[u8])>, Garbage> {
    let Some((&first, rest)) = bytes.split_first() else { return Ok(None) };
    let form = FORMS.iter().find(|(mark, mask, _)| first & mask == *mark);
    let &(_, mask, follow) = form.ok_or(Garbage)?;
    let Some((tail, rest)) = rest.split_at_checked(follow) else { return Ok(None) };
    let length = tail.iter().fold(usize::from(first & !mask), |sum, &byte| sum << 8 | usize::from(byte));
    Ok(Some((length, rest)))
}
