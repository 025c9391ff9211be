//! Looks now and then at what no sample says: what rules miss, what lasts for too long, what is measured no more; and
//! reads what numbers usually are.

use super::{Step, chunk, recorder::Recorder, rollup::STEPS_S};
use crate::{
    alerts::{FIVES_MS, HOURS_MS, Number, Watched},
    store::{Result, SeriesId},
};
use model::{DeviceId, IncidentKind, Measure, Rule, State, Timestamp};
use std::collections::HashMap;

/// Between two looks, in milliseconds.
const EVERY_MS: i64 = 15_000;
/// Numbers whose past is read in one go; a second later come others.
const READ_MAX: usize = 8;
/// What ended so long before a start is not missed after it, in milliseconds: it was told, or is an interface of old.
const ENDED_MS_MAX: i64 = 7 * 24 * 3_600_000;

/// What was looked at.
#[derive(Default)]
pub(super) struct Looks {
    at: Option<Timestamp>,
    /// How often the devices were there.
    rounds: u32,
    /// Numbers that ended before what is in memory, and may be missed; their past is still to be read.
    silent: Vec<(SeriesId, Number)>,
    /// As of which change of the rules.
    rules: u64,
    /// Whether a rule tells of trouble for as long as it lasts.
    lasts: bool,
    /// Whether a rule tells of updates.
    is_about_updates: bool,
    /// The updates that were looked at.
    updates: HashMap<DeviceId, String>,
}

impl Looks {
    /// These rules from now on.
    pub fn follow(&mut self, rules: &[Rule]) {
        let any = |is: fn(&Rule) -> bool| rules.iter().any(|rule| rule.draft.enabled && is(rule));
        self.lasts = any(|rule| rule.draft.about.event().is_some_and(|event| event.lasts()));
        self.is_about_updates =
            any(|rule| rule.draft.about.event().is_some_and(|event| event.state == IncidentKind::Update));
        self.updates.clear();
    }

    /// Now and then, and at once when the rules are others: what they are about may be so already.
    fn is_due(&mut self, now: Timestamp, rules: u64) -> bool {
        let is_time = self.at.is_none_or(|at| now.0.abs_diff(at.0) >= EVERY_MS.unsigned_abs());
        let is_due = is_time || self.rules != rules;
        if is_due {
            (self.at, self.rules) = (Some(now), rules);
        }
        is_due
    }
}

impl Recorder {
    /// Looks where it is time to. Part of tidying: nothing that is measured waits for it for long.
    pub(super) async fn look(&self) -> Result<()> {
        self.read_usual().await?;
        self.expect_silent().await?;
        let now = self.clock.now();
        if !self.looks.lock().is_due(now, self.rules_number()) {
            return Ok(());
        }
        let recording = self.begin().await?;
        let rules = self.follow(&recording).await?;
        self.expect(now);
        let news = self.watch.lock().look(now, |id| self.watched_device(id));
        let (lasts, updates) = self.late();
        let mut has_news = recording.incidents(&[], &news, now).await?;
        if lasts || !updates.is_empty() {
            has_news |= recording.late_incidents(&updates, now).await?;
        }
        recording.commit().await?;
        self.looks.lock().updates.extend(updates);
        if !news.is_empty() || has_news {
            self.store.alerts_changed();
        }
        if has_news {
            self.bell.notify_one();
        }
        *self.watched.lock() = Some(rules);
        Ok(())
    }

    /// Misses what was measured before the start, once. With the second look, for with the first the devices may still
    /// be coming in.
    fn expect(&self, now: Timestamp) {
        let mut looks = self.looks.lock();
        if looks.rounds > 1 || self.fleet.devices().is_empty() {
            return;
        }
        looks.rounds += 1;
        if looks.rounds == 2 {
            let mut watch = self.watch.lock();
            let desk = self.desk.lock();
            let known = desk.last_numbers(|measure| watch.misses(measure));
            looks.silent = desk.silent(|measure| watch.misses(measure));
            watch.expect(known, now);
        }
    }

    /// The same of what ended earlier: it is in chunks, and each is a question of its own.
    async fn expect_silent(&self) -> Result<()> {
        for _ in 0..READ_MAX {
            let next = self.looks.lock().silent.last().cloned();
            let Some((series, number)) = next else { break };
            let last = self.last_folded(series, number.1).await?;
            self.looks.lock().silent.pop();
            let now = self.clock.now();
            if let Some((at, value)) = last
                && now.since_ms(at) < ENDED_MS_MAX
            {
                self.watch.lock().expect(vec![(number, value)], now);
            }
        }
        Ok(())
    }

    /// The last number of a series' last chunk, and when that was.
    async fn last_folded(&self, series: SeriesId, measure: Measure) -> Result<Option<(Timestamp, f64)>> {
        let rows = self.store.samples().last_chunks(series, 1).await?;
        let points = rows.first().and_then(|row| chunk::read(row).ok()).unwrap_or_default();
        let numbers = points
            .iter()
            .filter_map(|point| Some((chunk::timestamp(point.at), measure.read(point.value).number()?)));
        Ok(numbers.max_by_key(|(at, _)| *at))
    }

    fn watched_device(&self, id: DeviceId) -> Option<Watched> {
        let device = self.fleet.device(id)?;
        let state = self.fleet.row(id).map_or(State::Unknown, |row| row.live.state);
        Some(Watched { device, state })
    }

    /// Whether something may last for too long, and the updates that were not looked at yet.
    fn late(&self) -> (bool, Vec<(DeviceId, String)>) {
        let looks = self.looks.lock();
        if !looks.is_about_updates {
            return (looks.lasts, Vec::new());
        }
        let devices = self.fleet.devices();
        let update = |id: DeviceId| {
            let version = self.fleet.facts(id)?.metrics.update_available.clone()?;
            (looks.updates.get(&id) != Some(&version)).then_some((id, version))
        };
        (looks.lasts, devices.iter().filter_map(|device| update(device.id)).collect())
    }

    /// Reads what some numbers usually are, of those of which it is not known yet.
    async fn read_usual(&self) -> Result<()> {
        let unread = self.watch.lock().unread(READ_MAX);
        for number in unread {
            let (hours, fives) = self.usual(&number).await?;
            self.watch.lock().read(&number, &hours, &fives);
        }
        Ok(())
    }

    async fn usual(&self, number: &Number) -> Result<(Means, Means)> {
        let (device, measure, subject) = number;
        let found = self
            .series(*device)
            .into_iter()
            .find(|(_, key)| key.measure == *measure && key.subject == *subject);
        let Some(series) = found else { return Ok((Vec::new(), Vec::new())) };
        let now = self.clock.now();
        let since = |ms: i64| (Timestamp(now.0.saturating_sub(ms)), now);
        let [five_s, hour_s] = STEPS_S;
        let series = std::slice::from_ref(&series);
        let hours = self.steps(series, hour_s, since(HOURS_MS)).await?.concat();
        let fives = self.steps(series, five_s, since(FIVES_MS)).await?.concat();
        Ok((means(&hours), means(&fives)))
    }
}

/// The means of some steps, and when these began.
pub type Means = Vec<(Timestamp, f64)>;

/// Of those steps that say a number.
pub fn means(steps: &[Step]) -> Means {
    steps.iter().filter_map(|step| Some((step.at, step.numbers?.mean))).collect()
}
