//! Room for what comes faster than it is written.

use super::*;
use crate::recordings::{
    chunk::{OUTPUT_BYTES_MAX, pack},
    reader::{PART_BYTES_MAX, part},
};

#[tokio::test]
async fn a_session_that_waits_for_room_loses_nothing_however_fast_it_is() {
    let stage = stage(LIMITS).await;
    let recorder = stage.record().await;
    let (id, mut sent, mut waits) = (recorder.id(), 0, 0);
    for piece in [AT_ONCE_BYTES_MAX, 1, 777, OUTPUT_BYTES_MAX + 1].into_iter().cycle().take(200) {
        if !recorder.has_room() {
            let mut growth = recorder.growth();
            growth.borrow_and_update();
            stage.recordings.write_all().await.unwrap();
            assert!(growth.has_changed().unwrap(), "whoever waits is told");
            assert!(recorder.has_room(), "what was written makes room");
            waits += 1;
        }
        recorder.output(&vec![b'x'; piece]);
        sent += piece;
    }
    recorder.end(RecordingEnd::Closed);
    stage.recordings.write_all().await.unwrap();
    let events = stage.stored(id).await;
    let known = stage.known(id).await;
    assert!(waits > 2, "{waits}");
    assert_eq!((output(&events).len(), lost(&events)), (sent, 0));
    assert_eq!((known.bytes, known.lost_bytes), (sent as u64, 0));
}

#[tokio::test]
async fn without_a_database_there_is_room_for_little_and_always_for_what_is_chosen_while_one_waits() {
    let stage = stage(LIMITS).await;
    let recorder = stage.record().await;
    let (id, mut sent) = (recorder.id(), 0);
    while recorder.has_room() {
        recorder.output(&[b'x'; AT_ONCE_BYTES_MAX]);
        sent += AT_ONCE_BYTES_MAX;
        assert!(sent <= (WAITING_MAX + 1) * CHUNK_BYTES_MAX, "{sent}");
    }
    for columns in 100..150 {
        recorder.resize(columns, 30);
    }
    recorder.end(RecordingEnd::Closed);
    assert!(sent > WAITING_MAX * CHUNK_BYTES_MAX / 2, "{sent}");
    stage.recordings.write_all().await.unwrap();
    let events = stage.stored(id).await;
    let sizes = RecordedEvents(&events).filter(|event| matches!(event.what, Happened::Resized { .. }));
    assert_eq!((output(&events).len(), lost(&events), sizes.count()), (sent, 0, 50));
}

#[tokio::test]
async fn noise_is_held_in_little_memory() {
    let stage = stage(LIMITS).await;
    let recorder = stage.record().await;
    let (id, mut sent) = (recorder.id(), 0);
    let mut noise = [0; AT_ONCE_BYTES_MAX];
    while recorder.has_room() {
        getrandom::fill(&mut noise).unwrap();
        recorder.output(&noise);
        sent += noise.len();
        assert!(sent <= WAITING_BYTES_MAX + 2 * CHUNK_BYTES_MAX, "{sent}");
    }
    assert!(sent >= WAITING_BYTES_MAX, "{sent}");
    recorder.end(RecordingEnd::Closed);
    stage.recordings.write_all().await.unwrap();
    let events = stage.stored(id).await;
    assert_eq!((output(&events).len(), lost(&events)), (sent, 0));
}

#[tokio::test]
async fn a_part_of_what_an_earlier_version_recorded_is_no_larger() {
    let stage = stage(LIMITS).await;
    let recorder = stage.record().await;
    let id = recorder.id();
    let (_, key) = stage.temp.recordings().open(id, &stage.temp.vault).await.unwrap();
    for number in 0..9 {
        recorder.output(b"x");
        stage.temp.clock.forward(FLUSH_MS);
        stage.recordings.write_all().await.unwrap();
        let data = key.seal(part(id, number), &pack(&vec![0; STORED_BYTES_MAX])).unwrap();
        stage.temp.recordings().put_chunk(id, number, &data).await;
    }
    let read = async |from| {
        let part = stage.recordings.part(id, from).await.unwrap();
        (part.events.len(), part.next)
    };
    assert_eq!(read(0).await, (PART_BYTES_MAX, Some(8)));
    assert_eq!(read(8).await, (STORED_BYTES_MAX, None));
}

#[tokio::test]
async fn what_a_database_did_not_take_fills_no_recording() {
    let stage = stage(Limits { session_bytes_max: 250_000, ..LIMITS }).await;
    let recorder = stage.record().await;
    let id = recorder.id();
    for _ in 0..200 {
        recorder.output(&[b'x'; AT_ONCE_BYTES_MAX]);
    }
    stage.recordings.write_all().await.unwrap();
    recorder.output(&[b'y'; AT_ONCE_BYTES_MAX]);
    recorder.end(RecordingEnd::Closed);
    stage.recordings.write_all().await.unwrap();
    let events = stage.stored(id).await;
    assert!(lost(&events) > 1_000_000, "{}", lost(&events));
    assert!(output(&events).ends_with(&[b'y'; AT_ONCE_BYTES_MAX]));
    assert!(!stage.known(id).await.is_cut);
}

#[tokio::test]
async fn a_recording_that_is_gone_has_room_for_nothing() {
    let stage = stage(LIMITS).await;
    let recorder = stage.record().await;
    stage.temp.recordings().end_forgotten(&[], Timestamp(i64::MAX)).await.unwrap();
    stage.temp.recordings().remove(recorder.id()).await.unwrap();
    recorder.output(b"nobody keeps this");
    stage.temp.clock.forward(FLUSH_MS);
    stage.recordings.write_all().await.unwrap();
    assert!(!recorder.has_room());
}
