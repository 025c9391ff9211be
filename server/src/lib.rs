//! Routewarden, the program: configuration, web, store, vault and wiring.

pub mod backend;
pub mod web;
