//! What is known of one router between rounds: the last rows of every subject, the counters, what is missing.
//! Pure: answers and instants go in, a plan and facts come out.

use super::super::{AskError, Row};
use super::interfaces::Counters;
use super::question::{INTERFACES, Question, SLOW, Subject};
use super::{external_ip, health, interfaces, resource, routerboard, service, update, wan};
use crate::{Facts, Fresh};
use model::{Interface, Metrics, Missing};
use std::{collections::BTreeMap, time::Duration};
use tokio::time::Instant;

/// How often the slow group is asked.
const SLOW_EVERY: Duration = Duration::from_secs(300);
/// How often, while the router has better things to do.
pub const SLOW_EVERY_BUSY: Duration = Duration::from_secs(1_800);
/// Rounds never come to the second: what is due this soon is due now.
const SLACK: Duration = Duration::from_secs(5);
/// From this CPU load on we ask less.
const BUSY_PERCENT: f32 = 80.0;
/// A question under which the session broke so often in a row waits for its slow turn.
const BREAKS_MAX: u32 = 2;
/// Most rows kept of any menu but the interfaces.
const ROWS_MAX: usize = 512;
/// Most bytes kept of it: the columns that were asked for are short.
const KEPT_BYTES_MAX: usize = 64 * 1024;

/// The answer to one question, and what it cost.
pub struct Heard {
    pub question: &'static Question,
    pub result: Result<Vec<Row>, AskError>,
    pub bytes: u64,
    pub took: Duration,
}

/// Everything remembered of one router.
#[derive(Default)]
pub struct Memory {
    rows: BTreeMap<Subject, Vec<Row>>,
    missing: BTreeMap<Subject, Missing>,
    asked_at: BTreeMap<Subject, Instant>,
    /// How often in a row the session broke under the question.
    breaks: BTreeMap<Subject, u32>,
    interfaces: Vec<Interface>,
    counters: Counters,
    uptime: Option<(Instant, Duration)>,
    has_rebooted: bool,
    fresh: Fresh,
    skipped_interfaces: bool,
    cost: Cost,
}

/// What the fast group of the last round cost.
#[derive(Clone, Copy, Default)]
struct Cost {
    commands: u32,
    bytes: u64,
    took: Duration,
}

impl Memory {
    /// A new round begins.
    pub fn begin(&mut self) {
        (self.cost, self.has_rebooted, self.fresh) = (Cost::default(), false, Fresh::default());
    }

    /// What to ask after the resource has answered. A hurried round asks nothing slow.
    pub fn plan(&mut self, now: Instant, is_hurried: bool) -> Vec<&'static Question> {
        let is_busy = self.cpu_percent().is_some_and(|load| load > BUSY_PERCENT);
        self.skipped_interfaces = is_busy && !self.skipped_interfaces && !self.interfaces.is_empty();
        let every = if is_busy { SLOW_EVERY_BUSY } else { SLOW_EVERY };
        let is_due = |question: &&'static Question| match self.asked_at.get(&question.subject) {
            _ if is_hurried => false,
            Some(at) => now.saturating_duration_since(*at) + SLACK >= every,
            None => !is_busy || !self.rows.contains_key(&question.subject),
        };
        let is_poison = self.breaks.get(&Subject::Interfaces).is_some_and(|breaks| *breaks >= BREAKS_MAX);
        let is_wanted = !self.skipped_interfaces && (!is_poison || is_due(&&INTERFACES));
        let fast = is_wanted.then_some(&INTERFACES);
        if is_wanted {
            // Rates are of now or not known.
            for interface in &mut self.interfaces {
                (interface.rx_bps, interface.tx_bps) = (None, None);
            }
        }
        fast.into_iter().chain(SLOW.iter().filter(is_due)).collect()
    }

    /// Takes one answer in. A refusal costs what it asked for; silence leaves what was known.
    pub fn learn(&mut self, heard: Heard, now: Instant) {
        let subject = heard.question.subject;
        if matches!(subject, Subject::Resource | Subject::Interfaces) {
            self.cost.commands += 1;
            self.cost.bytes += heard.bytes;
            self.cost.took += heard.took;
        }
        match heard.result {
            Ok(rows) => {
                match subject {
                    Subject::Resource => self.fresh.load = true,
                    Subject::Health => self.fresh.health = true,
                    Subject::Interfaces => self.fresh.interfaces = true,
                    _ => {}
                }
                self.keep(subject, rows, now);
            }
            // It may be chance; but a question that ends every session is not asked in every round.
            Err(AskError::Disconnected(why)) => {
                let breaks = self.breaks.entry(subject).or_default();
                *breaks = breaks.saturating_add(1);
                if *breaks < BREAKS_MAX {
                    return;
                }
                self.missing.insert(subject, heard.question.missing(&why.into()));
            }
            // It had not all its time: it is asked again in the next round.
            Err(AskError::Timeout { after, .. }) if after < heard.question.patience => return,
            Err(AskError::Timeout { .. }) => {}
            Err(refusal) => {
                self.keep(subject, Vec::new(), now);
                self.missing.insert(subject, heard.question.missing(&refusal));
            }
        }
        self.asked_at.insert(subject, now);
    }

    fn keep(&mut self, subject: Subject, mut rows: Vec<Row>, now: Instant) {
        self.missing.remove(&subject);
        self.breaks.remove(&subject);
        if subject == Subject::Interfaces {
            self.interfaces = interfaces::read(&rows);
            self.counters.measure(now, &mut self.interfaces);
            return;
        }
        if subject == Subject::Resource {
            self.notice_reboot(&rows, now);
        }
        rows.truncate(ROWS_MAX);
        let mut bytes = 0;
        rows.retain(|row| {
            bytes += row.size();
            bytes <= KEPT_BYTES_MAX
        });
        self.rows.insert(subject, rows);
    }

    /// A router rebooted when its uptime went back, or is shorter than the time since we last looked.
    fn notice_reboot(&mut self, rows: &[Row], now: Instant) {
        let Some(uptime) = rows.first().and_then(resource::uptime) else { return };
        if let Some((seen_at, before)) = self.uptime {
            let elapsed = now.saturating_duration_since(seen_at);
            self.has_rebooted = uptime < before || uptime + SLACK < elapsed;
        }
        if self.has_rebooted {
            // The counters began anew, and may by now be past where they were: no delta can tell.
            self.counters.forget();
            self.asked_at.clear();
        }
        self.uptime = Some((now, uptime));
    }

    #[cfg(test)]
    pub fn kept_bytes(&self) -> usize {
        let rows: usize = self.rows.values().flatten().map(Row::size).sum();
        let interfaces: usize = self.interfaces.iter().map(interfaces::size).sum();
        // Here, in the fleet, and as the names of counters.
        rows + 3 * interfaces
    }

    fn of(&self, subject: Subject) -> &[Row] {
        self.rows.get(&subject).map_or(&[], Vec::as_slice)
    }

    fn cpu_percent(&self) -> Option<f32> {
        self.of(Subject::Resource).first().and_then(resource::cpu_percent)
    }

    /// All that is known now; `host` is how people reach the router.
    pub fn facts(&self, host: &str) -> Facts {
        let mut metrics = Metrics::default();
        resource::read(self.of(Subject::Resource), &mut metrics);
        health::read(self.of(Subject::Health), &mut metrics);
        routerboard::read(self.of(Subject::Routerboard), &mut metrics);
        routerboard::read_identity(self.of(Subject::Identity), &mut metrics);
        update::read(self.of(Subject::Update), &mut metrics);
        metrics.wan = wan::wan(
            self.of(Subject::Routes),
            self.of(Subject::Addresses),
            self.of(Subject::DhcpClients),
            &self.interfaces,
        );
        external_ip::read(self.of(Subject::Cloud), &mut metrics);
        metrics.webfig_url = service::webfig_url(self.of(Subject::Services), host);
        metrics.missing = self.missing.values().cloned().collect();
        metrics.poll_commands = Some(self.cost.commands);
        metrics.poll_bytes = Some(self.cost.bytes);
        metrics.poll_ms = u32::try_from(self.cost.took.as_millis()).ok();
        Facts {
            metrics,
            interfaces: self.interfaces.clone(),
            has_rebooted: self.has_rebooted,
            fresh: self.fresh,
            ..Facts::default()
        }
    }
}
