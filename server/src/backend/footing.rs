//! What an open terminal stands on: where its device is, who signs in to it, and by which host key it is proved.
//!
//! What was stored for a device, and what it was compared with, ends with a change of these: nobody goes on typing into
//! what the device was before.

use super::{Admin, Program, Sure, TerminalTarget, terminal::aim};
use crate::store::{StoreError, in_time};
use app::api::ApiError;
use engine::{
    Secret,
    driver::ssh::{Endpoint, SshLogin},
};
use model::{DeviceId, SshHostKey, TerminalEnd};
use std::{
    future::pending,
    hash::{BuildHasher, RandomState},
    sync::Arc,
};
use tokio::sync::watch;

/// The device of one terminal, as it was when that began.
pub struct Footing {
    program: Arc<Program>,
    id: DeviceId,
    host: String,
    port: u16,
    pinned: Option<SshHostKey>,
    /// Of the login, which itself is not kept; by a key that only this one has.
    login: u64,
    hashing: RandomState,
    changes: watch::Receiver<u64>,
    /// Something was changed, and it is not known yet what: a look that was given up is made again.
    is_due: bool,
}

impl Sure<Admin> {
    /// Where a terminal on the device leads, and what it stands on.
    pub async fn terminal(&self, id: DeviceId) -> Result<(TerminalTarget, Footing), ApiError> {
        let program = self.viewer().program.clone();
        // Before it is read: what changes meanwhile is looked at.
        let changes = program.device_changes.subscribe();
        let target = self.terminal_target(id).await?;
        let hashing = RandomState::new();
        let Endpoint { host, port, pinned, .. } = target.endpoint.clone();
        let login = sum(&hashing, target.login.as_ref());
        let is_due = false;
        Ok((target, Footing { program, id, host, port, pinned, login, hashing, changes, is_due }))
    }
}

impl Footing {
    /// The first host key of the device was accepted.
    pub fn pin(&mut self, key: SshHostKey) {
        self.pinned = Some(key);
    }

    /// Looks again, also where no change was noticed.
    pub fn doubt(&mut self) {
        self.is_due = true;
    }

    /// Waits until there is nothing to stand on any more; why. May be given up at any time.
    pub async fn lost(&mut self) -> TerminalEnd {
        loop {
            if !self.is_due {
                if self.changes.changed().await.is_err() {
                    return pending().await;
                }
                self.is_due = true;
            }
            let lost = self.look().await;
            self.is_due = false;
            if let Some(why) = lost {
                return why;
            }
        }
    }

    /// A database that does not answer ends no terminal; it is looked at again within a minute.
    async fn look(&self) -> Option<TerminalEnd> {
        let reach = match in_time(self.program.store.devices().reach(self.id, &self.program.vault)).await {
            Ok(reach) => reach,
            Err(StoreError::NotFound) => return Some(TerminalEnd::Removed),
            Err(error) => {
                tracing::warn!(%error, device = self.id.0, "the device of a terminal could not be looked at");
                return None;
            }
        };
        let TerminalTarget { endpoint, login, .. } = aim(reach);
        // Without a key of its own nobody is signed in on it yet: whoever is to accept one is asked.
        if self.pinned.is_some() && self.pinned != endpoint.pinned {
            return Some(TerminalEnd::KeyReplaced);
        }
        let is_same = self.host == endpoint.host
            && self.port == endpoint.port
            && self.login == sum(&self.hashing, login.as_ref());
        (!is_same).then_some(TerminalEnd::Changed)
    }
}

fn sum(hashing: &RandomState, login: Option<&SshLogin>) -> u64 {
    hashing.hash_one(login.map(|login| {
        let SshLogin { username, password, private_key } = login;
        (username, password.as_ref().map(Secret::expose), private_key.as_ref().map(Secret::expose))
    }))
}
