//! Recordings of terminals, for admins. Who looks into one is written down.

use super::{Admin, Credential, Sure, api_error};
use crate::{
    recordings::{Begin, Recorder, Watcher},
    store::{acting_now, in_time},
};
use app::api::ApiError;
use model::{
    Act, CommandRunId, Device, FieldError, RecordedAt, RecordedPart, Recording, RecordingId, RecordingPage,
    RecordingWish, Timestamp,
};
use parking_lot::Mutex;
use std::collections::VecDeque;

/// Longest name that is asked for, in characters.
const NAME_CHARS_MAX: usize = 64;
/// Recordings on one page.
const PAGE: u64 = 50;
/// How long one look lasts, and how many are remembered.
const LOOK_MS: i64 = 3_600_000;
const LOOKS_MAX: usize = 1_000;

/// How somebody looked into a recording, as the audit log says it.
#[derive(Clone, Copy, Debug)]
enum Look {
    Live,
    Replay,
    File,
}

impl Look {
    fn word(self) -> &'static str {
        match self {
            Look::Live => "live",
            Look::Replay => "replay",
            Look::File => "file",
        }
    }
}

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Recording(RecordingId),
    Command(CommandRunId),
}

/// Who has begun to read what, as the audit log has it: the rest of what they read is part of that look.
#[derive(Default)]
pub struct Looks(Mutex<VecDeque<Looked>>);

struct Looked {
    of: Credential,
    at: Seen,
    until: Timestamp,
}

impl Looks {
    pub(super) fn holds(&self, of: &Credential, at: Seen, now: Timestamp) -> bool {
        self.0.lock().iter().any(|look| look.at == at && look.until > now && look.of == *of)
    }

    pub(super) fn add(&self, of: &Credential, at: Seen, now: Timestamp) {
        let mut looks = self.0.lock();
        looks.retain(|look| look.until > now);
        // Who is forgotten is noted once more.
        if looks.len() >= LOOKS_MAX {
            looks.pop_front();
        }
        let until = Timestamp(now.0.saturating_add(LOOK_MS));
        looks.push_back(Looked { of: of.clone(), at, until });
    }
}

impl Admin {
    /// Begins to record a terminal of this size; nothing when the database fails.
    pub async fn record(&self, device: &Device, (columns, rows): (u16, u16)) -> Option<Recorder> {
        let user = &self.viewer().user;
        let begin = Begin {
            device: device.id,
            device_name: device.name.clone(),
            user: user.id,
            who: user.name.clone(),
            address: acting_now().and_then(|actor| actor.address),
            columns,
            rows,
        };
        let begun = self.viewer().program.recordings.begin(begin).await;
        begun.inspect_err(|error| tracing::error!(%error, "a terminal is not recorded")).ok()
    }

    /// A page of what is wished for, from `offset` on.
    pub async fn page_of_recordings(
        &self,
        wish: &RecordingWish,
        offset: u64,
    ) -> Result<RecordingPage, ApiError> {
        self.list_recordings(wish, (offset, PAGE)).await
    }

    /// The newest first.
    pub async fn list_recordings(
        &self,
        wish: &RecordingWish,
        page: (u64, u64),
    ) -> Result<RecordingPage, ApiError> {
        let names = [("device", &wish.device), ("user", &wish.user)];
        let judged = names.into_iter().filter_map(|(field, name)| {
            model::line(field, name.as_deref().unwrap_or_default(), NAME_CHARS_MAX).err()
        });
        let errors: Vec<FieldError> = judged.collect();
        if !errors.is_empty() {
            return Err(errors.into());
        }
        let found = in_time(self.viewer().program.store.recordings().list(wish, page)).await;
        let RecordingPage { recordings, total } = found.map_err(api_error)?;
        let recordings = recordings.into_iter().map(|one| self.so_far(one)).collect();
        Ok(RecordingPage { recordings, total })
    }

    pub async fn one_recording(&self, id: RecordingId) -> Result<Recording, ApiError> {
        let one = in_time(self.viewer().program.store.recordings().one(id)).await.map_err(api_error)?;
        Ok(self.so_far(one))
    }

    /// One that goes on lasts until now, however long ago something was written of it.
    fn so_far(&self, recording: Recording) -> Recording {
        let until = match recording.end {
            None => recording.until.max(self.viewer().program.clock.now()),
            Some(_) => recording.until,
        };
        Recording { until, ..recording }
    }
}

impl Sure<Admin> {
    /// What is stored of one from this chunk on. Whoever begins to read, from wherever, looks at it.
    pub async fn replayed(&self, id: RecordingId, from: u32) -> Result<RecordedPart, ApiError> {
        let viewer = self.viewer();
        viewer.may_have_terminal()?;
        let (program, now) = (&viewer.program, viewer.program.clock.now());
        let seen = Seen::Recording(id);
        if from == 0 || !program.looks.holds(&viewer.credential, seen, now) {
            self.note_look(id, Look::Replay).await?;
            program.looks.add(&viewer.credential, seen, now);
        }
        self.part_of(id, from).await
    }

    /// What a file of it begins with.
    pub async fn filed(&self, id: RecordingId) -> Result<Recording, ApiError> {
        let recording = self.one_recording(id).await?;
        self.note_look(id, Look::File).await?;
        Ok(recording)
    }

    /// What is stored of one from this chunk on, for who has said that they look at it.
    pub async fn part_of(&self, id: RecordingId, from: u32) -> Result<RecordedPart, ApiError> {
        self.viewer().program.recordings.part(id, from).await.map_err(api_error)
    }

    /// Removes one that is over.
    pub async fn delete_recording(&self, id: RecordingId) -> Result<(), ApiError> {
        in_time(self.viewer().program.store.recordings().remove(id)).await.map_err(api_error)
    }

    /// Looks on while a session goes on; nothing when it is over.
    pub async fn watch(&self, id: RecordingId, from: RecordedAt) -> Result<Option<Watcher>, ApiError> {
        let Some(watcher) = self.viewer().program.recordings.watch(id, from) else { return Ok(None) };
        self.note_look(id, Look::Live).await?;
        Ok(Some(watcher))
    }

    /// What is looked at without being written down is not shown, and what a terminal may not show is shown nowhere:
    /// it is read over the same line.
    async fn note_look(&self, id: RecordingId, look: Look) -> Result<(), ApiError> {
        self.viewer().may_have_terminal()?;
        let store = &self.viewer().program.store;
        let note = async {
            let recording = store.recordings().one(id).await?;
            let detail = format!("{} {}, {}", recording.id, recording.who, look.word());
            store.audit().note(Act::RecordingSeen, Some(&recording.device), Some(&detail)).await
        };
        in_time(note).await.map_err(api_error)
    }
}
