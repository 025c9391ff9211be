//! Remembers every number that was measured, in few bytes, and says what became of each device.
//!
//! A sample goes from the journal into the log (`recorder`), from there into the chunks of its series (`chunk`) and
//! their rollups (`rollup`); `read` gives it back, `retention` forgets it. To keep another number: a word in
//! `model::Measure`, and a line in the engine's `schedule/measured.rs`.

mod availability;
mod buckets;
mod chunk;
mod columns;
mod desk;
mod look;
mod outages;
pub mod presence;
mod read;
mod recorder;
mod retention;
mod rollup;
#[cfg(test)]
mod tests;
mod timeline;

pub use availability::{Availability, Budget, History, Span, availability, budget};
pub use buckets::{plot, single, width_ms};
pub use columns::NUMBERS_MAX;
pub use look::means;
pub use outages::{Outage, outages};
pub use read::{Numbers, Step};
pub use recorder::Recorder;
pub use retention::{Retention, keep_to};
pub use rollup::STEPS_S;
pub use timeline::{cells, thinned, timeline};
