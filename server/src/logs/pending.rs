//! What waits to be written down, in the order in which it came, and the part of it that is being written.
//!
//! A router's first log has thousands of lines: they go in parts, each with how far the log is read by then, so that no
//! database is too slow for it.

use super::twins::Twins;
use crate::store::NewLine;
use engine::log::{Line, LogReader};
use model::{DeviceId, LogLevel, LogLoss, LogWay, Timestamp};
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

/// Lines of one transaction; with so many waiting that were read, nothing more is read.
pub(super) const BATCH_MAX: usize = 1_000;
/// Lines that were sent and wait, behind a long log perhaps: 32 MiB at most.
const SENT_MAX: usize = 4_000;
/// By how many of its last lines a place in a log is known.
const KNOWN_MAX: usize = 64;

#[derive(Default)]
pub(super) struct Pending {
    waiting: VecDeque<Waiting>,
    /// How many of them were sent.
    sent: usize,
    /// Where logs that wait here are read to, as far as was written down.
    places: HashMap<DeviceId, Vec<u64>>,
    twins: Twins,
    /// Whose next line comes after some that were lost.
    gaps: HashSet<DeviceId>,
    trying: Option<Trying>,
}

struct Waiting {
    new: NewLine,
    /// Of a line that was read: by what it is known again.
    mark: Option<u64>,
    /// Where its log goes on, after the last of a reading.
    reader: Option<LogReader>,
}

/// A part that was handed out: whether it was written is not known yet.
struct Trying {
    /// So many of those that wait are of it.
    count: usize,
    places: HashMap<DeviceId, Vec<u64>>,
    gaps_before: HashSet<DeviceId>,
    /// Of a part without lines: what one book says once it is written.
    proof: Option<(DeviceId, Vec<u64>)>,
}

/// What is written at once.
#[derive(Default)]
pub(super) struct Part {
    pub lines: Vec<NewLine>,
    /// Where logs are read to with these lines.
    pub read_to: Vec<(DeviceId, Vec<u64>)>,
}

/// What is done with a part.
#[derive(Default)]
pub(super) struct Written {
    pub devices: BTreeSet<DeviceId>,
    /// Whose readings were written down whole.
    pub readers: Vec<(DeviceId, LogReader)>,
}

impl Pending {
    /// What was sent lately, and is written down, may be read now.
    pub fn remember(&mut self, lines: &[NewLine]) {
        self.twins.remember(lines);
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether a whole part waits.
    pub fn is_full(&self) -> bool {
        self.waiting.len() >= BATCH_MAX
    }

    /// Whether more may be read: what was sent takes no room from it.
    pub fn has_room_to_read(&self) -> bool {
        self.waiting.len() - self.sent < BATCH_MAX
    }

    /// Whether another line that was sent may wait here.
    pub fn has_room(&self) -> bool {
        self.sent < SENT_MAX
    }

    /// Takes what was read of one router, whose log was `known` up to there before: one reading at a time.
    pub fn take_read(
        &mut self,
        device: DeviceId,
        known: Vec<u64>,
        lines: Vec<(Line, u64)>,
        reader: LogReader,
    ) {
        self.places.insert(device, known);
        let new = |(line, mark)| {
            let new = NewLine { device, way: LogWay::Api, line };
            Waiting { new, mark: Some(mark), reader: None }
        };
        self.waiting.extend(lines.into_iter().map(new));
        if let Some(last) = self.waiting.back_mut() {
            last.reader = Some(reader);
        }
    }

    /// Takes a line that was sent.
    pub fn take_sent(&mut self, device: DeviceId, line: Line) {
        self.wait(NewLine { device, way: LogWay::Syslog, line });
    }

    /// Takes that lines which were sent are missing here.
    pub fn take_loss(&mut self, device: DeviceId, loss: LogLoss, at: Timestamp) {
        let line = Line {
            at,
            level: LogLevel::Warning,
            topics: Vec::new(),
            message: loss.to_string(),
            is_after_gap: true,
        };
        self.wait(NewLine { device, way: LogWay::Dropped(loss), line });
    }

    fn wait(&mut self, new: NewLine) {
        self.waiting.push_back(Waiting { new, mark: None, reader: None });
        self.sent += 1;
    }

    /// The next part. What comes of it is to be said before the next one is asked for.
    pub fn part(&mut self) -> Part {
        let (mut part, mut places) = (Part::default(), HashMap::new());
        let gaps_before = self.gaps.clone();
        let count = self.waiting.len().min(BATCH_MAX);
        for waiting in self.waiting.iter().take(count) {
            let mut new = waiting.new.clone();
            let device = new.device;
            if let Some(mark) = waiting.mark {
                let before = || self.places.get(&device).cloned().unwrap_or_default();
                let place: &mut Vec<u64> = places.entry(device).or_insert_with(before);
                place.push(mark);
            }
            if matches!(new.way, LogWay::Dropped(_)) {
                // Nobody else says it, and it says nothing of what was read.
                part.lines.push(new);
                continue;
            }
            let is_after_gap = self.gaps.remove(&device) || new.line.is_after_gap;
            if self.twins.has_come(&new) {
                if is_after_gap {
                    // The next one that is kept says it.
                    self.gaps.insert(device);
                }
                continue;
            }
            new.line.is_after_gap = is_after_gap;
            part.lines.push(new);
        }
        for (device, known) in &mut places {
            known.drain(..known.len().saturating_sub(KNOWN_MAX));
            part.read_to.push((*device, known.clone()));
        }
        let proof = part.read_to.first().filter(|_| part.lines.is_empty()).cloned();
        self.trying = Some(Trying { count, places, gaps_before, proof });
        part
    }

    /// The part was written down.
    pub fn written(&mut self) -> Written {
        let mut written = Written::default();
        let Some(trying) = self.trying.take() else { return written };
        self.twins.keep();
        self.places.extend(trying.places);
        for waiting in self.waiting.drain(..trying.count.min(self.waiting.len())) {
            written.devices.insert(waiting.new.device);
            self.sent -= usize::from(waiting.mark.is_none());
            if let Some(reader) = waiting.reader {
                self.places.remove(&waiting.new.device);
                written.readers.push((waiting.new.device, reader));
            }
        }
        written
    }

    /// Perhaps the part was not written down. What was read is read again, from where the books say (of these devices);
    /// what was sent waits on until it is known.
    pub fn failed(&mut self) -> Vec<DeviceId> {
        if let Some(trying) = &mut self.trying {
            trying.count = self.waiting.iter().take(trying.count).filter(|one| one.mark.is_none()).count();
            trying.places.clear();
        }
        self.waiting.retain(|one| one.mark.is_none());
        self.places.drain().map(|(device, _)| device).collect()
    }

    /// Whether it is not known what came of a part.
    pub fn is_in_doubt(&self) -> bool {
        self.trying.is_some()
    }

    /// Whether the part in doubt had no lines of its own, and was written as its `book` says: where that log is read to.
    pub fn is_proven(&self, book: impl FnOnce(DeviceId) -> Vec<u64>) -> bool {
        let proof = self.trying.as_ref().and_then(|trying| trying.proof.as_ref());
        proof.is_some_and(|(device, known)| book(*device) == *known)
    }

    /// It is known now; whose lines wait no longer.
    pub fn settle(&mut self, was_written: bool) -> BTreeSet<DeviceId> {
        if was_written {
            return self.written().devices;
        }
        if let Some(trying) = self.trying.take() {
            self.twins.take_back();
            self.gaps = trying.gaps_before;
        }
        BTreeSet::new()
    }

    /// Only what was sent is left, and it comes once: what was read is read again.
    pub fn keep_sent(&mut self) {
        self.waiting.retain(|one| one.mark.is_none());
        self.places.clear();
    }

    pub fn keep_only(&mut self, is_there: impl Fn(DeviceId) -> bool) {
        self.twins.keep_only(&is_there);
        self.gaps.retain(|device| is_there(*device));
    }
}

#[cfg(test)]
mod tests;
