//! What follows from changes of states, in a few words.

use super::super::{Deed, Group, Known, Telling, deeds};
use super::*;
use engine::Reach;
use std::collections::HashSet;

/// Everything is told, and at once.
fn all() -> HashMap<IncidentKind, Telling> {
    let telling =
        |kind: IncidentKind| Telling { rule: RuleId(1), severity: kind.severity(), for_s: 0, every: 50 };
    Event::STATES.into_iter().map(|kind| (kind, telling(kind))).collect()
}

/// One of a single device that is open.
fn outage(id: i64) -> Group {
    let only = HashSet::from([DeviceId(id)]);
    Group {
        incident: Some(IncidentId(id * 100)),
        head: Some(DeviceId(id)),
        address: format!("192.0.2.{id}"),
        down: only.clone(),
        ever: only,
        ..Group::default()
    }
}

/// Deeds in a few words each.
fn told(outcomes: &[Outcome], open: &[(i64, IncidentKind)]) -> Vec<String> {
    let name = |id: i64| (DeviceId(id), (format!("d{id}"), format!("192.0.2.{id}")));
    let known = Known {
        devices: (1..=9).map(name).collect(),
        open: open.iter().map(|(id, kind)| ((DeviceId(*id), *kind), IncidentId(id * 100))).collect(),
        outages: open
            .iter()
            .filter(|(_, kind)| *kind == IncidentKind::Down)
            .map(|(id, _)| outage(*id))
            .collect(),
        cut_off: None,
        reconnects: [(DeviceId(1), 49)].into(),
        tellings: (1..=9).map(|id| (DeviceId(id), all())).collect(),
        quiet: HashMap::new(),
    };
    let outcomes: Vec<&Outcome> = outcomes.iter().collect();
    deeds(&outcomes, known).into_iter().map(in_words).collect()
}

fn in_words(deed: Deed) -> String {
    let words = match deed {
        Deed::Open { name, kind, number, .. } => {
            format!(
                "open {name} {} {}",
                kind.word(),
                number.map_or(String::new(), |number| number.to_string())
            )
        }
        Deed::Close { incident, device, kind, ending, .. } => {
            format!("close d{device} {} {} {:?}", kind.word(), ending.word(), incident.map(|id| id.0))
        }
        Deed::Affect { behind, name, incident, .. } => {
            format!("d{behind} hides {name} {:?}", incident.map(|id| id.0))
        }
        Deed::Free { device, .. } => format!("free d{device}"),
        Deed::Join { head, name, .. } => format!("{name} joins {head:?}"),
        Deed::Leave { device, .. } => format!("d{device} leaves"),
        Deed::CutOff { .. } => "cut off".to_owned(),
        Deed::Restored { incident, .. } => format!("restored {incident:?}"),
    };
    words.trim_end().to_owned()
}

#[test]
fn one_cause_is_one_incident_and_what_is_behind_it_is_affected() {
    let (edge, child) = (DeviceId(1), DeviceId(2));
    let outcomes = [
        goes(edge, State::Up, State::Down, 0),
        hidden(child, edge, 1),
        goes(edge, State::Down, State::Up, 60),
        goes(child, State::Unknown, State::Up, 61),
    ];
    let expected = ["open d1 down", "d1 hides d2 None", "close d1 down recovered None", "free d2"];
    assert_eq!(told(&outcomes, &[]), expected);
}

#[test]
fn an_outage_is_opened_once_and_goes_on_while_nobody_can_tell() {
    let id = DeviceId(1);
    let down = (1, IncidentKind::Down);
    assert!(
        told(&[goes(id, State::Unknown, State::Down, 0)], &[down])
            .iter()
            .all(|word| word.starts_with("free"))
    );
    assert!(told(&[goes(id, State::Down, State::Unknown, 0)], &[down]).is_empty());
    assert_eq!(told(&[goes(id, State::Down, State::Paused, 0)], &[down]), ["close d1 down paused Some(100)"]);
}

#[test]
fn what_was_degraded_and_goes_down_is_one_story() {
    let id = DeviceId(1);
    let steps = [
        goes(id, State::Up, State::Degraded, 0),
        goes(id, State::Degraded, State::Down, 1),
        goes(id, State::Down, State::Degraded, 2),
        goes(id, State::Degraded, State::Up, 3),
    ];
    let expected = [
        "open d1 degraded",
        "close d1 degraded worse None",
        "open d1 down",
        "close d1 down degraded None",
        "open d1 degraded",
        "close d1 degraded recovered None",
    ];
    assert_eq!(told(&steps, &[]), expected);
}

#[test]
fn lost_sessions_are_told_once_for_fifty_more_and_a_removed_device_is_nobody_s_business() {
    let lost =
        |id: i64, total| Outcome { device: DeviceId(id), reconnects: Some(total), ..Outcome::default() };
    assert_eq!(told(&[lost(1, 50), lost(1, 51), lost(2, 49)], &[]), ["open d1 reconnects 50"]);
    assert_eq!(told(&[lost(1, 200)], &[]), ["open d1 reconnects 200"]);
    assert!(told(&[lost(77, 500), goes(DeviceId(77), State::Up, State::Down, 0)], &[]).is_empty());
    let rebooted = Outcome { device: DeviceId(3), has_rebooted: true, ..Outcome::default() };
    assert_eq!(told(&[rebooted], &[]), ["open d3 rebooted"]);
}

#[test]
fn what_goes_down_at_one_address_is_one_outage_until_the_last_is_back() {
    let same = |outcomes: &[Outcome]| {
        let outcomes: Vec<&Outcome> = outcomes.iter().collect();
        let name = |id: i64| (DeviceId(id), (format!("d{id}"), "192.0.2.1".to_owned()));
        let tellings = (1..=3).map(|id| (DeviceId(id), all())).collect();
        let known = Known { devices: (1..=3).map(name).collect(), tellings, ..Known::default() };
        deeds(&outcomes, known).into_iter().map(in_words).collect::<Vec<_>>()
    };
    let ids = [1, 2, 3].map(DeviceId);
    let down = |id: usize, second| goes(ids[id], State::Up, State::Down, second);
    let up = |id: usize, second| goes(ids[id], State::Down, State::Up, second);
    let told = same(&[down(0, 0), down(1, 30), up(0, 60), down(0, 70), up(0, 80), up(1, 90), down(2, 500)]);
    let expected = [
        "open d1 down",
        "d1 joins Some(DeviceId(1))",
        "d2 joins Some(DeviceId(1))",
        "d1 leaves",
        "d1 joins Some(DeviceId(1))",
        "d1 leaves",
        "close d1 down recovered None",
        "open d3 down",
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_is_told_only_after_a_while_joins_nothing_and_is_joined_by_nothing() {
    let late = |telling: Telling| Telling { for_s: 300, ..telling };
    let of = |id: i64| {
        let tellings = all();
        let is_late = |telling: Telling| if id == 2 { late(telling) } else { telling };
        (DeviceId(id), tellings.into_iter().map(|(kind, telling)| (kind, is_late(telling))).collect())
    };
    let name = |id: i64| (DeviceId(id), (format!("d{id}"), "192.0.2.1".to_owned()));
    let told = |outcomes: &[Outcome]| {
        let outcomes: Vec<&Outcome> = outcomes.iter().collect();
        let (devices, tellings) = ((1..=2).map(name).collect(), (1..=2).map(of).collect());
        let known = Known { devices, tellings, ..Known::default() };
        deeds(&outcomes, known).into_iter().map(in_words).collect::<Vec<_>>()
    };
    let (now, later) = (DeviceId(1), DeviceId(2));
    let down = |id, second| goes(id, State::Up, State::Down, second);
    let up = |id, second| goes(id, State::Down, State::Up, second);
    let alone = ["open d1 down", "close d1 down recovered None"];
    assert_eq!(told(&[down(now, 0), down(later, 1), up(later, 2), up(now, 3)]), alone);
    assert_eq!(told(&[down(later, 0), down(now, 1), up(now, 2), up(later, 3)]), alone);
}

#[test]
fn the_monitor_is_cut_off_once_and_sees_again_once() {
    let news = |reach| Outcome { reach: Some(reach), ..Outcome::default() };
    let cut_off = || news(Reach::CutOff { since: Timestamp(BEGIN) });
    let told = told(
        &[news(Reach::Restored), cut_off(), cut_off(), news(Reach::Restored), news(Reach::Restored)],
        &[],
    );
    assert_eq!(told, ["cut off", "restored None"]);
}
