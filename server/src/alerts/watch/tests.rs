//! Numbers that go over, come back, rest, are compared, and go missing.

use super::{rhythm::GAP_MS, *};
use model::{About, DeviceKind, RuleScope, Severity};

fn device() -> Device {
    Device {
        location: Some("Bekasi".to_owned()),
        tags: vec!["core".to_owned()],
        ..Device::new(DeviceId(1), "edge", DeviceKind::Router, "192.0.2.1")
    }
}

fn rule(clear: Option<f64>, scope: RuleScope) -> Rule {
    let condition = Condition { clear, ..Condition::new(Measure::CpuLoad, Side::Above, 90.0) };
    let draft = RuleDraft {
        name: "busy".to_owned(),
        enabled: true,
        severity: Severity::Warning,
        about: About::Number(condition),
        scope,
        for_s: 60,
        cool_down_s: 120,
    };
    Rule { id: RuleId(7), draft }
}

fn busy(at: Timestamp, value: f64) -> Measured<'static> {
    Measured { device: DeviceId(1), measure: Measure::CpuLoad, subject: "", at, value }
}

/// Numbers half a minute apart; `O` where one is over, `B` where it is back.
fn check(rule: Rule, numbers: &[f64], expected: &str) {
    let mut watch = Watch::default();
    watch.follow(vec![rule], Vec::new(), Timestamp(0));
    let (device, mut drawn) = (device(), String::new());
    for (place, value) in numbers.iter().enumerate() {
        let at = Timestamp(1_000_000 + i64::try_from(place).unwrap() * 30_000);
        let news = watch.see(&busy(at, *value), Some(&device));
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
    watch.follow(
        vec![rule(None, RuleScope::default())],
        vec![(RuleId(7), DeviceId(1), String::new())],
        Timestamp(0),
    );
    let device = device();
    let mut see = |second: i64, value| watch.see(&busy(Timestamp(second * 1_000), value), Some(&device));
    assert!(see(1_000, 99.0).is_empty() && see(1_100, 99.0).is_empty());
    assert!(matches!(see(1_130, 10.0)[..], [Crossed::Back { .. }]));
}

fn told(news: &[Crossed]) -> Vec<&'static str> {
    let word = |one: &Crossed| match one {
        Crossed::Over { .. } => "over",
        Crossed::Back { .. } => "back",
        Crossed::Gone { .. } => "gone",
    };
    news.iter().map(word).collect()
}

fn is(state: State) -> impl Fn(DeviceId) -> Option<Watched> {
    move |_| Some(Watched { device: Arc::new(device()), state })
}

#[test]
fn what_is_measured_no_more_is_gone_but_not_while_its_device_cannot_be_asked() {
    let mut watch = Watch::default();
    let open = vec![(RuleId(7), DeviceId(1), "ether9".to_owned())];
    watch.follow(vec![rule(None, RuleScope::default())], open, Timestamp(0));
    let later = Timestamp(GAP_MS + 1);
    assert!(watch.look(Timestamp(GAP_MS), is(State::Up)).is_empty());
    assert!(watch.look(later, is(State::Down)).is_empty());
    assert!(watch.look(later, is(State::Up)).is_empty(), "it is back, and measured soon");
    let never = Timestamp(later.0 + GAP_MS + 1);
    assert_eq!(told(&watch.look(never, is(State::Up))), ["gone"]);
    assert!(watch.look(never, is(State::Up)).is_empty() && watch.standings.is_empty());
}

#[test]
fn what_is_open_while_the_devices_are_still_being_read_is_not_forgotten() {
    let mut watch = Watch::default();
    let open = vec![(RuleId(7), DeviceId(1), String::new())];
    watch.follow(vec![rule(None, RuleScope::default())], open, Timestamp(0));
    assert!(watch.look(Timestamp(1_000), |_| None).is_empty());
    assert_eq!(told(&watch.see(&busy(Timestamp(2_000), 10.0), Some(&device()))), ["back"]);
}

#[test]
fn what_was_open_of_a_removed_device_is_forgotten_once_what_is_open_is_read_again() {
    let mut watch = Watch::default();
    let open = vec![(RuleId(7), DeviceId(1), String::new())];
    watch.follow(vec![rule(None, RuleScope::default())], open, Timestamp(0));
    watch.follow(vec![rule(None, RuleScope::default())], Vec::new(), Timestamp(1_000));
    assert!(watch.look(Timestamp(2_000), |_| None).is_empty() && watch.standings.is_empty());
}

#[test]
fn what_ended_before_a_start_is_missed_from_the_start_on() {
    let mut missing = rule(None, RuleScope::default());
    missing.draft.about = About::Number(Condition::new(Measure::CpuLoad, Side::Missing, 0.0));
    let mut watch = Watch::default();
    watch.follow(vec![missing], Vec::new(), Timestamp(0));
    assert!(watch.misses(Measure::CpuLoad) && !watch.misses(Measure::RxRate));
    let number = |subject: &str| ((DeviceId(1), Measure::CpuLoad, subject.into()), 7.0);
    watch.expect(vec![number("gone"), number("back")], Timestamp(0));
    let back = Measured { subject: "back", ..busy(Timestamp(50_000), 8.0) };
    watch.see(&back, Some(&device()));
    assert!(watch.look(Timestamp(59_000), is(State::Up)).is_empty());
    let over = watch.look(Timestamp(60_000), is(State::Up));
    let [Crossed::Over { crossing, .. }] = &over[..] else { panic!("{over:?}") };
    assert_eq!((crossing.subject.as_str(), crossing.value), ("gone", 7.0));
}

#[test]
fn what_a_rule_is_not_about_any_more_is_gone_at_once() {
    let mut watch = Watch::default();
    let elsewhere = RuleScope { sites: vec!["Depok".to_owned()], ..RuleScope::default() };
    let open = vec![(RuleId(7), DeviceId(1), String::new())];
    watch.follow(vec![rule(None, elsewhere)], open, Timestamp(0));
    assert_eq!(told(&watch.look(Timestamp(1_000), is(State::Down))), ["gone"]);
}

#[test]
fn a_clock_that_is_set_back_makes_no_rule_rest_for_longer_than_it_says() {
    let mut watch = Watch::default();
    watch.follow(vec![rule(None, RuleScope::default())], Vec::new(), Timestamp(0));
    let device = device();
    let mut see = |second: i64, value| {
        told(&watch.see(&busy(Timestamp(second * 1_000), value), Some(&device))).concat()
    };
    assert_eq!([see(90_000, 95.0), see(90_060, 95.0), see(90_090, 1.0)].concat(), "overback");
    // A day earlier.
    assert_eq!([see(3_600, 95.0), see(3_660, 95.0)].concat(), "over");
}

#[test]
fn nothing_is_remembered_of_what_is_well_once_the_rule_has_rested() {
    let mut watch = Watch::default();
    watch.follow(vec![rule(None, RuleScope::default())], Vec::new(), Timestamp(0));
    let device = device();
    for (second, value) in [(0, 95.0), (60, 95.0), (90, 1.0), (120, 1.0)] {
        watch.see(&busy(Timestamp(second * 1_000), value), Some(&device));
    }
    assert_eq!(watch.standings.len(), 1);
    watch.look(Timestamp(90_000 + 120_000), is(State::Up));
    assert!(watch.standings.is_empty());
    // The same of one that was over and is measured no more.
    watch.see(&busy(Timestamp(300_000), 95.0), Some(&device));
    watch.look(Timestamp(300_000 + GAP_MS + 1), is(State::Up));
    assert!(watch.standings.is_empty());
}

#[test]
fn what_was_measured_and_is_missing_is_told_once_unless_its_device_is_down() {
    let mut missing = rule(None, RuleScope::default());
    missing.draft.about = About::Number(Condition::new(Measure::CpuLoad, Side::Missing, 0.0));
    let mut watch = Watch::default();
    watch.follow(vec![missing], Vec::new(), Timestamp(0));
    let device = device();
    assert!(watch.look(Timestamp(0), is(State::Up)).is_empty());
    watch.see(&busy(Timestamp(0), 7.0), Some(&device));
    assert!(watch.look(Timestamp(59_000), is(State::Up)).is_empty());
    assert!(watch.look(Timestamp(120_000), is(State::Down)).is_empty());
    assert!(watch.look(Timestamp(150_000), is(State::Up)).is_empty(), "it was down until now");
    let over = watch.look(Timestamp(180_000), is(State::Up));
    assert!(matches!(&over[..], [Crossed::Over { crossing, .. }] if crossing.value == 7.0), "{over:?}");
    assert!(watch.look(Timestamp(300_000), is(State::Up)).is_empty());
    let back = watch.see(&busy(Timestamp(330_000), 8.0), Some(&device));
    assert_eq!(told(&back), ["back"]);
}

#[test]
fn a_number_is_compared_with_what_it_usually_is_once_that_is_read() {
    let mut fall = rule(None, RuleScope::default());
    let against = model::Against::LastHour;
    fall.draft.about = About::Number(Condition {
        against,
        usual_least: Some(4.0),
        ..Condition::new(Measure::CpuLoad, Side::Below, 50.0)
    });
    fall.draft.for_s = 0;
    let mut watch = Watch::default();
    watch.follow(vec![fall], Vec::new(), Timestamp(0));
    let device = device();
    let number: Number = (DeviceId(1), Measure::CpuLoad, "".into());
    let see = |watch: &mut Watch, minute: i64, value| {
        told(&watch.see(&busy(Timestamp(minute * 60_000), value), Some(&device))).concat()
    };
    assert_eq!(see(&mut watch, 0, 1.0), "");
    assert_eq!(watch.unread(9), std::slice::from_ref(&number));
    watch.read(&number, &[], &[]);
    let steady: String = (1..40).map(|minute| see(&mut watch, minute, 20.0)).collect();
    assert_eq!(steady + &see(&mut watch, 40, 11.0) + &see(&mut watch, 41, 9.0), "over");
    assert_eq!(see(&mut watch, 42, 20.0), "back");
}

#[test]
fn a_number_may_be_low_where_it_usually_is() {
    let condition = Condition { unless_usual: true, ..Condition::new(Measure::RxRate, Side::Below, 1e6) };
    assert_eq!(condition.holds(2e6, None), Some(false));
    assert_eq!(condition.holds(1e5, None), None);
    assert_eq!(condition.holds(1e5, Some(2e5)), Some(false));
    assert_eq!(condition.holds(1e5, Some(9e6)), Some(true));
}
