//! Maintenance windows and silences: when they are, by whose clock, and whom they are about.
//!
//! `calendar` finds out when one is, `window` what of that counted; both are pure. `keeper` is the worker that lets
//! devices wear them, and has told what is still wrong when one ends. The store keeps incidents quiet by them, in the
//! transaction of the incident; what was in force once stays counted, whatever is changed or removed later.

mod calendar;
mod keeper;
#[cfg(test)]
mod tests;
mod window;

pub use calendar::{Plan, is_zone, typed, zone_names};
pub use keeper::Keeper;
pub use window::{Maintenance, Member, Window};
