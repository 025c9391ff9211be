//! What the pages may do, done: implements `app::api::port`, mirroring `app/src/api` file for file.

pub mod sample;
