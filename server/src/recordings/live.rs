//! A recording that goes on: what of it is not written yet, up to a bound.

use super::chunk::{CHUNK_BYTES_MAX, OUTPUT_BYTES_MAX, pack, unpack};
use crate::vault::OwnKey;
use model::{Happened, RecordedAt, RecordedEvent, RecordingEnd, RecordingId, Timestamp, write_event};
use parking_lot::Mutex;
use std::{collections::VecDeque, sync::Arc};
use tokio::sync::watch;

/// Full chunks that wait to be written, at most …
pub const WAITING_MAX: usize = 8;
/// … and one more only while those that wait are shorter than this together. What comes when there are more is not
/// recorded: whoever can wait asks first.
pub const WAITING_BYTES_MAX: usize = 12 * 1024;
/// Output is written this long after it came, at the latest: so much is lost when the program is killed.
pub const FLUSH_MS: i64 = 2_000;
/// What an event takes besides its bytes, at most: kind, time and length.
const EVENT_BYTES_MAX: usize = 1 + 5 + 10;
/// Once a session has sent the most that is kept of one, so much is kept of what follows, and so much of it at once: a
/// flood is left out, and what somebody does behind it is recorded all the same.
const TRICKLE_BYTES_PER_S: u64 = 1024;
const TRICKLE_BYTES_MAX: u64 = 64 * 1024;
/// Output that [`Live::has_room`] speaks for: half a chunk.
pub const AT_ONCE_BYTES_MAX: usize = 8 * 1024;
/// What that takes with all that belongs to it: its events, what each chunk keeps free, and so many sizes as somebody
/// may choose while output waits.
const AT_ONCE_ROOM_BYTES: usize =
    AT_ONCE_BYTES_MAX + (AT_ONCE_BYTES_MAX / OUTPUT_BYTES_MAX + 4 + 60) * EVENT_BYTES_MAX;

/// No screen is larger.
pub fn bounded((columns, rows): (u16, u16)) -> (u16, u16) {
    (columns.clamp(2, 1000), rows.clamp(1, 1000))
}

/// A full chunk, or one that is as old as one may become.
#[derive(Clone)]
pub struct Chunk {
    pub number: u32,
    /// Its events, packed already: what waits in memory is mostly text.
    pub packed: Arc<[u8]>,
}

/// What the writer has to do for one recording.
pub struct Todo {
    pub chunks: Vec<Chunk>,
    pub until: Timestamp,
    pub bytes: u64,
    pub lost_bytes: u64,
    pub is_cut: bool,
    /// Only with the last of the chunks.
    pub end: Option<RecordingEnd>,
}

/// What somebody finds in memory from a place on.
#[derive(Debug, PartialEq, Eq)]
pub enum Memory {
    Events {
        events: Vec<u8>,
        next: RecordedAt,
    },
    /// That far back it is in the database, up to and without this chunk.
    Written {
        before: u32,
    },
    /// There is nothing more yet.
    Nothing,
    /// There is nothing more, and will be nothing more.
    Over,
}

pub struct Live {
    pub id: RecordingId,
    pub key: OwnKey,
    begun_at: Timestamp,
    state: Mutex<State>,
    /// Changes with everything that happens.
    grown: watch::Sender<()>,
    /// How many look on.
    pub watched: watch::Sender<u32>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Chunk>,
    /// What is no full chunk yet, and when it began.
    open: Vec<u8>,
    open_since: Timestamp,
    /// The number that what is open will have.
    next: u32,
    /// When the last thing happened: a clock that is set back does not turn the recording back.
    last_ms: u32,
    until: Timestamp,
    bytes: u64,
    stored_bytes: u64,
    lost_bytes: u64,
    /// Bytes that are missing since the last event.
    gap: u64,
    /// Bytes that may still be recorded, and when there last was more.
    room: u64,
    refilled_ms: u32,
    is_cut: bool,
    /// It reached its limit, and that is not among its events yet.
    is_full_due: bool,
    size: (u16, u16),
    end: Option<RecordingEnd>,
    /// It was removed, or is all written: nothing is taken any more.
    is_gone: bool,
}

impl Live {
    /// At most `bytes_max` of it are recorded at any speed.
    pub fn new((id, key): (RecordingId, OwnKey), now: Timestamp, size: (u16, u16), bytes_max: u64) -> Self {
        let state = State { until: now, room: bytes_max, size, ..State::default() };
        let (state, grown, watched) = (Mutex::new(state), watch::Sender::new(()), watch::Sender::new(0));
        Self { id, key, begun_at: now, state, grown, watched }
    }

    /// Takes what the device sent; whether a chunk became full.
    pub fn output(&self, bytes: &[u8], now: Timestamp) -> bool {
        let mut state = self.state.lock();
        let mut has_filled = false;
        for piece in bytes.chunks(OUTPUT_BYTES_MAX) {
            let length = piece.len() as u64;
            let at_ms = self.at(&mut state, now);
            let event = RecordedEvent { at_ms, what: Happened::Output(piece) };
            let is_admitted = state.admits(length, at_ms);
            if is_admitted && state.push(event, now, &mut has_filled) {
                state.bytes += length;
                continue;
            }
            if is_admitted {
                // What the database did not take fills no recording.
                state.room += length;
            }
            state.tell_full(at_ms, now);
            state.lost_bytes += length;
            state.gap += length;
        }
        drop(state);
        self.grown.send_replace(());
        has_filled
    }

    /// The terminal has another size from now on; whether a chunk became full.
    pub fn resize(&self, size: (u16, u16), now: Timestamp) -> bool {
        let mut has_filled = false;
        let (columns, rows) = bounded(size);
        let mut state = self.state.lock();
        if state.size == (columns, rows) {
            return false;
        }
        let at_ms = self.at(&mut state, now);
        let event = RecordedEvent { at_ms, what: Happened::Resized { columns, rows } };
        if state.admits(EVENT_BYTES_MAX as u64, at_ms) && state.push(event, now, &mut has_filled) {
            state.size = (columns, rows);
        } else {
            state.tell_full(at_ms, now);
        }
        drop(state);
        self.grown.send_replace(());
        has_filled
    }

    /// Nothing follows. Only the first reason counts.
    pub fn end(&self, why: RecordingEnd, now: Timestamp) {
        let mut state = self.state.lock();
        if state.end.is_none() {
            let at_ms = self.at(&mut state, now);
            state.end = Some(why);
            // However full it is: nothing more comes, and it must be known that something is missing, or nothing is.
            state.tell_gap(at_ms);
            if !state.is_gone {
                write_event(&mut state.open, RecordedEvent { at_ms, what: Happened::Ended });
            }
        }
        drop(state);
        self.grown.send_replace(());
    }

    pub fn is_over(&self) -> bool {
        let state = self.state.lock();
        state.end.is_some() || state.is_gone
    }

    /// Why it is over, once it is and that is known.
    pub fn why(&self) -> Option<RecordingEnd> {
        self.state.lock().end
    }

    /// Whether [`AT_ONCE_BYTES_MAX`] bytes of output find room in memory now. What is left out because the recording
    /// reached its limit has room: waiting would not bring it in.
    pub fn has_room(&self) -> bool {
        let state = self.state.lock();
        let takes = !state.is_gone && state.end.is_none();
        // Where one more chunk may wait, this one is closed for it.
        let fits = state.open.len() + AT_ONCE_ROOM_BYTES <= CHUNK_BYTES_MAX;
        takes && (fits || state.may_wait())
    }

    /// It reached the most that is recorded at any speed.
    pub fn is_cut(&self) -> bool {
        self.state.lock().is_cut
    }

    /// Nothing of it is needed in memory any more.
    pub fn is_done(&self) -> bool {
        self.state.lock().is_gone
    }

    /// Everything that is due to be written at `now`, if anything is. It stays in memory until [`Live::written`], and
    /// is no more than so many chunks, however long nothing can be written.
    pub fn todo(&self, now: Timestamp) -> Option<Todo> {
        let mut state = self.state.lock();
        let is_old = now.since_ms(state.open_since).saturating_abs() >= FLUSH_MS;
        if state.end.is_some() || is_old && state.may_wait() {
            state.close();
        }
        if state.is_gone || state.waiting.is_empty() && state.end.is_none() {
            return None;
        }
        Some(Todo {
            chunks: state.waiting.iter().cloned().collect(),
            until: state.until,
            bytes: state.bytes,
            lost_bytes: state.lost_bytes,
            is_cut: state.is_cut,
            end: state.end,
        })
    }

    /// What all that was written takes, with these bytes.
    pub fn stored_with(&self, more: u64) -> u64 {
        self.state.lock().stored_bytes + more
    }

    /// What was to do is done.
    pub fn written(&self, todo: &Todo, stored_bytes: u64) {
        let mut state = self.state.lock();
        if let Some(last) = todo.chunks.last() {
            state.waiting.retain(|chunk| chunk.number > last.number);
        }
        state.stored_bytes = stored_bytes;
        state.is_gone |= todo.end.is_some();
        drop(state);
        self.grown.send_replace(());
    }

    /// Somebody removed it.
    pub fn removed(&self) {
        let mut state = self.state.lock();
        state.is_gone = true;
        state.waiting.clear();
        state.open = Vec::new();
        drop(state);
        self.grown.send_replace(());
    }

    /// What is in memory from this place on, up to the end of its chunk.
    pub fn from(&self, at: RecordedAt) -> Memory {
        let state = self.state.lock();
        let first = state.waiting.front().map_or(state.next, |chunk| chunk.number);
        if at.chunk < first {
            return Memory::Written { before: first };
        }
        let skip = at.bytes as usize;
        if let Some(chunk) = state.waiting.iter().find(|chunk| chunk.number == at.chunk) {
            let events = unpack(&chunk.packed).unwrap_or_default();
            let events = events.get(skip..).unwrap_or_default().to_vec();
            return Memory::Events { events, next: RecordedAt { chunk: at.chunk + 1, bytes: 0 } };
        }
        let new = state.open.get(skip..).unwrap_or_default();
        if at.chunk == state.next && !new.is_empty() {
            let bytes = u32::try_from(state.open.len()).unwrap_or(u32::MAX);
            return Memory::Events { events: new.to_vec(), next: RecordedAt { bytes, ..at } };
        }
        if state.end.is_some() || state.is_gone { Memory::Over } else { Memory::Nothing }
    }

    /// Tells when there may be more.
    pub fn growth(&self) -> watch::Receiver<()> {
        self.grown.subscribe()
    }

    /// Since it began, never less than before.
    fn at(&self, state: &mut State, now: Timestamp) -> u32 {
        let since = u32::try_from(now.since_ms(self.begun_at).max(0)).unwrap_or(u32::MAX);
        state.last_ms = state.last_ms.max(since);
        state.until = state.until.max(Timestamp(self.begun_at.0 + i64::from(state.last_ms)));
        state.last_ms
    }
}

impl State {
    /// Whether so many bytes more may be recorded.
    fn admits(&mut self, length: u64, at_ms: u32) -> bool {
        let more = u64::from(at_ms - self.refilled_ms) * TRICKLE_BYTES_PER_S / 1_000;
        if self.is_cut && more > 0 {
            self.room = self.room.max(TRICKLE_BYTES_MAX.min(self.room + more));
            self.refilled_ms = at_ms;
        }
        if length <= self.room {
            self.room -= length;
            return true;
        }
        if !self.is_cut {
            (self.is_cut, self.is_full_due, self.refilled_ms) = (true, true, at_ms);
        }
        false
    }

    /// Adds an event, behind what is to be said of bytes that are missing before it; whether there was room.
    fn push(&mut self, event: RecordedEvent<'_>, now: Timestamp, has_filled: &mut bool) -> bool {
        let length = match event.what {
            Happened::Output(bytes) => bytes.len() + EVENT_BYTES_MAX,
            _ => EVENT_BYTES_MAX,
        };
        // There must be room for a gap that is to be told first, for one at the end, for the limit, and for the end.
        if self.open.len() + length + 4 * EVENT_BYTES_MAX > CHUNK_BYTES_MAX {
            if !self.may_wait() {
                return false;
            }
            self.close();
            *has_filled = true;
        }
        if self.is_gone || self.end.is_some() {
            return false;
        }
        self.tell_gap(event.at_ms);
        if self.open.is_empty() {
            self.open_since = now;
        }
        write_event(&mut self.open, event);
        true
    }

    /// Says, once, that it reached its limit. For that there is room in every chunk.
    fn tell_full(&mut self, at_ms: u32, now: Timestamp) {
        if !std::mem::take(&mut self.is_full_due) || self.is_gone || self.end.is_some() {
            return;
        }
        if self.open.is_empty() {
            self.open_since = now;
        }
        // What is missing before it was no flood.
        self.tell_gap(at_ms);
        write_event(&mut self.open, RecordedEvent { at_ms, what: Happened::Full });
    }

    fn tell_gap(&mut self, at_ms: u32) {
        if self.gap > 0 {
            let bytes = std::mem::take(&mut self.gap);
            write_event(&mut self.open, RecordedEvent { at_ms, what: Happened::Gap { bytes } });
        }
    }

    /// Whether one more chunk may wait to be written.
    fn may_wait(&self) -> bool {
        let bytes: usize = self.waiting.iter().map(|chunk| chunk.packed.len()).sum();
        self.waiting.len() < WAITING_MAX && bytes < WAITING_BYTES_MAX
    }

    /// What is open waits to be written.
    fn close(&mut self) {
        if self.open.is_empty() {
            return;
        }
        let packed = pack(&std::mem::take(&mut self.open)).into();
        self.waiting.push_back(Chunk { number: self.next, packed });
        self.next += 1;
    }
}
