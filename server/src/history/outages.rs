//! When a device was out, from the transitions of its state.
//!
//! An outage begins at a transition to `down` and ends at the first to `up` or `degraded`, or to `paused`. It goes on
//! while the monitor cannot tell: what may have happened meanwhile is never made up.

use super::availability::{History, Span};
use model::{State, Timestamp};

/// From the first failed try to the first success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    /// May lie before the period that was asked for.
    pub start: Timestamp,
    /// None while it goes on; may lie after the period that was asked for.
    pub end: Option<Timestamp>,
    /// The first that was told.
    pub cause: Option<String>,
    /// How long it was seen down within the period and outside of maintenance, in milliseconds.
    pub down_ms: u64,
}

/// The outages that lasted for some part of `period`, oldest first. Their `down_ms` add up to that of the
/// availability of the same period.
pub fn outages(history: &History<'_>, period: Span) -> Vec<Outage> {
    let period = history.lived(period);
    let mut observed = history.observed(period);
    let mut told = Vec::new();
    let mut current: Option<Outage> = None;
    for (transition, stay) in history.stays() {
        match transition.to {
            State::Down => {
                let outage = current.get_or_insert_with(|| Outage::starting(stay.from));
                if outage.cause.is_none() {
                    outage.cause.clone_from(&transition.cause);
                }
                outage.down_ms += observed.ms_within(stay.clipped(period));
            }
            State::Up | State::Degraded | State::Paused => {
                let ended = current.take().map(|outage| Outage { end: Some(stay.from), ..outage });
                told.extend(ended.filter(|outage| outage.overlaps(period)));
            }
            State::Unknown => {}
        }
    }
    told.extend(current.filter(|outage| outage.overlaps(period)));
    told
}

impl Outage {
    fn starting(start: Timestamp) -> Outage {
        Outage { start, end: None, cause: None, down_ms: 0 }
    }

    fn overlaps(&self, period: Span) -> bool {
        let to = self.end.unwrap_or(Timestamp(i64::MAX));
        !Span { from: self.start, to }.clipped(period).is_empty()
    }
}
