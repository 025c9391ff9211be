//! Parts, and what becomes of them.

use super::*;
use model::LossCause;

const ROUTER: DeviceId = DeviceId(1);

fn line(message: &str, is_after_gap: bool) -> Line {
    Line {
        at: Timestamp(1_000),
        level: LogLevel::Info,
        topics: Vec::new(),
        message: message.to_owned(),
        is_after_gap,
    }
}

fn read(pending: &mut Pending, device: DeviceId, lines: &[(&str, u64)]) {
    let lines = lines.iter().map(|(message, mark)| (line(message, false), *mark)).collect();
    pending.take_read(device, vec![7], lines, LogReader::default());
}

fn kept(part: &Part) -> Vec<(&str, bool)> {
    part.lines.iter().map(|line| (line.line.message.as_str(), line.line.is_after_gap)).collect()
}

fn devices(devices: BTreeSet<DeviceId>) -> Vec<DeviceId> {
    devices.into_iter().collect()
}

#[test]
fn a_gap_is_said_by_the_next_line_that_is_kept() {
    let mut pending = Pending::default();
    pending.take_sent(ROUTER, line("one", false));
    let lines = vec![(line("one", true), 1), (line("two", false), 2)];
    pending.take_read(ROUTER, Vec::new(), lines, LogReader::default());
    assert_eq!(kept(&pending.part()), [("one", false), ("two", true)]);
}

#[test]
fn what_was_lost_of_what_was_sent_has_a_place_of_its_own_also_where_it_is_the_last() {
    let mut pending = Pending::default();
    let loss = LogLoss { lines: 56, why: LossCause::TooMany };
    pending.take_sent(ROUTER, line("one", false));
    // What was read after a gap is a twin, and the gap is said by the next line of the router.
    pending.take_read(ROUTER, Vec::new(), vec![(line("one", true), 1)], LogReader::default());
    for _ in 0..2 {
        pending.take_loss(ROUTER, loss, Timestamp(2_000));
    }
    let part = pending.part();
    let said = "56 lines were dropped: more than 200 a second came";
    assert_eq!(kept(&part), [("one", false), (said, true), (said, true)], "two of the same are no twins");
    assert_eq!(part.lines[1].way, LogWay::Dropped(loss));
    pending.written();
    pending.take_sent(ROUTER, line("two", false));
    assert_eq!(kept(&pending.part()), [("two", true)]);
}

#[test]
fn a_long_log_goes_in_parts_each_with_how_far_it_is_read_by_then() {
    let mut pending = Pending::default();
    let words: Vec<String> = (0..2_500).map(|number| number.to_string()).collect();
    let lines: Vec<(&str, u64)> = words.iter().map(String::as_str).zip(100..).collect();
    read(&mut pending, ROUTER, &lines);
    let mut last = Vec::new();
    for (count, has_ended) in [(1_000, false), (1_000, false), (500, true)] {
        assert!(!pending.is_empty());
        let part = pending.part();
        assert_eq!(part.lines.len(), count);
        let (device, known) = &part.read_to[0];
        assert_eq!((*device, known.len()), (ROUTER, KNOWN_MAX));
        last.push(*known.last().unwrap());
        let written = pending.written();
        assert_eq!((devices(written.devices), written.readers.len()), (vec![ROUTER], usize::from(has_ended)));
    }
    assert_eq!(last, [1_099, 2_099, 2_599]);
    assert!(pending.is_empty());
}

#[test]
fn what_is_read_to_in_a_short_part_is_known_by_what_was_known_before_too() {
    let mut pending = Pending::default();
    for number in 0..BATCH_MAX - 1 {
        pending.take_sent(DeviceId(2), line(&number.to_string(), false));
    }
    read(&mut pending, ROUTER, &[("a", 8), ("b", 9)]);
    assert_eq!(pending.part().read_to, [(ROUTER, vec![7, 8])]);
    assert!(pending.written().readers.is_empty());
    assert_eq!(pending.part().read_to, [(ROUTER, vec![7, 8, 9])]);
}

#[test]
fn what_was_read_is_read_again_when_it_could_not_be_written_and_what_was_sent_waits_on() {
    let mut pending = Pending::default();
    pending.take_sent(ROUTER, line("sent", false));
    read(&mut pending, DeviceId(2), &[("read", 8)]);
    pending.part();
    assert_eq!(pending.failed(), [DeviceId(2)]);
    assert!(pending.is_in_doubt() && pending.settle(false).is_empty() && !pending.is_in_doubt());
    read(&mut pending, DeviceId(2), &[("read", 8)]);
    assert_eq!(kept(&pending.part()), [("sent", false), ("read", false)], "it is no twin of its own");
    assert_eq!(devices(pending.written().devices), [ROUTER, DeviceId(2)]);
    assert!(pending.is_empty());
}

#[test]
fn a_line_whose_twin_could_not_be_written_is_still_known_when_it_is_read_again() {
    for was_written in [false, true] {
        let mut pending = Pending::default();
        pending.take_sent(ROUTER, line("both ways", false));
        pending.part();
        pending.written();
        for _ in 0..3 {
            read(&mut pending, ROUTER, &[("both ways", 8), ("read only", 9)]);
            assert_eq!(kept(&pending.part()), [("read only", false)]);
            assert_eq!(pending.failed(), [ROUTER]);
            pending.settle(false);
        }
        // The same the other way: what was sent waits on, and its twin is read again.
        pending.take_sent(ROUTER, line("later", false));
        read(&mut pending, ROUTER, &[("later", 10)]);
        assert_eq!(kept(&pending.part()), [("later", false)]);
        pending.failed();
        pending.settle(was_written);
        let again: &[(&str, u64)] =
            if was_written { &[("next", 11)] } else { &[("later", 10), ("next", 11)] };
        read(&mut pending, ROUTER, again);
        let expected: &[(&str, bool)] =
            if was_written { &[("next", false)] } else { &[("later", false), ("next", false)] };
        assert_eq!(kept(&pending.part()), expected);
    }
}

#[test]
fn what_was_written_after_all_waits_no_longer_and_what_came_meanwhile_does() {
    let mut pending = Pending::default();
    pending.take_sent(ROUTER, line("written", false));
    pending.part();
    assert_eq!(pending.failed(), []);
    pending.take_sent(DeviceId(2), line("meanwhile", false));
    assert_eq!(devices(pending.settle(true)), [ROUTER]);
    assert_eq!(kept(&pending.part()), [("meanwhile", false)]);
    pending.written();
    assert!(!pending.is_in_doubt() && pending.settle(true).is_empty());
}

#[test]
fn however_much_is_sent_routers_are_read() {
    let mut pending = Pending::default();
    for number in 0..SENT_MAX {
        assert!(pending.has_room());
        pending.take_sent(DeviceId(2), line(&number.to_string(), false));
    }
    assert!(!pending.has_room());
    pending.part();
    pending.written();
    assert!(pending.is_full() && pending.has_room_to_read());
    let words: Vec<String> = (0..BATCH_MAX).map(|number| format!("read {number}")).collect();
    let lines: Vec<(&str, u64)> = words.iter().map(String::as_str).zip(100..).collect();
    read(&mut pending, ROUTER, &lines);
    assert!(!pending.has_room_to_read());
}

#[test]
fn of_a_part_of_nothing_but_twins_a_book_says_whether_it_was_written() {
    for was_written in [false, true] {
        let mut pending = Pending::default();
        pending.take_sent(ROUTER, line("both ways", false));
        pending.part();
        assert!(!pending.is_proven(|_| Vec::new()), "its line says it");
        pending.written();
        read(&mut pending, ROUTER, &[("both ways", 8)]);
        let part = pending.part();
        assert_eq!((kept(&part), part.read_to.as_slice()), (Vec::new(), [(ROUTER, vec![7, 8])].as_slice()));
        assert_eq!(pending.failed(), [ROUTER]);
        let known = if was_written { vec![7, 8] } else { vec![7] };
        assert_eq!(pending.is_proven(|_| known), was_written);
        pending.settle(was_written);
        // The same words again: another line, where the twin had its own already.
        read(&mut pending, ROUTER, &[("both ways", 9)]);
        let expected: &[(&str, bool)] = if was_written { &[("both ways", false)] } else { &[] };
        assert_eq!(kept(&pending.part()), expected);
    }
}

#[test]
fn only_what_was_sent_is_left_for_the_end() {
    let mut pending = Pending::default();
    read(&mut pending, ROUTER, &[("read", 8)]);
    pending.take_sent(ROUTER, line("sent", false));
    pending.keep_sent();
    let part = pending.part();
    assert_eq!((kept(&part), part.read_to.as_slice()), (vec![("sent", false)], [].as_slice()));
}
