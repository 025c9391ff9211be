//! That the columns fit, and that a browser's choice of them stays what it was.

use super::*;

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
fn a_link_has_no_order() {
    assert!(Column::ALL.into_iter().filter(|column| !column.is_sortable()).eq([Column::Webfig]));
}

#[test]
fn every_column_has_a_bit_of_its_own_at_its_place() {
    for (index, column) in Column::ALL.into_iter().enumerate() {
        assert_eq!(column.bit(), 1 << index);
    }
}
