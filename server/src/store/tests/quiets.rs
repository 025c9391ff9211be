//! Windows are changed and ended, and the past that they made stays.

use super::*;
use crate::history::Span;

const MINUTE: i64 = 60_000;

fn every_day(title: &str, about: QuietAbout) -> QuietDraft {
    QuietDraft {
        kind: QuietKind::Maintenance,
        title: title.to_owned(),
        about,
        plan: QuietPlan {
            zone: "UTC".to_owned(),
            // The clock of these tests begins on 2026-09-21, at 14:13:20.
            starts: "2026-09-21T14:00".to_owned(),
            minutes: 60,
            recurs: Recurs::Daily,
            last_day: None,
        },
    }
}

fn tagged(tag: &str) -> QuietAbout {
    QuietAbout::Devices(RuleScope { tags: vec![tag.to_owned()], ..RuleScope::default() })
}

async fn with_tag(temp: &Temp, name: &str, tag: &str) -> DeviceId {
    let draft = DeviceDraft { tags: vec![tag.to_owned()], ..server(name) };
    temp.devices().create(draft, &temp.vault).await.unwrap().id
}

/// How many minutes of maintenance a device had in the next days.
async fn minutes(temp: &Temp, device: DeviceId) -> i64 {
    let period = Span { from: Timestamp(1_789_000_000_000), to: temp.now() };
    let maintenance = temp.quiets().maintenance(Some(&[device]), period).await.unwrap();
    let all = temp.quiets().maintenance(None, period).await.unwrap();
    let sorted = |mut spans: Vec<(Span, &str)>| {
        spans.sort_by_key(|(span, _)| span.from);
        spans.into_iter().map(|(span, title)| (span, title.to_owned())).collect::<Vec<_>>()
    };
    let spans = sorted(maintenance.of(device));
    assert_eq!(spans, sorted(all.of(device)));
    spans.iter().map(|(span, _)| i64::try_from(span.length_ms()).unwrap()).sum::<i64>() / MINUTE
}

#[tokio::test]
async fn a_device_that_is_called_otherwise_stays_in_the_windows_and_rules_that_name_it() {
    let temp = Store::open_temp().await;
    let device = with_tag(&temp, "edge", "core").await;
    let named = |names: &[&str]| RuleScope {
        devices: names.iter().map(|name| (*name).to_owned()).collect(),
        ..RuleScope::default()
    };
    let window = every_day("nightly", QuietAbout::Devices(named(&["edge", "other"])));
    let window = temp.quiets().create(&window).await.unwrap();
    for (name, names) in
        [("one", &["core", "edge"][..]), ("two", &["branch", "edge"][..]), ("three", &["core"][..])]
    {
        let rule = RuleDraft {
            name: name.to_owned(),
            enabled: true,
            severity: Severity::Warning,
            about: About::State(Event::new(IncidentKind::Down)),
            scope: named(names),
            for_s: 0,
            cool_down_s: 0,
        };
        temp.rules().create(&rule).await.unwrap();
    }
    temp.clock.forward(10 * MINUTE);
    temp.devices().update(device, server("branch"), &temp.vault).await.unwrap();
    assert_eq!(temp.quiets().enroll().await.unwrap(), [(window.id, device)]);
    temp.clock.forward(10 * MINUTE);
    assert_eq!(minutes(&temp, device).await, 20, "without a hole");
    let kept = temp.quiets().one(window.id).await.unwrap();
    assert_eq!(kept.draft.about, QuietAbout::Devices(named(&["branch", "other"])));
    let rules = temp.rules().list().await.unwrap();
    let scope = |name: &str| rules.iter().find(|rule| rule.draft.name == name).unwrap().draft.scope.clone();
    assert_eq!(scope("one"), named(&["core", "branch"]));
    assert_eq!(scope("two"), named(&["branch"]), "named once");
    assert_eq!(scope("three"), named(&["core"]));

    // Of what is over it is kept what it was about then.
    temp.quiets().end(window.id, false).await.unwrap();
    temp.devices().update(device, server("third"), &temp.vault).await.unwrap();
    let over = temp.quiets().one(window.id).await.unwrap();
    assert_eq!(over.draft.about, QuietAbout::Devices(named(&["branch", "other"])));
}

#[tokio::test]
async fn what_was_in_force_stays_counted_whatever_becomes_of_the_window_and_of_the_tags() {
    let temp = Store::open_temp().await;
    let (one, other) = (with_tag(&temp, "one", "core").await, with_tag(&temp, "other", "edge").await);
    let made = temp.quiets().create(&every_day("nightly", tagged("core"))).await.unwrap();
    assert_eq!((made.current.is_some(), made.ended_at), (true, None));
    temp.clock.forward(30 * MINUTE);
    assert_eq!((minutes(&temp, one).await, minutes(&temp, other).await), (30, 0));

    // About others from now on.
    let changed = temp.quiets().update(made.id, &every_day("nightly", tagged("edge"))).await.unwrap();
    assert_eq!(changed.id, made.id);
    temp.clock.forward(5 * MINUTE);
    assert_eq!((minutes(&temp, one).await, minutes(&temp, other).await), (30, 5));

    // Other tags from now on.
    let draft = DeviceDraft { tags: Vec::new(), ..server("other") };
    temp.devices().update(other, draft, &temp.vault).await.unwrap();
    assert!(temp.quiets().enroll().await.unwrap().is_empty());
    temp.clock.forward(5 * MINUTE);
    assert_eq!((minutes(&temp, one).await, minutes(&temp, other).await), (30, 5));

    // Ended, and listed once: what it was before is nobody's business but the account's.
    temp.quiets().end(made.id, false).await.unwrap();
    assert!(temp.quiets().live().await.unwrap().is_empty());
    let (over, total) = temp.quiets().over(None, (0, 10)).await.unwrap();
    assert_eq!((over.len(), total, over[0].id), (1, 1, made.id));
    assert_eq!((minutes(&temp, one).await, minutes(&temp, other).await), (30, 5));
    assert_eq!(refused(temp.quiets().end(made.id, false).await), ["id"]);
    let entries = temp.audit().list(&Wanted { limit: 3, ..Wanted::default() }).await.unwrap();
    let acts: Vec<_> = entries.iter().map(|entry| entry.act.as_str()).collect();
    assert_eq!(acts, ["quiet_ended", "device_changed", "quiet_changed"]);
}

#[tokio::test]
async fn of_a_window_that_comes_again_only_what_runs_is_ended() {
    let temp = Store::open_temp().await;
    let one = with_tag(&temp, "one", "core").await;
    let made = temp.quiets().create(&every_day("nightly", tagged("core"))).await.unwrap();
    temp.clock.forward(10 * MINUTE);
    let left = temp.quiets().end(made.id, true).await.unwrap();
    assert_eq!((left.current, left.ended_at), (None, None));
    temp.clock.forward(24 * 60 * MINUTE);
    assert_eq!(
        temp.quiets().one(made.id).await.unwrap().current.map(|span| span.from),
        left.next.map(|next| next.from)
    );
    // Ten of the first day, and those of the second up to now: from 14:00 to 14:23.
    assert_eq!(minutes(&temp, one).await, 10 + 23);
}

#[tokio::test]
async fn what_was_ended_of_a_window_does_not_come_back_when_its_title_is_changed() {
    let temp = Store::open_temp().await;
    with_tag(&temp, "one", "core").await;
    let made = temp.quiets().create(&every_day("nightly", tagged("core"))).await.unwrap();
    temp.clock.forward(10 * MINUTE);
    let left = temp.quiets().end(made.id, true).await.unwrap();
    let renamed = temp.quiets().update(made.id, &every_day("each night", tagged("core"))).await.unwrap();
    assert_eq!((renamed.current, renamed.next), (None, left.next));
    // At other times it is another plan.
    let mut longer = every_day("each night", tagged("core"));
    longer.plan.minutes = 90;
    assert!(temp.quiets().update(made.id, &longer).await.unwrap().current.is_some());
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_at_its_field() {
    let temp = Store::open_temp().await;
    let check = async |change: fn(&mut QuietDraft), expected: &[&str]| {
        let mut draft = every_day("x", tagged("core"));
        change(&mut draft);
        assert_eq!(refused(temp.quiets().create(&draft).await), expected);
    };
    check(|draft| draft.title.clear(), &["title"]).await;
    check(|draft| draft.plan.minutes = 0, &["minutes"]).await;
    check(|draft| draft.plan.minutes = QUIET_MINUTES_MAX + 1, &["minutes"]).await;
    check(|draft| draft.plan.zone = "Mars/Olympus".to_owned(), &["zone"]).await;
    check(|draft| draft.plan.recurs = Recurs::Weekly(Vec::new()), &["weekdays"]).await;
    check(|draft| draft.plan.recurs = Recurs::Weekly(vec![Weekday::ALL[0]; 2]), &["weekdays"]).await;
    check(|draft| draft.plan.recurs = Recurs::Monthly(0), &["month_day"]).await;
    check(|draft| draft.about = QuietAbout::Incident(IncidentId(1)), &["scope"]).await;
    check(
        |draft| {
            draft.plan.recurs = Recurs::Once;
            draft.plan.starts = "2026-09-20T14:00".to_owned();
        },
        &["starts"],
    )
    .await;
    assert!(temp.quiets().live().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_removed_device_leaves_every_window() {
    let temp = Store::open_temp().await;
    let one = with_tag(&temp, "one", "core").await;
    temp.quiets().create(&every_day("nightly", tagged("core"))).await.unwrap();
    temp.devices().remove(one).await.unwrap();
    assert!(temp.quiets().enroll().await.unwrap().is_empty());
    temp.clock.forward(10 * MINUTE);
    assert_eq!(minutes(&temp, one).await, 0);
}
