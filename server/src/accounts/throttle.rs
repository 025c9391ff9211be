//! Slows guessing down: after each failure the next try waits twice as long, from 1 s to 15 min.
//!
//! Per account and per network (/24, /64); nobody is ever locked out for good. In memory: a restart forgives.

use engine::Clock;
use model::{Timestamp, UserId};
use parking_lot::Mutex;
use std::{collections::HashMap, net::IpAddr, time::Duration};

const WAIT_MIN: Duration = Duration::from_secs(1);
const WAIT_MAX: Duration = Duration::from_secs(15 * 60);
/// Tries of one person at the same time, as of somebody with several windows, while none has failed.
const TOGETHER_MAX: u32 = 3;
/// A bucket that was quiet for so long is forgotten.
const QUIET_MS: i64 = 60 * 60 * 1000;
/// Most buckets remembered: some 8 MiB. A wrong password fills one for its name and one for its network, at
/// the price of a hash; a wrong setup code fills one for its network.
const BUCKETS_MAX: usize = 65_536;

/// What failures are counted by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Bucket {
    /// Named as tried: there need not be such an account.
    Account(String),
    Network(IpAddr),
    /// A browser that has logged in before.
    Browser(String),
    /// Somebody who is logged in, asked for the password again.
    Inside(UserId),
    /// The same, asked for a code: who knows the password must not make guesses of codes forgotten by it.
    InsideCode(UserId),
}

impl Bucket {
    /// The account of this name; one bucket for all names that no account can have, however long.
    pub fn account(name: &str) -> Bucket {
        Bucket::Account(if model::user_name(name).is_ok() { name.to_owned() } else { String::new() })
    }

    /// The neighbourhood of `address`: its /24, or its /64.
    pub fn network(address: IpAddr) -> Bucket {
        Bucket::Network(neighbourhood(address))
    }

    /// Of one person: a success proves its owner. A network may hold others who guess.
    fn is_of_one(&self) -> bool {
        !matches!(self, Bucket::Network(_))
    }
}

/// The first address of the /24 or /64 around `address`: what one visitor usually has of the network.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4((u32::from(v4) & 0xffff_ff00).into()),
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & (u128::MAX << 64)).into()),
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    failures: u32,
    in_flight: u32,
    /// The last failure.
    at: Timestamp,
}

impl Count {
    /// How long from `now` until the next try.
    fn wait(self, bucket: &Bucket, now: Timestamp) -> Duration {
        // Guesses side by side would all pass before the first of them fails.
        let together = if self.failures > 0 { 1 } else { TOGETHER_MAX };
        if self.in_flight >= together && (self.failures > 0 || bucket.is_of_one()) {
            return WAIT_MIN;
        }
        let Some(doublings) = self.failures.checked_sub(1) else { return Duration::ZERO };
        let wait = WAIT_MIN.saturating_mul(2_u32.saturating_pow(doublings)).min(WAIT_MAX);
        wait.saturating_sub(Duration::from_millis(now.since_ms(self.at).unsigned_abs()))
    }

    fn is_forgotten(self, now: Timestamp) -> bool {
        self.in_flight == 0 && (self.failures == 0 || now.since_ms(self.at) > QUIET_MS)
    }
}

#[derive(Default)]
pub struct Throttle(Mutex<HashMap<Bucket, Count>>);

impl Throttle {
    /// Admits a try, or says how long to wait. A try that is refused counts for nothing.
    pub fn enter<'a>(
        &'a self,
        buckets: &[Bucket],
        clock: &'a dyn Clock,
    ) -> std::result::Result<Attempt<'a>, Duration> {
        let now = clock.now();
        let mut counts = self.0.lock();
        let wait = |bucket| {
            counts.get(bucket).filter(|count| !count.is_forgotten(now)).map(|count| count.wait(bucket, now))
        };
        let wait = buckets.iter().filter_map(wait).max().unwrap_or_default();
        if !wait.is_zero() {
            return Err(wait);
        }
        if counts.len() >= BUCKETS_MAX {
            make_room(&mut counts, now);
        }
        for bucket in buckets {
            let count = counts.entry(bucket.clone()).or_default();
            if count.is_forgotten(now) {
                *count = Count::default();
            }
            count.in_flight += 1;
        }
        Ok(Attempt { throttle: self, clock, buckets: buckets.to_vec(), end: End::Failed })
    }
}

/// Forgets what is quiet; when nobody is, the half that failed longest ago.
fn make_room(counts: &mut HashMap<Bucket, Count>, now: Timestamp) {
    counts.retain(|_, count| !count.is_forgotten(now));
    if counts.len() < BUCKETS_MAX {
        return;
    }
    let mut failed: Vec<Timestamp> = counts.values().map(|count| count.at).collect();
    let middle = failed.len() / 2;
    let median = *failed.select_nth_unstable(middle).1;
    counts.retain(|_, count| count.in_flight > 0 || count.at > median);
}

enum End {
    Succeeded,
    Failed,
    Void,
}

/// A try under way. One that is dropped without a word counts as failed.
#[must_use]
pub struct Attempt<'a> {
    throttle: &'a Throttle,
    clock: &'a dyn Clock,
    buckets: Vec<Bucket>,
    end: End,
}

impl Attempt<'_> {
    pub fn succeeded(mut self) {
        self.end = End::Succeeded;
    }

    pub fn failed(mut self) {
        self.end = End::Failed;
    }

    /// The try was not judged, through no fault of whoever tried.
    pub fn void(mut self) {
        self.end = End::Void;
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        let now = self.clock.now();
        let mut counts = self.throttle.0.lock();
        for bucket in &self.buckets {
            let Some(count) = counts.get_mut(bucket) else { continue };
            count.in_flight = count.in_flight.saturating_sub(1);
            match self.end {
                End::Failed => {
                    count.failures = count.failures.saturating_add(1);
                    count.at = now;
                }
                End::Succeeded if bucket.is_of_one() => count.failures = 0,
                End::Succeeded | End::Void => {}
            }
            if count.is_forgotten(now) {
                counts.remove(bucket);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::atomic::{AtomicI64, Ordering};

    #[derive(Default)]
    struct Hands(AtomicI64);

    impl Hands {
        fn forward(&self, ms: i64) {
            self.0.fetch_add(ms, Ordering::Relaxed);
        }
    }

    impl Clock for Hands {
        fn now(&self) -> Timestamp {
            Timestamp(self.0.load(Ordering::Relaxed))
        }
    }

    fn never<T>(wait: Duration) -> T {
        panic!("told to wait {wait:?}")
    }

    fn account() -> Bucket {
        Bucket::Account("admin".to_owned())
    }

    fn from(address: &str) -> Bucket {
        Bucket::network(address.parse().unwrap())
    }

    #[test]
    fn every_failure_doubles_the_wait_until_a_quarter_of_an_hour() {
        let (throttle, clock) = (Throttle::default(), Hands::default());
        let mut waits = Vec::new();
        for _ in 0..13 {
            throttle.enter(&[account()], &clock).unwrap_or_else(never).failed();
            let wait = throttle.enter(&[account()], &clock).err().expect("refused");
            waits.push(wait.as_secs());
            clock.forward(i64::try_from(wait.as_millis()).unwrap() - 1);
            assert!(throttle.enter(&[account()], &clock).is_err(), "a millisecond too early");
            clock.forward(1);
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
    }

    #[test]
    fn success_clears_the_account_but_not_the_network() {
        let (throttle, clock) = (Throttle::default(), Hands::default());
        let buckets = [account(), from("192.0.2.7")];
        throttle.enter(&buckets, &clock).unwrap_or_else(never).failed();
        clock.forward(1000);
        throttle.enter(&buckets, &clock).unwrap_or_else(never).failed();
        clock.forward(2000);
        throttle.enter(&buckets, &clock).unwrap_or_else(never).succeeded();
        throttle.enter(&[account()], &clock).unwrap_or_else(never).failed();
        assert_eq!(throttle.enter(&[account()], &clock).err(), Some(Duration::from_secs(1)));
        throttle.enter(&[from("192.0.2.200")], &clock).unwrap_or_else(never).failed();
        assert_eq!(throttle.enter(&[from("192.0.2.9")], &clock).err(), Some(Duration::from_secs(4)));
        assert!(throttle.enter(&[from("192.0.3.9")], &clock).is_ok(), "another network");
    }

    #[test]
    fn neighbours_are_one_network_however_the_address_is_written() {
        assert_eq!(from("192.0.2.1"), from("::ffff:192.0.2.99"));
        assert_eq!(from("2001:db8::1"), from("2001:db8::ffff:0:0:1"));
        assert_ne!(from("2001:db8::1"), from("2001:db8:0:1::1"));
    }

    #[test]
    fn guesses_side_by_side_are_refused_once_one_has_failed_and_an_unfinished_one_counts_as_failed() {
        let (throttle, clock) = (Throttle::default(), Hands::default());
        let first = throttle.enter(&[account()], &clock).unwrap_or_else(never);
        let second = throttle.enter(&[account()], &clock).unwrap_or_else(never);
        first.failed();
        clock.forward(1_000_000);
        assert!(throttle.enter(&[account()], &clock).is_err(), "one is still under way");
        drop(second);
        assert_eq!(throttle.enter(&[account()], &clock).err(), Some(Duration::from_secs(2)));
        clock.forward(2000);
        throttle.enter(&[account()], &clock).unwrap_or_else(never).void();
        assert!(throttle.enter(&[account()], &clock).is_ok(), "a try that was not judged costs nothing");
    }

    #[test]
    fn memory_stays_bounded_and_the_bucket_under_attack_is_the_one_remembered() {
        let (throttle, clock) = (Throttle::default(), Hands::default());
        for guess in 0..BUCKETS_MAX * 2 {
            clock.forward(1);
            throttle.enter(&[Bucket::Account(guess.to_string())], &clock).unwrap_or_else(never).failed();
        }
        throttle.enter(&[account()], &clock).unwrap_or_else(never).failed();
        assert!(throttle.0.lock().len() <= BUCKETS_MAX);
        assert!(throttle.enter(&[account()], &clock).is_err());
    }

    #[test]
    fn of_a_crowd_of_guesses_at_once_only_a_few_are_tried_but_a_network_may_hold_a_crowd() {
        let (throttle, clock) = (Throttle::default(), Hands::default());
        let network = || from("192.0.2.7");
        let guesses = |bucket: &dyn Fn(u32) -> Bucket| {
            let tries = (0..100).map(|guess| throttle.enter(&[bucket(guess), network()], &clock));
            tries.filter_map(|attempt| attempt.ok()).collect::<Vec<_>>()
        };
        let of_one = guesses(&|_| account());
        assert_eq!(of_one.len(), 3);
        of_one.into_iter().for_each(Attempt::void);
        let of_many = guesses(&|guess| Bucket::Account(format!("user{guess}")));
        assert_eq!(of_many.len(), 100);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Ten thousand guesses an hour from a thousand networks: at most thirty are even tried.
        #[test]
        fn an_account_is_guessed_at_most_thirty_times_an_hour(pauses in prop::collection::vec(0..4_000_i64, 10_000)) {
            let (throttle, clock) = (Throttle::default(), Hands::default());
            let mut tried: Vec<i64> = Vec::new();
            for (guess, pause) in pauses.iter().enumerate() {
                clock.forward(*pause);
                let network = from(&format!("10.{}.{}.1", guess % 4, guess % 250));
                if let Ok(attempt) = throttle.enter(&[account(), network], &clock) {
                    tried.push(clock.now().0);
                    attempt.failed();
                }
            }
            for (index, at) in tried.iter().enumerate() {
                let within = tried[index..].iter().take_while(|later| *later - at < 3_600_000).count();
                prop_assert!(within <= 30, "{within} tries within an hour");
            }
        }

        #[test]
        fn the_wait_never_passes_its_bounds_even_when_the_clock_jumps(
            failures in 0..u32::MAX, at in any::<i64>(), now in any::<i64>(),
        ) {
            let wait = Count { failures, in_flight: 0, at: Timestamp(at) }.wait(&account(), Timestamp(now));
            prop_assert!(wait <= WAIT_MAX);
        }
    }
}
