//! Tells people what happened: once, in order, and to whom it matters.
//!
//! `watch` follows the numbers that rules are about, each judged by `judge` beside what it is by `usual`, and `deeds`
//! says what follows from a change of states; the store writes it in the transaction of the states. `replay` judges
//! what was stored. The `courier` takes what waits in the outbox to its channels, in the words of `letter`; `reporter`
//! puts reports there. `alarm` tells of the one thing that cannot be put there: that nothing can be written.

mod alarm;
mod batch;
mod courier;
mod deeds;
mod judge;
mod letter;
mod replay;
mod reporter;
mod sheet;
#[cfg(test)]
mod tests;
mod together;
mod usual;
mod watch;

pub use alarm::Alarm;
pub use courier::{Courier, try_out};
pub use deeds::{Deed, Known, Telling, deeds, tellings};
pub use replay::{Fired, Past, replay};
pub use reporter::Reporter;
pub use together::{Group, is_shareable};
pub use usual::{FIVES_MS, HOURS_MS};
pub use watch::{Crossed, Measured, Number, Watch, Watched, gap_ms, round_s};
