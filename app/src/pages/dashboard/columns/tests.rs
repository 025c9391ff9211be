//! How the columns order rows, and that they fit.

use super::*;
use model::{DeviceId, DeviceKind, Live};

fn row(id: i64, name: &str, cpu: Option<f32>) -> Row {
    let router = RouterLive { cpu_percent: cpu, ..RouterLive::default() };
    Row {
        id: DeviceId(id),
        name: name.to_owned(),
        kind: DeviceKind::Router,
        address: String::new(),
        location: None,
        tags: Vec::new(),
        live: Live { router: Some(router), ..Live::default() },
        beats: Vec::new(),
    }
}

#[test]
fn names_are_ordered_as_people_count() {
    let mut names = ["ap-10", "AP-2", "ap-1", "b", "ap"];
    names.sort_by(|a, b| natural(a, b));
    assert_eq!(names, ["ap", "ap-1", "AP-2", "ap-10", "b"]);
}

#[test]
fn rows_that_know_nothing_come_last_both_ways() {
    for (descending, expected) in [(false, ["low", "high", "none"]), (true, ["high", "low", "none"])] {
        let mut rows = [row(1, "none", None), row(2, "high", Some(90.0)), row(3, "low", Some(3.0))];
        rows.sort_by(|a, b| Column::Cpu.compare(a, b, descending));
        assert_eq!(rows.map(|row| row.name), expected);
    }
}

#[test]
fn troubles_of_the_same_kind_and_of_the_same_frequency_stand_together() {
    let told = |id, why: Option<&str>, failed| {
        let mut row = row(id, &format!("device {id}"), None);
        row.live.cause = why.map(str::to_owned);
        row.beats = vec![Beat::Ok(1); 4 - failed];
        row.beats.extend(vec![Beat::Failed; failed]);
        row
    };
    let mut rows = [
        told(1, Some("timed out"), 2),
        told(2, None, 0),
        told(3, Some("connection refused"), 4),
        told(4, Some("timed out"), 1),
    ];
    rows.sort_by(|a, b| Column::Reason.compare(a, b, false));
    assert_eq!(rows.each_ref().map(|row| row.id.0), [3, 1, 4, 2]);
    rows.sort_by(|a, b| Column::Beats.compare(a, b, true));
    assert_eq!(rows.each_ref().map(|row| row.id.0), [3, 1, 4, 2]);
    assert!(Column::ALL.into_iter().filter(|column| !column.is_sortable()).eq([Column::Webfig]));
}

#[test]
fn the_usual_columns_fit_into_the_room_there_is() {
    let width = |set: ColumnSet| -> u32 {
        let shown = |column: &Column| column.is_fixed() || set & column.bit() != 0;
        Column::ALL.into_iter().filter(shown).map(Column::width).sum()
    };
    for (has_routers, room) in [(true, 840), (true, USUAL_ROOM), (true, 1900), (false, 840), (false, 1900)] {
        assert!(width(Column::usual(has_routers, room)) <= room);
    }
    let (small, large) = (Column::usual(true, 840), Column::usual(true, 1900));
    assert_eq!(small & !large, 0, "more room takes nothing away");
    assert_eq!(large.count_ones(), 14);
    let of_card =
        [Column::Reason, Column::Site, Column::Since, Column::Response, Column::Beats, Column::Download];
    assert!(of_card.iter().all(|column| Column::usual(true, USUAL_ROOM) & column.bit() != 0));
}

#[test]
fn every_column_has_a_bit_of_its_own_at_its_place() {
    for (index, column) in Column::ALL.into_iter().enumerate() {
        assert_eq!(column.bit(), 1 << index);
    }
}
