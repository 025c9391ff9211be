//! The recorder on a real database: what was measured comes back exactly once, whatever happens in between.

use super::{
    chunk,
    desk::INTERFACES_MAX,
    recorder::Recorder,
    retention::{Retention, forget},
    rollup::STEPS_S,
};
use crate::{
    journal::{Ledger as _, Sampled},
    store::{Origin, SeriesKey, Store, Temp, cut_short},
};
use engine::{Fleet, Outcome, Remembered, SystemClock, Transition};
use model::*;
use proptest::prelude::*;
use std::sync::Arc;

#[path = "../../month/src/generate.rs"]
mod generate;

const BEGIN: i64 = 1_790_000_000_000;
const ALWAYS: (Timestamp, Timestamp) = (Timestamp(0), Timestamp(i64::MAX));

async fn open(store: &Store) -> Recorder {
    Recorder::open(store.clone(), Fleet::new(Arc::new(SystemClock)), Arc::new(SystemClock), Arc::default())
        .await
        .unwrap()
}

async fn device(temp: &Temp, name: &str) -> DeviceId {
    let draft = DeviceDraft::new(name, DeviceKind::Server, "192.0.2.1");
    temp.devices().create(draft, &temp.vault).await.unwrap().id
}

/// The round trip of round `number`.
fn ping(device: DeviceId, number: i64) -> Sampled {
    let value = Reading::Number(20.0 + f64::from((number % 17) as i32) / 10.0);
    let sample = Sample { measure: Measure::RoundTrip, subject: "icmp".to_owned(), value };
    Sampled { device, at: Timestamp(BEGIN + number * 30_000), sample }
}

fn key(device: DeviceId) -> SeriesKey {
    SeriesKey { device, measure: Measure::RoundTrip, subject: "icmp".into() }
}

/// Which rounds a device's history has, in order.
async fn rounds(recorder: &Recorder, device: DeviceId) -> Vec<i64> {
    let series = recorder.series(device);
    let Some((id, key)) = series.iter().find(|(_, known)| *known == key(device)) else { return Vec::new() };
    let points = recorder.points(*id, key, ALWAYS).await.unwrap();
    for (at, reading) in &points {
        let expected = ping(device, (at.0 - BEGIN) / 30_000).sample.value.number().unwrap();
        assert!((reading.number().unwrap() - expected).abs() < 0.001);
    }
    points.iter().map(|(at, _)| (at.0 - BEGIN) / 30_000).collect()
}

async fn tidy_all(recorder: &Recorder) {
    while recorder.tidy().await.unwrap() {}
}

async fn log_rows(store: &Store) -> usize {
    store.samples().log().await.unwrap().len()
}

#[tokio::test]
async fn the_last_number_is_known_from_the_tail_and_from_chunks_and_no_unanswered_round_is_one() {
    let temp = Store::open_temp().await;
    let id = device(&temp, "edge").await;
    let recorder = open(&temp.store).await;
    let last = async || recorder.last_number(id, Measure::RoundTrip, "icmp").await.unwrap();
    assert_eq!(last().await, None, "nothing was measured");
    for number in 0..10 {
        recorder.append(&[], &[ping(id, number)]).await.unwrap();
    }
    assert_eq!(last().await, Some(ping(id, 9).at));
    let unanswered = |number: i64| {
        let mut sampled = ping(id, number);
        sampled.sample.value = Reading::NoAnswer;
        sampled
    };
    for number in 10..200 {
        recorder.append(&[], &[unanswered(number)]).await.unwrap();
    }
    tidy_all(&recorder).await;
    assert_eq!(last().await, Some(ping(id, 9).at), "what is in chunks is found too");
    let again = open(&temp.store).await;
    let found = again.last_number(id, Measure::RoundTrip, "icmp").await.unwrap();
    assert_eq!(found, Some(ping(id, 9).at), "and after a start");
}

/// What is open after some looks of a start that comes so long after the last of 48 numbers went into its chunk.
async fn missed_after(hours: i64) -> Vec<Incident> {
    let temp = Store::open_temp().await;
    let id = device(&temp, "edge").await;
    let recorder = open(&temp.store).await;
    for number in 0..48 {
        recorder.append(&[], &[ping(id, number)]).await.unwrap();
    }
    tidy_all(&recorder).await;
    let series = recorder.find(id, Measure::RoundTrip, "icmp").unwrap();
    assert_eq!(recorder.tail(id, series).unwrap().points, []);
    let rule = RuleDraft {
        name: "silent".to_owned(),
        enabled: true,
        severity: Severity::Warning,
        about: About::Number(Condition::new(Measure::RoundTrip, Side::Missing, 0.0)),
        scope: RuleScope::default(),
        for_s: 60,
        cool_down_s: 0,
    };
    temp.rules().create(&rule).await.unwrap();
    temp.clock.forward(hours * 3_600_000);
    let fleet = Fleet::new(temp.clock.clone());
    for device in temp.devices().list().await.unwrap() {
        fleet.put(device, &Remembered { state: State::Up, ..Remembered::default() });
    }
    let again = Recorder::open(temp.store.clone(), fleet, temp.clock.clone(), Arc::default()).await.unwrap();
    // Two looks until it is known, and what is asked every minute is missed after two rounds.
    for _ in 0..16 {
        tidy_all(&again).await;
        temp.clock.forward(15_000);
    }
    temp.incidents().list(true, (0, 10)).await.unwrap().incidents
}

#[tokio::test]
async fn what_was_in_chunks_before_a_start_is_missed_after_it_unless_it_ended_long_ago() {
    let missed = missed_after(2).await;
    let crossing = missed[0].crossing.as_ref().unwrap();
    assert_eq!((missed.len(), crossing.rule.as_str(), crossing.subject.as_str()), (1, "silent", "icmp"));
    assert!((crossing.value - 21.3).abs() < 0.001, "{}", crossing.value);
    assert_eq!(missed_after(24 * 30).await, []);
}

#[tokio::test]
async fn a_sample_can_be_read_at_once_and_after_every_step_of_its_way() {
    let temp = Store::open_temp().await;
    let id = device(&temp, "edge").await;
    let recorder = open(&temp.store).await;
    for number in 0..500 {
        recorder.append(&[], &[ping(id, number)]).await.unwrap();
        if number % 7 == 0 {
            tidy_all(&recorder).await;
        }
    }
    let all: Vec<i64> = (0..500).collect();
    assert_eq!(rounds(&recorder, id).await, all);
    assert!(log_rows(&temp).await < 100, "what is in chunks needs no log");

    let again = open(&temp.again(Origin::Server).await).await;
    assert_eq!(rounds(&again, id).await, all, "a start finds the same");
    let (series, key) = again.series(id).remove(0);
    for step_s in STEPS_S {
        let steps = again.steps(&[(series, key.clone())], step_s, ALWAYS).await.unwrap().remove(0);
        assert_eq!(steps.iter().map(|step| step.count).sum::<u32>(), 500);
        let per_step = u32::try_from(step_s).unwrap() / 30;
        assert!(steps[1..steps.len() - 1].iter().all(|step| step.count == per_step));
    }
}

#[tokio::test]
async fn a_device_that_is_removed_takes_its_samples_along_and_holds_nothing_up() {
    let temp = Store::open_temp().await;
    let (stays, goes) = (device(&temp, "stays").await, device(&temp, "goes").await);
    let recorder = open(&temp.store).await;
    for number in 0..40 {
        recorder.append(&[], &[ping(stays, number), ping(goes, number)]).await.unwrap();
    }
    temp.devices().remove(goes).await.unwrap();
    for number in 40..60 {
        recorder.append(&[], &[ping(stays, number), ping(goes, number)]).await.unwrap();
    }
    tidy_all(&recorder).await;
    assert_eq!(rounds(&recorder, stays).await, (0..60).collect::<Vec<_>>());
    assert!(recorder.series(goes).is_empty());
    recorder.append(&[], &[ping(goes, 60)]).await.unwrap();
    assert!(recorder.series(goes).is_empty(), "it does not come back");
    assert_eq!(log_rows(&temp).await, 0, "nothing waits for what is gone");
}

#[tokio::test]
async fn a_clock_that_was_wrong_for_a_while_costs_no_sample_and_silences_none() {
    let temp = Store::open_temp().await;
    let id = device(&temp, "edge").await;
    let recorder = open(&temp.store).await;
    let ahead = 10_000_000;
    let numbers: Vec<i64> =
        (0..50).chain(ahead..ahead + 60).chain(50..200).chain(-60_000_000..-59_999_990).collect();
    for number in &numbers {
        recorder.append(&[], &[ping(id, *number)]).await.unwrap();
        tidy_all(&recorder).await;
    }
    let mut expected = numbers.clone();
    expected.retain(|number| BEGIN + number * 30_000 >= 0);
    expected.sort_unstable();
    assert_eq!(rounds(&recorder, id).await, expected);
    let (series, key) = recorder.series(id).remove(0);
    let steps = recorder.steps(&[(series, key)], 3_600, ALWAYS).await.unwrap().remove(0);
    assert_eq!(steps.iter().map(|step| step.count).sum::<u32>() as usize, expected.len());
    assert!(steps.is_sorted_by_key(|step| step.at));
}

#[tokio::test]
async fn a_device_has_so_many_interfaces_at_a_time_and_what_it_measures_otherwise_has_always_room() {
    let temp = Store::open_temp().await;
    let id = device(&temp, "edge").await;
    let recorder = open(&temp.store).await;
    let rate = |number: usize| {
        let value = Reading::Number(1.0);
        let sample = Sample { measure: Measure::RxRate, subject: format!("vlan{number}"), value };
        Sampled { device: id, at: Timestamp(BEGIN), sample }
    };
    let samples: Vec<_> = (0..1_000).map(rate).collect();
    recorder.append(&[], &samples).await.unwrap();
    recorder.append(&[], &samples).await.unwrap();
    assert_eq!(recorder.series(id).len(), INTERFACES_MAX);
    recorder.append(&[], &[ping(id, 0)]).await.unwrap();
    assert_eq!(rounds(&recorder, id).await, [0]);
}

#[tokio::test]
async fn what_is_too_old_is_forgotten_class_by_class_and_an_empty_series_with_it() {
    let temp = Store::open_temp().await;
    let (id, other) = (device(&temp, "edge").await, device(&temp, "other").await);
    let recorder = open(&temp.store).await;
    for number in 0..200 {
        recorder.append(&[], &[ping(id, number), ping(other, number)]).await.unwrap();
        tidy_all(&recorder).await;
    }
    recorder.append(&[], &[ping(other, 300)]).await.unwrap();
    let retention = Retention { samples_days: Some(1), five_minutes_days: Some(10), hours_days: Some(100) };
    let after = |days: i64| Timestamp(BEGIN + days * 24 * 3_600_000 + 12_000_000);
    let left = async || {
        let one = [recorder.series(id).remove(0)];
        let samples = recorder.points(one[0].0, &one[0].1, ALWAYS).await.unwrap().len();
        let fine = recorder.steps(&one, STEPS_S[0], ALWAYS).await.unwrap().remove(0).len();
        let coarse = recorder.steps(&one, STEPS_S[1], ALWAYS).await.unwrap().remove(0).len();
        (samples > 100, fine > 10, coarse > 1)
    };
    for (days, expected) in [(0, (true, true, true)), (2, (false, true, true)), (11, (false, false, true))] {
        forget(&temp, retention, after(days)).await.unwrap();
        assert_eq!(left().await, expected, "after {days} days");
    }
    forget(&temp, retention, after(101)).await.unwrap();
    assert!(temp.samples().all_series().await.unwrap().is_empty(), "nothing is left of either");
    // Its tail knows no series any more: a new one begins.
    recorder.append(&[], &[ping(id, 900)]).await.unwrap();
    for number in 901..1_000 {
        recorder.append(&[], &[ping(id, number)]).await.unwrap();
        tidy_all(&recorder).await;
    }
    assert!(rounds(&recorder, id).await.ends_with(&[998, 999]));
}

/// A month of one tunnel takes less than a byte a sample.
#[tokio::test]
async fn samples_take_few_bytes() {
    let mut trips = generate::RoundTrips::new(7);
    let mut points = Vec::new();
    let mut bytes = 0;
    let (mut open, mut count) = (Vec::new(), 0u32);
    for number in 0..30 * 2_880 {
        let value = Measure::RoundTrip.kept(trips.next_ms().map_or(Reading::NoAnswer, Reading::Number));
        let at = chunk::tenths(Timestamp(BEGIN + number * generate::INTERVAL_S * 1_000));
        points.push(chunk::Point { at, value });
        count += 1;
        if points.len() == super::desk::POINTS_MAX {
            let mut rows = chunk::extend(open, &points).unwrap();
            points.clear();
            open = rows.pop().unwrap().0;
            bytes += rows.iter().map(|(_, row)| row.len()).sum::<usize>();
        }
    }
    bytes += chunk::write(&open).unwrap().len();
    let each = f64::from(u32::try_from(bytes).unwrap()) / f64::from(count);
    assert!(each < 1.0, "{each} bytes a sample");
}

/// What happens to the recorder.
#[derive(Clone, Debug)]
enum Event {
    /// So many rounds are recorded, each tried again until it is, and given up after so many steps the first time.
    Record {
        rounds: usize,
        /// So often the first device changes its state.
        flips: usize,
        steps: usize,
    },
    Tidy {
        steps: usize,
    },
    Restart,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let steps = || prop_oneof![Just(usize::MAX), 0usize..60];
    let event = prop_oneof![
        4 => (0usize..60, 0usize..4, steps())
            .prop_map(|(rounds, flips, steps)| Event::Record { rounds, flips, steps }),
        4 => steps().prop_map(|steps| Event::Tidy { steps }),
        1 => Just(Event::Restart),
    ];
    prop::collection::vec(event, 1..14)
}

/// The device goes down, and up, and down.
fn change(device: DeviceId, number: usize) -> Outcome {
    let (from, to) =
        if number.is_multiple_of(2) { (State::Up, State::Down) } else { (State::Down, State::Up) };
    let at = Timestamp(BEGIN + i64::try_from(number).unwrap() * 1_000);
    let transition = Some(Transition { from, to, at, cause: None });
    Outcome { device, at, transition, has_rebooted: to == State::Up, ..Outcome::default() }
}

async fn assert_written_once(store: &Store, changes: &[Outcome]) {
    let stored = store.states().changes(None, Timestamp(0), 10_000).await.unwrap();
    let expected: Vec<_> =
        changes.iter().map(|outcome| (outcome.device, outcome.transition.clone().unwrap())).collect();
    assert_eq!(stored, expected);
    let incidents = store.incidents().list(false, (0, 1)).await.unwrap();
    // An outage each time it goes down, and a reboot each time it comes back.
    assert_eq!(incidents.total, changes.len() as u64);
    let open = store.incidents().list(true, (0, 1)).await.unwrap();
    assert_eq!(open.total, (changes.len() % 2) as u64);
}

/// A database server may keep the one connection that writes for a while after its work was cut short.
const TRIES_MAX: u32 = 5;

async fn play(events: Vec<Event>) {
    let temp = Store::open_temp().await;
    let ids = [device(&temp, "a").await, device(&temp, "b").await];
    let mut recorder = open(&temp.store).await;
    let (mut next, mut changes) = (0, Vec::new());
    for event in events {
        match event {
            Event::Record { rounds, flips, steps } => {
                let before = changes.len();
                changes.extend((before..before + flips).map(|number| change(ids[0], number)));
                let outcomes = &changes[before..];
                let numbers = next..next + i64::try_from(rounds).unwrap();
                next = numbers.end;
                let samples: Vec<_> = numbers.flat_map(|number| ids.map(|id| ping(id, number))).collect();
                let first = cut_short(steps, recorder.append(outcomes, &samples)).await;
                // As the journal does: what is not known to be written is written again, until it is.
                let (mut is_known, mut tries) = (first.is_some_and(|done| done.is_ok()), 0);
                while !is_known {
                    let done = recorder.append(outcomes, &samples).await;
                    is_known = done.is_ok();
                    tries += 1;
                    assert!(is_known || tries < TRIES_MAX, "{done:?}");
                }
            }
            Event::Tidy { steps } => {
                cut_short(steps, recorder.tidy()).await;
            }
            Event::Restart => recorder = open(&temp.store).await,
        }
        for id in ids {
            assert_eq!(rounds(&recorder, id).await, (0..next).collect::<Vec<_>>());
        }
        assert_written_once(&temp, &changes).await;
    }
    let found = open(&temp.store).await;
    for id in ids {
        assert_eq!(rounds(&found, id).await, (0..next).collect::<Vec<_>>());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_is_cut_short_every_sample_is_there_exactly_once(events in events()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(events));
    }
}
