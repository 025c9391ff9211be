//! The program in numbers, as it is now. No name of a device is among them: they are without bound.

use super::{Program, Viewer};
use crate::{journal::WriteTimes, machine::Usage};
use engine::{Judgement, LatenessCounts, WorkerReport, log::syslog::Fate};
use model::{CheckKind, Counts, Timestamp};

/// What `/metrics` is made of.
#[derive(Clone, Debug)]
pub struct Metrics {
    pub devices: Counts,
    pub judged: Vec<(CheckKind, Judgement, u64)>,
    pub lateness: LatenessCounts,
    /// Lines that were sent by syslog.
    pub sent_lines: [(Fate, u64); 4],
    pub sockets: usize,
    pub sessions: usize,
    /// What waits for the journal, and for the schedule.
    pub outcomes_waiting: usize,
    pub commands_waiting: usize,
    pub writes: WriteTimes,
    pub unrecorded_since: Option<Timestamp>,
    pub cut_off_since: Option<Timestamp>,
    pub workers: Vec<WorkerReport>,
    /// Room in the data folder; absent when the system does not tell.
    pub free_bytes: Option<u64>,
    pub usage: Usage,
    pub started_at: Timestamp,
}

impl Viewer {
    pub fn metrics(&self) -> Metrics {
        self.program.metrics()
    }
}

impl Program {
    fn metrics(&self) -> Metrics {
        let outcomes = self.vitals.outcomes.upgrade();
        Metrics {
            devices: self.fleet.counts(),
            judged: self.engine.judged(),
            lateness: self.engine.lateness_counts(),
            sent_lines: Fate::ALL.map(|fate| (fate, self.logs.counts().of(fate))),
            sockets: self.seats.taken(),
            sessions: self.accounts.sessions().count(),
            outcomes_waiting: outcomes.map_or(0, |outcomes| outcomes.max_capacity() - outcomes.capacity()),
            commands_waiting: self.engine.commands_waiting(),
            writes: self.vitals.stopwatch.times(),
            unrecorded_since: self.fleet.unrecorded_since(),
            cut_off_since: self.fleet.cut_off_since(),
            workers: self.reports(),
            free_bytes: (self.vitals.free_bytes)().ok(),
            usage: Usage::now(),
            started_at: self.vitals.started_at,
        }
    }
}
