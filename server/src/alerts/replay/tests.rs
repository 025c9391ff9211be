//! What is judged as it is measured, and what is judged when it is stored, come to the same.

use super::*;
use crate::{
    alerts::{Crossed, Measured, Watch, Watched},
    history::Recorder,
    journal::{Ledger, Sampled},
    store::Store,
};
use engine::{Fleet, Remembered, SystemClock};
use model::*;
use proptest::prelude::*;
use std::sync::Arc;

const BEGIN: i64 = 1_790_000_000_000;
const GAP_MS: i64 = 900_000;

fn draft(condition: Condition, for_s: u32, cool_down_s: u32) -> RuleDraft {
    RuleDraft {
        name: "rule".to_owned(),
        enabled: true,
        severity: Severity::Warning,
        about: About::Number(condition),
        scope: RuleScope::default(),
        for_s,
        cool_down_s,
    }
}

fn device() -> Device {
    Device::new(DeviceId(1), "edge", DeviceKind::Router, "192.0.2.1")
}

fn past(points: &[(Timestamp, f64)]) -> Past<'_> {
    let end = points.last().map_or(Timestamp(0), |(at, _)| *at);
    Past { subject: "", gap_ms: GAP_MS, round_s: 60, before: &[], points, answered: &[], starts: &[], end }
}

/// What a watch that sees these points one by one has to say, as a replay says it. In holes between them it looks at a
/// device that is in this state.
fn live(rule: &RuleDraft, points: &[(Timestamp, f64)], state: State) -> Vec<Fired> {
    judged(rule, points, (&[], Some(state)))
}

/// The same of a program that was killed and started again at these times, and had nothing to look at.
fn live_with_starts(rule: &RuleDraft, points: &[(Timestamp, f64)], starts: &[Timestamp]) -> Vec<Fired> {
    judged(rule, points, (starts, None))
}

fn judged(
    rule: &RuleDraft,
    points: &[(Timestamp, f64)],
    (starts, looks): (&[Timestamp], Option<State>),
) -> Vec<Fired> {
    let (mut watch, device) = (Watch::default(), Arc::new(device()));
    let mut last = None::<Timestamp>;
    let rules = || vec![Rule { id: RuleId(1), draft: rule.clone() }];
    watch.follow(rules(), Vec::new(), Timestamp(0));
    let mut fired = Vec::<Fired>::new();
    let mut starts = starts.iter().peekable();
    for (at, value) in points {
        while let Some(start) = starts.next_if(|start| *start <= at) {
            let is_open = fired.last().is_some_and(|fired| fired.until.is_none());
            let open = is_open.then(|| (RuleId(1), device.id, String::new()));
            watch = Watch::default();
            watch.follow(rules(), open.into_iter().collect(), *start);
        }
        let silent = last.replace(*at).map(|last| Timestamp(last.0 + GAP_MS));
        if let (Some(state), Some(silent)) = (looks, silent.filter(|silent| silent < at)) {
            let is = |_| Some(Watched { device: device.clone(), state });
            for news in watch.look(Timestamp(silent.0 + 1), is) {
                assert!(matches!(news, Crossed::Gone { .. }), "{news:?}");
                fired.last_mut().unwrap().until = Some(silent);
            }
        }
        let measured =
            Measured { device: device.id, measure: Measure::CpuLoad, subject: "", at: *at, value: *value };
        for news in watch.see(&measured, Some(&*device)) {
            match news {
                Crossed::Over { crossing, .. } => fired.push(Fired { crossing, until: None }),
                Crossed::Back { at, .. } => fired.last_mut().unwrap().until = Some(at),
                Crossed::Gone { .. } => unreachable!("it is measured"),
            }
        }
        watch.unread(9).iter().for_each(|number| watch.read(number, &[], &[]));
    }
    fired
}

fn conditions() -> impl Strategy<Value = Condition> {
    let side = prop_oneof![Just(Side::Above), Just(Side::Below)];
    let against = prop_oneof![Just(Against::Limit), Just(Against::LastHour), Just(Against::SameHour)];
    (side, against, 1.0f64..99.0, any::<bool>(), any::<bool>()).prop_map(
        |(side, against, limit, unless_usual, has_clear)| {
            let nearer = if side == Side::Above || against != Against::Limit { 0.8 } else { 1.2 };
            let clear = has_clear.then_some(limit * nearer);
            let unless_usual = unless_usual && against == Against::Limit;
            Condition { clear, against, unless_usual, ..Condition::new(Measure::CpuLoad, side, limit) }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn a_kill_in_between_changes_what_is_told_and_what_is_judged_afterwards_alike(
        for_s in 0u32..600,
        cool_down_s in 0u32..3_600,
        values in prop::collection::vec(0.0f64..100.0, 1..200),
        // After which points the program was killed, and for how many seconds nothing ran.
        kills in prop::collection::btree_map(0usize..200, 1i64..3_000, 0..5),
    ) {
        let rule = draft(Condition::new(Measure::CpuLoad, Side::Above, 40.0), for_s, cool_down_s);
        let (mut at, mut points, mut starts) = (BEGIN, Vec::new(), Vec::new());
        for (place, value) in values.into_iter().enumerate() {
            points.push((Timestamp(at), value));
            if let Some(seconds) = kills.get(&place) {
                at += seconds * 1_000;
                starts.push(Timestamp(at));
            }
            at += 60_000;
        }
        let known = Past { starts: &starts, ..past(&points) };
        let condition = rule.about.number().unwrap();
        prop_assert_eq!(live_with_starts(&rule, &points, &starts), replay(&rule, condition, &known));
    }

    #[test]
    fn judging_live_and_judging_what_was_stored_come_to_the_same(
        condition in conditions(),
        for_s in 0u32..600,
        cool_down_s in 0u32..3_600,
        // Mostly a minute apart, with holes of hours; a number that wanders.
        steps in prop::collection::vec(
            (prop_oneof![9 => 20i64..90, 1 => 600i64..90_000], -30.0f64..30.0), 1..400),
    ) {
        let rule = draft(condition.clone(), for_s, cool_down_s);
        let (mut now, mut value) = (BEGIN, 50.0f64);
        let points: Vec<_> = steps.iter().map(|(step_s, more)| {
            now += step_s * 1_000;
            value = (value + more).clamp(0.0, 100.0).round();
            (Timestamp(now), value)
        }).collect();
        // The first number is compared with nothing, live as stored.
        prop_assert_eq!(replay(&rule, &condition, &past(&points)), live(&rule, &points, State::Down));
        let up = [Span { from: Timestamp(BEGIN), to: Timestamp(now) }];
        let known = Past { answered: &up, ..past(&points) };
        prop_assert_eq!(replay(&rule, &condition, &known), live(&rule, &points, State::Up));
    }
}

#[tokio::test]
async fn what_was_stored_fires_as_it_did_when_it_was_measured() {
    let temp = Store::open_temp().await;
    let draft_of = DeviceDraft::new("edge", DeviceKind::Server, "192.0.2.1");
    let device = temp.devices().create(draft_of, &temp.vault).await.unwrap();
    let fleet = Fleet::new(Arc::new(SystemClock));
    fleet.put(device.clone(), &Remembered::default());
    let condition = Condition { clear: Some(80.0), ..Condition::new(Measure::CpuLoad, Side::Above, 90.0) };
    let rule = draft(condition.clone(), 120, 300);
    temp.rules().create(&rule).await.unwrap();
    let recorder =
        Recorder::open(temp.store.clone(), fleet, temp.clock.clone(), Arc::default()).await.unwrap();
    let values = (0..400).map(|place| if place % 50 > 30 { 97.0 } else { f64::from(place % 9) });
    for (place, value) in values.enumerate() {
        let at = Timestamp(BEGIN + i64::try_from(place).unwrap() * 30_000);
        let sample =
            Sample { measure: Measure::CpuLoad, subject: String::new(), value: Reading::Number(value) };
        recorder.append(&[], &[Sampled { device: device.id, at, sample }]).await.unwrap();
        if place % 60 == 59 {
            while recorder.tidy().await.unwrap() {}
        }
    }
    let (id, key) = recorder.series(device.id).remove(0);
    let span = (Timestamp(BEGIN), Timestamp(BEGIN + 400 * 30_000));
    let points: Vec<_> = recorder.points(id, &key, span).await.unwrap();
    let points: Vec<_> = points.into_iter().map(|(at, value)| (at, value.number().unwrap())).collect();
    let told: Vec<_> = replay(&rule, &condition, &past(&points))
        .into_iter()
        .map(|fired| (fired.crossing.since, fired.until, fired.crossing.value))
        .collect();
    let mut kept = temp.incidents().list(false, (0, 100)).await.unwrap().incidents;
    kept.reverse();
    let kept: Vec<_> =
        kept.into_iter().map(|one| (one.opened_at, one.closed_at, one.crossing.unwrap().value)).collect();
    assert_eq!((told.len(), &told), (8, &kept));
}

#[test]
fn what_is_over_a_limit_ends_with_its_series_while_the_device_is_up_and_goes_on_while_it_is_not() {
    let condition = Condition::new(Measure::CpuLoad, Side::Above, 90.0);
    let rule = draft(condition.clone(), 0, 0);
    let at = |minute: i64| Timestamp(BEGIN + minute * 60_000);
    let points = [(at(0), 95.0), (at(1), 96.0)];
    let span = |from, to| Span { from: at(from), to: at(to) };
    let until = |answered: &[Span], starts: &[Timestamp], end| {
        let past = Past { answered, starts, end: at(end), ..past(&points) };
        let told = replay(&rule, &condition, &past);
        told.into_iter().map(|fired| (fired.crossing.since, fired.until)).collect::<Vec<_>>()
    };
    let fired = |until: Option<i64>| vec![(at(0), until.map(at))];
    assert_eq!(until(&[span(0, 10)], &[], 10), fired(None), "it may still come");
    assert_eq!(until(&[span(0, 60)], &[], 60), fired(Some(16)));
    assert_eq!(until(&[span(0, 5)], &[], 60), fired(None), "the device was not up since");
    assert_eq!(until(&[span(0, 5), span(40, 50), span(52, 60)], &[], 60), fired(None), "never for so long");
    assert_eq!(until(&[span(0, 5), span(40, 60)], &[], 60), fired(Some(55)));
    assert_eq!(until(&[span(0, 60)], &[at(10)], 60), fired(Some(25)), "it is waited for anew after a start");
}

#[test]
fn what_is_missing_is_missed_only_while_the_device_answers() {
    let condition = Condition::new(Measure::CpuLoad, Side::Missing, 0.0);
    let rule = draft(condition.clone(), 600, 0);
    let at = |minute: i64| Timestamp(BEGIN + minute * 60_000);
    let points = [(at(0), 5.0), (at(60), 6.0), (at(61), 7.0)];
    let span = |from, to| Span { from: at(from), to: at(to) };
    let fired = |answered: &[Span], end| {
        let past = Past { answered, end: at(end), ..past(&points) };
        let told = replay(&rule, &condition, &past);
        told.into_iter().map(|fired| (fired.crossing.since, fired.until)).collect::<Vec<_>>()
    };
    assert_eq!(fired(&[span(0, 61)], 61), [(at(0), Some(at(60)))]);
    assert_eq!(fired(&[span(0, 5), span(55, 61)], 61), []);
    assert_eq!(fired(&[span(0, 5), span(40, 80)], 80), [(at(40), Some(at(60))), (at(61), None)]);
}
