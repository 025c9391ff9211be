//! When to ask whom.

mod lateness;

pub use lateness::Lateness;
