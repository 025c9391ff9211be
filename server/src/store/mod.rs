//! The database, in words of the model: one repository per area, rows never leave.
//!
//! The only place that knows SeaORM. History and configuration only: live state is the fleet's, in memory.
//! To add an area: a migration, an entity, a repository, a method on [`Store`].

mod audit;
mod backup;
mod bots;
mod channels;
mod connect;
mod counters;
mod devices;
mod draft;
mod entity;
mod error;
mod foreign;
mod incidents;
mod inspect;
mod lease;
mod logs;
mod outbox;
mod push;
mod quiets;
mod recordings;
mod renamed;
mod reports;
mod rules;
mod runs;
mod samples;
mod sealed;
mod second_factors;
mod sessions;
mod settings;
mod states;
#[cfg(test)]
mod temp;
#[cfg(test)]
mod test_database;
#[cfg(test)]
mod tests;
mod tokens;
mod users;

pub use audit::{Actor, Audit, Fault, Found, Verdict, Via, Wanted, acting, acting_now};
pub use backup::{CopyError, Prepared, back_up, prepare};
pub use bots::{Bots, Bound, Heard, Mark, Newcomer, Which};
pub use channels::{Channels, Opened, sealed_secrets};
pub use connect::file as file_of;
pub use devices::{Applied, Devices, Entry, Incoming, Reach, default_checks, tcp_check};
pub use draft::folder as folder_of;
pub use error::{DISK_FULL, Result, StoreError, in_time};
pub use foreign::{CELL_BYTES_MAX, Foreign, ForeignError, ForeignRow};
pub use incidents::{Incidents, Listed, Page};
pub use inspect::{Inspected, Schema};
pub use lease::Lease;
pub use logs::{Book, FORGET_MAX, FoundLines, Logs, NewLine};
pub use outbox::{Came, Company, Delivery, DeliveryId, Outbox, Told};
pub use push::{NewBrowser, Push};
pub use quiets::Quiets;
pub use recordings::{NewRecording, Recordings as StoredRecordings, SealedChunk, Written};
pub use reports::{ReportDelivery, Reports};
pub use rules::Rules;
pub use runs::{RunId, Runs};
pub use samples::{Packed, Recording, Samples, SeriesId, SeriesKey, Sizes, StoredSeries};
pub use sealed::{Progress, Rotation, SealedValues, Survey, Unopened};
pub use second_factors::{NewFactor, SecondFactors, sealed_factor};
pub use sessions::{Ended, SESSIONS_MAX, SessionRow, Sessions};
pub use settings::Settings;
pub use states::States;
pub use tokens::{Shown, Tokens};
pub use users::{Account, Arrived, NewAccount, Users};

#[cfg(test)]
pub use draft::beside;
#[cfg(test)]
pub use foreign::make as make_foreign;
#[cfg(test)]
pub use temp::{Hands, Temp, cut_short, in_a_process};

use connect::Connections;
use engine::Clock;
use model::Timestamp;
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbBackend, IsolationLevel, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use std::{fmt, sync::Arc};
use tokio::sync::watch;

/// Which process is writing: a running server asks for the changes that others made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Server,
    CommandLine,
}

/// A handle on the open database; clones share its connections.
#[derive(Clone)]
pub struct Store {
    connections: Arc<Connections>,
    clock: Arc<dyn Clock>,
    origin: Origin,
    /// The key of the audit chain, once it was opened.
    chain: audit::ChainKey,
    /// Counts up when alerts, what is said of them, or what keeps them quiet were changed.
    alerts: Arc<watch::Sender<u64>>,
}

impl Store {
    /// Opens the database and brings its schema up to date.
    pub async fn open(url: &str, origin: Origin, clock: Arc<dyn Clock>) -> Result<Store> {
        let connections = Arc::new(connect::connect(url).await?);
        let (chain, alerts) = (audit::ChainKey::default(), Arc::default());
        Ok(Store { connections, clock, origin, chain, alerts })
    }

    pub fn devices(&self) -> Devices<'_> {
        Devices(self)
    }

    pub fn states(&self) -> States<'_> {
        States(self)
    }

    pub fn channels(&self) -> Channels<'_> {
        Channels(self)
    }

    pub fn bots(&self) -> Bots<'_> {
        Bots(self)
    }

    pub fn reports(&self) -> Reports<'_> {
        Reports(self)
    }

    pub fn incidents(&self) -> Incidents<'_> {
        Incidents(self)
    }

    pub fn rules(&self) -> Rules<'_> {
        Rules(self)
    }

    pub fn quiets(&self) -> Quiets<'_> {
        Quiets(self)
    }

    pub fn logs(&self) -> Logs<'_> {
        Logs(self)
    }

    pub fn outbox(&self) -> Outbox<'_> {
        Outbox(self)
    }

    pub fn push(&self) -> Push<'_> {
        Push(self)
    }

    pub fn samples(&self) -> Samples<'_> {
        Samples(self)
    }

    pub fn recordings(&self) -> StoredRecordings<'_> {
        recordings::Recordings(self)
    }

    pub fn runs(&self) -> Runs<'_> {
        Runs(self)
    }

    pub fn users(&self) -> Users<'_> {
        Users(self)
    }

    pub fn sessions(&self) -> Sessions<'_> {
        Sessions(self)
    }

    pub fn tokens(&self) -> Tokens<'_> {
        Tokens(self)
    }

    pub fn second_factors(&self) -> SecondFactors<'_> {
        SecondFactors(self)
    }

    pub fn sealed(&self) -> SealedValues<'_> {
        SealedValues(self)
    }

    pub fn settings(&self) -> Settings<'_> {
        Settings(self)
    }

    /// Whether the database answers at all.
    pub async fn ping(&self) -> Result<()> {
        Ok(self.connections.readers.ping().await?)
    }

    /// Closes every connection; SQLite folds its log back into the file.
    pub async fn close(&self) -> Result<()> {
        self.connections.readers.close_by_ref().await?;
        Ok(self.connections.writer.close_by_ref().await?)
    }

    /// Tells when alerts were changed, in a way that no change of states tells of.
    pub fn follow_alerts(&self) -> watch::Receiver<u64> {
        self.alerts.subscribe()
    }

    /// To be called once such a change is committed.
    pub fn alerts_changed(&self) {
        self.alerts.send_modify(|count| *count += 1);
    }

    /// For tests: nobody else writes until what this gives is dropped.
    #[cfg(test)]
    pub async fn hold_the_writer(&self) -> impl Drop + use<> {
        self.change().await.unwrap()
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn reader(&self) -> &DatabaseConnection {
        &self.connections.readers
    }

    /// A transaction that only reads, and reads everything as of one moment: a device without the login it
    /// got in between would be watched wrongly.
    async fn snapshot(&self) -> Result<DatabaseTransaction> {
        let readers = &self.connections.readers;
        // SQLite reads so by itself, and knows no other way.
        let isolation_level =
            (readers.get_database_backend() != DbBackend::Sqlite).then_some(IsolationLevel::RepeatableRead);
        let options = TransactionOptions { isolation_level, ..TransactionOptions::default() };
        Ok(readers.begin_with_options(options).await?)
    }

    /// A transaction on the one writing connection; dropping it takes everything back.
    async fn begin(&self) -> Result<DatabaseTransaction> {
        let options = TransactionOptions {
            // A transaction that reads first and writes later would fail where another process wrote between.
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = self.connections.writer.begin_with_options(options).await?;
        counters::take_turn(&transaction).await?;
        Ok(transaction)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("origin", &self.origin).finish_non_exhaustive()
    }
}
