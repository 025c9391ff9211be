//! One folder per area: `mod.rs` is the page, the other files its parts.

pub mod account;
pub mod dashboard;
pub mod device;
pub mod login;
pub mod not_found;
pub mod routers;
pub mod setup;
pub mod users;
