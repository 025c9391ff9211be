//! Rows as the database has them. They never leave `store`: each becomes a word through its `From`.

pub mod audit_entry;
pub mod audit_head;
pub mod channel;
pub mod check;
pub mod chunk;
pub mod counter;
pub mod credential;
pub mod delivery;
pub mod device;
pub mod device_state;
pub mod incident;
pub mod incident_device;
pub mod recovery_code;
pub mod rollup;
pub mod rule;
pub mod run;
pub mod sample_log;
pub mod series;
pub mod session;
pub mod setting;
pub mod token;
pub mod transition;
pub mod user;
