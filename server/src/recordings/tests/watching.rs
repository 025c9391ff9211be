//! Looking on while a session goes on, and the worker that writes.

use super::*;
use crate::recordings::writer::{Due, ROOM_EVERY};
use model::RecordedAt;

/// Looks on until the end, or for so many parts; what was seen.
async fn watched(watcher: &mut Watcher, parts: usize) -> Vec<u8> {
    let mut all = Vec::new();
    for _ in 0..parts {
        match watcher.next().await.unwrap() {
            Seen::Events { events, .. } => all.extend(events),
            Seen::Over(_) => break,
        }
    }
    all
}

#[tokio::test]
async fn who_looks_on_sees_what_was_what_is_and_what_comes_without_a_gap() {
    let stage = stage(LIMITS).await;
    let recorder = stage.record().await;
    let id = recorder.id();
    let mut counts = recorder.watched();
    recorder.output(b"stored ");
    stage.temp.clock.forward(FLUSH_MS);
    stage.recordings.write_all().await.unwrap();
    recorder.output(b"waiting ");
    let mut watcher = stage.recordings.watch(id, RecordedAt::default()).unwrap();
    assert_eq!(*counts.borrow_and_update(), 1);
    assert_eq!(output(&watched(&mut watcher, 2).await), b"stored waiting ");
    // Seen in the middle of a chunk that is written before the next look.
    recorder.output(b"more ");
    stage.temp.clock.forward(FLUSH_MS);
    stage.recordings.write_all().await.unwrap();
    recorder.output(b"new");
    assert_eq!(output(&watched(&mut watcher, 2).await), b"more new");
    {
        let mut next = std::pin::pin!(watcher.next());
        assert!(futures::poll!(next.as_mut()).is_pending(), "there is nothing more");
        recorder.output(b"!");
        assert!(matches!(futures::poll!(next.as_mut()), std::task::Poll::Ready(Ok(Seen::Events { .. }))));
    }
    recorder.end(RecordingEnd::Closed);
    assert_eq!(output(&watched(&mut watcher, 9).await), b"");
    assert_eq!(watcher.next().await.unwrap(), Seen::Over(Some(RecordingEnd::Closed)));
    drop(watcher);
    assert_eq!(*counts.borrow_and_update(), 0);
    assert!(stage.recordings.watch(id, RecordedAt::default()).is_none(), "it is over");
}

#[tokio::test]
async fn who_comes_back_goes_on_where_they_were_and_who_is_slow_misses_nothing() {
    let stage = stage(LIMITS).await;
    let recorder = stage.record().await;
    let mut expected = Vec::new();
    let mut seen = Vec::new();
    let mut at = RecordedAt::default();
    for round in 0..20 {
        let line = format!("line {round} {}\r\n", "x".repeat(3_000));
        recorder.output(line.as_bytes());
        expected.extend(line.into_bytes());
        if round % 3 == 0 {
            stage.temp.clock.forward(FLUSH_MS);
        }
        if round % 5 == 0 {
            stage.recordings.write_all().await.unwrap();
        }
        if round % 4 == 0 {
            let mut watcher = stage.recordings.watch(recorder.id(), at).unwrap();
            let Seen::Events { events, next } = watcher.next().await.unwrap() else { panic!("it goes on") };
            seen.extend(events);
            at = next;
        }
    }
    let mut watcher = stage.recordings.watch(recorder.id(), at).unwrap();
    recorder.end(RecordingEnd::Closed);
    seen.extend(watched(&mut watcher, 100).await);
    assert_eq!(output(&seen), expected);
}

#[tokio::test]
async fn the_worker_writes_by_itself_and_at_its_end_what_is_left() {
    let stage = stage(LIMITS).await;
    let clock: Arc<dyn Clock> = stage.temp.clock.clone();
    let stop = tokio_util::sync::CancellationToken::new();
    let workers = engine::Workers::new(clock, tokio_util::task::TaskTracker::new());
    let recordings = stage.recordings.clone();
    workers.start("recordings", stop.clone(), move |duty| {
        let recordings = recordings.clone();
        async move { recordings.run(duty).await }
    });
    let recorder = stage.record().await;
    let id = recorder.id();
    let mut watcher = stage.recordings.watch(id, RecordedAt::default()).unwrap();
    recorder.output(b"left over");
    stop.cancel();
    workers.tracker().close();
    workers.tracker().wait().await;
    assert_eq!(output(&watched(&mut watcher, 9).await), b"left over");
    assert_eq!(stage.known(id).await.end, Some(RecordingEnd::Stopping));
    assert_eq!(output(&stage.stored(id).await), b"left over");
    drop(recorder);
}

#[tokio::test]
async fn what_is_beyond_the_quota_goes_at_the_start_and_soon_after_the_quota_was_crossed() {
    let stage = stage(LIMITS).await;
    let ended = async |recordings: &Recordings| {
        let recorder = recordings.begin(stage.begin.clone()).await.unwrap();
        recorder.output(b"something");
        let id = recorder.id();
        recorder.end(RecordingEnd::Closed);
        id
    };
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(ended(&stage.recordings).await);
        stage.recordings.write_all().await.unwrap();
    }
    let each = stage.known(ids[0]).await.stored_bytes;
    let keeper = recordings(&stage.temp, Limits { bytes_max: 2 * each, ..LIMITS });
    let clock: Arc<dyn Clock> = stage.temp.clock.clone();
    let workers = engine::Workers::new(clock, tokio_util::task::TaskTracker::new());
    let (give, mut take) = tokio::sync::mpsc::channel(1);
    workers.start("recordings", tokio_util::sync::CancellationToken::new(), move |duty| {
        give.try_send(duty).unwrap();
        async { Ok(()) }
    });
    let duty = take.recv().await.unwrap();
    let left = async || {
        let page = stage.temp.recordings().list(&RecordingWish::default(), (0, 100)).await.unwrap();
        page.recordings.into_iter().map(|recording| recording.id).rev().collect::<Vec<_>>()
    };
    let mut due = Due::begin();
    for _ in 0..2 {
        keeper.round(&duty, &mut due).await.unwrap();
    }
    assert_eq!(left().await, ids[1..], "at the start, and not one too many");
    ids.push(ended(&keeper).await);
    keeper.round(&duty, &mut due).await.unwrap();
    assert_eq!(left().await, ids[1..], "it is written first");
    tokio::time::pause();
    tokio::time::advance(ROOM_EVERY).await;
    tokio::time::resume();
    keeper.round(&duty, &mut due).await.unwrap();
    assert_eq!(left().await, ids[2..]);
}
