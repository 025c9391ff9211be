//! Hears what people say to the bots of our Telegram channels, and does it: for those who are bound to an account,
//! with its role at that moment.
//!
//! `worker` keeps one `listener` for each bot, however many channels tell by it; `command` reads what was said, `desk`
//! does it. What it changes is written with the mark that it was read, so that it is done once wherever the program is
//! killed; an answer that is lost by that is not repeated.

pub mod code;
mod command;
mod desk;
mod limits;
mod listener;
mod worker;

pub use worker::{Exchange, listening};
