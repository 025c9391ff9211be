//! What a router tells about itself: which commands are asked, how their rows become words of the model.
//!
//! Reading is pure and takes rows as they come: every value may be absent, in another unit, or hostile.
//! A refused command costs its field. To add a subject: a file here, and a line in `question.rs`.

mod external_ip;
mod gather;
mod health;
mod interfaces;
mod memory;
mod permissions;
mod question;
mod rate;
mod resource;
mod routerboard;
mod service;
#[cfg(test)]
mod tests;
mod update;
mod wan;
pub(super) mod words;

pub use gather::{Gatherer, Round};
pub use memory::SLOW_EVERY_BUSY;
pub use permissions::probe_permissions;
pub use rate::watch_rate;
