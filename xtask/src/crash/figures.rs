//! What the kills came to.

use std::fmt;
use std::time::Duration;

use super::client::Writer;

pub struct Figures {
    database: &'static str,
    kills: u32,
    accepted: u64,
    unanswered: u64,
    starts: Vec<Duration>,
}

impl Figures {
    pub fn new(database: &'static str) -> Self {
        Self { database, kills: 0, accepted: 0, unanswered: 0, starts: Vec::new() }
    }

    pub fn killed(&mut self) {
        self.kills += 1;
    }

    pub fn started(&mut self, took: Duration) {
        self.starts.push(took);
    }

    pub fn count(&mut self, writers: &[Writer]) {
        self.accepted = writers.iter().map(|writer| writer.accepted).sum();
        self.unanswered = writers.iter().map(|writer| writer.unanswered).sum();
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut starts = self.starts.clone();
        starts.sort();
        let seconds = |index: usize| starts.get(index).map_or(0.0, Duration::as_secs_f64);
        let (middle, longest) = (seconds(starts.len() / 2), seconds(starts.len().saturating_sub(1)));
        write!(
            formatter,
            "{}: {} kills, {} changes accepted and none lost, {} left unanswered; \
             starts took {middle:.2} s in the middle and {longest:.2} s at most",
            self.database, self.kills, self.accepted, self.unanswered,
        )
    }
}
