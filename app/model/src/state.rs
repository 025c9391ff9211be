//! What a device or a single check is known to be.

use serde::{Deserialize, Serialize};

/// The state of a device. `Unknown` is a failure of ours to find out, never a device's fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Down,
    Degraded,
    #[default]
    Unknown,
    Up,
    Paused,
}

impl State {
    /// Every state, worst first: the order of lists.
    pub const ALL: [State; 5] = [State::Down, State::Degraded, State::Unknown, State::Up, State::Paused];

    /// The word of the API and of the database.
    pub fn word(self) -> &'static str {
        match self {
            State::Up => "up",
            State::Degraded => "degraded",
            State::Down => "down",
            State::Unknown => "unknown",
            State::Paused => "paused",
        }
    }

    /// The reverse of [`State::word`].
    pub fn from_word(word: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether the device answers at all: `overall` in the API.
    pub fn is_overall_up(self) -> bool {
        matches!(self, State::Up | State::Degraded)
    }
}

/// How one check of a device stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    /// Not asked yet.
    #[default]
    Pending,
    /// The last try succeeded.
    Ok,
    /// Failing, and not yet confirmed.
    Failing,
    /// Confirmed failing.
    Failed,
    /// Has not once succeeded since it was added, so it does not count.
    NeverAnswered,
    /// We could not ask (no permission for ICMP, no route of ours).
    Unknown,
}
