//! The last lines: so many, and so many bytes.

use super::Batch;
use model::ServerLine;
use std::{collections::VecDeque, sync::Arc};

/// Most lines that are kept: an hour of a busy server at the usual level.
const LINES_MAX: usize = 2_000;
/// Most bytes of text that are kept, whatever the lines.
const BYTES_MAX: usize = 1024 * 1024;

/// The lines in their order, numbered without gaps.
#[derive(Default)]
pub struct Ring {
    lines: VecDeque<Arc<ServerLine>>,
    bytes: usize,
    newest: u64,
}

impl Ring {
    /// Gives the line its number.
    pub fn push(&mut self, line: ServerLine) -> u64 {
        self.newest += 1;
        let line = ServerLine { seq: self.newest, ..line };
        self.bytes += bytes(&line);
        self.lines.push_back(Arc::new(line));
        while self.lines.len() > LINES_MAX || self.bytes > BYTES_MAX {
            let Some(gone) = self.lines.pop_front() else { break };
            self.bytes -= bytes(&gone);
        }
        self.newest
    }

    pub fn all(&self) -> Vec<Arc<ServerLine>> {
        self.lines.iter().cloned().collect()
    }

    /// See [`super::OwnLog::after`].
    pub fn after(&self, seq: u64, lines_max: usize, bytes_max: usize) -> Batch {
        let Some(oldest) = self.lines.front().map(|line| line.seq) else { return Batch::default() };
        let next = seq.saturating_add(1);
        let skipped = usize::try_from(next.saturating_sub(oldest)).unwrap_or(usize::MAX);
        let mut left = bytes_max;
        let mut lines = Vec::new();
        for line in self.lines.iter().skip(skipped).take(lines_max) {
            let bytes = bytes(line);
            if bytes > left && !lines.is_empty() {
                break;
            }
            left = left.saturating_sub(bytes);
            lines.push(line.clone());
        }
        Batch { missed: oldest.saturating_sub(next), lines }
    }
}

/// What a line takes, about.
fn bytes(line: &ServerLine) -> usize {
    let fields = line.fields.iter().map(|(name, value)| name.len() + value.len());
    let spans = line.spans.iter().map(String::len);
    size_of::<ServerLine>() + line.target.len() + line.message.len() + fields.chain(spans).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{ServerLogLevel, Timestamp};

    fn line(message: &str) -> ServerLine {
        ServerLine {
            seq: 0,
            at: Timestamp(0),
            level: ServerLogLevel::Info,
            target: String::new(),
            message: message.to_owned(),
            fields: Vec::new(),
            spans: Vec::new(),
        }
    }

    fn numbers(batch: &Batch) -> (u64, Vec<u64>) {
        (batch.missed, batch.lines.iter().map(|line| line.seq).collect())
    }

    #[test]
    fn a_reader_gets_what_follows_in_parts_and_hears_what_is_gone() {
        let mut ring = Ring::default();
        assert_eq!(ring.after(0, 10, 1_000), Batch::default());
        for _ in 0..LINES_MAX + 5 {
            ring.push(line("x"));
        }
        assert_eq!(numbers(&ring.after(0, 2, 100_000)), (5, vec![6, 7]));
        assert_eq!(numbers(&ring.after(7, 2, 100_000)), (0, vec![8, 9]));
        assert_eq!(numbers(&ring.after(7, 2, 1)), (0, vec![8]), "one at least");
        let newest = LINES_MAX as u64 + 5;
        assert_eq!(numbers(&ring.after(newest, 2, 100)), (0, vec![]));
        assert_eq!(numbers(&ring.after(u64::MAX, 2, 100)), (0, vec![]), "nobody was there yet");
    }

    #[test]
    fn few_long_lines_take_no_more_than_many_short_ones() {
        let mut ring = Ring::default();
        let long = "x".repeat(4_000);
        for _ in 0..LINES_MAX {
            ring.push(line(&long));
        }
        assert!(ring.bytes <= BYTES_MAX && ring.bytes > BYTES_MAX / 2, "{}", ring.bytes);
        assert_eq!(ring.bytes, ring.lines.iter().map(|line| bytes(line)).sum::<usize>());
    }
}
