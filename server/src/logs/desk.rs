//! What pages and sockets know of the logs beside their lines: how each is read, who looks, and who sends unasked.

use engine::log::syslog::Counts;
use model::{DeviceId, LogScope, LogState, LogStranger, LogTrouble, Timestamp};
use parking_lot::Mutex;
use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::Arc,
};
use tokio::sync::{Notify, broadcast};

/// Batches that a socket may be behind; whoever missed some asks once for all that is new.
const BEHIND_MAX: usize = 16;
/// Strangers that are shown; UDP lets anybody be anybody.
const STRANGERS_MAX: usize = 100;

/// Clones share it.
#[derive(Clone)]
pub struct LogDesk(Arc<Inner>);

struct Inner {
    known: Mutex<Known>,
    /// What became of lines that were sent.
    counts: Counts,
    /// Whose lines were written down.
    news: broadcast::Sender<Arc<[DeviceId]>>,
    /// Rung when somebody begins to look, or wants a log to be read or not to be.
    wake: Notify,
}

#[derive(Default)]
struct Known {
    off: HashSet<DeviceId>,
    states: HashMap<DeviceId, (Option<Timestamp>, Option<LogTrouble>)>,
    looked_at: HashMap<DeviceId, usize>,
    strangers: HashMap<IpAddr, (u64, Timestamp)>,
    /// Whose logs are to be read from the beginning.
    anew: HashSet<DeviceId>,
    /// Of whom there are lines, or were since the start.
    have_lines: HashSet<DeviceId>,
    /// Whether lines are received from whoever sends some.
    is_receiving: bool,
}

impl Default for LogDesk {
    fn default() -> Self {
        let news = broadcast::Sender::new(BEHIND_MAX);
        let (known, counts) = (Mutex::default(), Counts::default());
        Self(Arc::new(Inner { known, counts, news, wake: Notify::new() }))
    }
}

impl LogDesk {
    /// How a device's log is read, when it is a router that we can log in to.
    pub fn state(&self, device: DeviceId) -> LogState {
        let known = self.0.known.lock();
        let (read_at, trouble) = known.states.get(&device).cloned().unwrap_or_default();
        LogState { is_on: !known.off.contains(&device), read_at, trouble }
    }

    /// Whether there are lines of a device, or may be, also where its log cannot be read.
    pub fn may_have_lines(&self, device: DeviceId) -> bool {
        let known = self.0.known.lock();
        known.is_receiving || known.have_lines.contains(&device)
    }

    /// From now on devices may send lines.
    pub fn begin_to_receive(&self) {
        self.0.known.lock().is_receiving = true;
    }

    /// What became of each line that was sent by syslog.
    pub fn counts(&self) -> &Counts {
        &self.0.counts
    }

    /// Whether a log is to be read from now on.
    pub fn set_read(&self, device: DeviceId, is_on: bool) {
        let mut known = self.0.known.lock();
        if is_on {
            known.off.remove(&device);
        } else {
            known.off.insert(device);
        }
        drop(known);
        self.0.wake.notify_one();
    }

    /// All lines of a device are gone, and it stays after all: its log is read from the beginning.
    pub fn read_anew(&self, device: DeviceId) {
        self.0.known.lock().anew.insert(device);
        self.0.wake.notify_one();
    }

    /// Somebody looks at logs until what this gives is dropped.
    pub fn look(&self, scope: LogScope) -> Look {
        if let LogScope::Device(device) = scope {
            *self.0.known.lock().looked_at.entry(device).or_default() += 1;
            self.0.wake.notify_one();
        }
        Look { desk: self.clone(), scope, news: self.0.news.subscribe() }
    }

    /// Who sends lines and is no device, the busiest first.
    pub fn strangers(&self) -> Vec<LogStranger> {
        let known = self.0.known.lock();
        let stranger = |(address, (lines, last_at)): (&IpAddr, &(u64, Timestamp))| LogStranger {
            address: address.to_string(),
            lines: *lines,
            last_at: *last_at,
        };
        let mut strangers: Vec<_> = known.strangers.iter().map(stranger).collect();
        strangers.sort_by(|a, b| b.lines.cmp(&a.lines).then_with(|| a.address.cmp(&b.address)));
        strangers
    }

    pub(super) fn is_off(&self, device: DeviceId) -> bool {
        self.0.known.lock().off.contains(&device)
    }

    pub(super) fn is_looked_at(&self, device: DeviceId) -> bool {
        self.0.known.lock().looked_at.contains_key(&device)
    }

    pub(super) fn was_read(&self, device: DeviceId, at: Timestamp) {
        self.0.known.lock().states.insert(device, (Some(at), None));
    }

    pub(super) fn was_not_read(&self, device: DeviceId, trouble: LogTrouble) {
        self.0.known.lock().states.entry(device).or_default().1 = Some(trouble);
    }

    /// Whose logs are to be read from the beginning, of those of which that can begin now.
    pub(super) fn take_anew(&self, can: impl Fn(DeviceId) -> bool) -> Vec<DeviceId> {
        self.0.known.lock().anew.extract_if(|device| can(*device)).collect()
    }

    /// Forgets the states of what is no router any more, and devices that are gone.
    pub(super) fn keep_only(
        &self,
        is_router: impl Fn(DeviceId) -> bool,
        is_there: impl Fn(DeviceId) -> bool,
    ) {
        let known = &mut *self.0.known.lock();
        known.have_lines.retain(|device| is_there(*device));
        known.states.retain(|device, _| is_router(*device));
        known.anew.retain(|device| is_router(*device));
    }

    pub(super) fn was_sent_by_stranger(&self, from: IpAddr, at: Timestamp) {
        let strangers = &mut self.0.known.lock().strangers;
        if strangers.len() >= STRANGERS_MAX && !strangers.contains_key(&from) {
            // The one that was silent for the longest makes room.
            let oldest = strangers.iter().min_by_key(|(_, (_, last_at))| *last_at).map(|(from, _)| *from);
            oldest.and_then(|oldest| strangers.remove(&oldest));
        }
        let (lines, last_at) = strangers.entry(from).or_default();
        (*lines, *last_at) = (lines.saturating_add(1), at);
    }

    pub(super) fn have_lines(&self, devices: impl IntoIterator<Item = DeviceId>) {
        self.0.known.lock().have_lines.extend(devices);
    }

    pub(super) fn were_written(&self, devices: impl IntoIterator<Item = DeviceId>) {
        let devices: Arc<[DeviceId]> = devices.into_iter().collect();
        self.have_lines(devices.iter().copied());
        if !devices.is_empty() {
            // Nobody may be looking.
            let _ = self.0.news.send(devices);
        }
    }

    pub(super) async fn woken(&self) {
        self.0.wake.notified().await;
    }
}

/// Somebody looks. It ends when it is dropped.
pub struct Look {
    desk: LogDesk,
    scope: LogScope,
    news: broadcast::Receiver<Arc<[DeviceId]>>,
}

impl Look {
    /// Returns when lines of what is looked at were written down; `false` when there will be none any more.
    pub async fn has_news(&mut self) -> bool {
        loop {
            match self.news.recv().await {
                Ok(devices) => {
                    if matches!(self.scope, LogScope::Device(one) if !devices.contains(&one)) {
                        continue;
                    }
                    return true;
                }
                Err(broadcast::error::RecvError::Lagged(_)) => return true,
                Err(broadcast::error::RecvError::Closed) => return false,
            }
        }
    }
}

impl Drop for Look {
    fn drop(&mut self) {
        let LogScope::Device(device) = self.scope else { return };
        let looked_at = &mut self.desk.0.known.lock().looked_at;
        let count = looked_at.get(&device).copied().unwrap_or_default();
        if count > 1 {
            looked_at.insert(device, count - 1);
        } else {
            looked_at.remove(&device);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_looks_hears_of_what_is_looked_at_and_is_forgotten_after_the_last_look() {
        let desk = LogDesk::default();
        let (one, other) = (DeviceId(1), DeviceId(2));
        let mut of_one = desk.look(LogScope::Device(one));
        let second = desk.look(LogScope::Device(one));
        let mut of_all = desk.look(LogScope::Fleet);
        desk.were_written([other]);
        desk.were_written([]);
        desk.were_written([one, other]);
        assert!(of_one.has_news().await && of_all.has_news().await && of_all.has_news().await);
        assert!(of_one.news.is_empty(), "the first was of another");
        drop(of_one);
        assert!(desk.is_looked_at(one) && !desk.is_looked_at(other));
        drop(second);
        assert!(!desk.is_looked_at(one));
    }

    #[test]
    fn a_log_is_read_anew_once_it_can_be_and_only_while_there_is_its_router() {
        let desk = LogDesk::default();
        let (busy, idle, gone) = (DeviceId(1), DeviceId(2), DeviceId(3));
        [busy, idle, gone].into_iter().for_each(|device| desk.read_anew(device));
        desk.keep_only(|device| device != gone, |_| true);
        assert_eq!(desk.take_anew(|device| device != busy), [idle]);
        assert_eq!(desk.take_anew(|_| true), [busy]);
        assert_eq!(desk.take_anew(|_| true), []);
    }

    #[test]
    fn a_device_may_have_lines_once_it_has_some_or_anybody_may_send() {
        let desk = LogDesk::default();
        let (kept, new, silent) = (DeviceId(1), DeviceId(2), DeviceId(3));
        desk.have_lines([kept]);
        desk.were_written([new]);
        assert_eq!([kept, new, silent].map(|device| desk.may_have_lines(device)), [true, true, false]);
        desk.keep_only(|_| false, |device| device != new);
        assert_eq!([kept, new].map(|device| desk.may_have_lines(device)), [true, false]);
        desk.begin_to_receive();
        assert!(desk.may_have_lines(silent));
    }

    #[test]
    fn strangers_are_counted_and_the_longest_silent_makes_room() {
        let desk = LogDesk::default();
        for number in 0..10_000_u32 {
            desk.was_sent_by_stranger(IpAddr::from(number.to_be_bytes()), Timestamp(number.into()));
        }
        let busy = IpAddr::from([192, 0, 2, 1]);
        (0..3).for_each(|_| desk.was_sent_by_stranger(busy, Timestamp(20_000)));
        let strangers = desk.strangers();
        assert_eq!(strangers.len(), STRANGERS_MAX);
        assert_eq!((strangers[0].address.as_str(), strangers[0].lines), ("192.0.2.1", 3));
    }
}
