//! Devices at one address that go down together are one incident, which lasts until the last of them is back.
//!
//! Pure, as `deeds` is.

use model::{DeviceId, IncidentId, QuietId, RuleId, Severity, Timestamp};
use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
};

/// Who goes down within so long after another at the same address goes down together with it, in milliseconds.
pub const TOGETHER_MS: i64 = 2 * 60_000;

/// An open outage of one device, or of several at one address.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Nothing for one that an earlier deed opens.
    pub incident: Option<IncidentId>,
    /// Whose outage it began with; nothing when it was removed.
    pub head: Option<DeviceId>,
    pub name: String,
    pub address: String,
    pub opened_at: Timestamp,
    /// When the last one joined it.
    pub last: Timestamp,
    pub down: HashSet<DeviceId>,
    /// Those that are back too.
    pub ever: HashSet<DeviceId>,
    /// By which rule it is told, and how severe it is; nothing where that is not known any more.
    pub rule: Option<(RuleId, Severity)>,
    /// The window that keeps it quiet, if any does.
    pub quiet: Option<QuietId>,
    /// Its message went out already: who joins it now would be in none.
    pub is_told: bool,
}

/// How a device is told of: what is told in another way is another outage, lest one hides the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Way {
    pub rule: (RuleId, Severity),
    pub quiet: Option<QuietId>,
}

/// Every open outage that there is something to say about.
#[derive(Default)]
pub struct Groups {
    all: Vec<Group>,
    /// In which each device is down.
    of: HashMap<DeviceId, usize>,
}

/// Whether two devices at this address are on one host: of this machine that is so, and says nothing.
pub fn is_shareable(address: &str) -> bool {
    match address.parse::<IpAddr>() {
        Ok(ip) => !ip.is_loopback(),
        Err(_) => !address.eq_ignore_ascii_case("localhost"),
    }
}

impl Groups {
    pub fn new(groups: Vec<Group>) -> Self {
        let mut all = Self::default();
        groups.into_iter().for_each(|group| all.add(group));
        all
    }

    /// One that begins now.
    pub fn add(&mut self, group: Group) {
        let place = self.all.len();
        self.of.extend(group.down.iter().map(|device| (*device, place)));
        self.all.push(group);
    }

    pub fn holds(&self, device: DeviceId) -> bool {
        self.of.contains_key(&device)
    }

    /// The outage that the device is a part of.
    pub fn of(&self, device: DeviceId) -> Option<&Group> {
        self.of.get(&device).and_then(|place| self.all.get(*place))
    }

    /// The open outage at `address` that a device joins which goes down `at`, where both are told in the same `way` and it
    /// is not told of yet; the device is in it from then on. What was in it once comes back to it whenever that is.
    pub fn join(&mut self, device: DeviceId, address: &str, at: Timestamp, way: Way) -> Option<Group> {
        if !is_shareable(address) {
            return None;
        }
        let is_it = |group: &Group| {
            let is_near = at.0.abs_diff(group.last.0) <= TOGETHER_MS.unsigned_abs();
            let is_like = group.rule == Some(way.rule) && group.quiet == way.quiet && !group.is_told;
            let is_its = group.ever.contains(&device) || (is_near && is_like);
            !group.down.is_empty() && group.address == address && is_its
        };
        let place = self.all.iter().position(is_it)?;
        let group = self.all.get_mut(place)?;
        let before = group.clone();
        group.last = group.last.max(at);
        group.down.insert(device);
        group.ever.insert(device);
        self.of.insert(device, place);
        Some(before)
    }

    /// The device is not down any more; what it was a part of, as it is now.
    pub fn leave(&mut self, device: DeviceId) -> Option<Group> {
        let place = self.of.remove(&device)?;
        let group = self.all.get_mut(place)?;
        group.down.remove(&device);
        Some(group.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_of_this_machine_is_no_host_that_is_shared() {
        for (address, expected) in [
            ("192.0.2.1", true),
            ("edge.example", true),
            ("2001:db8::1", true),
            ("127.0.3.1", false),
            ("::1", false),
            ("localhost", false),
        ] {
            assert_eq!(is_shareable(address), expected, "{address}");
        }
    }

    const RULE: (RuleId, Severity) = (RuleId(1), Severity::Critical);
    const WAY: Way = Way { rule: RULE, quiet: None };

    #[test]
    fn who_goes_down_joins_only_what_is_told_in_the_same_way_and_not_yet() {
        let rule = Some(RULE);
        for (rule, is_told, device, expected) in [
            (rule, false, 2, true),
            (rule, true, 2, false),
            (Some((RuleId(2), Severity::Critical)), false, 2, false),
            (Some((RuleId(1), Severity::Info)), false, 2, false),
            (None, false, 2, false),
            // It was a part of it.
            (None, true, 3, true),
        ] {
            let (down, ever) = ([1].map(DeviceId).into(), [1, 3].map(DeviceId).into());
            let address = "192.0.2.1".to_owned();
            let mut groups =
                Groups::new(vec![Group { address, down, ever, rule, is_told, ..Group::default() }]);
            let joined = groups.join(DeviceId(device), "192.0.2.1", Timestamp(0), WAY);
            assert_eq!(joined.is_some(), expected, "{rule:?} {is_told} {device}");
            let quiet = Way { quiet: Some(QuietId(1)), ..WAY };
            let joined = groups.join(DeviceId(4), "192.0.2.1", Timestamp(0), quiet);
            assert!(joined.is_none(), "a window is about it, and not about the others");
        }
    }

    /// A device goes down or comes back, so many seconds later.
    fn steps() -> impl Strategy<Value = Vec<(i64, bool, i64)>> {
        prop::collection::vec((0i64..5, any::<bool>(), 0i64..300), 1..40)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn every_device_is_in_one_outage_while_it_is_down_and_each_ends_with_its_last(steps in steps()) {
            let (mut groups, mut down, mut now) = (Groups::default(), HashSet::new(), 0);
            for (id, goes_down, seconds) in steps {
                let device = DeviceId(id);
                now += seconds * 1_000;
                let at = Timestamp(now);
                if goes_down && down.insert(device) {
                    if groups.join(device, "192.0.2.1", at, WAY).is_none() {
                        let only = HashSet::from([device]);
                        groups.add(Group {
                            head: Some(device), address: "192.0.2.1".into(), opened_at: at, last: at,
                            down: only.clone(), ever: only, rule: Some(RULE), ..Group::default()
                        });
                    }
                } else if !goes_down && down.remove(&device) {
                    let left = groups.leave(device).expect("it was in one");
                    prop_assert!(left.down.is_subset(&down));
                }
                for id in 0..5 {
                    prop_assert_eq!(groups.holds(DeviceId(id)), down.contains(&DeviceId(id)));
                }
                let open: usize = groups.all.iter().map(|group| group.down.len()).sum();
                prop_assert_eq!(open, down.len());
            }
        }
    }
}
