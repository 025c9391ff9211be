//! What the one open device tells beyond its row: its facts, and its rate second by second.

use leptos::prelude::*;
use model::*;

/// How many seconds of rates are kept and drawn.
pub const RATES_MAX: usize = 60;

/// What came in and went out in one second; `None` while nothing came.
pub type RatePoint = (Option<u64>, Option<u64>);

/// Copy it into closures.
#[derive(Clone, Copy)]
pub struct Watched {
    /// Which device's page is open.
    pub id: RwSignal<Option<DeviceId>>,
    pub facts: RwSignal<Option<(DeviceId, Metrics, Vec<Interface>)>>,
    pub rates: RwSignal<Vec<RatePoint>>,
    last_rate_at: StoredValue<Timestamp>,
}

impl Watched {
    pub fn new() -> Self {
        Self {
            id: RwSignal::new(None),
            facts: RwSignal::new(None),
            rates: RwSignal::new(Vec::new()),
            last_rate_at: StoredValue::new(Timestamp::default()),
        }
    }

    /// Watches one device from now on, or none.
    pub fn set(self, id: Option<DeviceId>) {
        if self.id.get_untracked() != id {
            self.rates.set(Vec::new());
            self.last_rate_at.set_value(Timestamp::default());
            self.id.set(id);
        }
    }

    pub(super) fn take_facts(self, id: DeviceId, metrics: Metrics, interfaces: Vec<Interface>) {
        if self.id.get_untracked() == Some(id) {
            self.facts.set(Some((id, metrics, interfaces)));
        }
    }

    /// Seconds that were missed stay empty, so that a gap is seen as a gap.
    pub(super) fn take_rate(self, id: DeviceId, rate: (u64, u64), at: Timestamp) {
        if self.id.get_untracked() != Some(id) {
            return;
        }
        let last = self.last_rate_at.get_value();
        self.last_rate_at.set_value(at);
        let missed = if last == Timestamp::default() { 0 } else { (at.since_ms(last) + 300) / 1000 - 1 };
        let missed = usize::try_from(missed).unwrap_or(0).min(RATES_MAX);
        self.rates.update(|rates| {
            rates.extend(std::iter::repeat_n((None, None), missed));
            rates.push((Some(rate.0), Some(rate.1)));
            let surplus = rates.len().saturating_sub(RATES_MAX);
            rates.drain(..surplus);
        });
    }
}
