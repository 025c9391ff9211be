//! Recordings of terminals: what is known of one, and what it holds.

use crate::{DeviceId, RecordingId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// Why a recording ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingEnd {
    /// The device ended the session.
    Closed,
    /// Who opened it went away.
    Left,
    /// Nothing was typed for too long.
    Idle,
    /// Who opened it may not any more.
    NotAllowed,
    /// The device was lost.
    Lost,
    /// This server was stopped.
    Stopping,
    /// This server ended without a word: the last seconds may be missing.
    Crashed,
    /// The device is reached in another way now.
    Changed,
    /// The device was removed.
    Removed,
}

impl RecordingEnd {
    const ALL: [RecordingEnd; 9] = [
        RecordingEnd::Closed,
        RecordingEnd::Left,
        RecordingEnd::Idle,
        RecordingEnd::NotAllowed,
        RecordingEnd::Lost,
        RecordingEnd::Stopping,
        RecordingEnd::Crashed,
        RecordingEnd::Changed,
        RecordingEnd::Removed,
    ];

    /// The word of the API and the database.
    pub fn word(self) -> &'static str {
        match self {
            RecordingEnd::Closed => "closed",
            RecordingEnd::Left => "left",
            RecordingEnd::Idle => "idle",
            RecordingEnd::NotAllowed => "not_allowed",
            RecordingEnd::Lost => "lost",
            RecordingEnd::Stopping => "stopping",
            RecordingEnd::Crashed => "crashed",
            RecordingEnd::Changed => "changed",
            RecordingEnd::Removed => "removed",
        }
    }

    /// The reverse of [`RecordingEnd::word`].
    pub fn from_word(word: &str) -> Option<RecordingEnd> {
        Self::ALL.into_iter().find(|end| end.word() == word)
    }
}

/// What is known of a recording without opening it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    pub id: RecordingId,
    /// The device, while it exists.
    pub device_id: Option<DeviceId>,
    /// Its name at that time.
    pub device: String,
    /// The account, while it exists.
    pub user_id: Option<UserId>,
    /// Its name at that time.
    pub who: String,
    /// From where it came.
    pub address: Option<String>,
    pub begun_at: Timestamp,
    /// While it goes on, when something was last written of it; to whoever asks it is the moment of asking.
    pub until: Timestamp,
    /// Absent while it goes on.
    pub end: Option<RecordingEnd>,
    /// The size of the terminal at the beginning, in characters.
    pub columns: u16,
    pub rows: u16,
    /// What the device sent, as far as it was recorded.
    pub bytes: u64,
    /// What it takes in the database.
    pub stored_bytes: u64,
    /// What the device sent beside, and is missing.
    pub lost_bytes: u64,
    /// It had reached the most that is kept of one session: of floods after that nothing is kept.
    pub is_cut: bool,
}

impl Recording {
    pub fn is_live(&self) -> bool {
        self.end.is_none()
    }

    pub fn length_ms(&self) -> i64 {
        self.until.since_ms(self.begun_at).max(0)
    }
}

/// Which recordings are wished for. All that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RecordingWish {
    /// The device's name at that time.
    pub device: Option<String>,
    /// The account's name at that time.
    pub user: Option<String>,
}

/// Some recordings, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingPage {
    pub recordings: Vec<Recording>,
    /// How many there are on all pages.
    pub total: u64,
}

/// Where somebody is in a recording that goes on: in which of its chunks, and behind how many bytes of its events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordedAt {
    pub chunk: u32,
    pub bytes: u32,
}

/// A part of what a recording holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedPart {
    /// Events, to be read with [`RecordedEvents`].
    pub events: Vec<u8>,
    /// Where it goes on; nothing at the end of what is stored.
    pub next: Option<u32>,
}

/// What a page says on `/ws/watch/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromWatcher {
    /// First of all.
    Hello { ticket: String, from: RecordedAt },
}

/// What the server says there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToWatcher {
    /// What happened next, and from where to ask again after a loss.
    Events { events: Vec<u8>, next: RecordedAt },
    /// The session is over, for this reason where it is known: nothing follows.
    Over { end: Option<RecordingEnd> },
    /// Nothing is the matter; the line is there.
    Alive,
    /// Why the server looks away.
    Bye { why: String },
}
