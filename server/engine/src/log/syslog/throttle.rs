//! How many lines each sender may send: a flood of one takes no place from the others.
//!
//! Devices and strangers are judged apart: whoever invents senders takes nothing from a device. Pure: time is handed in.

use super::LINE_BYTES_MAX;
use model::{LogLoss, LossCause};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    net::IpAddr,
    time::Duration,
};
use tokio::time::Instant;

/// Lines a second that all strangers together may send, and at once: of theirs none is kept.
const STRANGE_PER_S: f64 = 500.0;
const STRANGE_BURST: f64 = 1_000.0;
/// Strangers that are remembered; UDP lets anybody be anybody.
const STRANGERS_MAX: usize = 4_096;
/// A line counts once for so many bytes of it.
const COUNTED_BYTES: usize = 1_024;
/// Whoever sent too much is not heard for so long: what is missing is one span then, and not every second line.
const SHUT_FOR: Duration = Duration::from_secs(1);
/// Whoever waits for its turn waits a little longer than it has to: it is its turn then.
const WAIT_MORE: Duration = Duration::from_millis(1);
/// The program's own log says so often at most that lines were dropped.
const COMPLAIN_EVERY: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) struct Throttle {
    devices: HashMap<IpAddr, Sender>,
    /// Devices with lines that were lost, which nobody was told of yet.
    in_gap: HashSet<IpAddr>,
    strangers: HashMap<IpAddr, Room>,
    /// Strangers by when they sent last.
    by_silence: BTreeSet<(Instant, IpAddr)>,
    of_strangers: Room,
    /// What was lost of each device since the program's own log said so.
    unlogged: HashMap<IpAddr, u64>,
    complain_at: Instant,
}

#[derive(Debug)]
struct Sender {
    room: Room,
    shut_until: Instant,
    /// When it last sent a line that cannot wait: those tell what was lost, and lines of its streams do not.
    seen_at: Instant,
    lost: Lost,
}

/// Lines of a sender that were not taken, and that nobody was told of yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    pub too_many: u64,
    pub no_room: u64,
}

/// Lines that may still be sent, as of then.
#[derive(Clone, Copy, Debug)]
struct Room {
    lines: f64,
    at: Instant,
}

/// What the program's own log says of lines that were lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    pub lines: u64,
    pub senders: usize,
    /// Who lost the most.
    pub most: IpAddr,
}

impl Throttle {
    pub fn new(now: Instant) -> Self {
        Self {
            devices: HashMap::new(),
            in_gap: HashSet::new(),
            strangers: HashMap::new(),
            by_silence: BTreeSet::new(),
            of_strangers: Room::new(STRANGE_BURST, now),
            unlogged: HashMap::new(),
            complain_at: now,
        }
    }

    /// Judges a line of `length` bytes that cannot wait: of one of the `known`, or of a stranger.
    pub fn judge(&mut self, from: IpAddr, known: &HashSet<IpAddr>, length: usize, now: Instant) -> bool {
        if !known.contains(&from) {
            return self.take_of_stranger(from, now).is_ok();
        }
        let sender = self.sender(from, known, now);
        sender.seen_at = now;
        if sender.shut_until <= now {
            if sender.room.take(counted(length), device_pace(), now).is_ok() {
                return true;
            }
            sender.shut_until = now + SHUT_FOR;
        }
        sender.lost.too_many += 1;
        self.has_lost(from, now);
        false
    }

    /// Judges a line of `length` bytes that can wait.
    ///
    /// # Errors
    /// It is not its turn yet, and may be then.
    pub fn turn(
        &mut self,
        from: IpAddr,
        known: &HashSet<IpAddr>,
        length: usize,
        now: Instant,
    ) -> Result<(), Instant> {
        if !known.contains(&from) {
            return self.take_of_stranger(from, now);
        }
        self.sender(from, known, now).room.take_or_owe(counted(length), device_pace(), now)
    }

    /// A line of a device that was taken found no place after all.
    pub fn found_no_room(&mut self, from: IpAddr, now: Instant) {
        if let Some(sender) = self.devices.get_mut(&from) {
            sender.lost.no_room += 1;
            self.has_lost(from, now);
        }
    }

    /// What was lost of a device, and is to be told with its next line.
    pub fn lost(&self, from: IpAddr) -> Lost {
        self.devices.get(&from).map(|sender| sender.lost).unwrap_or_default()
    }

    /// It was told.
    pub fn told(&mut self, from: IpAddr) {
        self.in_gap.remove(&from);
        if let Some(sender) = self.devices.get_mut(&from) {
            sender.lost = Lost::default();
        }
    }

    /// Devices that lost lines, and for so long have sent none that tells it.
    pub fn quiet(&self, silence: Duration, now: Instant) -> Vec<(IpAddr, Lost)> {
        let quiet = |from: &IpAddr| {
            let sender = self.devices.get(from)?;
            (now.duration_since(sender.seen_at) >= silence).then_some((*from, sender.lost))
        };
        self.in_gap.iter().filter_map(quiet).collect()
    }

    /// Whether somebody is still to be told of what was lost.
    pub fn is_owing(&self) -> bool {
        !self.in_gap.is_empty() || !self.unlogged.is_empty()
    }

    /// What the program's own log is to say now.
    pub fn complaint(&mut self, now: Instant) -> Option<Complaint> {
        if now < self.complain_at {
            return None;
        }
        let most = *self.unlogged.iter().max_by_key(|(_, lines)| **lines)?.0;
        let complaint = Complaint { lines: self.unlogged.values().sum(), senders: self.unlogged.len(), most };
        self.unlogged.clear();
        self.complain_at = now + COMPLAIN_EVERY;
        Some(complaint)
    }

    fn sender(&mut self, from: IpAddr, known: &HashSet<IpAddr>, now: Instant) -> &mut Sender {
        if self.devices.len() >= known.len() && !self.devices.contains_key(&from) {
            self.devices.retain(|device, _| known.contains(device));
            self.in_gap.retain(|device| known.contains(device));
        }
        self.devices.entry(from).or_insert_with(|| Sender::new(now))
    }

    fn has_lost(&mut self, from: IpAddr, now: Instant) {
        if self.unlogged.is_empty() {
            // Others of the same flood are said with it.
            self.complain_at = self.complain_at.max(now + SHUT_FOR);
        }
        *self.unlogged.entry(from).or_default() += 1;
        self.in_gap.insert(from);
    }

    fn take_of_stranger(&mut self, from: IpAddr, now: Instant) -> Result<(), Instant> {
        self.of_strangers.take(1.0, (STRANGE_PER_S, STRANGE_BURST), now)?;
        match self.strangers.get(&from) {
            Some(room) => drop(self.by_silence.remove(&(room.at, from))),
            // The one that was silent for the longest makes room.
            None if self.strangers.len() >= STRANGERS_MAX => {
                let oldest = self.by_silence.pop_first();
                oldest.and_then(|(_, oldest)| self.strangers.remove(&oldest));
            }
            None => {}
        }
        self.by_silence.insert((now, from));
        let own = self.strangers.entry(from).or_insert_with(|| Room::new(STRANGE_BURST, now));
        own.take(1.0, (device_pace().0, STRANGE_BURST), now)
    }
}

impl Sender {
    fn new(now: Instant) -> Self {
        let room = Room::new(device_pace().1, now);
        Self { room, shut_until: now, seen_at: now, lost: Lost::default() }
    }
}

impl Lost {
    /// What is told of it.
    pub fn losses(self) -> impl Iterator<Item = LogLoss> {
        let all = [(self.too_many, LossCause::TooMany), (self.no_room, LossCause::NoRoom)];
        all.into_iter().filter(|(lines, _)| *lines > 0).map(|(lines, why)| LogLoss { lines, why })
    }
}

impl Room {
    fn new(lines: f64, at: Instant) -> Self {
        Self { lines, at }
    }

    /// Takes so many lines out; else says when they will be there.
    fn take(&mut self, lines: f64, (per_s, burst): (f64, f64), now: Instant) -> Result<(), Instant> {
        let grown = now.duration_since(self.at).as_secs_f64() * per_s;
        (self.lines, self.at) = ((self.lines + grown).min(burst), now);
        if self.lines < lines {
            return Err(now + Duration::from_secs_f64((lines - self.lines) / per_s) + WAIT_MORE);
        }
        self.lines -= lines;
        Ok(())
    }

    /// Takes so many lines out as soon as there is one, and owes the others: short lines of other streams would take one
    /// again and again before there are enough for a long one.
    fn take_or_owe(&mut self, lines: f64, pace: (f64, f64), now: Instant) -> Result<(), Instant> {
        self.take(1.0, pace, now)?;
        self.lines -= lines - 1.0;
        Ok(())
    }
}

/// Lines a second that a device may send for long, and at once after a pause.
fn device_pace() -> (f64, f64) {
    (f64::from(LogLoss::LINES_PER_S), f64::from(LogLoss::BURST))
}

/// As how many lines one of so many bytes counts.
fn counted(length: usize) -> f64 {
    let count = length.div_ceil(COUNTED_BYTES).clamp(1, LINE_BYTES_MAX / COUNTED_BYTES);
    u32::try_from(count).map_or(1.0, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOUD: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const QUIET: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn a_flood_is_taken_at_its_measure_said_to_have_gaps_and_costs_others_nothing() {
        let (begin, known) = (Instant::now(), HashSet::from([LOUD, QUIET]));
        let mut throttle = Throttle::new(begin);
        let (mut taken, mut lost, mut gaps) = (0, 0, 0);
        for line in 0..50_000_u32 {
            // 5,000 lines a second for ten seconds.
            let now = begin + Duration::from_micros(u64::from(line) * 200);
            if throttle.judge(LOUD, &known, 100, now) {
                taken += 1;
                let untold = throttle.lost(LOUD);
                (lost, gaps) = (lost + untold.too_many, gaps + u32::from(untold.too_many > 0));
                throttle.told(LOUD);
            }
        }
        assert!((5_000..=6_200).contains(&taken), "{taken}");
        // The end of it is told by nobody's line.
        let end = begin + Duration::from_secs(10);
        assert_eq!(throttle.quiet(Duration::from_secs(1), end), []);
        let rest = throttle.quiet(Duration::from_secs(1), end + Duration::from_secs(1));
        assert_eq!(taken + lost + rest[0].1.too_many, 50_000, "each line is taken or counted");
        assert!((5..=12).contains(&gaps), "{gaps}");
        throttle.told(LOUD);
        assert_eq!(throttle.quiet(Duration::ZERO, end + Duration::from_secs(2)), []);
        assert!(throttle.judge(QUIET, &known, 100, end));
        // Another device has its place, and the first ones are none any more.
        let other = HashSet::from([IpAddr::from([192, 0, 2, 3])]);
        assert!(throttle.judge([192, 0, 2, 3].into(), &other, 100, begin + Duration::from_secs(11)));
        assert_eq!(throttle.devices.len(), 1);
    }

    #[test]
    fn three_thousand_lines_at_once_are_taken_and_long_ones_count_as_several() {
        let (begin, known) = (Instant::now(), HashSet::from([LOUD, QUIET]));
        let mut throttle = Throttle::new(begin);
        assert!((0..3_000).all(|_| throttle.judge(LOUD, &known, 200, begin)));
        let long = (0..3_000).filter(|_| throttle.judge(QUIET, &known, 8 * 1_024, begin)).count();
        assert_eq!(long, 500);
    }

    #[test]
    fn what_can_wait_is_told_when_its_turn_is_and_loses_nothing() {
        let (mut now, known) = (Instant::now(), HashSet::from([LOUD]));
        let (begin, mut throttle) = (now, Throttle::new(now));
        for _ in 0..5_000 {
            while let Err(later) = throttle.turn(LOUD, &known, 100, now) {
                assert!(later > now);
                now = later;
            }
        }
        assert_eq!(throttle.lost(LOUD), Lost::default());
        let took = now - begin;
        assert!((4_900..=6_100).contains(&took.as_millis()), "{took:?}");
    }

    #[test]
    fn a_long_line_has_its_turn_also_while_short_ones_wait_with_it() {
        let (begin, known) = (Instant::now(), HashSet::from([LOUD]));
        let mut throttle = Throttle::new(begin);
        while throttle.turn(LOUD, &known, 100, begin).is_ok() {}
        let (mut short, mut long) = (0, 0);
        for ms in 0..10_000 {
            let now = begin + Duration::from_millis(ms);
            if ms % 3 == 0 {
                long += u32::from(throttle.turn(LOUD, &known, 8 * 1_024, now).is_ok());
            } else {
                short += u32::from(throttle.turn(LOUD, &known, 100, now).is_ok());
            }
        }
        assert!(long > 10, "{long}");
        assert!(
            (1_950..=2_050).contains(&(short + 8 * long)),
            "{short} and {long}: no more than its measure"
        );
    }

    #[test]
    fn what_was_lost_is_told_also_while_a_stream_of_the_same_sender_goes_on() {
        let (begin, known) = (Instant::now(), HashSet::from([LOUD]));
        let mut throttle = Throttle::new(begin);
        let lost = (0..4_010).filter(|_| !throttle.judge(LOUD, &known, 100, begin)).count();
        for after_ms in (100..=1_000).step_by(100) {
            let turn = throttle.turn(LOUD, &known, 100, begin + Duration::from_millis(after_ms));
            assert_eq!(turn, Ok(()));
        }
        let told = throttle.quiet(Duration::from_secs(1), begin + Duration::from_secs(1));
        assert_eq!((lost, told), (10, vec![(LOUD, Lost { too_many: 10, no_room: 0 })]));
    }

    #[test]
    fn the_own_log_says_once_a_minute_what_was_lost_in_all() {
        let (begin, known) = (Instant::now(), HashSet::from([LOUD, QUIET]));
        let at = |s| begin + Duration::from_secs(s);
        let mut throttle = Throttle::new(begin);
        let taken = (0..4_010).filter(|_| throttle.judge(LOUD, &known, 100, begin)).count();
        assert_eq!(taken, 4_000);
        assert!(throttle.judge(QUIET, &known, 100, begin));
        throttle.found_no_room(QUIET, begin);
        assert_eq!(throttle.complaint(begin), None, "more of it may come");
        let first = Complaint { lines: 11, senders: 2, most: LOUD };
        assert_eq!(throttle.complaint(at(1)), Some(first));
        assert!(!(0..500).all(|_| throttle.judge(LOUD, &known, 100, at(2))));
        assert_eq!(throttle.complaint(at(30)), None);
        assert!(throttle.complaint(at(61)).is_some_and(|later| later.most == LOUD));
        assert_eq!(throttle.complaint(at(200)), None, "there is nothing to say");
        let told: Vec<_> = Lost { too_many: 2, no_room: 1 }.losses().map(|loss| loss.lines).collect();
        assert_eq!(told, [2, 1]);
    }

    #[test]
    fn whoever_invents_senders_takes_nothing_from_devices_nor_from_a_stranger_that_goes_on() {
        let (begin, known) = (Instant::now(), HashSet::from([QUIET]));
        let mut throttle = Throttle::new(begin);
        let mut now = begin;
        for invented in 0..100_000_u32 {
            // As many as strangers may send, and each is another one.
            now += Duration::from_millis(3);
            throttle.judge(IpAddr::from((0x0b00_0000 + invented).to_be_bytes()), &known, 100, now);
            if invented % 1_000 == 0 {
                assert!(throttle.judge(QUIET, &known, 100, now), "{invented}");
                assert!(throttle.judge(LOUD, &known, 100, now), "{invented}");
            }
        }
        assert!(throttle.strangers.contains_key(&LOUD), "it never was the longest silent");
        assert_eq!((throttle.strangers.len(), throttle.by_silence.len()), (STRANGERS_MAX, STRANGERS_MAX));
        for _ in 0..10_000 {
            throttle.judge(LOUD, &known, 100, now);
        }
        assert!(!throttle.judge(LOUD, &known, 100, now));
        assert!(throttle.judge(QUIET, &known, 100, now));
        assert!(!throttle.is_owing(), "nobody is told of a stranger's");
    }
}
