//! What a recording keeps, whatever happens to it and to the database.

mod casting;
mod room;
mod sealing;
mod watching;

use super::{
    chunk::{CHUNK_BYTES_MAX, STORED_BYTES_MAX, unpack},
    live::{FLUSH_MS, WAITING_BYTES_MAX, WAITING_MAX},
    *,
};
use crate::store::{StoreError, Temp, Wanted};
use model::{
    DeviceDraft, Happened, RecordedEvent, RecordedEvents, RecordingEnd, RecordingWish, Role, Timestamp,
};

const LIMITS: Limits =
    Limits { session_bytes_max: 1_000_000, bytes_max: 1_000_000_000, keep_ms: 90 * DAY_MS };

/// A database with somebody in it, and a router.
struct Stage {
    temp: Temp,
    recordings: Recordings,
    begin: Begin,
}

async fn stage(limits: Limits) -> Stage {
    let temp = Store::open_temp().await;
    let user = temp.users().create("ani.lestari", Role::Admin, "no hash".to_owned()).await.unwrap().id;
    let draft = serde_json::json!({
        "name": "edge-1", "kind": "router", "address": "192.0.2.1", "enabled": true,
    });
    let draft: DeviceDraft = serde_json::from_value(draft).unwrap();
    let device = temp.devices().create(draft, &temp.vault).await.unwrap();
    let begin = Begin {
        device: device.id,
        device_name: device.name,
        user,
        who: "ani.lestari".to_owned(),
        address: Some("192.0.2.7".parse().unwrap()),
        columns: 80,
        rows: 24,
    };
    let recordings = recordings(&temp, limits);
    Stage { temp, recordings, begin }
}

fn recordings(temp: &Temp, limits: Limits) -> Recordings {
    Recordings::new(temp.store.clone(), temp.vault.clone(), temp.clock.clone(), limits)
}

impl Stage {
    async fn record(&self) -> Recorder {
        self.recordings.begin(self.begin.clone()).await.unwrap()
    }

    /// Everything that is stored of one.
    async fn stored(&self, id: RecordingId) -> Vec<u8> {
        let (mut events, mut from) = (Vec::new(), Some(0));
        while let Some(chunk) = from {
            let part = self.recordings.part(id, chunk).await.unwrap();
            events.extend(part.events);
            from = part.next;
        }
        events
    }

    async fn known(&self, id: RecordingId) -> model::Recording {
        self.temp.recordings().one(id).await.unwrap()
    }
}

fn output(events: &[u8]) -> Vec<u8> {
    let bytes = RecordedEvents(events).filter_map(|event| match event.what {
        Happened::Output(bytes) => Some(bytes),
        _ => None,
    });
    bytes.collect::<Vec<_>>().concat()
}

fn lost(events: &[u8]) -> u64 {
    let gaps = RecordedEvents(events).map(|event| match event.what {
        Happened::Gap { bytes } => bytes,
        _ => 0,
    });
    gaps.sum()
}

#[tokio::test]
async fn what_a_device_sent_comes_back_as_it_was_with_its_times_and_sizes() {
    let stage = stage(LIMITS).await;
    let recorder = stage.record().await;
    let id = recorder.id();
    recorder.output(b"[admin@edge-1] > ");
    stage.temp.clock.forward(1_500);
    recorder.resize(120, 40);
    recorder.output("Привет 👋\r\n".as_bytes());
    recorder.output(&[0xff, 0xfe]);
    stage.temp.clock.forward(500);
    recorder.end(RecordingEnd::Closed);
    stage.recordings.write_all().await.unwrap();

    let events = stage.stored(id).await;
    let read: Vec<_> = RecordedEvents(&events).collect();
    let at = |at_ms, what| RecordedEvent { at_ms, what };
    assert_eq!(
        read,
        [
            at(0, Happened::Output(b"[admin@edge-1] > ")),
            at(1_500, Happened::Resized { columns: 120, rows: 40 }),
            at(1_500, Happened::Output("Привет 👋\r\n".as_bytes())),
            at(1_500, Happened::Output(&[0xff, 0xfe])),
            at(2_000, Happened::Ended),
        ]
    );
    let known = stage.known(id).await;
    assert_eq!((known.end, known.length_ms()), (Some(RecordingEnd::Closed), 2_000));
    assert_eq!((known.device.as_str(), known.who.as_str()), ("edge-1", "ani.lestari"));
    assert_eq!(known.address.as_deref(), Some("192.0.2.7"));
    assert_eq!((known.columns, known.rows, known.lost_bytes, known.is_cut), (80, 24, 0, false));
    assert_eq!(known.bytes, output(&events).len() as u64);
    assert!(known.stored_bytes > 0);
    assert!(stage.recordings.0.live.lock().is_empty(), "what is over and written is not kept in memory");
}

#[tokio::test]
async fn output_is_written_after_two_seconds_and_sooner_when_a_chunk_is_full() {
    let stage = stage(LIMITS).await;
    let recorder = stage.record().await;
    let id = recorder.id();
    recorder.output(b"soon");
    stage.temp.clock.forward(FLUSH_MS - 1);
    stage.recordings.write_all().await.unwrap();
    assert_eq!(stage.stored(id).await, b"");
    stage.temp.clock.forward(1);
    stage.recordings.write_all().await.unwrap();
    assert_eq!(output(&stage.stored(id).await), b"soon");
    recorder.output(&[b'x'; CHUNK_BYTES_MAX]);
    stage.recordings.write_all().await.unwrap();
    assert!(output(&stage.stored(id).await).len() > CHUNK_BYTES_MAX / 2, "the full part did not wait");
    assert!(stage.known(id).await.is_live());
}

#[tokio::test]
async fn a_program_that_is_killed_leaves_a_recording_that_can_be_read() {
    let stage = stage(LIMITS).await;
    let recorder = stage.record().await;
    let id = recorder.id();
    recorder.output(b"before");
    stage.temp.clock.forward(FLUSH_MS);
    stage.recordings.write_all().await.unwrap();
    recorder.output(b"in the last two seconds");
    // Killed: nothing is written any more, and another process begins.
    let again = recordings(&stage.temp, LIMITS);
    again.end_forgotten(Timestamp(i64::MAX)).await.unwrap();
    let known = stage.known(id).await;
    assert_eq!((known.end, known.bytes), (Some(RecordingEnd::Crashed), 6));
    let part = again.part(id, 0).await.unwrap();
    assert_eq!((output(&part.events).as_slice(), part.next), (b"before".as_slice(), None));
    again.end_forgotten(Timestamp(i64::MAX)).await.unwrap();
}

#[tokio::test]
async fn a_worker_that_is_started_again_ends_nothing_of_its_own() {
    let stage = stage(LIMITS).await;
    let recorder = stage.record().await;
    stage.recordings.end_forgotten(Timestamp(i64::MAX)).await.unwrap();
    assert!(stage.known(recorder.id()).await.is_live());
}

#[tokio::test]
async fn a_session_that_is_dropped_was_left() {
    let stage = stage(LIMITS).await;
    let recorder = stage.record().await;
    let id = recorder.id();
    drop(recorder);
    stage.recordings.write_all().await.unwrap();
    assert_eq!(stage.known(id).await.end, Some(RecordingEnd::Left));
}

#[tokio::test]
async fn a_database_that_fails_costs_a_gap_and_nothing_else() {
    let stage = stage(LIMITS).await;
    let recorder = stage.record().await;
    let id = recorder.id();
    let mut sent = 0;
    // Nobody writes: what there is room for waits, and the rest is counted.
    for _ in 0..2 * WAITING_MAX {
        recorder.output(&[b'x'; CHUNK_BYTES_MAX]);
        sent += CHUNK_BYTES_MAX as u64;
    }
    stage.recordings.write_all().await.unwrap();
    recorder.output(b"after");
    recorder.end(RecordingEnd::Closed);
    stage.recordings.write_all().await.unwrap();
    let events = stage.stored(id).await;
    let known = stage.known(id).await;
    let kept = output(&events);
    assert!(kept.ends_with(b"after"), "it goes on behind the gap");
    assert!(lost(&events) > 0 && kept.len() > CHUNK_BYTES_MAX);
    assert_eq!(kept.len() as u64 + lost(&events), sent + 5, "every byte is there or counted");
    assert_eq!((known.lost_bytes, known.bytes), (lost(&events), kept.len() as u64));
}

#[test]
fn every_byte_is_there_or_counted_however_the_chunks_are_filled() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::open_file(&folder.path().join("secret.key")).unwrap();
    let place = crate::vault::Place { table: "recordings", column: "sealed_key", row: "1" };
    for piece in (4_050..4_110).chain([1, 15, 100, 777, CHUNK_BYTES_MAX, 3 * CHUNK_BYTES_MAX]) {
        let (key, _) = vault.new_own_key(place).unwrap();
        let live = Live::new((RecordingId(1), key), Timestamp(0), (80, 24), u64::MAX);
        let mut sent = 0;
        while sent < 2 * WAITING_MAX * CHUNK_BYTES_MAX {
            live.output(&vec![b'x'; piece], Timestamp(i64::MAX));
            sent += piece;
        }
        live.end(RecordingEnd::Lost, Timestamp(i64::MAX));
        let todo = live.todo(Timestamp(0)).unwrap();
        let chunks: Vec<_> = todo.chunks.iter().map(|chunk| unpack(&chunk.packed).unwrap()).collect();
        assert!(chunks.iter().all(|chunk| chunk.len() <= CHUNK_BYTES_MAX), "pieces of {piece}");
        let kept: usize = chunks.iter().map(|events| output(events).len()).sum();
        let lost: u64 = chunks.iter().map(|events| lost(events)).sum();
        assert_eq!((kept + lost as usize, todo.lost_bytes), (sent, lost), "pieces of {piece}");
        assert!(piece < 16 || kept > WAITING_MAX * CHUNK_BYTES_MAX / 2, "pieces of {piece}: {kept}");
    }
}

#[tokio::test]
async fn a_session_is_cut_short_at_its_most_and_says_so() {
    let stage = stage(Limits { session_bytes_max: 10, ..LIMITS }).await;
    let recorder = stage.record().await;
    let id = recorder.id();
    recorder.output(b"12345678");
    recorder.output(b"90ab");
    stage.temp.clock.forward(1_000);
    recorder.output(&[b'x'; 4_000]);
    recorder.output(b"what was done behind a flood");
    recorder.end(RecordingEnd::Closed);
    stage.recordings.write_all().await.unwrap();
    let events = stage.stored(id).await;
    let known = stage.known(id).await;
    let fulls = RecordedEvents(&events).filter(|event| event.what == Happened::Full);
    assert_eq!(fulls.map(|event| event.at_ms).collect::<Vec<_>>(), [0], "it says where it is full, once");
    let kept = b"12345678what was done behind a flood";
    assert_eq!((output(&events).as_slice(), lost(&events)), (kept.as_slice(), 4_004));
    assert_eq!((known.is_cut, known.bytes, known.lost_bytes), (true, kept.len() as u64, 4_004));
}

#[tokio::test]
async fn sizes_count_too_and_only_those_that_are_new_and_that_a_screen_has() {
    let stage = stage(Limits { session_bytes_max: 100, ..LIMITS }).await;
    let recorder = stage.record().await;
    let id = recorder.id();
    for _ in 0..1_000 {
        recorder.resize(80, 24);
        recorder.resize(u16::MAX, 0);
        recorder.resize(u16::MAX, 0);
        recorder.resize(81, 24);
    }
    recorder.end(RecordingEnd::Closed);
    stage.recordings.write_all().await.unwrap();
    let events = stage.stored(id).await;
    let sizes: Vec<_> = RecordedEvents(&events).map(|event| event.what).collect();
    assert_eq!(sizes[0], Happened::Resized { columns: 1000, rows: 1 });
    assert_eq!(sizes[1], Happened::Resized { columns: 81, rows: 24 });
    assert!(sizes.len() < 10 && stage.known(id).await.is_cut, "{sizes:?}");
}

#[tokio::test]
async fn what_waits_stays_little_while_nothing_can_be_written_and_is_written_at_once_after_it() {
    let stage = stage(LIMITS).await;
    let recorder = stage.record().await;
    let id = recorder.id();
    let live = stage.recordings.0.live.lock()[&id].clone();
    let mut sent = 0;
    for _ in 0..100 {
        recorder.output(&[b'x'; 1_000]);
        sent += 1_000;
        stage.temp.clock.forward(FLUSH_MS);
        // Handed over, and the database did not take it.
        let todo = live.todo(engine::Clock::now(&*stage.temp.clock)).unwrap();
        assert!(todo.chunks.len() <= WAITING_MAX, "{}", todo.chunks.len());
    }
    recorder.output(b"after");
    recorder.end(RecordingEnd::Closed);
    stage.recordings.write_all().await.unwrap();
    let events = stage.stored(id).await;
    assert_eq!(output(&events).len() as u64 + lost(&events), sent + 5);
    assert!(lost(&events) > 0 && output(&events).len() > 20_000);
}

#[tokio::test]
async fn one_whose_beginning_nobody_heard_of_is_ended_after_a_while() {
    let stage = stage(LIMITS).await;
    let recorder = stage.record().await;
    // The answer to its beginning was lost.
    let nobodys = stage.temp.recordings().begin(&stage.begin, &stage.temp.vault).await.unwrap().0;
    let now = engine::Clock::now(&*stage.temp.clock);
    stage.recordings.end_forgotten(Timestamp(now.0 - 1)).await.unwrap();
    assert!(stage.known(nobodys).await.is_live(), "it may be on its way");
    stage.recordings.end_forgotten(now).await.unwrap();
    assert!(!stage.known(nobodys).await.is_live());
    assert!(stage.known(recorder.id()).await.is_live());
}

#[tokio::test]
async fn the_oldest_go_first_when_there_is_no_room_or_their_time_is_over() {
    let stage = stage(LIMITS).await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        let recorder = stage.record().await;
        ids.push(recorder.id());
        recorder.output(b"something");
        recorder.end(RecordingEnd::Closed);
        stage.recordings.write_all().await.unwrap();
        stage.temp.clock.forward(DAY_MS);
    }
    let each = stage.known(ids[0]).await.stored_bytes;
    let live = stage.record().await;
    let left = async || {
        let page = stage.temp.recordings().list(&RecordingWish::default(), (0, 100)).await.unwrap();
        page.recordings.into_iter().map(|recording| recording.id).rev().collect::<Vec<_>>()
    };
    let forget = async |limits| {
        let (keeper, now) = (recordings(&stage.temp, limits), engine::Clock::now(&*stage.temp.clock));
        while keeper.forget_one(now).await.unwrap() {}
    };
    forget(LIMITS).await;
    assert_eq!(left().await.len(), 5);
    forget(Limits { bytes_max: 3 * each, ..LIMITS }).await;
    assert_eq!(left().await, [ids[1], ids[2], ids[3], live.id()]);
    forget(Limits { keep_ms: 2 * DAY_MS, ..LIMITS }).await;
    assert_eq!(left().await, [ids[2], ids[3], live.id()], "two days ago is not older than two days");
    forget(Limits { bytes_max: 0, ..LIMITS }).await;
    assert_eq!(left().await, [live.id()], "what goes on stays");
    let entries = stage.temp.audit().list(&Wanted { limit: 10, ..Wanted::default() }).await.unwrap();
    let removed = entries.iter().filter(|entry| entry.act == "recording_removed").count();
    assert_eq!(removed, 4, "each is written down");
    assert!(!stage.temp.dump().await.lines().any(|line| line.starts_with("recording_chunks ")));
}

#[tokio::test]
async fn one_that_goes_on_is_not_removed_and_one_that_is_removed_is_written_no_more() {
    let stage = stage(LIMITS).await;
    let recorder = stage.record().await;
    let id = recorder.id();
    assert!(matches!(stage.temp.recordings().remove(id).await, Err(StoreError::Conflict(_))));
    // As if an earlier end had been written: the row goes away under a session.
    stage.temp.recordings().end_forgotten(&[], Timestamp(i64::MAX)).await.unwrap();
    stage.temp.recordings().remove(id).await.unwrap();
    recorder.output(b"nobody keeps this");
    recorder.end(RecordingEnd::Closed);
    stage.recordings.write_all().await.unwrap();
    assert!(matches!(stage.temp.recordings().one(id).await, Err(StoreError::NotFound)));
    assert!(stage.recordings.0.live.lock().is_empty());
}

#[tokio::test]
async fn a_device_and_an_account_may_go_and_the_recording_stays() {
    let stage = stage(LIMITS).await;
    let recorder = stage.record().await;
    let id = recorder.id();
    recorder.end(RecordingEnd::Closed);
    stage.recordings.write_all().await.unwrap();
    stage.temp.devices().remove(stage.begin.device).await.unwrap();
    let known = stage.known(id).await;
    assert_eq!((known.device_id, known.device.as_str()), (None, "edge-1"));
    let wish = |device: &str| RecordingWish { device: Some(device.to_owned()), user: None };
    let found = async |wish| stage.temp.recordings().list(&wish, (0, 10)).await.unwrap().total;
    assert_eq!((found(wish("edge-1")).await, found(wish("edge-2")).await), (1, 0));
    let of = |user: &str| RecordingWish { device: None, user: Some(user.to_owned()) };
    assert_eq!((found(of("ani.lestari")).await, found(of("ani")).await), (1, 0));
}

#[tokio::test]
async fn a_long_one_is_read_part_by_part() {
    let stage = stage(LIMITS).await;
    let recorder = stage.record().await;
    let id = recorder.id();
    for number in 0..=reader::PART_CHUNKS {
        recorder.output(format!("{number}\n").as_bytes());
        stage.temp.clock.forward(FLUSH_MS);
        stage.recordings.write_all().await.unwrap();
    }
    let first = stage.recordings.part(id, 0).await.unwrap();
    assert_eq!(first.next, Some(u32::try_from(reader::PART_CHUNKS).unwrap()));
    let told: Vec<_> = (0..=reader::PART_CHUNKS).map(|number| format!("{number}\n")).collect();
    assert_eq!(output(&stage.stored(id).await), told.concat().as_bytes());
    assert_eq!(stage.recordings.part(id, 99).await.unwrap(), model::RecordedPart::default());
}

#[test]
fn limits_are_those_of_the_settings_and_nonsense_changes_nothing() {
    let of = |name: &str, value: &str| Limits::of(&[(name.to_owned(), value.to_owned())].into());
    let usual = Limits::of(&BTreeMap::new());
    assert_eq!((usual.bytes_max, usual.keep_ms), (1_024_000_000, 90 * DAY_MS));
    assert_eq!(of("recordings_quota_mb", "5").bytes_max, 5_000_000);
    assert_eq!(of("recordings_keep_days", "7").keep_ms, 7 * DAY_MS);
    for nonsense in ["0", "-1", "many", ""] {
        assert_eq!(of("recordings_keep_days", nonsense), usual, "{nonsense}");
    }
}
