//! The live fleet: order, numbers without gaps, snapshots that fit their feed.

use super::*;
use crate::{RuntimeClock, Transition};
use model::{Check, CheckId, CheckKind, DeviceKind, Interface, Live, Metrics};
use proptest::prelude::*;

fn fleet() -> Arc<Fleet> {
    Fleet::new(Arc::new(RuntimeClock::starting_at(Timestamp(7_000))))
}

fn device(id: i64, name: &str) -> Device {
    Device {
        checks: vec![Check {
            id: CheckId(id),
            kind: CheckKind::Icmp,
            interval_s: 60,
            timeout_s: 5,
            settings: Default::default(),
        }],
        ..Device::new(DeviceId(id), name, DeviceKind::Router, format!("192.0.2.{id}"))
    }
}

fn goes(id: i64, to: State) -> Outcome {
    let transition = Transition { from: State::Unknown, to, at: Timestamp(9), cause: Some("because".into()) };
    Outcome { device: DeviceId(id), transition: Some(transition), ..Outcome::default() }
}

fn seen(id: i64) -> Seen {
    Seen {
        device: DeviceId(id),
        place: 0,
        at: Timestamp(8),
        status: CheckStatus::Ok,
        time_ms: Some(1.5),
        why: None,
        beat: Some(Beat::Ok(15)),
        facts: None,
    }
}

fn told(lost: u32) -> Option<Box<Facts>> {
    let metrics = Metrics { cpu_percent: Some(7.0), ..Metrics::default() };
    Some(Box::new(Facts { metrics, sessions_lost: lost, ..Facts::default() }))
}

#[tokio::test]
async fn rows_come_worst_first_and_then_by_name_and_the_counts_agree() {
    let fleet = fleet();
    for (id, name) in [(1, "b"), (2, "c"), (3, "a"), (4, "d")] {
        fleet.put(device(id, name), &Remembered::default());
    }
    fleet.confirm(&goes(2, State::Up));
    fleet.confirm(&goes(4, State::Down));
    let overview = fleet.overview(3);
    let names: Vec<_> = overview.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["d", "a", "b"]);
    let counts = Counts { up: 1, down: 1, unknown: 2, ..Counts::default() };
    assert_eq!((overview.counts, overview.counts.total()), (counts, 4));
    assert_eq!(overview.rows[0].live.cause.as_deref(), Some("because"));
    assert_eq!(overview.rows[1].live.since, Timestamp(7_000), "new from now on");
    assert_eq!(fleet.devices().iter().map(|device| device.id.0).collect::<Vec<_>>(), [3, 1, 2, 4]);
}

#[tokio::test]
async fn what_a_check_sees_is_told_at_once_and_a_transition_only_when_it_is_confirmed() {
    let fleet = fleet();
    fleet.put(device(1, "a"), &Remembered::default());
    let mut feed = fleet.changes();
    let (seq, rows) = fleet.rows();
    assert_eq!((rows.len(), rows[0].live.state), (1, State::Unknown));
    fleet.apply(seen(1));
    fleet.confirm(&goes(1, State::Up));
    fleet.confirm(&Outcome { device: DeviceId(1), ..Outcome::default() });
    let first = feed.recv().await.unwrap();
    let second = feed.recv().await.unwrap();
    assert_eq!((first.seq, second.seq), (seq + 1, seq + 2));
    let live = |event: &LiveEvent| match &event.change {
        Change::Live { live, .. } => (live.state, live.beat, live.checks[0].time_ms),
        other => panic!("{other:?}"),
    };
    assert_eq!(live(&first), (State::Unknown, Some(Beat::Ok(15)), Some(1.5)));
    assert_eq!(live(&second), (State::Up, None, Some(1.5)));
    assert!(feed.try_recv().is_err(), "an outcome without a transition is no news");
}

#[tokio::test]
async fn a_names_holder_is_found_even_while_names_are_swapped() {
    let fleet = fleet();
    for (id, name) in [(1, "a"), (2, "b"), (1, "b"), (2, "a")] {
        fleet.put(device(id, name), &Remembered::default());
    }
    assert_eq!((fleet.id_of("a"), fleet.id_of("b")), (Some(DeviceId(2)), Some(DeviceId(1))));
    fleet.remove(DeviceId(1));
    assert_eq!((fleet.id_of("b"), fleet.row(DeviceId(1)), fleet.counts().total()), (None, None, 1));
    fleet.remove(DeviceId(1));
    assert!(fleet.apply(seen(1)).is_none(), "what is gone is no trouble");
}

#[tokio::test]
async fn session_losses_add_up_to_what_is_remembered() {
    let fleet = fleet();
    fleet.put(device(1, "a"), &Remembered { reconnects: 40, ..Remembered::default() });
    let mut news = fleet.subscribe_facts();
    assert_eq!(fleet.apply(Seen { facts: told(0), ..seen(1) }), None);
    assert_eq!(fleet.apply(Seen { facts: told(2), ..seen(1) }), Some(42));
    assert_eq!(fleet.apply(seen(1)), None);
    assert_eq!(fleet.facts(DeviceId(1)).unwrap().metrics.reconnects, 42);
    assert_eq!(fleet.row(DeviceId(1)).unwrap().live.router.unwrap().cpu_percent, Some(7.0));
    assert_eq!((news.recv().await, news.recv().await), (Ok(DeviceId(1)), Ok(DeviceId(1))));
}

#[tokio::test]
async fn a_router_that_is_gone_keeps_what_it_is_and_loses_what_it_did() {
    let fleet = fleet();
    let mut router = device(1, "a");
    router.checks[0].kind = CheckKind::Routeros;
    fleet.put(router, &Remembered::default());
    let mut facts = told(0).unwrap();
    facts.metrics.model = Some("hEX".into());
    facts.metrics.uptime_s = Some(60);
    facts.interfaces = vec![Interface { rx_bps: Some(8), ..Interface::default() }];
    fleet.apply(Seen { facts: Some(facts), ..seen(1) });
    fleet.apply(Seen { status: CheckStatus::Failing, ..seen(1) });
    assert_eq!(fleet.facts(DeviceId(1)).unwrap().metrics.cpu_percent, Some(7.0), "one failure is no proof");
    let mut news = fleet.subscribe_facts();
    for _ in 0..3 {
        fleet.apply(Seen { status: CheckStatus::Failed, ..seen(1) });
    }
    let facts = fleet.facts(DeviceId(1)).unwrap();
    let metrics = &facts.metrics;
    assert_eq!((metrics.cpu_percent, metrics.uptime_s, facts.interfaces[0].rx_bps), (None, None, None));
    assert_eq!(metrics.model.as_deref(), Some("hEX"));
    assert_eq!(fleet.row(DeviceId(1)).unwrap().live.router.unwrap().cpu_percent, None);
    assert_eq!(news.recv().await, Ok(DeviceId(1)));
    assert!(news.try_recv().is_err(), "told once");
}

#[tokio::test]
async fn an_edit_keeps_what_is_still_true_and_another_address_forgets_it() {
    let fleet = fleet();
    let remembered =
        Remembered { state: State::Up, since: Timestamp(5), reconnects: 3, ..Remembered::default() };
    fleet.put(device(1, "a"), &remembered);
    fleet.apply(seen(1));
    let renamed = device(1, "z");
    fleet.put(renamed.clone(), &Remembered::default());
    let row = fleet.row(DeviceId(1)).unwrap();
    assert_eq!((row.name.as_str(), row.live.state, row.live.since), ("z", State::Up, Timestamp(5)));
    assert_eq!((row.live.checks[0].status, row.beats.len()), (CheckStatus::Ok, 1));
    assert_eq!(fleet.remembered(DeviceId(1)).unwrap().reconnects, 3);
    fleet.put(Device { address: "198.51.100.1".into(), ..renamed }, &Remembered::default());
    let row = fleet.row(DeviceId(1)).unwrap();
    assert_eq!((row.live.checks[0].status, row.beats.len()), (CheckStatus::Pending, 0));
}

#[tokio::test]
async fn the_last_thirty_beats_are_kept_oldest_first() {
    let fleet = fleet();
    fleet.put(device(1, "a"), &Remembered::default());
    for beat in 0..45 {
        fleet.apply(Seen { beat: Some(Beat::Ok(beat)), ..seen(1) });
    }
    let beats = fleet.row(DeviceId(1)).unwrap().beats;
    assert_eq!(beats, (15..45).map(Beat::Ok).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_failing_database_is_said_once_and_its_recovery_once() {
    let fleet = fleet();
    let mut feed = fleet.changes();
    for since in [Some(Timestamp(3)), Some(Timestamp(3)), None, None] {
        fleet.set_unrecorded(since);
    }
    for expected in [Some(Timestamp(3)), None] {
        assert_eq!(
            feed.recv().await.unwrap().change,
            Change::Trouble(Trouble { unrecorded_since: expected, ..Trouble::default() })
        );
    }
    assert!(feed.try_recv().is_err());
}

/// One thing that can happen to a fleet.
#[derive(Clone, Debug)]
enum Act {
    Put(i64),
    Remove(i64),
    Confirm(i64, State),
    Apply(i64),
}

fn act() -> impl Strategy<Value = Act> {
    let id = 0..6i64;
    prop_oneof![
        id.clone().prop_map(Act::Put),
        id.clone().prop_map(Act::Remove),
        (id.clone(), prop::sample::select(State::ALL.to_vec()))
            .prop_map(|(id, state)| Act::Confirm(id, state)),
        id.prop_map(Act::Apply),
    ]
}

fn perform(fleet: &Fleet, act: &Act) {
    match act {
        Act::Put(id) => fleet.put(device(*id, &format!("d{id}")), &Remembered::default()),
        Act::Remove(id) => fleet.remove(DeviceId(*id)),
        Act::Confirm(id, state) => fleet.confirm(&goes(*id, *state)),
        Act::Apply(id) => drop(fleet.apply(seen(*id))),
    }
}

proptest! {
    /// What a browser does: a snapshot in the middle, then every change after it.
    #[test]
    fn a_snapshot_and_its_feed_lead_to_the_same_fleet_without_a_gap(
        before in prop::collection::vec(act(), 0..30),
        after in prop::collection::vec(act(), 0..30),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let _guard = runtime.enter();
        let fleet = fleet();
        before.iter().for_each(|act| perform(&fleet, act));
        let mut feed = fleet.changes();
        let (mut seq, rows) = fleet.rows();
        let mut mirror: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
        after.iter().for_each(|act| perform(&fleet, act));
        while let Ok(event) = feed.try_recv() {
            seq += 1;
            prop_assert_eq!(event.seq, seq);
            match &event.change {
                Change::Live { id, live } => {
                    let row = mirror.get_mut(id).unwrap();
                    row.beats.extend(live.beat);
                    row.live = Live { beat: None, ..Live::clone(live) };
                }
                Change::Row(row) => drop(mirror.insert(row.id, Row::clone(row))),
                Change::Removed { id } => drop(mirror.remove(id)),
                Change::Trouble(_) | Change::Quiet(_) => {}
            }
        }
        let (last, rows) = fleet.rows();
        prop_assert_eq!(last, seq);
        let mut expected: Vec<_> = mirror.into_values().collect();
        expected.sort_by(|a, b| (a.live.state, &a.name).cmp(&(b.live.state, &b.name)));
        let mut counts = Counts::default();
        expected.iter().for_each(|row| counts.add(row.live.state));
        for row in &mut expected {
            let old = row.beats.len().saturating_sub(model::BEATS_MAX);
            row.beats.drain(..old);
        }
        prop_assert_eq!(&rows, &expected);
        prop_assert_eq!(fleet.counts(), counts);
    }
}
