//! The feed as the browser folds it: old events dropped, gaps noticed.

use super::*;

fn row(id: i64, state: State) -> Row {
    Row {
        id: DeviceId(id),
        name: format!("device {id}"),
        kind: DeviceKind::Router,
        address: "192.0.2.1".to_owned(),
        location: None,
        tags: Vec::new(),
        live: Live { state, ..Live::default() },
        beats: Vec::new(),
        quiet: None,
    }
}

fn snapshot(seq: u64, rows: Vec<Row>) -> FromServer {
    FromServer::Snapshot { seq, rows, is_first: true, is_last: true, trouble: Trouble::default() }
}

fn change(seq: u64, id: i64, state: State, beat: Option<Beat>) -> FromServer {
    let live = Box::new(Live { state, beat, ..Live::default() });
    FromServer::Changes(vec![LiveEvent { seq, change: Change::Live { id: DeviceId(id), live } }])
}

fn fleet(check: impl FnOnce(Fleet)) {
    let owner = Owner::new();
    owner.with(|| check(Fleet::new()));
}

#[test]
fn changes_that_a_snapshot_holds_already_are_dropped() {
    fleet(|fleet| {
        fleet.hear(snapshot(7, vec![row(1, State::Up), row(2, State::Up)]));
        assert_eq!(fleet.hear(change(7, 1, State::Down, None)), Heard::Understood);
        assert_eq!(fleet.counts.get_untracked().up, 2);
        assert_eq!(fleet.hear(change(8, 1, State::Down, Some(Beat::Failed))), Heard::Understood);
        assert_eq!(fleet.counts.get_untracked().down, 1);
        let beats = fleet.row(DeviceId(1)).map(|row| row.with_untracked(|row| row.beats.clone()));
        assert_eq!(beats, Some(vec![Beat::Failed]));
    });
}

#[test]
fn a_word_about_alerts_is_heard_by_whoever_follows_them_and_leaves_the_fleet_alone() {
    fleet(|fleet| {
        fleet.hear(snapshot(7, vec![row(1, State::Up)]));
        let (alerts, order) = (fleet.alerts.get_untracked(), fleet.order_untracked());
        assert_eq!(fleet.hear(FromServer::Alerts), Heard::Understood);
        assert_eq!((fleet.alerts.get_untracked(), fleet.order_untracked()), (alerts + 1, order));
    });
}

#[test]
fn a_missing_change_asks_for_a_fresh_start() {
    fleet(|fleet| {
        fleet.hear(snapshot(7, vec![row(1, State::Up)]));
        assert_eq!(fleet.hear(change(9, 1, State::Down, None)), Heard::Gap);
        assert_eq!(fleet.counts.get_untracked().up, 1);
    });
}

#[test]
fn a_snapshot_takes_away_what_is_gone_and_keeps_the_signals_of_the_rest() {
    fleet(|fleet| {
        fleet.hear(snapshot(1, vec![row(1, State::Up), row(2, State::Up)]));
        let kept = fleet.row(DeviceId(2));
        fleet.hear(snapshot(5, vec![row(2, State::Down)]));
        assert!(fleet.row(DeviceId(1)).is_none());
        assert_eq!(kept.map(|row| row.with_untracked(|row| row.live.state)), Some(State::Down));
        assert_eq!(fleet.counts.get_untracked().total(), 1);
    });
}

#[test]
fn a_device_is_gone_only_once_the_whole_fleet_is_known() {
    fleet(|fleet| {
        fleet.seed_row(&row(1, State::Up));
        assert!(!fleet.is_gone(DeviceId(1)) && !fleet.is_gone(DeviceId(2)));
        fleet.hear(snapshot(1, vec![row(1, State::Up)]));
        assert!(!fleet.is_gone(DeviceId(1)));
        let removed = LiveEvent { seq: 2, change: Change::Removed { id: DeviceId(1) } };
        fleet.hear(FromServer::Changes(vec![removed]));
        assert!(fleet.is_gone(DeviceId(1)));
    });
}

#[test]
fn a_sign_of_life_changes_nothing() {
    fleet(|fleet| {
        fleet.hear(snapshot(1, vec![row(1, State::Up)]));
        assert_eq!(fleet.hear(FromServer::Alive), Heard::Understood);
        assert_eq!(fleet.hear(change(2, 1, State::Down, None)), Heard::Understood);
        assert_eq!(fleet.counts.get_untracked().down, 1);
    });
}

#[test]
fn missed_seconds_are_a_gap_and_old_ones_are_forgotten() {
    fleet(|fleet| {
        let id = DeviceId(1);
        fleet.watched.set(Some(id));
        fleet.watched.take_rate(id, (1, 1), Timestamp(10_000));
        fleet.watched.take_rate(id, (2, 2), Timestamp(13_050));
        let rates = fleet.watched.rates.get_untracked();
        assert_eq!(rates, [(Some(1), Some(1)), (None, None), (None, None), (Some(2), Some(2))]);
        fleet.watched.take_rate(DeviceId(2), (9, 9), Timestamp(14_000));
        assert_eq!(fleet.watched.rates.with_untracked(Vec::len), 4);
    });
}
