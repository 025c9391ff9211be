//! Routewarden, the program: configuration, web, store, vault and wiring.

pub mod accounts;
pub mod alerts;
pub mod app;
pub mod backend;
mod bot;
mod changes;
pub mod cli;
pub mod commands;
pub mod config;
pub mod demo;
pub mod history;
pub mod import;
mod instance;
pub mod journal;
mod logs;
pub mod machine;
pub mod own_log;
mod quiet;
pub mod recordings;
pub mod store;
pub mod vault;
pub mod web;
mod workers;
