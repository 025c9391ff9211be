//! Casts, and chunks as they are packed.

use super::*;
use crate::recordings::{
    cast::Cast,
    chunk::{pack, unpack},
};
use model::UserId;
use proptest::prelude::*;

#[test]
fn what_was_packed_is_unpacked_and_a_bomb_is_not() {
    let text = b"/interface print\r\n".repeat(500);
    let packed = pack(&text);
    assert!(packed.len() * 5 < text.len(), "{} of {}", packed.len(), text.len());
    assert_eq!(unpack(&packed), Some(text));
    let mut noise = vec![0; CHUNK_BYTES_MAX];
    getrandom::fill(&mut noise).unwrap();
    let packed = pack(&noise);
    assert!(packed.len() < CHUNK_BYTES_MAX + 16, "noise grows by next to nothing");
    assert_eq!(unpack(&packed), Some(noise));
    let largest = vec![0; STORED_BYTES_MAX];
    assert_eq!(unpack(&pack(&largest)), Some(largest));
    assert_eq!(unpack(&pack(&vec![0; STORED_BYTES_MAX + 1])), None, "more than a chunk may hold");
    assert_eq!(unpack(&pack(&vec![0; 50_000_000])), None);
    for strange in [&b""[..], b"\x01", b"\x01nonsense", b"\x07abc"] {
        assert_eq!(unpack(strange), None, "{strange:?}");
    }
}

/// The lines of a cast of these pieces of output.
fn cast(pieces: &[Vec<u8>]) -> String {
    let mut cast = Cast::default();
    let mut lines = String::new();
    for (at_ms, piece) in (0..).zip(pieces) {
        lines += &cast.lines([RecordedEvent { at_ms, what: Happened::Output(piece) }]);
    }
    lines + &cast.end()
}

/// What a player of the cast would draw.
fn drawn(lines: &str) -> String {
    let text = |line: &str| {
        let (_, kind, text): (f64, String, String) = serde_json::from_str(line).unwrap();
        assert_eq!(kind, "o");
        text
    };
    lines.lines().map(text).collect()
}

proptest! {
    #[test]
    fn a_cast_draws_what_was_sent_however_it_came_apart(
        text in "(\\PC|[\\x00-\\x1f]|[а-я]|[😀-😎]){0,40}",
        noise in proptest::collection::vec(any::<u8>(), 0..6),
        at in 0_usize..60,
        cuts in proptest::collection::vec(0_usize..200, 0..20),
    ) {
        let mut bytes = text.into_bytes();
        let at = at.min(bytes.len());
        bytes.splice(at..at, noise);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
        cuts.sort_unstable();
        let (mut pieces, mut from) = (Vec::new(), 0);
        for cut in cuts {
            pieces.push(bytes[from..cut].to_vec());
            from = cut;
        }
        pieces.push(bytes[from..].to_vec());
        prop_assert_eq!(drawn(&cast(&pieces)), String::from_utf8_lossy(&bytes).into_owned());
    }

    #[test]
    fn every_pack_is_unpacked(events in proptest::collection::vec(any::<u8>(), 0..5_000)) {
        prop_assert_eq!(unpack(&pack(&events)), Some(events));
    }
}

#[test]
fn a_cast_says_what_it_is_and_what_is_missing() {
    let recording = model::Recording {
        id: RecordingId(1),
        device_id: None,
        device: "edge \"1\"".to_owned(),
        user_id: Some(UserId(1)),
        who: "ani".to_owned(),
        address: None,
        begun_at: Timestamp(1_790_000_000_500),
        until: Timestamp(1_790_000_002_000),
        end: Some(RecordingEnd::Closed),
        columns: 80,
        rows: 24,
        bytes: 0,
        stored_bytes: 0,
        lost_bytes: 0,
        is_cut: false,
    };
    let head: serde_json::Value = serde_json::from_str(&cast_head(&recording)).unwrap();
    assert_eq!((&head["version"], &head["width"], &head["height"]), (&2.into(), &80.into(), &24.into()));
    assert_eq!((&head["timestamp"], &head["duration"]), (&1_790_000_000.into(), &1.5.into()));
    let what = |at_ms, what| RecordedEvent { at_ms, what };
    let mut cast = Cast::default();
    let lines = cast.lines([
        what(0, Happened::Output(b"a\x1b[31m\xd0")),
        what(1, Happened::Gap { bytes: 7 }),
        what(1_500, Happened::Resized { columns: 100, rows: 30 }),
        what(1_501, Happened::Output(b"\xd0")),
        what(1_502, Happened::Output(b"\x9f")),
    ]);
    assert_eq!(
        lines + &cast.end(),
        "[0.0,\"o\",\"a\\u001b[31m\"]\n[0.001,\"o\",\"\u{fffd}\"]\n[0.001,\"m\",\"7 bytes were not recorded\"]\n\
         [1.5,\"r\",\"100x30\"]\n[1.502,\"o\",\"\u{41f}\"]\n"
    );
}
