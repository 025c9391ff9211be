//! Routewarden, the program: configuration, web, store, vault and wiring.

pub mod accounts;
pub mod backend;
pub mod cli;
pub mod import;
pub mod store;
pub mod vault;
pub mod web;
