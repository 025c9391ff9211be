//! Follows every number that a rule is about, and says when it crosses the rule's limit and when it is back.
//!
//! Pure but for the devices, which are asked whether a rule is about them. What is open is known from the database;
//! how long a number has been there is counted anew after a start.

use model::{Condition, Crossing, Device, DeviceId, Rule, RuleId, Timestamp};
use std::collections::HashMap;

/// A number that was not measured for so long begins anew, in milliseconds, where its check is not slower.
const GAP_MS: i64 = 15 * 60_000;

/// One number of one device, as one rule sees it.
type Key = (RuleId, DeviceId, Box<str>);

/// Every rule that is on, and how the numbers stand.
#[derive(Default)]
pub struct Watch {
    rules: Vec<Rule>,
    standings: HashMap<Key, Standing>,
}

/// How one number stands.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Standing {
    last: Timestamp,
    /// Since when it is where it must not be.
    since: Option<Timestamp>,
    is_open: bool,
    closed: Option<Timestamp>,
}

impl Standing {
    fn is_quiet(&self) -> bool {
        self.since.is_none() && !self.is_open && self.closed.is_none()
    }
}

/// What is news about a number.
#[derive(Clone, Debug, PartialEq)]
pub enum Crossed {
    Over { rule: RuleId, device: DeviceId, at: Timestamp, crossing: Crossing },
    Back { rule: RuleId, device: DeviceId, subject: String, at: Timestamp },
}

impl Crossed {
    pub fn device(&self) -> DeviceId {
        match self {
            Crossed::Over { device, .. } | Crossed::Back { device, .. } => *device,
        }
    }

    pub fn rule(&self) -> RuleId {
        match self {
            Crossed::Over { rule, .. } | Crossed::Back { rule, .. } => *rule,
        }
    }
}

/// A number of a device.
pub struct Seen<'a> {
    pub device: DeviceId,
    pub subject: &'a str,
    pub at: Timestamp,
    pub value: f64,
}

impl Watch {
    /// These rules from now on. Standings of others are forgotten; `open` is what the database knows to be open.
    pub fn follow(&mut self, rules: Vec<Rule>, open: Vec<(RuleId, DeviceId, String)>) {
        self.rules = rules.into_iter().filter(|rule| rule.draft.enabled).collect();
        let rules = &self.rules;
        self.standings.retain(|(rule, ..), _| rules.iter().any(|known| known.id == *rule));
        for standing in self.standings.values_mut() {
            standing.is_open = false;
        }
        for (rule, device, subject) in open {
            if self.rules.iter().any(|known| known.id == rule) {
                self.standings.entry((rule, device, subject.into())).or_default().is_open = true;
            }
        }
    }

    /// Whether any rule is about this measure.
    pub fn is_about(&self, measure: model::Measure) -> bool {
        self.rules.iter().any(|rule| rule.draft.condition.measure == measure)
    }

    /// Takes one number in. `device` is nothing when it was removed.
    pub fn see(&mut self, measure: model::Measure, seen: &Seen<'_>, device: Option<&Device>) -> Vec<Crossed> {
        let Some(device) = device else { return Vec::new() };
        let Self { rules, standings } = self;
        let is_about = |rule: &&Rule| {
            let Condition { measure: of, subject, .. } = &rule.draft.condition;
            *of == measure
                && subject.as_deref().is_none_or(|subject| subject == seen.subject)
                && rule.draft.scope.holds(device)
        };
        // What is asked seldom is measured seldom.
        let slowest_s = device.checks.iter().map(|check| check.interval_s).max().unwrap_or(0);
        let gap_ms = GAP_MS.max(3_000 * i64::from(slowest_s));
        let mut news = Vec::new();
        for rule in rules.iter().filter(is_about) {
            let key: Key = (rule.id, seen.device, seen.subject.into());
            let standing = standings.get(&key).copied().unwrap_or_default();
            let (next, crossed) = step(rule, standing, seen, (measure, gap_ms));
            // Most numbers are where they may be, and take no room.
            if next.is_quiet() {
                standings.remove(&key);
            } else {
                standings.insert(key, next);
            }
            news.extend(crossed);
        }
        news
    }
}

/// The standing after a number, and what is news about it.
fn step(
    rule: &Rule,
    standing: Standing,
    seen: &Seen<'_>,
    (measure, gap_ms): (model::Measure, i64),
) -> (Standing, Option<Crossed>) {
    let (draft, condition) = (&rule.draft, &rule.draft.condition);
    let is_beyond = condition.side.holds(seen.value, condition.limit);
    let is_stale = seen.at.0.abs_diff(standing.last.0) > gap_ms.unsigned_abs();
    let since = if is_beyond { standing.since.filter(|_| !is_stale).or(Some(seen.at)) } else { None };
    let mut next = Standing { last: seen.at, since, ..standing };
    if standing.is_open {
        let is_back = !condition.side.holds(seen.value, condition.clear.unwrap_or(condition.limit));
        if !is_back {
            return (next, None);
        }
        (next.is_open, next.closed) = (false, Some(seen.at));
        let subject = seen.subject.to_owned();
        return (next, Some(Crossed::Back { rule: rule.id, device: seen.device, subject, at: seen.at }));
    }
    let Some(since) = since else { return (next, None) };
    let lasted_ms = seen.at.since_ms(since);
    let rests = |closed: Timestamp| seen.at.since_ms(closed) < i64::from(draft.cool_down_s) * 1_000;
    if lasted_ms < i64::from(draft.for_s) * 1_000 || standing.closed.is_some_and(rests) {
        return (next, None);
    }
    next.is_open = true;
    let crossing = Crossing {
        rule: draft.name.clone(),
        measure,
        subject: seen.subject.to_owned(),
        side: condition.side,
        limit: condition.limit,
        value: seen.value,
        for_s: u32::try_from(lasted_ms / 1_000).unwrap_or(u32::MAX),
        since,
    };
    (next, Some(Crossed::Over { rule: rule.id, device: seen.device, at: since, crossing }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{DeviceKind, Measure, RuleDraft, RuleScope, Severity, Side};

    fn device() -> Device {
        Device {
            id: DeviceId(1),
            name: "edge".to_owned(),
            kind: DeviceKind::Router,
            address: "192.0.2.1".to_owned(),
            description: None,
            location: Some("Bekasi".to_owned()),
            vendor: None,
            model: None,
            parent: None,
            tags: vec!["core".to_owned()],
            enabled: true,
            sla_target: None,
            checks: Vec::new(),
            routeros: None,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
        }
    }

    fn rule(clear: Option<f64>, scope: RuleScope) -> Rule {
        let condition =
            Condition { measure: Measure::CpuLoad, subject: None, side: Side::Above, limit: 90.0, clear };
        let draft = RuleDraft {
            name: "busy".to_owned(),
            enabled: true,
            severity: Severity::Warning,
            condition,
            scope,
            for_s: 60,
            cool_down_s: 120,
        };
        Rule { id: RuleId(7), draft }
    }

    /// Numbers half a minute apart; `O` where one is over, `B` where it is back.
    fn check(rule: Rule, numbers: &[f64], expected: &str) {
        let mut watch = Watch::default();
        watch.follow(vec![rule], Vec::new());
        let (device, mut drawn) = (device(), String::new());
        for (place, value) in numbers.iter().enumerate() {
            let at = Timestamp(1_000_000 + i64::try_from(place).unwrap() * 30_000);
            let seen = Seen { device: device.id, subject: "", at, value: *value };
            let news = watch.see(Measure::CpuLoad, &seen, Some(&device));
            drawn.push(match news.as_slice() {
                [] => '.',
                [Crossed::Over { .. }] => 'O',
                [Crossed::Back { .. }] => 'B',
                _ => '?',
            });
        }
        assert_eq!(drawn, expected);
    }

    #[test]
    fn a_number_is_told_once_it_was_over_for_long_enough_and_once_it_is_back() {
        check(rule(None, RuleScope::default()), &[95.0, 96.0, 97.0, 98.0, 89.0, 88.0], "..O.B.");
        check(rule(None, RuleScope::default()), &[95.0, 80.0, 95.0, 80.0, 95.0, 80.0], "......");
    }

    #[test]
    fn it_is_back_only_at_the_lower_limit_where_there_is_one() {
        check(rule(Some(80.0), RuleScope::default()), &[95.0, 95.0, 95.0, 85.0, 92.0, 79.0], "..O..B");
    }

    #[test]
    fn it_rests_after_it_was_told() {
        let numbers = [95.0, 95.0, 95.0, 10.0, 95.0, 95.0, 95.0, 95.0, 95.0];
        check(rule(None, RuleScope::default()), &numbers, "..OB...O.");
    }

    #[test]
    fn a_rule_is_about_the_devices_it_names_and_no_others() {
        let over = [95.0, 95.0, 95.0];
        let of = |tags: &[&str], sites: &[&str], kinds: &[DeviceKind]| RuleScope {
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            sites: sites.iter().map(|site| (*site).to_owned()).collect(),
            kinds: kinds.to_vec(),
            devices: Vec::new(),
        };
        check(rule(None, of(&["core", "edge"], &["Bekasi"], &[DeviceKind::Router])), &over, "..O");
        check(rule(None, of(&["edge"], &[], &[])), &over, "...");
        check(rule(None, of(&[], &[], &[DeviceKind::Switch])), &over, "...");
    }

    #[test]
    fn what_was_open_before_a_start_is_not_told_again_and_its_end_is() {
        let mut watch = Watch::default();
        watch.follow(vec![rule(None, RuleScope::default())], vec![(RuleId(7), DeviceId(1), String::new())]);
        let device = device();
        let mut see = |second: i64, value| {
            let seen = Seen { device: device.id, subject: "", at: Timestamp(second * 1_000), value };
            watch.see(Measure::CpuLoad, &seen, Some(&device))
        };
        assert!(see(1_000, 99.0).is_empty() && see(1_100, 99.0).is_empty());
        assert!(matches!(see(1_130, 10.0)[..], [Crossed::Back { .. }]));
    }
}
