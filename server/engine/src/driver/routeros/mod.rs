//! Talks to RouterOS over its API (8728) or API-SSL (8729): one persistent session per router.
//!
//! What to ask is in `facts`, when and what follows from it in `check/routeros`. Never trusts a length, a text or a promise
//! of the router: everything it sends is capped (`wire`), everything it owes has a deadline (`session`).

mod actor;
mod backoff;
mod cause;
mod command;
mod connect;
mod exchange;
pub mod facts;
mod habit;
mod history;
mod login;
mod row;
mod running;
mod session;
pub mod sim;
#[cfg(test)]
mod tests;
mod tls;
mod wire;

pub use actor::Bell;
pub use cause::{AskError, Disconnect, Stage};
pub use command::Command;
pub use history::Ended;
pub use row::Row;
pub use session::{Answer, Endpoint, Runtime, Session};
// What bytes mean, for whoever throws arbitrary ones at it.
pub use wire::{Decoder, Kind, Reply, WireError};
