//! One-second rates for whoever looks: one question per second to a router, however many look at it.

use crate::{
    Fleet, Rate,
    check::Tools,
    driver::routeros::{Session, facts::watch_rate},
};
use model::DeviceId;
use parking_lot::Mutex;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{
    sync::mpsc::{self, error::TrySendError},
    time::interval,
};
use tokio_util::sync::{CancellationToken, DropGuard};

#[cfg(test)]
mod tests;

/// Rates a reader may lag behind; older ones are of no use.
const UNREAD_MAX: usize = 4;
/// How soon it is noticed that nobody looks any more.
const LOOK_EVERY: Duration = Duration::from_secs(1);

type Key = (DeviceId, String);

/// Who looks at which interface of which router.
#[derive(Clone, Default)]
pub(crate) struct Rates(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    routers: HashMap<DeviceId, Router>,
    watched: HashMap<Key, Readers>,
    measurings: u64,
}

/// Who reads what one measuring finds out.
struct Readers {
    /// The measuring's number: another one may have taken its place.
    measuring: u64,
    senders: Vec<mpsc::Sender<Rate>>,
}

struct Router {
    session: Session,
    gone: CancellationToken,
    /// Ends the measuring when the router is taken away or gets another session.
    _taken_away: DropGuard,
}

impl Rates {
    /// The session to measure with, or none any more.
    pub fn set(&self, device: DeviceId, session: Option<Session>) {
        let mut inner = self.0.lock();
        // Whoever looks is told that this measuring is over, and joins none that is about to end.
        inner.watched.retain(|(of, _), _| *of != device);
        match session {
            Some(session) => {
                let gone = CancellationToken::new();
                let router = Router { session, _taken_away: gone.clone().drop_guard(), gone };
                inner.routers.insert(device, router);
            }
            None => drop(inner.routers.remove(&device)),
        }
    }

    /// The session with a router.
    pub fn session(&self, device: DeviceId) -> Option<Session> {
        self.0.lock().routers.get(&device).map(|router| router.session.clone())
    }

    /// Every device that is a router we can log in to.
    pub fn routers(&self) -> Vec<DeviceId> {
        self.0.lock().routers.keys().copied().collect()
    }

    /// The rates of an interface, or of the WAN, while the receiver lives.
    pub fn watch(
        &self,
        fleet: &Fleet,
        tools: &Tools,
        device: DeviceId,
        interface: Option<String>,
    ) -> Option<mpsc::Receiver<Rate>> {
        let interface = interface.or_else(|| {
            let facts = fleet.facts(device)?;
            Some(facts.metrics.wan.as_ref()?.interface.clone())
        })?;
        let (reader, rates) = mpsc::channel(UNREAD_MAX);
        let mut inner = self.0.lock();
        let router = inner.routers.get(&device)?;
        let (session, gone) = (router.session.clone(), router.gone.clone());
        let key = (device, interface);
        if let Some(readers) = inner.watched.get_mut(&key) {
            readers.senders.push(reader);
            return Some(rates);
        }
        inner.measurings += 1;
        let measuring = inner.measurings;
        inner.watched.insert(key.clone(), Readers { measuring, senders: vec![reader] });
        let (all, tools) = (self.clone(), tools.clone());
        tools.tracker.clone().spawn(async move {
            tokio::select! {
                () = tools.stop.cancelled() => {}
                () = gone.cancelled() => {}
                () = all.measure(&key, measuring, session, &tools) => {}
            }
            all.0.lock().remove(&key, measuring);
        });
        Some(rates)
    }

    #[cfg(test)]
    pub fn is_measuring(&self) -> bool {
        !self.0.lock().watched.is_empty()
    }

    /// Measures until nobody reads or the router refuses.
    async fn measure(&self, key: &Key, measuring: u64, session: Session, tools: &Tools) {
        let (sender, mut measured) = mpsc::channel(1);
        let hand_out = async {
            let mut look = interval(LOOK_EVERY);
            loop {
                tokio::select! {
                    rate = measured.recv() => match rate {
                        Some(rate) => self.hand_out(key, measuring, &rate),
                        None => return,
                    },
                    _ = look.tick() => {}
                }
                if !self.is_read(key, measuring) {
                    return;
                }
            }
        };
        tokio::select! {
            () = watch_rate(session, key.1.clone(), tools.clock.clone(), sender) => {}
            () = hand_out => {}
        }
    }

    fn hand_out(&self, key: &Key, measuring: u64, rate: &Rate) {
        if let Some(senders) = self.0.lock().senders(key, measuring) {
            // A slow reader misses a second.
            senders.retain(|reader| !matches!(reader.try_send(rate.clone()), Err(TrySendError::Closed(_))));
        }
    }

    fn is_read(&self, key: &Key, measuring: u64) -> bool {
        let mut inner = self.0.lock();
        let Some(senders) = inner.senders(key, measuring) else { return false };
        senders.retain(|reader| !reader.is_closed());
        if senders.is_empty() {
            // Under the same lock, so that nobody joins what is about to end.
            inner.remove(key, measuring);
            return false;
        }
        true
    }
}

impl Inner {
    fn senders(&mut self, key: &Key, measuring: u64) -> Option<&mut Vec<mpsc::Sender<Rate>>> {
        let readers = self.watched.get_mut(key).filter(|readers| readers.measuring == measuring)?;
        Some(&mut readers.senders)
    }

    /// A measuring is over; the readers of another one are not its own to send away.
    fn remove(&mut self, key: &Key, measuring: u64) {
        if self.senders(key, measuring).is_some() {
            self.watched.remove(key);
        }
    }
}
