//! Where a line ends in a stream: at a line feed, or after as many bytes as its sender counted (RFC 6587).

use super::LINE_BYTES_MAX;

/// Largest count that is believed; a line is cut at [`LINE_BYTES_MAX`] all the same.
const COUNTED_MAX: usize = 1024 * 1024;
/// Digits of it.
const DIGITS_MAX: usize = 7;

/// A sender announced a line of more than a mebibyte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a line of more than 1 MiB was announced")]
pub struct TooLong;

/// Takes a stream apart. Holds one line at most.
#[derive(Debug, Default)]
pub struct Frames {
    held: Vec<u8>,
    /// How many bytes of a counted line are still to come.
    counted: Option<usize>,
}

impl Frames {
    /// Takes the next piece, and hands over each line that ends in it.
    pub fn take(&mut self, piece: &[u8], mut each: impl FnMut(&[u8])) -> Result<(), TooLong> {
        for byte in piece {
            match self.counted {
                Some(left) => {
                    self.keep(*byte);
                    self.counted = left.checked_sub(1).filter(|left| *left > 0);
                    if self.counted.is_none() {
                        self.end(&mut each);
                    }
                }
                None if *byte == b'\n' => self.end(&mut each),
                None if *byte == b' ' && self.is_count() => self.count()?,
                None => self.keep(*byte),
            }
        }
        Ok(())
    }

    /// The stream is over: what is left is a line too.
    pub fn end(&mut self, mut each: impl FnMut(&[u8])) {
        if !self.held.is_empty() {
            each(&self.held);
        }
        self.held.clear();
        self.counted = None;
    }

    /// Bytes that are held.
    pub fn held(&self) -> usize {
        self.held.len()
    }

    fn keep(&mut self, byte: u8) {
        // The rest of a line that is too long is passed over.
        if self.held.len() < LINE_BYTES_MAX {
            self.held.push(byte);
        }
    }

    /// Nothing but a number stands at the beginning of the line.
    fn is_count(&self) -> bool {
        let is_number = self.held.iter().all(u8::is_ascii_digit) && self.held.first() != Some(&b'0');
        !self.held.is_empty() && self.held.len() <= DIGITS_MAX && is_number
    }

    fn count(&mut self) -> Result<(), TooLong> {
        let digits = std::mem::take(&mut self.held);
        let count = digits.iter().fold(0_usize, |count, digit| count * 10 + usize::from(digit - b'0'));
        if count > COUNTED_MAX {
            return Err(TooLong);
        }
        self.counted = Some(count);
        Ok(())
    }
}
