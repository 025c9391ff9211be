//! What a live socket is fed from.

use super::{Purpose, Viewer};
use engine::{Facts, Rate};
use model::{DeviceId, Row, Trouble};
use std::sync::Arc;
use tokio::sync::{broadcast, mpsc, watch};

impl Viewer {
    /// Whether this ticket opens `purpose` for the holder of this handle. It is spent either way.
    pub fn redeem(&self, ticket: &str, purpose: Purpose) -> bool {
        self.program.tickets.redeem(ticket, &self.credential, purpose, self.program.clock.now())
    }

    /// Whether what proved this handle still proves it.
    pub async fn is_still_valid(&self) -> bool {
        self.program.is_still_valid(&self.credential).await
    }

    /// Whether it still proves an admin.
    pub async fn is_still_admin(&self) -> bool {
        self.program.is_still_admin(&self.credential).await
    }

    /// Tells when accounts, sessions or tokens change: time to ask [`Viewer::is_still_valid`].
    pub fn account_changes(&self) -> watch::Receiver<u64> {
        self.program.account_changes.subscribe()
    }

    /// The fleet as it is, and the number of the last change in it.
    pub fn rows_at(&self) -> (u64, Vec<Row>) {
        self.program.fleet.rows()
    }

    /// Whose facts are new.
    pub fn follow_facts(&self) -> broadcast::Receiver<DeviceId> {
        self.program.fleet.subscribe_facts()
    }

    pub fn facts(&self, id: DeviceId) -> Option<Arc<Facts>> {
        self.program.fleet.facts(id)
    }

    /// What is wrong with the monitor itself.
    pub fn trouble(&self) -> Trouble {
        self.program.fleet.trouble()
    }

    /// Second by second, while the receiver lives; of an interface that the device is known to have.
    pub async fn rates(&self, id: DeviceId, interface: Option<String>) -> Option<mpsc::Receiver<Rate>> {
        if let Some(name) = &interface {
            let facts = self.facts(id)?;
            facts.interfaces.iter().find(|known| known.name == *name)?;
        }
        self.program.engine.rates(id, interface).await
    }
}
