//! The logs of routers: read and received, kept within bounds, and shown while they grow.
//!
//! `keeper` is the one worker that reads routers and writes lines down; `syslog` receives what is sent. A router's own
//! memory is the queue: what could not be written down is read again. Nothing here may slow states or samples.

mod bounds;
mod desk;
mod keeper;
mod pending;
mod senders;
mod shelf;
mod syslog;
mod twins;

pub use bounds::Bounds;
pub use desk::{LogDesk, Look};
pub use keeper::Keeper;
pub use syslog::{Sent, receive};
