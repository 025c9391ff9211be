//! Rules about states, and numbers that are measured no more.

use super::*;
use crate::journal::Ledger;
use engine::Clock;

impl Desk {
    /// The rule about this state.
    pub async fn rule_of(&self, state: IncidentKind) -> Rule {
        let is_of = |rule: &Rule| rule.draft.about.event().is_some_and(|event| event.state == state);
        self.temp.rules().list().await.unwrap().into_iter().find(is_of).unwrap()
    }

    pub async fn change(&self, state: IncidentKind, change: impl FnOnce(&mut RuleDraft)) {
        let Rule { id, mut draft } = self.rule_of(state).await;
        change(&mut draft);
        self.temp.rules().update(id, &draft).await.unwrap();
        self.recorder.rules_changed();
    }

    pub async fn listed(&self, only_open: bool) -> Vec<Incident> {
        self.temp.incidents().list(only_open, (0, 100)).await.unwrap().incidents
    }

    /// It happens now.
    pub async fn goes_now(&self, device: DeviceId, from: State, to: State) {
        let at = self.temp.clock.now();
        let transition = Some(Transition { from, to, at, cause: None });
        let outcome = Outcome { device, at, transition, ..Outcome::default() };
        self.recorder.append(&[outcome], &[]).await.unwrap();
    }

    pub async fn look_after(&self, seconds: i64) {
        self.temp.clock.forward(seconds * 1_000);
        self.recorder.tidy().await.unwrap();
    }
}

#[tokio::test]
async fn the_rules_of_a_new_database_tell_of_states_as_they_always_were_told() {
    let desk = Desk::open(1, Severity::Info).await;
    let rules = desk.temp.rules().list().await.unwrap();
    let mut told: Vec<_> = rules
        .iter()
        .map(|rule| {
            let event = rule.draft.about.event().unwrap();
            (event.state.word(), rule.draft.enabled, rule.draft.severity == event.state.severity())
        })
        .collect();
    let expected = [
        ("certificate", true, true),
        ("degraded", true, true),
        ("down", true, true),
        ("rebooted", true, true),
        ("reconnects", true, true),
        ("update", false, true),
    ];
    told.sort_unstable();
    assert_eq!(told, expected);
    desk.record(&[goes(desk.devices[0], State::Up, State::Down, 0)]).await;
    let incident = desk.listed(true).await.remove(0);
    assert_eq!(incident.rule, Some(desk.rule_of(IncidentKind::Down).await.id));
}

#[tokio::test]
async fn what_no_rule_is_about_opens_nothing_and_an_end_of_what_was_opened_is_told() {
    let desk = Desk::open(2, Severity::Info).await;
    let (a, b) = (desk.devices[0], desk.devices[1]);
    desk.change(IncidentKind::Degraded, |draft| draft.enabled = false).await;
    desk.change(IncidentKind::Down, |draft| draft.scope.devices = vec!["d0001".to_owned()]).await;
    desk.record(&[goes(a, State::Up, State::Degraded, 0), goes(a, State::Degraded, State::Down, 1)]).await;
    assert!(desk.listed(false).await.is_empty());
    desk.record(&[goes(b, State::Up, State::Down, 2), goes(b, State::Down, State::Degraded, 3)]).await;
    let all = desk.listed(false).await;
    assert_eq!((all.len(), all[0].ending), (1, Some(IncidentEnd::Degraded)));
}

#[tokio::test]
async fn what_is_behind_a_device_of_which_nobody_is_told_is_told_by_its_own_rule() {
    let desk = Desk::open(2, Severity::Info).await;
    let (parent, child) = (desk.devices[0], desk.devices[1]);
    desk.change(IncidentKind::Down, |draft| draft.scope.devices = vec!["d0001".to_owned()]).await;
    desk.record(&[goes(parent, State::Up, State::Down, 0), hidden(child, parent, 1)]).await;
    let open = desk.listed(true).await;
    assert_eq!((open.len(), open[0].device, open[0].kind), (1, Some(child), IncidentKind::Down));
    desk.record(&[goes(parent, State::Down, State::Up, 60), goes(child, State::Unknown, State::Up, 61)])
        .await;
    let all = desk.listed(false).await;
    assert_eq!((all.len(), all[0].ending), (1, Some(IncidentEnd::Recovered)));
}

#[tokio::test]
async fn a_rule_that_is_switched_off_withdraws_what_it_opened_and_a_new_severity_leaves_it_open() {
    let desk = Desk::open(1, Severity::Info).await;
    desk.record(&[goes(desk.devices[0], State::Up, State::Down, 0)]).await;
    desk.change(IncidentKind::Down, |draft| draft.severity = Severity::Warning).await;
    assert_eq!(desk.listed(true).await.len(), 1);
    desk.change(IncidentKind::Down, |draft| draft.enabled = false).await;
    let all = desk.listed(false).await;
    assert_eq!((all.len(), all[0].ending), (1, Some(IncidentEnd::Withdrawn)));
}

#[tokio::test]
async fn of_two_rules_the_one_that_tells_first_and_then_the_more_severe_tells() {
    let desk = Desk::open(1, Severity::Info).await;
    let mut info = desk.rule_of(IncidentKind::Down).await.draft;
    (info.name, info.severity) = ("also".to_owned(), Severity::Info);
    desk.temp.rules().create(&info).await.unwrap();
    (info.name, info.severity, info.for_s) = ("late".to_owned(), Severity::Critical, 60);
    desk.temp.rules().create(&info).await.unwrap();
    desk.record(&[goes(desk.devices[0], State::Up, State::Down, 0)]).await;
    let open = desk.listed(true).await;
    assert_eq!((open.len(), open[0].severity), (1, Severity::Critical));
    assert_eq!(open[0].rule, Some(desk.rule_of(IncidentKind::Down).await.id));
}

#[tokio::test]
async fn what_is_to_last_is_told_once_it_did_also_after_a_start_and_what_is_over_before_never() {
    let mut desk = Desk::open(2, Severity::Info).await;
    let (a, b) = (desk.devices[0], desk.devices[1]);
    desk.change(IncidentKind::Degraded, |draft| draft.for_s = 300).await;
    desk.goes_now(a, State::Up, State::Degraded).await;
    let since = desk.temp.clock.now();
    desk.goes_now(b, State::Up, State::Degraded).await;
    desk.look_after(200).await;
    desk.goes_now(b, State::Degraded, State::Up).await;
    assert!(desk.listed(false).await.is_empty());
    let fleet = Fleet::new(desk.temp.clock.clone());
    desk.recorder = Recorder::open(desk.temp.store.clone(), fleet, desk.temp.clock.clone(), Arc::default())
        .await
        .unwrap();
    desk.look_after(101).await;
    desk.look_after(60).await;
    let open = desk.listed(false).await;
    assert_eq!((open.len(), open[0].device, open[0].opened_at), (1, Some(a), since));
    desk.goes_now(a, State::Degraded, State::Up).await;
    desk.tell_all().await;
    assert_eq!(desk.got(), ["incident-1-opened", "incident-1-closed"]);
}

#[tokio::test]
async fn what_was_told_as_degraded_goes_on_until_it_is_told_that_it_is_down_or_that_it_is_back() {
    let desk = Desk::open(2, Severity::Info).await;
    let (a, b) = (desk.devices[0], desk.devices[1]);
    desk.change(IncidentKind::Down, |draft| draft.for_s = 300).await;
    for id in [a, b] {
        desk.goes_now(id, State::Up, State::Degraded).await;
        desk.goes_now(id, State::Degraded, State::Down).await;
    }
    assert_eq!(desk.listed(true).await.len(), 2, "nobody knows of anything else yet");
    desk.goes_now(a, State::Down, State::Up).await;
    let is_of = |id: DeviceId| move |one: &Incident| one.device == Some(id);
    let first = desk.listed(false).await.into_iter().find(is_of(a)).unwrap();
    assert_eq!(first.ending, Some(IncidentEnd::Recovered));
    desk.look_after(301).await;
    desk.look_after(60).await;
    let second: Vec<_> = desk.listed(false).await.into_iter().filter(is_of(b)).collect();
    let endings: Vec<_> = second.iter().map(|one| (one.kind, one.ending)).collect();
    assert!(endings.contains(&(IncidentKind::Degraded, Some(IncidentEnd::Worse))), "{endings:?}");
    assert!(endings.contains(&(IncidentKind::Down, None)), "{endings:?}");
}

#[tokio::test]
async fn what_is_out_of_sight_behind_a_device_is_named_with_it_also_where_that_is_told_late() {
    let desk = Desk::open(4, Severity::Info).await;
    for (number, parent) in [(1, 0), (2, 1), (3, 0)] {
        let draft = DeviceDraft { parent: Some(desk.devices[parent]), ..draft(number) };
        desk.temp.devices().update(desk.devices[number], draft, &desk.temp.vault).await.unwrap();
    }
    desk.change(IncidentKind::Down, |draft| draft.for_s = 300).await;
    desk.goes_now(desk.devices[0], State::Up, State::Down).await;
    for device in [desk.devices[1], desk.devices[2]] {
        let at = desk.temp.clock.now();
        let cause = Some("behind d0000, which is down".to_owned());
        let transition = Some(Transition { from: State::Up, to: State::Unknown, at, cause });
        let behind = Some(desk.devices[0]);
        let outcome = Outcome { device, at, transition, behind, ..Outcome::default() };
        desk.record(&[outcome]).await;
    }
    desk.look_after(301).await;
    desk.look_after(60).await;
    let open = desk.listed(true).await;
    let mut names: Vec<_> = open[0].affected.iter().map(|one| one.name.clone()).collect();
    names.sort();
    assert_eq!((open.len(), names), (1, vec!["d0001".to_owned(), "d0002".to_owned()]));
}

#[tokio::test]
async fn devices_at_one_address_that_are_down_for_long_are_told_once_and_those_told_of_already_not_again() {
    let desk = Desk::open(3, Severity::Info).await;
    let [a, b, c] = [desk.devices[0], desk.devices[1], desk.devices[2]];
    super::shared::share(&desk, 3).await;
    desk.change(IncidentKind::Down, |draft| draft.for_s = 300).await;
    let mut at_once = desk.rule_of(IncidentKind::Down).await.draft;
    (at_once.name, at_once.for_s) = ("at once".to_owned(), 0);
    at_once.scope.devices = vec!["d0002".to_owned()];
    desk.temp.rules().create(&at_once).await.unwrap();
    desk.recorder.rules_changed();
    for device in [a, b] {
        desk.goes_now(device, State::Up, State::Down).await;
        desk.temp.clock.forward(1_000);
    }
    assert!(desk.listed(false).await.is_empty());
    desk.look_after(300).await;
    desk.look_after(60).await;
    let open = desk.listed(true).await;
    assert_eq!((open.len(), open[0].together), (1, Some(Together { devices: 2, down: 2 })));
    desk.goes_now(a, State::Down, State::Up).await;
    desk.goes_now(c, State::Up, State::Down).await;
    assert_eq!(desk.listed(true).await.len(), 2, "it went down long after the others");
    desk.goes_now(a, State::Up, State::Down).await;
    desk.look_after(301).await;
    desk.look_after(60).await;
    let downs: Vec<_> = desk.listed(true).await.iter().map(|one| one.together.map(|all| all.down)).collect();
    assert_eq!(downs.iter().map(|down| down.unwrap_or(1)).sum::<u32>(), 3, "{downs:?}");
}

#[tokio::test]
async fn another_certificate_is_told_beside_what_fails_because_of_it() {
    let desk = Desk::open(1, Severity::Info).await;
    let mut outcome = goes(desk.devices[0], State::Up, State::Degraded, 0);
    if let Some(change) = &mut outcome.transition {
        change.cause = Some("routeros: the certificate changed: pinned SHA-256 00, seen 01".to_owned());
    }
    desk.record(&[outcome]).await;
    let kinds: Vec<_> = desk.listed(false).await.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [IncidentKind::Degraded, IncidentKind::Certificate]);
}

#[tokio::test]
async fn an_update_is_told_once_a_version_and_also_a_start_tells_it_no_second_time() {
    let desk = Desk::open(1, Severity::Info).await;
    desk.change(IncidentKind::Update, |draft| draft.enabled = true).await;
    let now = desk.temp.clock.now();
    for version in ["7.20", "7.20", "7.21"] {
        let recording = desk.temp.recording().await.unwrap();
        recording.late_incidents(&[(desk.devices[0], version.to_owned())], now).await.unwrap();
        recording.commit().await.unwrap();
    }
    let told: Vec<_> = desk.listed(false).await.into_iter().map(|one| (one.cause, one.ending)).collect();
    let once = |version: &str| (Some(version.to_owned()), Some(IncidentEnd::AtOnce));
    assert_eq!(told, [once("7.21"), once("7.20")]);
}

#[tokio::test]
async fn what_is_measured_no_more_is_withdrawn_also_after_a_start() {
    let mut desk = Desk::open(1, Severity::Info).await;
    let id = desk.devices[0];
    desk.temp.rules().create(&super::rule(true)).await.unwrap();
    for _ in 0..3 {
        let at = desk.temp.clock.now();
        let sample =
            Sample { measure: Measure::CpuLoad, subject: String::new(), value: Reading::Number(99.0) };
        desk.recorder.append(&[], &[Sampled { device: id, at, sample }]).await.unwrap();
        desk.temp.clock.forward(60_000);
    }
    assert_eq!(desk.listed(true).await.len(), 1);
    let fleet = Fleet::new(desk.temp.clock.clone());
    let up = Remembered { state: State::Up, ..Remembered::default() };
    for device in desk.temp.devices().list().await.unwrap() {
        fleet.put(device, &up);
    }
    desk.recorder = Recorder::open(desk.temp.store.clone(), fleet, desk.temp.clock.clone(), Arc::default())
        .await
        .unwrap();
    desk.look_after(16).await;
    assert_eq!(desk.listed(true).await.len(), 1, "it may still come");
    desk.look_after(16 * 60).await;
    let all = desk.listed(false).await;
    assert_eq!((all.len(), all[0].ending), (1, Some(IncidentEnd::Withdrawn)));
}

#[tokio::test]
async fn a_rule_says_how_often_it_fired_of_late_and_how_much_of_it_is_open() {
    let desk = Desk::open(2, Severity::Info).await;
    let (a, b) = (desk.devices[0], desk.devices[1]);
    desk.record(&[goes(a, State::Up, State::Down, 0), goes(b, State::Up, State::Down, 1)]).await;
    desk.record(&[goes(b, State::Down, State::Up, 2), goes(b, State::Up, State::Down, 3)]).await;
    let down = desk.rule_of(IncidentKind::Down).await.id;
    let tally = async |second: i64| {
        let from = Timestamp(BEGIN + second * 1_000);
        desk.temp.rules().tallies(from).await.unwrap().remove(&down).unwrap()
    };
    assert_eq!(tally(0).await, RuleTally { fired: 3, open: 2 });
    assert_eq!(tally(2).await, RuleTally { fired: 1, open: 2 });
}
