//! One chunk of a recording: how much is one, and how it is packed before it is sealed.

use std::io::Read;

/// Events of one chunk in bytes, at most: little is lost with one, a session holds little, and a row stays small on
/// every database.
pub const CHUNK_BYTES_MAX: usize = 16 * 1024;
/// The same of what may be in a database already: chunks of earlier versions have up to so many.
pub const STORED_BYTES_MAX: usize = 32 * 1024;
/// Output that is one event, at most; more becomes several.
pub const OUTPUT_BYTES_MAX: usize = 4 * 1024;

const PLAIN: u8 = 0;
const BROTLI: u8 = 1;
/// Fast, for a flood must be kept up with; prompts and tables shrink to a third all the same.
const QUALITY: i32 = 2;
/// A window of 16 KiB, as much as a chunk has use for.
const WINDOW_BITS: i32 = 14;

/// Packs events, or leaves them as they are where that is shorter.
pub fn pack(events: &[u8]) -> Vec<u8> {
    let mut packed = vec![BROTLI];
    let params = brotli::enc::BrotliEncoderParams {
        quality: QUALITY,
        lgwin: WINDOW_BITS,
        size_hint: events.len(),
        ..Default::default()
    };
    let is_shorter = brotli::BrotliCompress(&mut &events[..], &mut packed, &params).is_ok()
        && packed.len() <= events.len();
    if !is_shorter {
        packed.clear();
        packed.push(PLAIN);
        packed.extend_from_slice(events);
    }
    packed
}

/// The reverse of [`pack`]; nothing when these bytes are none of its, or too many.
pub fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let (kind, rest) = packed.split_first()?;
    match *kind {
        PLAIN => Some(rest.to_vec()).filter(|events| events.len() <= STORED_BYTES_MAX),
        BROTLI => {
            let mut events = Vec::new();
            // One byte more than may be, to see whether there is more.
            let mut reader = brotli::Decompressor::new(rest, 4096).take(STORED_BYTES_MAX as u64 + 1);
            reader.read_to_end(&mut events).ok()?;
            (events.len() <= STORED_BYTES_MAX).then_some(events)
        }
        _ => None,
    }
}
