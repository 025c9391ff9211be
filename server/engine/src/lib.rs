//! Watches and judges. Never fails because a router is down, and knows neither the web nor the database.
//!
//! The flow of a poll: `schedule` → a check's `probe` → `evaluate` → [`Outcome`] → whoever records it.

mod observation;
mod secret;

pub use observation::*;
pub use secret::Secret;
