//! Tells people what happened: once, in order, and to whom it matters.
//!
//! `watch` follows the numbers that rules are about, and `deeds` says what follows from a change of states; the store writes it in the transaction of the states. The
//! `courier` takes what waits in the outbox to its channels, in the words of `letter`; `reporter` puts reports there.

mod courier;
mod deeds;
mod letter;
mod reporter;
mod sheet;
#[cfg(test)]
mod tests;
mod together;
mod watch;

pub use courier::{Courier, try_out};
pub use deeds::{Deed, Known, deeds};
pub use reporter::Reporter;
pub use together::{Group, is_shareable};
pub use watch::{Crossed, Seen, Watch};
