//! One folder per area: `mod.rs` is the page, the other files its parts.

pub mod account;
pub mod alerts;
pub mod audit;
pub mod channels;
pub mod commands;
pub mod dashboard;
pub mod device;
mod gate;
pub mod history;
pub mod login;
pub mod logs;
mod not_allowed;
pub mod not_found;
pub mod quiets;
pub mod recordings;
pub mod reports;
pub mod routers;
pub mod rules;
pub mod server_log;
pub mod setup;
pub mod terminal;
pub mod users;
pub mod workers;
