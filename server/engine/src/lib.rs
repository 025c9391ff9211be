//! Watches and judges. Never fails because a router is down, and knows neither the web nor the database.
//!
//! The flow of a poll: `schedule` → a check's `probe` → `evaluate` → [`Outcome`] → whoever records it,
//! who then tells the [`Fleet`], from which pages and feeds read.

pub mod check;
mod clock;
pub mod driver;
mod engine;
mod evaluate;
mod fleet;
mod limit;
pub mod log;
pub mod notify;
mod observation;
mod rates;
mod schedule;
mod secret;
mod supervise;
mod tally;

pub use check::{errors, forms};
pub use clock::{Clock, RuntimeClock, SystemClock};
pub use engine::{Engine, EngineHandle, Options, Rate};
pub use fleet::Fleet;
pub use observation::*;
pub use schedule::{Lateness, LatenessCounts};
pub use secret::Secret;
pub use supervise::{Duty, WorkerReport, Workers};
pub use tally::Judgement;
