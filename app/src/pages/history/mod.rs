//! What became of the devices: beside each other, and one by one.
//!
//! Every chart is SVG that the server draws, so a page is readable before its scripts are here; they add the reader's
//! own time and the exact values under pointer and keys.

mod cells;
mod compare;
mod graph;
mod outages;
mod past;
mod range;
mod sla;
mod spent;
mod states;
mod zone;

pub use cells::Cells;
pub use compare::ComparePage;
pub use past::PastPage;
pub use spent::{length, share};
pub use zone::{provide_zone, use_zone};
