//! How to talk to things: one folder per protocol. What to ask is `check/`.

pub mod icmp;
pub mod reach;
pub mod resolve;
pub mod routeros;
