//! Bytes as a router would say them, or would not: written here alone, so that no codec of ours vouches for another.

/// A word with the shortest length prefix there is.
pub fn word(text: &[u8]) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap();
    let bytes = length.to_be_bytes();
    let mut word = match length {
        0..0x80 => vec![bytes[3]],
        0x80..0x4000 => vec![bytes[2] | 0x80, bytes[3]],
        0x4000..0x20_0000 => vec![bytes[1] | 0xc0, bytes[2], bytes[3]],
        0x20_0000..0x1000_0000 => vec![bytes[0] | 0xe0, bytes[1], bytes[2], bytes[3]],
        _ => [&[0xf0][..], &bytes].concat(),
    };
    word.extend_from_slice(text);
    word
}

pub fn sentence<W: AsRef<[u8]>>(words: impl IntoIterator<Item = W>) -> Vec<u8> {
    let mut bytes: Vec<u8> = words.into_iter().flat_map(|text| word(text.as_ref())).collect();
    bytes.push(0);
    bytes
}

/// A row that answers the command with this tag word.
pub fn row(tag: &[u8], attributes: &[&[u8]]) -> Vec<u8> {
    sentence([b"!re", tag].into_iter().chain(attributes.iter().copied()))
}

/// The end of that answer.
pub fn done(tag: &[u8]) -> Vec<u8> {
    sentence([b"!done", tag])
}
