//! Recordings of terminals, for admins. Who looks into one is written down.

use super::{Admin, Credential, Purpose, Sure, api_error};
use crate::{
    recordings::{Begin, Recorder, Watcher},
    store::in_time,
};
use app::api::ApiError;
use model::{
    Act, FieldError, RecordedAt, RecordedPart, Recording, RecordingId, RecordingPage, RecordingWish, Role,
};

/// Longest name that is asked for, in characters.
const NAME_CHARS_MAX: usize = 64;
/// Recordings on one page.
const PAGE: u64 = 50;

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

impl Admin {
    /// Begins to record a terminal. Without it a terminal works as well: when the database fails, routers are what
    /// somebody must reach all the same.
    pub async fn record(&self, begin: Begin) -> Option<Recorder> {
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
        in_time(self.viewer().program.store.recordings().list(wish, page)).await.map_err(api_error)
    }

    /// Whether what proved this handle still proves an admin's. A database that does not answer takes no right away.
    pub async fn is_still_admin(&self) -> bool {
        let viewer = self.viewer();
        match &viewer.credential {
            Credential::Token(token) => match viewer.program.caller_by_token(token.expose()).await {
                Ok(caller) => caller.role() == Some(Role::Admin),
                Err(_) => true,
            },
            // A session ends when its account becomes another role's.
            _ => viewer.is_still_valid().await,
        }
    }

    pub async fn one_recording(&self, id: RecordingId) -> Result<Recording, ApiError> {
        in_time(self.viewer().program.store.recordings().one(id)).await.map_err(api_error)
    }
}

impl Sure<Admin> {
    /// What is stored of one from this chunk on. Whoever begins at the beginning looks at it.
    pub async fn replayed(&self, id: RecordingId, from: u32) -> Result<RecordedPart, ApiError> {
        if from == 0 {
            self.note_look(id, Look::Replay).await?;
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

    /// Whether this ticket is for watching this recording. It is spent either way.
    pub fn may_watch(&self, ticket: &str, id: RecordingId) -> bool {
        let viewer = self.viewer();
        let (program, purpose) = (&viewer.program, Purpose::Watch(id));
        program.tickets.redeem(ticket, &viewer.credential, purpose, program.clock.now())
    }

    /// Looks on while a session goes on; nothing when it is over.
    pub async fn watch(&self, id: RecordingId, from: RecordedAt) -> Result<Option<Watcher>, ApiError> {
        let Some(watcher) = self.viewer().program.recordings.watch(id, from) else { return Ok(None) };
        self.note_look(id, Look::Live).await?;
        Ok(Some(watcher))
    }

    /// What is looked at without being written down is not shown.
    async fn note_look(&self, id: RecordingId, look: Look) -> Result<(), ApiError> {
        let store = &self.viewer().program.store;
        let note = async {
            let recording = store.recordings().one(id).await?;
            let detail = format!("{} {}, {}", recording.id, recording.who, look.word());
            store.audit().note(Act::RecordingSeen, Some(&recording.device), Some(&detail)).await
        };
        in_time(note).await.map_err(api_error)
    }
}
