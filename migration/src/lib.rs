//! The history of the schema. The only place that changes it; knows no other crate of ours.
//!
//! Fits SQLite, PostgreSQL and MariaDB: strings with lengths, instants as 64-bit milliseconds, JSON as text.
//! To change the schema: add a file `m<next number>_<what>.rs` and a line to [`Migrator`]; never edit an old one.
//! A start may be killed anywhere, and MariaDB then keeps what was done so far: every statement of `up` must
//! find its own work done already, as the forms in `words` do.

mod m0001_accounts;
mod m0002_devices;
mod m0003_states;
mod m0004_settings;
mod m0005_audit;
mod m0006_sign_in;
mod m0007_history;
mod m0008_alerts;
mod m0009_shared;
mod m0010_rules;
mod m0011_quiet;
mod m0012_push;
mod m0013_bots;
mod m0014_ssh;
mod m0015_recordings;
mod m0016_logs;
mod turn;
mod words;

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;
pub use turn::bring_up;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_accounts::Migration),
            Box::new(m0002_devices::Migration),
            Box::new(m0003_states::Migration),
            Box::new(m0004_settings::Migration),
            Box::new(m0005_audit::Migration),
            Box::new(m0006_sign_in::Migration),
            Box::new(m0007_history::Migration),
            Box::new(m0008_alerts::Migration),
            Box::new(m0009_shared::Migration),
            Box::new(m0010_rules::Migration),
            Box::new(m0011_quiet::Migration),
            Box::new(m0012_push::Migration),
            Box::new(m0013_bots::Migration),
            Box::new(m0014_ssh::Migration),
            Box::new(m0015_recordings::Migration),
            Box::new(m0016_logs::Migration),
        ]
    }
}
