//! The shared words: what the browser, the server and the engine all call the same things.
//!
//! No I/O, no framework, and no secret ever lives here: a credential can be written
//! ([`NewCredential`]) but never read back ([`CredentialSummary`]).

mod account;
mod alert;
mod audit;
mod binding;
mod channel;
mod check;
mod credential;
mod device;
mod history;
mod id;
mod live;
mod metrics;
mod onboarding;
mod push;
mod quiet;
mod recorded;
mod recording;
mod replay;
mod report;
mod rule;
mod sample;
mod server_log;
mod settings;
mod sla;
mod ssh;
mod state;
mod template;
mod terminal;
mod time;
mod validate;
mod worker;

pub use account::*;
pub use alert::*;
pub use audit::*;
pub use binding::*;
pub use channel::*;
pub use check::*;
pub use credential::*;
pub use device::*;
pub use history::*;
pub use id::*;
pub use live::*;
pub use metrics::*;
pub use onboarding::*;
pub use push::*;
pub use quiet::*;
pub use recorded::*;
pub use recording::*;
pub use replay::*;
pub use report::*;
pub use rule::*;
pub use sample::*;
pub use server_log::*;
pub use settings::*;
pub use sla::*;
pub use ssh::*;
pub use state::*;
pub use template::*;
pub use terminal::*;
pub use time::*;
pub use validate::*;
pub use worker::*;
