//! What is not told while a window runs, and what is told when it ends.

use super::*;
use crate::{quiet::typed, store::StoreError};

impl Desk {
    /// Runs from now on, for so many minutes.
    async fn quiet(&self, kind: QuietKind, about: QuietAbout, minutes: u32) -> Quiet {
        let plan = QuietPlan {
            zone: "UTC".to_owned(),
            starts: typed(engine::Clock::now(&*self.temp.clock)),
            minutes,
            recurs: Recurs::Once,
            last_day: None,
        };
        let draft = QuietDraft { kind, title: "upgrade".to_owned(), about, plan };
        self.temp.quiets().create(&draft).await.unwrap()
    }

    /// Time goes on, and what a window held back is let go.
    async fn later(&self, minutes: i64) {
        self.temp.clock.forward(minutes * 60_000);
        self.temp.quiets().release().await.unwrap();
        self.tell_all().await;
    }

    async fn incidents(&self) -> Vec<Incident> {
        self.temp.incidents().list(false, (0, 50)).await.unwrap().incidents
    }
}

fn only(name: &str) -> QuietAbout {
    QuietAbout::Devices(RuleScope { devices: vec![name.to_owned()], ..RuleScope::default() })
}

const MAINTENANCE: QuietKind = QuietKind::Maintenance;
const SILENCE: QuietKind = QuietKind::Silence;

#[tokio::test]
async fn an_outage_that_begins_in_maintenance_is_told_when_that_ends_and_it_is_still_there() {
    let desk = Desk::open(3, Severity::Info).await;
    let (stays, goes_back, other) = (desk.devices[0], desk.devices[1], desk.devices[2]);
    let scope = RuleScope { devices: vec!["d0000".to_owned(), "d0001".to_owned()], ..RuleScope::default() };
    desk.quiet(MAINTENANCE, QuietAbout::Devices(scope), 60).await;
    desk.record(&[
        goes(stays, State::Up, State::Down, 0),
        goes(goes_back, State::Up, State::Down, 1),
        goes(other, State::Up, State::Down, 2),
    ])
    .await;
    desk.later(1).await;
    assert_eq!(desk.got(), ["incident-3-opened"], "the others are in maintenance");
    desk.record(&[goes(goes_back, State::Down, State::Up, 90)]).await;
    desk.later(1).await;
    assert_eq!(desk.got().len(), 1, "nobody heard of its beginning");

    desk.later(60).await;
    assert_eq!(desk.got(), ["incident-3-opened", "incident-1-opened"]);
    let body = desk.receiver.bodies.lock().last().cloned().unwrap();
    assert!(!body["body"].to_string().contains("late"), "nobody was to hear of it before: {body}");
    desk.record(&[goes(stays, State::Down, State::Up, 9_000)]).await;
    desk.later(1).await;
    assert_eq!(desk.got().last().unwrap(), "incident-1-closed");
    let hushed: Vec<_> = desk.incidents().await.into_iter().map(|incident| incident.hushed).collect();
    assert!(hushed[0].is_none(), "{hushed:?}");
    let quiet = |hushed: &Option<Hushed>| hushed.clone().map(|hushed| (hushed.title, hushed.until.is_some()));
    assert_eq!(quiet(&hushed[1]), Some(("upgrade".to_owned(), false)), "over before anybody was told");
    assert_eq!(quiet(&hushed[2]), Some(("upgrade".to_owned(), true)));
}

#[tokio::test]
async fn the_end_of_what_was_told_before_is_told_at_once_in_maintenance_and_after_a_silence() {
    for (kind, at_once) in [(MAINTENANCE, true), (SILENCE, false)] {
        let desk = Desk::open(1, Severity::Info).await;
        let id = desk.devices[0];
        desk.record(&[goes(id, State::Up, State::Down, 0)]).await;
        desk.tell_all().await;
        desk.quiet(kind, only("d0000"), 60).await;
        desk.record(&[goes(id, State::Down, State::Up, 60)]).await;
        desk.later(1).await;
        assert_eq!(desk.got().len() == 2, at_once, "{kind:?}");
        desk.later(60).await;
        assert_eq!(desk.got(), ["incident-1-opened", "incident-1-closed"], "{kind:?}");
    }
}

#[tokio::test]
async fn what_happened_in_a_moment_of_maintenance_is_never_told() {
    let desk = Desk::open(1, Severity::Info).await;
    let id = desk.devices[0];
    desk.quiet(MAINTENANCE, QuietAbout::Devices(RuleScope::default()), 60).await;
    let at = Timestamp(BEGIN);
    desk.record(&[Outcome { device: id, at, has_rebooted: true, ..Outcome::default() }]).await;
    desk.later(120).await;
    assert!(desk.got().is_empty(), "{:?}", desk.got());
    assert_eq!(desk.incidents().await[0].hushed.as_ref().map(|hushed| hushed.kind), Some(MAINTENANCE));
}

#[tokio::test]
async fn a_silence_is_about_one_alert_alone_and_can_be_ended_early() {
    let desk = Desk::open(2, Severity::Info).await;
    let (a, b) = (desk.devices[0], desk.devices[1]);
    *desk.receiver.fails.lock() = 1;
    desk.record(&[goes(a, State::Up, State::Down, 0)]).await;
    desk.courier.deliver(desk.channel).await.unwrap();
    // It waits for another try, and is held back there.
    let silence = desk.quiet(SILENCE, QuietAbout::Incident(IncidentId(1)), 600).await;
    desk.record(&[goes(b, State::Up, State::Down, 1)]).await;
    desk.later(5).await;
    assert_eq!(desk.got(), ["incident-2-opened"]);
    let page = desk.temp.incidents().page(true, (0, 10)).await.unwrap();
    let marks: Vec<_> = page.alerts.iter().map(|alert| alert.quiet.as_ref().map(|mark| mark.id)).collect();
    assert_eq!(marks, [None, Some(silence.id)]);

    desk.temp.quiets().end(silence.id, false).await.unwrap();
    desk.later(0).await;
    assert_eq!(desk.got(), ["incident-2-opened", "incident-1-opened"]);
}

#[tokio::test]
async fn a_device_that_comes_into_a_window_is_kept_quiet_and_one_that_leaves_it_is_told() {
    let desk = Desk::open(1, Severity::Info).await;
    let id = desk.devices[0];
    let tagged = RuleScope { tags: vec!["core".to_owned()], ..RuleScope::default() };
    desk.quiet(MAINTENANCE, QuietAbout::Devices(tagged), 600).await;
    let with = |tags: &[&str]| DeviceDraft {
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        ..DeviceDraft::new("d0000", DeviceKind::Server, "192.0.2.1")
    };
    desk.temp.devices().update(id, with(&["core"]), &desk.temp.vault).await.unwrap();
    assert_eq!(desk.temp.quiets().enroll().await.unwrap(), [(QuietId(1), id)]);
    desk.record(&[goes(id, State::Up, State::Down, 0)]).await;
    desk.later(1).await;
    assert!(desk.got().is_empty());
    desk.temp.devices().update(id, with(&[]), &desk.temp.vault).await.unwrap();
    assert!(desk.temp.quiets().enroll().await.unwrap().is_empty());
    desk.later(1).await;
    assert_eq!(desk.got(), ["incident-1-opened"]);
}

#[tokio::test]
async fn an_incident_keeps_what_several_people_said_of_it() {
    let desk = Desk::open(1, Severity::Info).await;
    desk.record(&[goes(desk.devices[0], State::Up, State::Down, 0)]).await;
    let incidents = desk.temp.incidents();
    incidents.acknowledge(IncidentId(1), "ani", (Some("on my way"), None)).await.unwrap();
    let noted = incidents.add_note(IncidentId(1), "budi", "power is out").await.unwrap();
    let said: Vec<_> = noted.notes.iter().map(|note| format!("{}: {}", note.by, note.text)).collect();
    assert_eq!(said, ["ani: on my way", "budi: power is out"]);
    assert_eq!(desk.incidents().await[0].notes, noted.notes);
    incidents.add_note(IncidentId(9), "budi", "nothing").await.unwrap_err();
}

#[tokio::test]
async fn what_somebody_sees_to_is_taken_from_them_only_by_name() {
    let desk = Desk::open(1, Severity::Info).await;
    desk.record(&[goes(desk.devices[0], State::Up, State::Down, 0)]).await;
    let incidents = desk.temp.incidents();
    let says = async |by: &'static str, replaces: Option<&str>| match incidents
        .acknowledge(IncidentId(1), by, (None, replaces))
        .await
    {
        Ok(incident) => incident.acknowledged.map(|word| word.by),
        Err(StoreError::Changed { by, at }) => by.filter(|_| at.is_some()).map(|by| format!("not {by}'s")),
        Err(other) => panic!("{other:?}"),
    };
    assert_eq!(says("ani", None).await.as_deref(), Some("ani"));
    assert_eq!(says("ani", None).await.as_deref(), Some("ani"), "its answer may have been lost");
    for wrong in [None, Some("cici"), Some("")] {
        assert_eq!(says("budi", wrong).await.as_deref(), Some("not ani's"));
    }
    let kept = desk.incidents().await.remove(0).acknowledged.map(|word| word.by);
    assert_eq!(kept.as_deref(), Some("ani"));
    assert_eq!(says("budi", Some("ani")).await.as_deref(), Some("budi"));
}

#[tokio::test]
async fn of_what_is_over_before_its_beginning_could_be_told_nothing_is_told_once_a_window_runs() {
    for kind in [MAINTENANCE, SILENCE] {
        let desk = Desk::open(1, Severity::Info).await;
        let id = desk.devices[0];
        *desk.receiver.fails.lock() = 1;
        desk.record(&[goes(id, State::Up, State::Down, 0)]).await;
        desk.courier.deliver(desk.channel).await.unwrap();
        desk.record(&[goes(id, State::Down, State::Up, 60)]).await;
        desk.quiet(kind, only("d0000"), 60).await;
        desk.later(1).await;
        desk.later(120).await;
        assert!(desk.got().is_empty(), "{kind:?}: {:?}", desk.got());
        assert_eq!(desk.incidents().await[0].hushed.as_ref().map(|hushed| hushed.kind), Some(kind));
    }
}

#[tokio::test]
async fn a_device_in_maintenance_hides_none_at_its_address_that_is_not_and_those_that_are_go_down_together() {
    let desk = Desk::open(3, Severity::Info).await;
    let [quiet, other, third] = [desk.devices[0], desk.devices[1], desk.devices[2]];
    super::shared::share(&desk, 3).await;
    let scope = RuleScope { devices: vec!["d0000".to_owned(), "d0002".to_owned()], ..RuleScope::default() };
    desk.quiet(MAINTENANCE, QuietAbout::Devices(scope), 60).await;
    desk.record(&[goes(quiet, State::Up, State::Down, 0), goes(other, State::Up, State::Down, 1)]).await;
    desk.record(&[goes(third, State::Up, State::Down, 2)]).await;
    desk.later(1).await;
    assert_eq!(desk.got(), ["incident-2-opened"]);
    assert_eq!(desk.incidents().await.len(), 2, "those in maintenance are one outage");
    desk.later(60).await;
    assert_eq!(desk.got(), ["incident-2-opened", "incident-1-opened"]);
}

#[tokio::test]
async fn an_alert_that_one_channel_told_before_a_window_was_not_kept_quiet_by_it() {
    let desk = Desk::open(1, Severity::Info).await;
    let other = ChannelDraft {
        name: "slow".to_owned(),
        kind: ChannelKind::Webhook,
        enabled: true,
        language: "en".to_owned(),
        severity: Severity::Info,
        settings: Settings::from(BTreeMap::from([("url".to_owned(), "http://127.0.0.1:9/".to_owned())])),
        secrets: BTreeMap::new(),
    };
    desk.temp.channels().create(&other, &desk.temp.vault).await.unwrap();
    desk.record(&[goes(desk.devices[0], State::Up, State::Down, 0)]).await;
    desk.courier.deliver(desk.channel).await.unwrap();
    desk.quiet(MAINTENANCE, only("d0000"), 60).await;
    assert_eq!(desk.got(), ["incident-1-opened"]);
    assert!(desk.incidents().await[0].hushed.is_none(), "it was told");
}

#[tokio::test]
async fn what_is_over_is_neither_silenced_nor_seen_to_and_what_is_not_there_is_not_found() {
    let desk = Desk::open(1, Severity::Info).await;
    let id = desk.devices[0];
    desk.record(&[goes(id, State::Up, State::Down, 0), goes(id, State::Down, State::Up, 9)]).await;
    let plan = QuietPlan {
        zone: "UTC".to_owned(),
        starts: typed(engine::Clock::now(&*desk.temp.clock)),
        minutes: 60,
        recurs: Recurs::Once,
        last_day: None,
    };
    let made = async |about| {
        let draft = QuietDraft { kind: SILENCE, title: "x".to_owned(), about, plan: plan.clone() };
        desk.temp.quiets().create(&draft).await.map(|_| ())
    };
    let over = |field: &str| {
        let error = FieldError::new(field, "error_alert_over", "names an alert that is over");
        Err(StoreError::Conflict(error).to_string())
    };
    let told = |done: Result<(), StoreError>| done.map_err(|error| error.to_string());
    assert_eq!(told(made(QuietAbout::Incident(IncidentId(1))).await), over("incident_id"));
    let seen = desk.temp.incidents().acknowledge(IncidentId(1), "anna", (None, None)).await.map(|_| ());
    assert_eq!(told(seen), over("id"));
    for about in [QuietAbout::Incident(IncidentId(9)), QuietAbout::Rule(RuleId(99))] {
        assert!(matches!(made(about).await, Err(StoreError::NotFound)));
    }
}
