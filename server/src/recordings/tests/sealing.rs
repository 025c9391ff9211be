//! What is stored opens only where it belongs, and only with the key.

use super::*;
use crate::recordings::reader::part;

#[tokio::test]
async fn nothing_of_it_can_be_read_in_the_database() {
    let stage = stage(LIMITS).await;
    let recorder = stage.record().await;
    for number in 0..20 {
        recorder.output(format!("planted-secret-{number:02}\r\n").as_bytes());
    }
    recorder.end(RecordingEnd::Closed);
    stage.recordings.write_all().await.unwrap();
    let dump = stage.temp.dump().await;
    assert!(dump.contains("recording_chunks"), "there are chunks");
    let file = std::fs::read(stage.temp.folder.path().join("routewarden.db")).unwrap_or_default();
    let log = std::fs::read(stage.temp.folder.path().join("routewarden.db-wal")).unwrap_or_default();
    for number in 0..20 {
        let secret = format!("planted-secret-{number:02}");
        let is_in = |bytes: &[u8]| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!dump.contains(&secret) && !is_in(&file) && !is_in(&log), "{secret}");
    }
}

#[tokio::test]
async fn chunks_that_were_moved_changed_or_taken_away_are_refused() {
    let stage = stage(LIMITS).await;
    let mut ids = Vec::new();
    for name in [b"one", b"two"] {
        let recorder = stage.record().await;
        ids.push(recorder.id());
        for _ in 0..3 {
            recorder.output(name);
            stage.temp.clock.forward(FLUSH_MS);
            stage.recordings.write_all().await.unwrap();
        }
        recorder.end(RecordingEnd::Closed);
        stage.recordings.write_all().await.unwrap();
    }
    let (one, two) = (ids[0], ids[1]);
    assert_eq!(output(&stage.stored(one).await), b"oneoneone");
    let is_refused = async |id| {
        let refused = stage.recordings.part(id, 0).await;
        matches!(refused, Err(StoreError::Damaged(_)))
    };
    stage.temp.recordings().take_chunk(two, 3).await;
    assert!(is_refused(two).await, "the last one is gone, and with it the end");
    let chunks = stage.temp.recordings().chunks(one, 0, 10).await.unwrap();
    let others = stage.temp.recordings().chunks(two, 0, 10).await.unwrap();
    let put = async |number: u32, data: &[u8]| stage.temp.recordings().put_chunk(one, number, data).await;
    put(0, &chunks[1].data).await;
    assert!(is_refused(one).await, "another chunk of the same recording");
    put(0, &others[0].data).await;
    assert!(is_refused(one).await, "the same chunk of another recording");
    put(0, &chunks[0].data).await;
    assert_eq!(output(&stage.stored(one).await), b"oneoneone", "as it was");
    let (_, key) = stage.temp.recordings().open(one, &stage.temp.vault).await.unwrap();
    assert!(key.open(part(one, 1), &chunks[1].data).is_ok());
    for bit in 0..chunks[1].data.len() * 8 {
        let mut data = chunks[1].data.clone();
        data[bit / 8] ^= 1 << (bit % 8);
        assert!(key.open(part(one, 1), &data).is_err(), "bit {bit}");
    }
    put(1, b"short").await;
    assert!(stage.recordings.part(one, 0).await.is_err());
    stage.temp.recordings().take_chunk(one, 1).await;
    assert!(is_refused(one).await, "one in the middle is gone");
}

#[tokio::test]
async fn a_new_key_opens_what_was_recorded_under_the_old_one_and_what_goes_on() {
    let stage = stage(LIMITS).await;
    let recorder = stage.record().await;
    let id = recorder.id();
    recorder.output(b"before ");
    stage.temp.clock.forward(FLUSH_MS);
    stage.recordings.write_all().await.unwrap();
    let old = stage.temp.vault.key_ids();
    let rotation = stage.temp.sealed().rotate(&stage.temp.vault, |_| {}).await.unwrap();
    assert_eq!((rotation.dropped, rotation.unopened.len()), (old, 0));
    recorder.output(b"after");
    recorder.end(RecordingEnd::Closed);
    stage.recordings.write_all().await.unwrap();
    assert_eq!(output(&stage.stored(id).await), b"before after");
    // A key of a recording that was put into another's row opens nothing.
    let other = stage.record().await.id();
    stage.temp.recordings().take_key(other, id).await;
    assert!(matches!(stage.recordings.part(other, 0).await, Err(StoreError::Vault(_))));
}
