//! What waits to be written down: a few lines, for half a second.

use super::twins::Twins;
use crate::store::NewLine;
use engine::log::{Line, LogReader};
use model::{DeviceId, LogWay};
use std::collections::{BTreeSet, HashSet};

/// Lines that are worth a transaction of their own; with so many, nothing more is taken.
pub(super) const BATCH_MAX: usize = 1_000;

#[derive(Default)]
pub(super) struct Pending {
    pub lines: Vec<NewLine>,
    /// Where logs are read to once these lines are written.
    pub readers: Vec<(DeviceId, LogReader)>,
    twins: Twins,
    /// So many of the first lines were perhaps written down already.
    in_doubt: usize,
    /// Whose next line comes after some that were lost.
    gaps: HashSet<DeviceId>,
}

impl Pending {
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.readers.is_empty()
    }

    pub fn is_full(&self) -> bool {
        self.lines.len() >= BATCH_MAX
    }

    /// Takes what was read of one router. Where nothing is new, there is nothing to be written either.
    pub fn take_read(&mut self, device: DeviceId, lines: Vec<Line>, reader: LogReader) {
        for line in lines {
            self.take(NewLine { device, way: LogWay::Api, line });
        }
        self.readers.push((device, reader));
    }

    /// Takes a line that was sent.
    pub fn take_sent(&mut self, device: DeviceId, line: Line) {
        self.take(NewLine { device, way: LogWay::Syslog, line });
    }

    fn take(&mut self, mut new: NewLine) {
        let is_after_gap = self.gaps.remove(&new.device) || new.line.is_after_gap;
        if self.twins.has_come(&new) {
            if is_after_gap {
                // The next one that is kept says it.
                self.gaps.insert(new.device);
            }
            return;
        }
        new.line.is_after_gap = is_after_gap;
        self.lines.push(new);
    }

    /// All was written down: whose lines these are.
    pub fn written(&mut self) -> BTreeSet<DeviceId> {
        self.readers.clear();
        self.lines.drain(..).map(|line| line.device).collect()
    }

    /// Perhaps nothing was written down. What was read is read again, from where the books say; what was sent waits on
    /// until it is known.
    pub fn failed(&mut self) -> Vec<DeviceId> {
        self.lines.retain(|line| line.way == LogWay::Syslog);
        self.in_doubt = self.lines.len();
        self.readers.drain(..).map(|(device, _)| device).collect()
    }

    pub fn is_in_doubt(&self) -> bool {
        self.in_doubt > 0
    }

    /// It is known now; whose lines wait no longer.
    pub fn settle(&mut self, was_written: bool) -> BTreeSet<DeviceId> {
        let in_doubt = std::mem::take(&mut self.in_doubt);
        let written = if was_written { in_doubt } else { 0 };
        self.lines.drain(..written).map(|line| line.device).collect()
    }

    pub fn keep_only(&mut self, is_there: impl Fn(DeviceId) -> bool) {
        self.twins.keep_only(&is_there);
        self.gaps.retain(|device| is_there(*device));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{LogLevel, Timestamp};

    const ROUTER: DeviceId = DeviceId(1);

    fn line(message: &str, is_after_gap: bool) -> Line {
        Line {
            at: Timestamp(1_000),
            level: LogLevel::Info,
            topics: Vec::new(),
            message: message.to_owned(),
            is_after_gap,
        }
    }

    fn kept(pending: &Pending) -> Vec<(&str, bool)> {
        pending.lines.iter().map(|line| (line.line.message.as_str(), line.line.is_after_gap)).collect()
    }

    #[test]
    fn a_gap_is_said_by_the_next_line_that_is_kept() {
        let mut pending = Pending::default();
        pending.take_sent(ROUTER, line("one", false));
        pending.take_read(ROUTER, vec![line("one", true), line("two", false)], LogReader::default());
        assert_eq!(kept(&pending), [("one", false), ("two", true)]);
    }

    #[test]
    fn what_was_read_is_read_again_when_it_could_not_be_written_and_what_was_sent_waits_on() {
        let mut pending = Pending::default();
        pending.take_sent(ROUTER, line("sent", false));
        pending.take_read(DeviceId(2), vec![line("read", false)], LogReader::default());
        assert_eq!(pending.failed(), [DeviceId(2)]);
        assert_eq!(kept(&pending), [("sent", false)]);
        assert!(pending.is_in_doubt() && pending.settle(false).is_empty() && !pending.is_in_doubt());
        pending.take_read(DeviceId(2), vec![line("read", false)], LogReader::default());
        assert_eq!(kept(&pending), [("sent", false), ("read", false)], "it is no twin of its own");
        assert_eq!(pending.written().into_iter().collect::<Vec<_>>(), [ROUTER, DeviceId(2)]);
        assert!(pending.is_empty());
    }

    #[test]
    fn what_was_written_after_all_waits_no_longer_and_what_came_meanwhile_does() {
        let mut pending = Pending::default();
        pending.take_sent(ROUTER, line("written", false));
        assert_eq!(pending.failed(), []);
        pending.take_sent(DeviceId(2), line("meanwhile", false));
        assert_eq!(pending.settle(true).into_iter().collect::<Vec<_>>(), [ROUTER]);
        assert_eq!(kept(&pending), [("meanwhile", false)]);
        assert!(!pending.is_in_doubt() && pending.settle(true).is_empty());
    }
}
