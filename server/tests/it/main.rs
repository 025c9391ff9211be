//! One binary for every test of the whole program: linking it is the dear part.

// A test's helpers fail the test, as the test itself does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod accounts;
mod alerts;
mod audit;
mod csrf;
mod devices;
mod fixture;
mod fuzz;
mod health;
mod history;
mod https;
mod live;
mod logs;
mod maintenance;
mod matrices;
mod metrics;
mod openapi;
mod operation;
mod own_log;
mod pages;
mod permissions;
mod push;
mod recent_password;
mod recordings;
mod revocation;
mod rules;
mod second_factor;
mod secrets;
mod sessions;
mod status;
mod telegram;
mod terminal;
mod tidy;
mod trouble;
mod words;
mod workers;
