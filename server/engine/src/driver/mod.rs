//! How to talk to things: one folder per protocol. What to ask is `check/`.

pub(crate) mod gateway;
pub mod icmp;
pub mod reach;
pub mod resolve;
pub mod routeros;
pub mod ssh;
