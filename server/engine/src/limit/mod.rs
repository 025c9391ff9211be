//! Politeness: how many connections one host gets from us, and how often.
//!
//! Waiting is done here, in order and per host, so that one crowded host never delays another.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};
use tokio::time::Instant;

#[cfg(test)]
mod tests;

/// Fewer hosts than this are not worth a look.
const CROWD_MIN: usize = 1024;

/// A host, by the hash of its address: small, and the same at every start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct HostKey(pub u64);

/// How eager a probe is to connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Urgency {
    Regular,
    /// Confirms a failure: before the regular ones.
    Urgent,
    /// A person asked: before the regular ones.
    Asked,
}

pub(crate) struct Politeness<T> {
    at_once_max: usize,
    delay: Duration,
    hosts: HashMap<HostKey, Host<T>>,
    /// How many hosts are reason to look which of them are at rest.
    crowd: usize,
}

struct Host<T> {
    in_flight: usize,
    /// When the next new connection may start.
    next: Instant,
    /// The last moment that was given out to come back at.
    announced: Option<Instant>,
    asked: VecDeque<T>,
    urgent: VecDeque<T>,
    regular: VecDeque<T>,
}

/// What a host allows now.
#[derive(Debug, PartialEq)]
pub(crate) enum Turn<T> {
    Go(T),
    /// Somebody waits for the delay to pass: come back then. Said once.
    At(Instant),
    /// Nobody waits, or all places are taken.
    Idle,
}

impl<T> Politeness<T> {
    pub fn new(at_once_max: usize, delay: Duration) -> Self {
        Self { at_once_max: at_once_max.max(1), delay, hosts: HashMap::new(), crowd: CROWD_MIN }
    }

    /// Puts a probe in its host's line; [`Politeness::turn`] says when it is next.
    pub fn line_up(&mut self, host: HostKey, probe: T, urgency: Urgency, now: Instant) {
        if self.hosts.len() >= self.crowd {
            self.hosts.retain(|_, host| !host.is_at_rest(now));
            self.crowd = CROWD_MIN.max(2 * self.hosts.len());
        }
        let host = self.hosts.entry(host).or_insert_with(|| Host::new(now));
        match urgency {
            Urgency::Asked => host.asked.push_back(probe),
            Urgency::Urgent => host.urgent.push_back(probe),
            Urgency::Regular => host.regular.push_back(probe),
        }
    }

    /// Whose turn it is among those still wanted. Who goes takes a place until [`Politeness::leave`].
    pub fn turn(&mut self, key: HostKey, now: Instant, is_wanted: impl Fn(&T) -> bool) -> Turn<T> {
        let Some(host) = self.hosts.get_mut(&key) else { return Turn::Idle };
        if host.in_flight >= self.at_once_max {
            return Turn::Idle;
        }
        let mut lines = [&mut host.urgent, &mut host.asked, &mut host.regular];
        for line in &mut lines {
            while line.front().is_some_and(|probe| !is_wanted(probe)) {
                line.pop_front();
            }
        }
        let is_time = host.next <= now;
        let next = is_time.then(|| lines.into_iter().find_map(VecDeque::pop_front)).flatten();
        match next {
            Some(probe) => {
                host.in_flight += 1;
                host.next = now + self.delay;
                Turn::Go(probe)
            }
            None if host.is_waited_for() => {
                let is_news = host.announced.replace(host.next) != Some(host.next);
                if is_news { Turn::At(host.next) } else { Turn::Idle }
            }
            None => {
                if host.is_at_rest(now) {
                    self.hosts.remove(&key);
                }
                Turn::Idle
            }
        }
    }

    /// A probe that got its turn has ended.
    pub fn leave(&mut self, host: HostKey) {
        if let Some(host) = self.hosts.get_mut(&host) {
            host.in_flight = host.in_flight.saturating_sub(1);
        }
    }
}

impl<T> Host<T> {
    fn new(now: Instant) -> Self {
        Self {
            in_flight: 0,
            next: now,
            announced: None,
            asked: VecDeque::new(),
            urgent: VecDeque::new(),
            regular: VecDeque::new(),
        }
    }

    fn is_waited_for(&self) -> bool {
        !(self.urgent.is_empty() && self.asked.is_empty() && self.regular.is_empty())
    }

    /// Nothing would be different if it were forgotten.
    fn is_at_rest(&self, now: Instant) -> bool {
        self.in_flight == 0 && self.next <= now && !self.is_waited_for()
    }
}
