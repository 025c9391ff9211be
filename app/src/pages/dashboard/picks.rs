//! The devices picked for an act on several at once.

use leptos::prelude::*;
use model::DeviceId;
use std::{collections::HashSet, sync::Arc};

/// Copy it into closures.
#[derive(Clone, Copy)]
pub struct Picks {
    picked: RwSignal<HashSet<DeviceId>>,
    shown: Memo<Arc<Vec<DeviceId>>>,
    /// What is picked and in the list: nothing ever happens to a device that the filter hides.
    pub ids: Memo<Vec<DeviceId>>,
    /// Where a range begins.
    anchor: StoredValue<Option<DeviceId>>,
}

impl Picks {
    pub fn new(shown: Memo<Arc<Vec<DeviceId>>>) -> Self {
        let picked = RwSignal::new(HashSet::new());
        let ids = Memo::new(move |_| {
            picked.with(|picked: &HashSet<DeviceId>| {
                if picked.is_empty() {
                    return Vec::new();
                }
                shown.with(|shown| shown.iter().copied().filter(|id| picked.contains(id)).collect())
            })
        });
        Self { picked, shown, ids, anchor: StoredValue::new(None) }
    }

    pub fn has(self, id: DeviceId) -> bool {
        self.picked.with(|picked| picked.contains(&id))
    }

    pub fn has_all(self) -> bool {
        let shown = self.shown.with(|shown| shown.len());
        shown > 0 && self.ids.with(Vec::len) == shown
    }

    pub fn set(self, id: DeviceId, on: bool) {
        self.anchor.set_value(Some(id));
        self.set_each(&[id], on);
    }

    pub fn toggle(self, id: DeviceId) {
        self.set(id, !untrack(|| self.has(id)));
    }

    /// From the last one that was touched to this one.
    pub fn set_up_to(self, id: DeviceId, on: bool) {
        let shown = self.shown.get_untracked();
        let place = |wanted: DeviceId| shown.iter().position(|id| *id == wanted);
        let ends = self.anchor.get_value().and_then(place).zip(place(id));
        match ends {
            Some((from, to)) => self.set_each(&shown[from.min(to)..=from.max(to)], on),
            None => self.set_each(&[id], on),
        }
        self.anchor.set_value(Some(id));
    }

    pub fn set_all(self, on: bool) {
        let shown = self.shown.get_untracked();
        if on { self.set_each(&shown, true) } else { self.picked.set(HashSet::new()) }
    }

    /// It has been dealt with; the list may have gone with its page in the meantime.
    pub fn forget(self, id: DeviceId) {
        self.picked.try_update(|picked| picked.remove(&id));
    }

    fn set_each(self, ids: &[DeviceId], on: bool) {
        self.picked.update(|picked| {
            for id in ids {
                if on {
                    picked.insert(*id)
                } else {
                    picked.remove(id)
                };
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(act: impl FnOnce(Picks, RwSignal<Vec<i64>>), expected: &[i64]) {
        let owner = Owner::new();
        owner.with(|| {
            let listed = RwSignal::new(vec![1, 2, 3, 4, 5]);
            let shown =
                Memo::new(move |_| Arc::new(listed.get().into_iter().map(DeviceId).collect::<Vec<_>>()));
            let picks = Picks::new(shown);
            act(picks, listed);
            assert_eq!(picks.ids.get_untracked().iter().map(|id| id.0).collect::<Vec<_>>(), expected);
        });
    }

    #[test]
    fn a_range_goes_from_the_last_touched_to_this_one_either_way() {
        check(
            |picks, _| {
                picks.set(DeviceId(2), true);
                picks.set_up_to(DeviceId(4), true);
            },
            &[2, 3, 4],
        );
        check(
            |picks, _| {
                picks.set_all(true);
                picks.set(DeviceId(4), false);
                picks.set_up_to(DeviceId(2), false);
            },
            &[1, 5],
        );
        check(|picks, _| picks.set_up_to(DeviceId(3), true), &[3]);
    }

    #[test]
    fn what_the_filter_hides_is_not_acted_on() {
        check(
            |picks, listed| {
                picks.set_all(true);
                listed.set(vec![3, 6]);
                assert!(!picks.has_all());
            },
            &[3],
        );
    }

    #[test]
    fn what_has_been_dealt_with_is_no_longer_picked() {
        check(
            |picks, _| {
                picks.toggle(DeviceId(1));
                picks.toggle(DeviceId(2));
                picks.forget(DeviceId(1));
            },
            &[2],
        );
    }
}
