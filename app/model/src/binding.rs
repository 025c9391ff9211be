//! Who speaks for an account from outside: people at Telegram, to one of the bots of our channels.

use crate::{BindingId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// Most people at Telegram who may speak for one account.
pub const BINDINGS_MAX: u64 = 10;

/// A person at Telegram who speaks for an account, with its role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    pub id: BindingId,
    pub user: UserId,
    /// What the person calls itself there: `@name` where it has one.
    pub called: String,
    /// The bot it speaks to, such as `@our_bot`; empty when it has not said its name.
    pub bot: String,
    pub bound_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

/// What is to be said to a bot, to speak for one's account from then on. Its only appearance.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BindingOffer {
    pub code: String,
    /// The bots that listen, by their names at Telegram without the @; those that could not be asked are missing.
    pub bots: Vec<String>,
}

/// The people at Telegram who speak for an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BindingPage {
    pub bindings: Vec<Binding>,
    /// Whether there is a bot to speak to: a Telegram channel that is on.
    pub has_bot: bool,
}
