//! Follows every number that a rule is about, and says when it crosses the rule's limit and when it is back.
//!
//! Pure but for the devices, which are asked whether a rule is about them. What is open is known from the database;
//! how long a number has been there is counted anew after a start.

use super::{
    judge::{Seen, Standing, Verdict},
    usual::Usual,
};
use model::{
    Condition, Crossing, Device, DeviceId, Measure, Rule, RuleDraft, RuleId, Side, State, Timestamp,
};
use std::{collections::HashMap, sync::Arc};

mod rhythm;
#[cfg(test)]
mod tests;

pub use rhythm::{gap_ms, round_s};

/// Most numbers of which is remembered how they stand. Of more, those that are where they may be are still judged.
const STANDINGS_MAX: usize = 200_000;
/// Most numbers of which is known what they usually are, about a kilobyte each.
const USUALS_MAX: usize = 16_384;

/// One number of one device, as one rule sees it.
type Key = (RuleId, DeviceId, Box<str>);
/// One number of one device.
pub type Number = (DeviceId, Measure, Box<str>);

/// Every rule that is on, and how the numbers stand.
#[derive(Default)]
pub struct Watch {
    rules: Vec<Rule>,
    standings: HashMap<Key, Standing>,
    usuals: HashMap<Number, Known>,
}

/// What a number usually is, once that was read from the rollups.
#[derive(Default)]
struct Known {
    usual: Usual,
    is_read: bool,
}

/// What is news about a number.
#[derive(Clone, Debug, PartialEq)]
pub enum Crossed {
    Over {
        rule: RuleId,
        device: DeviceId,
        at: Timestamp,
        crossing: Crossing,
    },
    Back {
        rule: RuleId,
        device: DeviceId,
        subject: String,
        at: Timestamp,
    },
    /// It is measured no more, or the rule is not about it any more.
    Gone {
        rule: RuleId,
        device: DeviceId,
        subject: String,
    },
}

impl Crossed {
    pub fn device(&self) -> DeviceId {
        match self {
            Crossed::Over { device, .. } | Crossed::Back { device, .. } | Crossed::Gone { device, .. } => {
                *device
            }
        }
    }

    pub fn rule(&self) -> RuleId {
        match self {
            Crossed::Over { rule, .. } | Crossed::Back { rule, .. } | Crossed::Gone { rule, .. } => *rule,
        }
    }
}

/// A number of a device.
pub struct Measured<'a> {
    pub device: DeviceId,
    pub measure: Measure,
    pub subject: &'a str,
    pub at: Timestamp,
    pub value: f64,
}

/// How a device is, and when.
pub struct Watched {
    pub device: Arc<Device>,
    pub state: State,
}

impl Watch {
    /// These rules from now on. Standings of others, and of those that changed, are forgotten; `open` is what the
    /// database knows to be open.
    pub fn follow(&mut self, rules: Vec<Rule>, open: Vec<(RuleId, DeviceId, String)>, now: Timestamp) {
        let before = std::mem::take(&mut self.rules);
        let is_number = |rule: &Rule| rule.draft.enabled && rule.draft.about.number().is_some();
        self.rules = rules.into_iter().filter(is_number).collect();
        let rules = &self.rules;
        let is_same = |id: RuleId| {
            let of = |all: &[Rule]| all.iter().position(|rule| rule.id == id);
            of(&before).and_then(|place| before.get(place)) == of(rules).and_then(|place| rules.get(place))
        };
        let kept: HashMap<RuleId, bool> = rules.iter().map(|rule| (rule.id, is_same(rule.id))).collect();
        self.standings.retain(|(rule, ..), _| kept.get(rule).copied().unwrap_or(false));
        for standing in self.standings.values_mut() {
            standing.is_open = false;
        }
        for (rule, device, subject) in open {
            if kept.contains_key(&rule) {
                let key = (rule, device, subject.into());
                self.standings.entry(key).or_insert_with(|| Standing::open(now)).is_open = true;
            }
        }
        let wanted: Vec<Condition> = conditions(&self.rules).cloned().collect();
        self.usuals.retain(|(_, measure, subject), _| {
            wanted.iter().any(|condition| condition.wants_usual() && condition.is_about(*measure, subject))
        });
    }

    /// Whether any rule is about this measure.
    pub fn is_about(&self, measure: Measure) -> bool {
        conditions(&self.rules).any(|condition| condition.measure == measure)
    }

    /// Whether a rule misses this measure where it is not there.
    pub fn misses(&self, measure: Measure) -> bool {
        conditions(&self.rules)
            .any(|condition| condition.side == Side::Missing && condition.measure == measure)
    }

    /// Numbers that were measured before a start, and what they were: they are missed from `now` on, unless they are
    /// measured again.
    pub fn expect(&mut self, known: Vec<(Number, f64)>, now: Timestamp) {
        for ((device, measure, subject), value) in known {
            for rule in &self.rules {
                let is_about = |condition: &&Condition| condition.is_about(measure, &subject);
                let condition = rule.draft.about.number().filter(is_about);
                let is_missed = condition.is_some_and(|condition| condition.side == Side::Missing);
                if is_missed && self.standings.len() < STANDINGS_MAX {
                    let standing = Standing::missed(now, value);
                    self.standings.entry((rule.id, device, subject.clone())).or_insert(standing);
                }
            }
        }
    }

    /// Takes one number in. `device` is nothing when it was removed.
    pub fn see(&mut self, measured: &Measured<'_>, device: Option<&Device>) -> Vec<Crossed> {
        let Some(device) = device else { return Vec::new() };
        let Self { rules, standings, usuals } = self;
        let Measured { measure, subject, at, value, .. } = *measured;
        let seen = Seen { at, value, gap_ms: gap_ms(measure, device) };
        let mut known = None;
        let mut news = Vec::new();
        for (rule, condition) in about(rules, measure, subject, device) {
            if condition.wants_usual() && known.is_none() {
                known = usual(usuals, (device.id, measure, subject));
            }
            let key: Key = (rule.id, device.id, subject.into());
            let mut standing = standings.get(&key).copied().unwrap_or_default();
            let usual = known.as_deref().filter(|known| known.is_read).map(|known| &known.usual);
            let verdict = standing.see((&rule.draft, condition), usual, seen);
            // Most numbers are where they may be, and take no room.
            if standing.is_quiet() && condition.side != Side::Missing {
                standings.remove(&key);
            } else if standing.is_open || standings.len() < STANDINGS_MAX || standings.contains_key(&key) {
                standings.insert(key, standing);
            }
            news.extend(verdict.map(|verdict| crossed(rule, condition, (device.id, subject), verdict)));
        }
        if let Some(known) = known {
            known.usual.see(at, value);
        }
        news
    }

    /// Looks at what is not measured: what a rule misses, and what will never come back. `of` knows the devices.
    pub fn look(&mut self, now: Timestamp, of: impl Fn(DeviceId) -> Option<Watched>) -> Vec<Crossed> {
        let Self { rules, standings, usuals } = self;
        let mut news = Vec::new();
        // A device has many numbers, and is asked for once.
        let mut asked = HashMap::<DeviceId, Option<Watched>>::new();
        standings.retain(|(id, device, subject), standing| {
            let rule = rules.iter().find(|rule| rule.id == *id);
            let Some((rule, condition)) = rule.and_then(|rule| Some((rule, rule.draft.about.number()?)))
            else {
                return false;
            };
            // What ends with the device itself is ended by whoever removes it. During a start the devices come only now,
            // and what is open of them is not to be forgotten.
            let watched = asked.entry(*device).or_insert_with(|| of(*device));
            let Some(watched) = watched.as_ref() else { return standing.is_open };
            let is_silent = standing.silent_ms(now) > gap_ms(condition.measure, &watched.device);
            let is_lost = watched.state == State::Up && is_silent && condition.side != Side::Missing;
            if !rule.draft.scope.holds(&watched.device) || (standing.is_open && is_lost) {
                if standing.is_open {
                    let subject = subject.to_string();
                    news.push(Crossed::Gone { rule: rule.id, device: *device, subject });
                }
                return false;
            }
            if condition.side == Side::Missing {
                // Of what is down nothing is measured, and it was told.
                if matches!(watched.state, State::Up | State::Degraded) {
                    let verdict =
                        standing.miss(&rule.draft, now, round_s(condition.measure, &watched.device));
                    let over = |verdict| crossed(rule, condition, (*device, subject), verdict);
                    news.extend(verdict.map(over));
                } else if !standing.is_open {
                    standing.last = Some(now);
                }
                return true;
            }
            // Of what is not up nothing may be measured: it is waited for anew once it is back.
            if standing.is_open && watched.state != State::Up {
                standing.last = Some(now);
            }
            standing.rest(&rule.draft, now);
            standing.is_open || (!standing.is_quiet() && !is_silent)
        });
        usuals.retain(|(device, ..), _| asked.entry(*device).or_insert_with(|| of(*device)).is_some());
        news
    }

    /// Numbers of which is not known yet what they usually are; some of them.
    pub fn unread(&self, limit: usize) -> Vec<Number> {
        self.usuals
            .iter()
            .filter(|(_, known)| !known.is_read)
            .take(limit)
            .map(|(key, _)| key.clone())
            .collect()
    }

    /// What a number usually was: the means of past hours, and of past five minutes.
    pub fn read(&mut self, number: &Number, hours: &[(Timestamp, f64)], fives: &[(Timestamp, f64)]) {
        if let Some(known) = self.usuals.get_mut(number) {
            hours.iter().for_each(|(at, mean)| known.usual.put_hour(*at, *mean));
            fives.iter().for_each(|(at, mean)| known.usual.put_five(*at, *mean));
            known.is_read = true;
        }
    }
}

fn conditions(rules: &[Rule]) -> impl Iterator<Item = &Condition> {
    rules.iter().filter_map(|rule| rule.draft.about.number())
}

/// The rules that are about a number of a device.
fn about<'a>(
    rules: &'a [Rule],
    measure: Measure,
    subject: &'a str,
    device: &'a Device,
) -> impl Iterator<Item = (&'a Rule, &'a Condition)> {
    rules.iter().filter_map(move |rule| {
        let condition = rule.draft.about.number()?;
        let is_about = condition.is_about(measure, subject) && rule.draft.scope.holds(device);
        is_about.then_some((rule, condition))
    })
}

/// Nothing when there are too many already: such a number is not compared.
fn usual<'a>(
    usuals: &'a mut HashMap<Number, Known>,
    (device, measure, subject): (DeviceId, Measure, &str),
) -> Option<&'a mut Known> {
    let key: Number = (device, measure, subject.into());
    if usuals.len() >= USUALS_MAX && !usuals.contains_key(&key) {
        return None;
    }
    Some(usuals.entry(key).or_default())
}

/// A verdict with all that is told of it.
pub fn crossed(
    rule: &Rule,
    condition: &Condition,
    (device, subject): (DeviceId, &str),
    verdict: Verdict,
) -> Crossed {
    let subject = subject.to_owned();
    match verdict {
        Verdict::Over { since, at, value, usual } => {
            let crossing = crossing(&rule.draft, condition, subject, (since, at, value, usual));
            Crossed::Over { rule: rule.id, device, at: since, crossing }
        }
        Verdict::Back { at } => Crossed::Back { rule: rule.id, device, subject, at },
    }
}

/// Why a rule fired.
pub fn crossing(
    rule: &RuleDraft,
    condition: &Condition,
    subject: String,
    (since, at, value, usual): (Timestamp, Timestamp, f64, Option<f64>),
) -> Crossing {
    Crossing {
        rule: rule.name.clone(),
        measure: condition.measure,
        subject,
        side: condition.side,
        limit: condition.limit,
        against: condition.against,
        usual,
        value,
        for_s: u32::try_from(at.since_ms(since) / 1_000).unwrap_or(u32::MAX),
        since,
    }
}
