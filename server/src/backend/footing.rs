//! What an open terminal stands on: where its device is, who signs in to it, and by which host key it is proved.
//!
//! What was stored for a device, and what it was compared with, ends with a change of these: nobody goes on typing into
//! what the device was before.

use super::{Admin, Program, Sure, TerminalTarget, terminal::aim};
use crate::store::{Reach, StoreError, in_time};
use app::api::ApiError;
use engine::{
    Secret,
    driver::ssh::{Endpoint, SshLogin},
};
use futures::future::BoxFuture;
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
    watch: Watch<Result<Reach, StoreError>>,
}

/// Looks after every change, one look at a time.
struct Watch<T> {
    changes: watch::Receiver<u64>,
    /// Something was changed since the last look began.
    is_due: bool,
    /// Kept while nobody waits: who is busy with other things gets to its end all the same, and asks only once.
    looking: Option<BoxFuture<'static, T>>,
}

impl Sure<Admin> {
    /// Where a terminal on the device leads, and what it stands on.
    pub async fn terminal(&self, id: DeviceId) -> Result<(TerminalTarget, Footing), ApiError> {
        let program = self.viewer().program.clone();
        // Before it is read: what changes meanwhile is looked at.
        let watch = Watch::new(program.device_changes.subscribe());
        let target = self.terminal_target(id).await?;
        let hashing = RandomState::new();
        let Endpoint { host, port, pinned, .. } = target.endpoint.clone();
        let login = sum(&hashing, target.login.as_ref());
        Ok((target, Footing { program, id, host, port, pinned, login, hashing, watch }))
    }
}

impl Footing {
    /// The first host key of the device was accepted.
    pub fn pin(&mut self, key: SshHostKey) {
        self.pinned = Some(key);
        self.watch.begin_anew();
    }

    /// Looks again, also where no change was noticed.
    pub fn doubt(&mut self) {
        self.watch.is_due = true;
    }

    /// Waits until there is nothing to stand on any more; why. May be given up at any time.
    pub async fn lost(&mut self) -> TerminalEnd {
        loop {
            let (program, id) = (&self.program, self.id);
            let reach = self.watch.next(|| Box::pin(look(program.clone(), id))).await;
            if let Some(why) = self.judge(reach) {
                return why;
            }
        }
    }

    /// A database that does not answer ends no terminal; it is looked at again within a minute.
    fn judge(&self, reach: Result<Reach, StoreError>) -> Option<TerminalEnd> {
        let reach = match reach {
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

impl<T> Watch<T> {
    fn new(changes: watch::Receiver<u64>) -> Self {
        Self { changes, is_due: false, looking: None }
    }

    /// What the next look sees. May be given up at any time.
    async fn next(&mut self, look: impl Fn() -> BoxFuture<'static, T>) -> T {
        loop {
            if let Some(looking) = &mut self.looking {
                let seen = looking.await;
                self.looking = None;
                return seen;
            }
            if !self.is_due && self.changes.changed().await.is_err() {
                return pending().await;
            }
            self.is_due = false;
            self.looking = Some(look());
        }
    }

    /// What is looked at now may be of before.
    fn begin_anew(&mut self) {
        self.is_due |= self.looking.take().is_some();
    }
}

/// Done to its end also while nobody waits: what is read holds a connection to the database.
async fn look(program: Arc<Program>, id: DeviceId) -> Result<Reach, StoreError> {
    let read = move |program: Arc<Program>| async move {
        Ok::<_, ApiError>(in_time(program.store.devices().reach(id, &program.vault)).await)
    };
    let broken = |_: ApiError| Err(StoreError::Unavailable("it broke off".to_owned()));
    program.finish(read).await.unwrap_or_else(broken)
}

fn sum(hashing: &RandomState, login: Option<&SshLogin>) -> u64 {
    hashing.hash_one(login.map(|login| {
        let SshLogin { username, password, private_key } = login;
        (username, password.as_ref().map(Secret::expose), private_key.as_ref().map(Secret::expose))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;
    use std::cell::Cell;
    use tokio::task::yield_now;

    #[tokio::test]
    async fn a_look_goes_on_while_whoever_waits_for_it_gives_up_again_and_again() {
        let changes = watch::Sender::new(0);
        let mut watch = Watch::new(changes.subscribe());
        let begun = Cell::new(0);
        let look = || {
            let number = begun.get() + 1;
            begun.set(number);
            async move {
                for _ in 0..3 {
                    yield_now().await;
                }
                number
            }
            .boxed()
        };
        assert_eq!((watch.next(look).now_or_never(), begun.get()), (None, 0), "nothing was changed");
        changes.send_replace(1);
        for _ in 0..3 {
            assert_eq!(watch.next(look).now_or_never(), None);
        }
        changes.send_replace(2);
        assert_eq!((watch.next(look).now_or_never(), begun.get()), (Some(1), 1), "one was enough");

        // What was changed meanwhile is looked at after it.
        assert_eq!((watch.next(look).now_or_never(), begun.get()), (None, 2));
        watch.begin_anew();
        assert_eq!((watch.next(look).now_or_never(), begun.get()), (None, 3), "this one is of before");
        assert_eq!(watch.next(look).await, 3);
        assert_eq!((watch.next(look).now_or_never(), begun.get()), (None, 3));
        watch.is_due = true;
        assert_eq!(watch.next(look).await, 4);
    }
}
