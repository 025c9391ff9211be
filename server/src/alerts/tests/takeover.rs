//! Rules that are switched on and off, made and removed while something is wrong.

use super::*;
use engine::Clock;

impl Desk {
    /// A second rule about devices that are down.
    async fn also(&self, name: &str, for_s: u32, severity: Severity) -> Rule {
        let draft = RuleDraft {
            name: name.to_owned(),
            for_s,
            severity,
            ..self.rule_of(IncidentKind::Down).await.draft
        };
        let made = self.temp.rules().create(&draft).await.unwrap();
        self.recorder.rules_changed();
        made
    }

    async fn without(&self, rule: RuleId) {
        self.temp.rules().remove(rule).await.unwrap();
        self.recorder.rules_changed();
    }

    fn last_title(&self) -> String {
        self.receiver.bodies.lock().last().unwrap()["title"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_rule_that_is_switched_on_covers_what_is_down_already_and_once() {
    let desk = Desk::open(3, Severity::Info).await;
    let (a, b) = (desk.devices[0], desk.devices[1]);
    desk.goes_now(a, State::Up, State::Down).await;
    desk.goes_now(b, State::Up, State::Degraded).await;
    let since = desk.temp.clock.now();
    for kind in [IncidentKind::Down, IncidentKind::Degraded] {
        desk.change(kind, |draft| draft.enabled = false).await;
    }
    desk.look_after(60).await;
    assert!(desk.listed(true).await.is_empty());
    for kind in [IncidentKind::Down, IncidentKind::Degraded] {
        desk.change(kind, |draft| draft.enabled = true).await;
    }
    // No longer than until the next look, which a change of the rules brings on.
    desk.look_after(1).await;
    desk.look_after(60).await;
    let open = desk.listed(true).await;
    let mut kinds: Vec<_> = open.iter().map(|one| (one.device, one.kind.word(), one.opened_at)).collect();
    kinds.sort();
    assert_eq!(kinds, [(Some(a), "down", since), (Some(b), "degraded", since)]);
    assert_eq!(desk.listed(false).await.len(), 4);
}

#[tokio::test]
async fn a_new_rule_covers_what_is_down_already_also_after_a_start() {
    let mut desk = Desk::open(1, Severity::Info).await;
    let old = desk.rule_of(IncidentKind::Down).await;
    desk.change(IncidentKind::Down, |draft| draft.enabled = false).await;
    desk.goes_now(desk.devices[0], State::Up, State::Down).await;
    desk.look_after(16).await;
    assert!(desk.listed(false).await.is_empty());
    let draft = RuleDraft { name: "new".to_owned(), ..old.draft };
    let made = desk.temp.rules().create(&draft).await.unwrap();
    let fleet = Fleet::new(desk.temp.clock.clone());
    desk.recorder = Recorder::open(desk.temp.store.clone(), fleet, desk.temp.clock.clone(), Arc::default())
        .await
        .unwrap();
    desk.look_after(1).await;
    let open = desk.listed(true).await;
    assert_eq!((open.len(), open[0].rule), (1, Some(made.id)));
}

#[tokio::test]
async fn what_comes_into_the_scope_of_a_rule_while_it_is_down_is_told() {
    let desk = Desk::open(2, Severity::Info).await;
    let id = desk.devices[0];
    desk.change(IncidentKind::Down, |draft| draft.scope.tags = vec!["core".to_owned()]).await;
    desk.goes_now(id, State::Up, State::Down).await;
    desk.look_after(16).await;
    assert!(desk.listed(false).await.is_empty());
    let tagged = DeviceDraft { tags: vec!["core".to_owned()], ..draft(0) };
    desk.temp.devices().update(id, tagged, &desk.temp.vault).await.unwrap();
    desk.look_after(16).await;
    assert_eq!(desk.listed(true).await.len(), 1);
}

#[tokio::test]
async fn an_outage_passes_to_the_rule_that_tells_of_it_now_with_what_was_said_of_it_and_is_told_once() {
    let desk = Desk::open(1, Severity::Info).await;
    let id = desk.devices[0];
    let first = desk.rule_of(IncidentKind::Down).await;
    let second = desk.also("second", 0, Severity::Critical).await;
    let third = desk.also("third", 5, Severity::Warning).await;
    desk.goes_now(id, State::Up, State::Down).await;
    desk.tell_all().await;
    let incident = desk.listed(true).await.remove(0);
    assert_eq!(incident.rule, Some(first.id));
    desk.temp.incidents().acknowledge(incident.id, "anna", (Some("on my way"), None)).await.unwrap();
    desk.change(IncidentKind::Down, |draft| draft.enabled = false).await;
    desk.look_after(16).await;
    let passed = desk.listed(false).await;
    assert_eq!((passed.len(), passed[0].rule), (1, Some(second.id)));
    desk.without(second.id).await;
    desk.look_after(16).await;
    let passed = desk.listed(false).await;
    let [only] = passed.as_slice() else { panic!("{passed:?}") };
    assert_eq!((only.id, only.rule, only.severity), (incident.id, Some(third.id), Severity::Warning));
    assert_eq!(only.acknowledged.as_ref().map(|word| word.by.as_str()), Some("anna"));
    assert_eq!((only.notes.len(), only.closed_at), (1, None));
    desk.tell_all().await;
    assert_eq!(desk.got(), ["incident-1-opened"]);
    desk.goes_now(id, State::Down, State::Up).await;
    desk.tell_all().await;
    assert_eq!(desk.got(), ["incident-1-opened", "incident-1-closed"]);
}

#[tokio::test]
async fn an_outage_does_not_pass_to_a_rule_that_still_waits_and_a_more_severe_one_is_told_to_who_hears_only_of_that()
 {
    let desk = Desk::open(2, Severity::Critical).await;
    desk.change(IncidentKind::Down, |draft| draft.severity = Severity::Warning).await;
    let first = desk.rule_of(IncidentKind::Down).await;
    let late = desk.also("late", 300, Severity::Critical).await;
    desk.goes_now(desk.devices[0], State::Up, State::Down).await;
    desk.temp.clock.forward(301_000);
    desk.goes_now(desk.devices[1], State::Up, State::Down).await;
    desk.tell_all().await;
    assert!(desk.got().is_empty());
    desk.without(first.id).await;
    let all = desk.listed(false).await;
    let rules: Vec<_> = all.iter().map(|one| (one.id.0, one.rule, one.ending)).collect();
    assert_eq!(rules[1], (1, Some(late.id), None));
    assert_eq!((rules[0].0, rules[0].2), (2, Some(IncidentEnd::Withdrawn)));
    desk.tell_all().await;
    assert_eq!(desk.got(), ["incident-1-opened"]);
}

#[tokio::test]
async fn the_end_of_what_a_rule_told_is_told_when_it_is_switched_off_and_it_says_why() {
    let desk = Desk::open(1, Severity::Info).await;
    desk.goes_now(desk.devices[0], State::Up, State::Down).await;
    desk.tell_all().await;
    desk.change(IncidentKind::Down, |draft| draft.enabled = false).await;
    desk.tell_all().await;
    assert_eq!(desk.got(), ["incident-1-opened", "incident-1-closed"]);
    assert!(desk.last_title().contains("no longer watched"), "{}", desk.last_title());
    let crossing = desk.temp.rules().create(&super::rule(true)).await.unwrap();
    desk.recorder.rules_changed();
    for second in [0, 60] {
        desk.recorder.append(&[], &[busy(desk.devices[0], second, 99.0)]).await.unwrap();
    }
    desk.tell_all().await;
    desk.without(crossing.id).await;
    desk.tell_all().await;
    assert_eq!(desk.got()[2..], ["incident-2-opened", "incident-2-closed"]);
    assert!(desk.last_title().contains("no longer watched"), "{}", desk.last_title());
}

#[tokio::test]
async fn what_a_channel_was_not_told_before_its_rule_was_switched_off_it_is_never_told() {
    let desk = Desk::open(1, Severity::Info).await;
    *desk.receiver.fails.lock() = 1;
    desk.goes_now(desk.devices[0], State::Up, State::Down).await;
    desk.courier.deliver(desk.channel).await.unwrap();
    desk.change(IncidentKind::Down, |draft| draft.enabled = false).await;
    desk.tell_all().await;
    assert!(desk.got().is_empty(), "{:?}", desk.got());
    let channel = desk.temp.channels().list().await.unwrap().remove(0);
    assert_eq!((channel.health.waiting, channel.health.given_up), (0, 0));
}
