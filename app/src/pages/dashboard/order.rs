//! How rows are ordered. What a row is ordered by is made once for each of them, not once for each comparison: in a
//! list of ten thousand that is where the time goes.

use super::{
    columns::{Column, response_ms},
    version::Version,
};
use model::{Beat, CheckStatus, DeviceId, Row, State};
use std::cmp::Ordering;

/// What a row is ordered by; all of a column's are of one kind.
enum Key {
    Number(f64),
    Text(String),
    Version(Version),
}

impl Key {
    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Key::Number(a), Key::Number(b)) => a.total_cmp(b),
            (Key::Text(a), Key::Text(b)) => a.cmp(b),
            (Key::Version(a), Key::Version(b)) => a.cmp(b),
            _ => Ordering::Equal,
        }
    }
}

/// The devices in the order of a column. Rows that do not know the value come last, whichever way the others are
/// ordered; among equals names decide.
pub fn arranged(rows: &[&Row], column: Column, descending: bool) -> Vec<DeviceId> {
    let mut keyed: Vec<(Option<Key>, String, DeviceId)> =
        rows.iter().map(|row| (key(column, row), natural(&row.name), row.id)).collect();
    keyed.sort_by(|(a_key, a_name, a_id), (b_key, b_name, b_id)| {
        let by_key = match (a_key, b_key) {
            (Some(a), Some(b)) if descending => b.compare(a),
            (Some(a), Some(b)) => a.compare(b),
            (a, b) => b.is_some().cmp(&a.is_some()),
        };
        by_key.then_with(|| a_name.cmp(b_name)).then_with(|| a_id.cmp(b_id))
    });
    keyed.into_iter().map(|(_, _, id)| id).collect()
}

#[allow(clippy::cast_precision_loss)]
fn key(column: Column, row: &Row) -> Option<Key> {
    let text = |text: &str| Some(Key::Text(natural(text)));
    let number = |number: f64| Some(Key::Number(number));
    match column {
        Column::State => return number(f64::from(row.live.state as u8)),
        Column::Name => return text(&row.name),
        Column::Address => return text(&row.address),
        Column::Site => return text(row.location.as_deref()?),
        Column::Reason => return text(why(row)?),
        // The shortest time first.
        Column::Since => return number(-(row.live.since.0 as f64)),
        Column::Response => return number(f64::from(response_ms(row)?)),
        // By how much of what is known went wrong.
        Column::Beats => {
            let known = row.beats.iter().filter(|beat| **beat != Beat::Unknown).count();
            let failed = row.beats.iter().filter(|beat| **beat == Beat::Failed).count();
            return (known > 0).then(|| Key::Number(failed as f64 / known as f64));
        }
        _ => {}
    }
    let router = row.live.router.as_ref()?;
    match column {
        Column::Model => text(router.model.as_deref()?),
        Column::ExternalIp => text(router.external_ip.as_deref()?),
        Column::Version => Some(Key::Version(Version::parse(router.version.as_deref()?))),
        Column::Cpu => number(f64::from(router.cpu_percent?)),
        Column::Memory => number(f64::from(router.memory_percent?)),
        Column::Temperature => number(f64::from(router.temperature_celsius?)),
        Column::Voltage => number(f64::from(router.voltage_volts?)),
        Column::Download => number(router.rx_bps? as f64),
        Column::Upload => number(router.tx_bps? as f64),
        Column::Uptime => number(router.uptime_s? as f64),
        Column::Reconnects => number(router.reconnects as f64),
        Column::Wan => number(f64::from(router.wan? as u8)),
        _ => None,
    }
}

/// What a person reads as the reason, without the words around it, so that the same troubles stand together.
fn why(row: &Row) -> Option<&str> {
    let failing = || {
        row.live.checks.iter().filter(|check| check.status != CheckStatus::Ok).find_map(|c| c.why.as_deref())
    };
    row.live.cause.as_deref().or_else(failing).filter(|_| row.live.state != State::Paused)
}

/// What puts texts into the order in which people count: `ap-2` before `ap-10`, capitals aside.
pub fn natural(text: &str) -> String {
    let mut key = String::with_capacity(text.len() + 4);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if !letter.is_ascii_digit() {
            key.extend(letter.to_lowercase());
            continue;
        }
        let mut number = String::new();
        let mut next = Some(letter);
        while let Some(digit) = next {
            if digit != '0' || !number.is_empty() {
                number.push(digit);
            }
            next = letters.next_if(char::is_ascii_digit);
        }
        // Among letters a number stands where digits do; the longer of two is the greater.
        key.push('0');
        key.push(u8::try_from(number.len()).map_or(char::MAX, char::from));
        key.push_str(&number);
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{DeviceKind, Live, RouterLive};

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
            quiet: None,
        }
    }

    fn ids(rows: &[Row], column: Column, descending: bool) -> Vec<i64> {
        let rows: Vec<&Row> = rows.iter().collect();
        arranged(&rows, column, descending).into_iter().map(|id| id.0).collect()
    }

    #[test]
    fn names_are_ordered_as_people_count() {
        let in_order = ["a-1", "a0", "a:", "ap", "ap-1", "AP-2", "ap-10", "ap-010b", "ap-4294967296", "b"];
        let mut names = in_order;
        names.reverse();
        names.sort_by_key(|name| natural(name));
        assert_eq!(names, in_order);
        assert_eq!(natural("AP-007"), natural("ap-7"));
    }

    #[test]
    fn rows_that_know_nothing_come_last_both_ways() {
        let rows = [row(1, "none", None), row(2, "high", Some(90.0)), row(3, "low", Some(3.0))];
        assert_eq!(ids(&rows, Column::Cpu, false), [3, 2, 1]);
        assert_eq!(ids(&rows, Column::Cpu, true), [2, 3, 1]);
    }

    #[test]
    fn what_is_no_number_is_ordered_too() {
        let loads = [Some(f32::NAN), Some(1.0), None, Some(-f32::NAN), Some(f32::INFINITY)];
        let many = (0..100).map(|id| row(id, "same", loads[usize::try_from(id).unwrap() % loads.len()]));
        let ordered = ids(&many.collect::<Vec<_>>(), Column::Cpu, true);
        assert_eq!((ordered.len(), ordered[0] % 5, ordered[99] % 5), (100, 0, 2));
    }

    #[test]
    fn names_and_states_are_ordered_both_ways_and_equals_by_name() {
        let mut rows = [row(1, "b", None), row(2, "a", None), row(3, "c", None)];
        rows[2].live.state = State::Down;
        assert_eq!(ids(&rows, Column::Name, false), [2, 1, 3]);
        assert_eq!(ids(&rows, Column::Name, true), [3, 1, 2]);
        assert_eq!(ids(&rows, Column::State, false), [3, 2, 1]);
        assert_eq!(ids(&rows, Column::State, true), [2, 1, 3]);
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
        let rows = [
            told(1, Some("timed out"), 2),
            told(2, None, 0),
            told(3, Some("connection refused"), 4),
            told(4, Some("timed out"), 1),
        ];
        assert_eq!(ids(&rows, Column::Reason, false), [3, 1, 4, 2]);
        assert_eq!(ids(&rows, Column::Beats, true), [3, 1, 4, 2]);
    }
}
