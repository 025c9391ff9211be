//! What happened in a terminal, event after event in bytes: as it is sealed in the database, and as it travels.
//!
//! An event is a byte that says its kind; the milliseconds since the recording began, as a varint (seven bits a
//! byte, the lowest first, the highest bit set on all but the last); then, of output its length as a varint and its
//! bytes; of a new size its columns and its rows as varints; of a gap how many bytes are missing, as a varint; of the end
//! and of the limit nothing more.

const OUTPUT: u8 = 0;
const RESIZE: u8 = 1;
const GAP: u8 = 2;
const END: u8 = 3;
const FULL: u8 = 4;
/// A varint of 64 bits.
const VARINT_BYTES_MAX: usize = 10;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened<'a> {
    /// The device sent these bytes, whole characters or not.
    Output(&'a [u8]),
    /// The terminal got another size, in characters.
    Resized { columns: u16, rows: u16 },
    /// So many bytes were sent here and not recorded.
    Gap { bytes: u64 },
    /// The recording was ended in good order: nothing that was written behind this is missing.
    Ended,
    /// The recording reached its limit: of what the device sent from here on only a little is kept.
    Full,
}

/// Something that happened, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedEvent<'a> {
    /// Since the recording began.
    pub at_ms: u32,
    pub what: Happened<'a>,
}

/// Writes one event behind others.
pub fn write_event(to: &mut Vec<u8>, event: RecordedEvent<'_>) {
    let kind = match event.what {
        Happened::Output(_) => OUTPUT,
        Happened::Resized { .. } => RESIZE,
        Happened::Gap { .. } => GAP,
        Happened::Ended => END,
        Happened::Full => FULL,
    };
    to.push(kind);
    write_number(to, event.at_ms.into());
    match event.what {
        Happened::Output(bytes) => {
            write_number(to, bytes.len() as u64);
            to.extend_from_slice(bytes);
        }
        Happened::Resized { columns, rows } => {
            write_number(to, columns.into());
            write_number(to, rows.into());
        }
        Happened::Gap { bytes } => write_number(to, bytes),
        Happened::Ended | Happened::Full => {}
    }
}

fn write_number(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

/// The events of these bytes, one after the other. What cannot be read ends them.
#[derive(Clone, Copy, Debug)]
pub struct RecordedEvents<'a>(pub &'a [u8]);

impl<'a> RecordedEvents<'a> {
    fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for place in 0..VARINT_BYTES_MAX {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            let shifted = bits << (7 * place);
            if shifted >> (7 * place) != bits {
                return None;
            }
            number |= shifted;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn small<T: TryFrom<u64>>(&mut self) -> Option<T> {
        self.number()?.try_into().ok()
    }

    fn read(&mut self) -> Option<RecordedEvent<'a>> {
        let kind = self.byte()?;
        let at_ms = self.small()?;
        let what = match kind {
            OUTPUT => {
                let length = self.small()?;
                let (bytes, rest) = self.0.split_at_checked(length)?;
                self.0 = rest;
                Happened::Output(bytes)
            }
            RESIZE => Happened::Resized { columns: self.small()?, rows: self.small()? },
            GAP => Happened::Gap { bytes: self.number()? },
            END => Happened::Ended,
            FULL => Happened::Full,
            _ => return None,
        };
        Some(RecordedEvent { at_ms, what })
    }
}

impl<'a> Iterator for RecordedEvents<'a> {
    type Item = RecordedEvent<'a>;

    fn next(&mut self) -> Option<RecordedEvent<'a>> {
        let event = self.read();
        if event.is_none() {
            self.0 = &[];
        }
        event
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(events: &[RecordedEvent<'_>]) {
        let mut bytes = Vec::new();
        for event in events {
            write_event(&mut bytes, *event);
        }
        assert_eq!(RecordedEvents(&bytes).collect::<Vec<_>>(), events);
        for end in 0..bytes.len() {
            let read = RecordedEvents(&bytes[..end]).count();
            assert!(read < events.len(), "{end} of {} bytes are not all events", bytes.len());
        }
    }

    #[test]
    fn what_was_written_is_read_and_no_half_of_it() {
        let output = |at_ms, bytes| RecordedEvent { at_ms, what: Happened::Output(bytes) };
        round(&[output(0, b"")]);
        round(&[
            output(5, b"a\x1b[0m"),
            RecordedEvent { at_ms: 127, what: Happened::Resized { columns: 80, rows: 24 } },
            RecordedEvent { at_ms: 128, what: Happened::Resized { columns: u16::MAX, rows: 0 } },
            RecordedEvent { at_ms: u32::MAX, what: Happened::Gap { bytes: u64::MAX } },
            RecordedEvent { at_ms: u32::MAX, what: Happened::Full },
            output(u32::MAX, &[0xff; 200]),
            RecordedEvent { at_ms: u32::MAX, what: Happened::Ended },
        ]);
    }

    #[test]
    fn bytes_of_strangers_end_the_events_and_nothing_else() {
        let strange: [&[u8]; 6] = [
            &[9, 0],
            &[OUTPUT, 0, 5, 1],
            &[OUTPUT, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1],
            &[OUTPUT, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
            &[RESIZE, 0, 0xff, 0xff, 0x7f, 1],
            &[GAP, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
        ];
        for bytes in strange {
            assert_eq!(RecordedEvents(bytes).count(), 0, "{bytes:?}");
        }
    }
}
