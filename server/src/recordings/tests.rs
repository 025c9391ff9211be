//! What a recording keeps, whatever happens to it and to the database.

use super::{
    cast::Cast,
    chunk::{CHUNK_BYTES_MAX, pack, unpack},
    live::{FLUSH_MS, WAITING_MAX},
    reader::part,
    *,
};
use crate::store::{StoreError, Temp, Wanted};
use model::{
    CredentialChange, DeviceDraft, DeviceKind, Happened, RecordedAt, RecordedEvent, RecordedEvents,
    RecordingEnd, RecordingWish, Role, Timestamp, UserId,
};
use proptest::prelude::*;

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
    let draft = DeviceDraft {
        name: "edge-1".to_owned(),
        kind: DeviceKind::Router,
        address: "192.0.2.1".to_owned(),
        description: None,
        location: None,
        vendor: None,
        model: None,
        parent: None,
        tags: Vec::new(),
        enabled: true,
        sla_target: None,
        checks: None,
        routeros: CredentialChange::Keep,
    };
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
    again.end_forgotten().await.unwrap();
    let known = stage.known(id).await;
    assert_eq!((known.end, known.bytes), (Some(RecordingEnd::Crashed), 6));
    let part = again.part(id, 0).await.unwrap();
    assert_eq!((output(&part.events).as_slice(), part.next), (b"before".as_slice(), None));
    again.end_forgotten().await.unwrap();
}

#[tokio::test]
async fn a_worker_that_is_started_again_ends_nothing_of_its_own() {
    let stage = stage(LIMITS).await;
    let recorder = stage.record().await;
    stage.recordings.end_forgotten().await.unwrap();
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
    for piece in (1..200).chain(4_000..4_120).chain([CHUNK_BYTES_MAX, 3 * CHUNK_BYTES_MAX]) {
        let (key, _) = vault.new_own_key(place).unwrap();
        let live = Live::new(RecordingId(1), key, Timestamp(0), u64::MAX);
        let mut sent = 0;
        while sent < 2 * WAITING_MAX * CHUNK_BYTES_MAX {
            live.output(&vec![b'x'; piece], Timestamp(i64::MAX));
            sent += piece;
        }
        live.end(RecordingEnd::Lost, Timestamp(i64::MAX));
        let todo = live.todo(Timestamp(0)).unwrap();
        let chunks: Vec<&[u8]> = todo.chunks.iter().map(|chunk| &*chunk.events).collect();
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
    recorder.output(b"c");
    recorder.end(RecordingEnd::Closed);
    stage.recordings.write_all().await.unwrap();
    let events = stage.stored(id).await;
    let known = stage.known(id).await;
    assert_eq!((output(&events).as_slice(), lost(&events)), (b"12345678".as_slice(), 5));
    assert_eq!((known.is_cut, known.bytes, known.lost_bytes), (true, 8, 5));
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
    stage.temp.recordings().end_forgotten(&[]).await.unwrap();
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
    for number in 0..reader::PART_CHUNKS + 1 {
        recorder.output(format!("{number}\n").as_bytes());
        stage.temp.clock.forward(FLUSH_MS);
        stage.recordings.write_all().await.unwrap();
    }
    let first = stage.recordings.part(id, 0).await.unwrap();
    assert_eq!(first.next, Some(u32::try_from(reader::PART_CHUNKS).unwrap()));
    assert_eq!(output(&stage.stored(id).await), b"0\n1\n2\n3\n4\n5\n6\n7\n8\n");
    assert_eq!(stage.recordings.part(id, 99).await.unwrap(), model::RecordedPart::default());
}

/// Looks on until the end, or for so many parts; what was seen.
async fn watched(watcher: &mut Watcher, parts: usize) -> Vec<u8> {
    let mut all = Vec::new();
    for _ in 0..parts {
        match watcher.next().await.unwrap() {
            Seen::Events { events, .. } => all.extend(events),
            Seen::Over => break,
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
    assert_eq!(watcher.next().await.unwrap(), Seen::Over);
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
    assert_eq!(unpack(&pack(&vec![0; CHUNK_BYTES_MAX + 1])), None, "more than a chunk may hold");
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
