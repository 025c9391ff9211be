//! The fleet as this tab knows it. A device that is shown has a signal, so that a change touches its row alone; the
//! others have none, because ten thousand of them would keep the page busy.
//!
//! It is seeded by a page's first paint and then kept true by the one line of `socket.rs`.

mod logs;
mod socket;
mod watch;

pub use logs::WatchedLogs;
pub use watch::{RATES_MAX, Watched};

use crate::{
    browser,
    i18n::{Lang, use_words},
    parts::{Toasts, use_now, use_toasts},
};
use leptos::prelude::*;
use model::*;
use std::collections::{HashMap, HashSet};

/// One device's signal, shared by everything that shows it.
pub type RowSignal = ArcRwSignal<Row>;

/// A device, and what those hear from who show it.
struct Known {
    row: Row,
    shown: Option<RowSignal>,
}

impl Known {
    /// Changes the device; what comes back is to be called once the fleet is not held any more.
    fn change(&mut self, change: impl FnOnce(&mut Row)) -> Option<(RowSignal, Row)> {
        change(&mut self.row);
        self.shown.clone().map(|shown| (shown, self.row.clone()))
    }
}

/// Whether what is shown is what is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// The first connection is being made; the page shows its first paint.
    Opening,
    Live,
    Lost {
        since: Timestamp,
    },
}

/// Copy it into closures; all of a tab's pages share one.
#[derive(Clone, Copy)]
pub struct Fleet {
    rows: StoredValue<HashMap<DeviceId, Known>>,
    /// The last change these rows contain.
    seq: StoredValue<u64>,
    /// Devices named by the snapshot that is coming in.
    arriving: StoredValue<HashSet<DeviceId>>,
    counts: RwSignal<Counts>,
    /// Counts up when devices come, go, are renamed or change state: what lists are ordered by.
    order: RwSignal<u64>,
    is_seeded: RwSignal<bool>,
    is_whole: RwSignal<bool>,
    has_routers: RwSignal<bool>,
    link: RwSignal<Link>,
    trouble: RwSignal<Trouble>,
    /// Counts up when alerts were changed in a way that no state tells of.
    alerts: RwSignal<u64>,
    now: RwSignal<Timestamp>,
    toasts: Toasts,
    lang: Lang,
    pub watched: Watched,
    pub logs: WatchedLogs,
}

impl Fleet {
    pub fn new() -> Self {
        Self {
            rows: StoredValue::new(HashMap::new()),
            seq: StoredValue::new(0),
            arriving: StoredValue::new(HashSet::new()),
            counts: RwSignal::new(Counts::default()),
            order: RwSignal::new(0),
            is_seeded: RwSignal::new(false),
            is_whole: RwSignal::new(false),
            has_routers: RwSignal::new(false),
            link: RwSignal::new(Link::Opening),
            trouble: RwSignal::new(Trouble::default()),
            alerts: RwSignal::new(0),
            now: use_now(),
            toasts: use_toasts(),
            lang: use_words().lang(),
            watched: Watched::new(),
            logs: WatchedLogs::new(),
        }
    }

    /// Opens the socket once the page is awake, and keeps it open while the tab is inside.
    pub fn connect(self) {
        Effect::new(move |_| socket::keep_open(self));
    }

    /// The first paint. What the socket has brought is newer and stays.
    pub fn seed(self, overview: &Overview) {
        if self.is_whole.get_untracked() {
            return;
        }
        for row in &overview.rows {
            self.put(row.clone());
        }
        self.seq.set_value(overview.seq);
        self.counts.set(overview.counts);
        self.trouble.set(overview.trouble);
        self.is_seeded.set(true);
        self.reorder();
    }

    /// A page's one device, when it came before the fleet.
    pub fn seed_row(self, row: &Row) -> RowSignal {
        let known = self.row(row.id);
        known.unwrap_or_else(|| {
            self.put(row.clone());
            self.row(row.id).unwrap_or_else(|| RowSignal::new(row.clone()))
        })
    }

    pub fn is_seeded(self) -> bool {
        self.is_seeded.get_untracked()
    }

    /// The whole fleet has come, not only the first paint of it.
    pub fn is_whole(self) -> bool {
        self.is_whole.get()
    }

    pub fn has_routers(self) -> bool {
        self.has_routers.get()
    }

    pub fn counts(self) -> Counts {
        self.counts.get()
    }

    pub fn link(self) -> Link {
        self.link.get()
    }

    pub fn lost_since(self) -> Option<Timestamp> {
        match self.link.get() {
            Link::Lost { since } => Some(since),
            Link::Opening | Link::Live => None,
        }
    }

    /// What is wrong with the monitor itself.
    pub fn trouble(self) -> Trouble {
        self.trouble.get()
    }

    /// The signal of one device that is shown, without subscribing to which devices there are.
    pub fn row(self, id: DeviceId) -> Option<RowSignal> {
        let signal =
            |known: &mut Known| known.shown.get_or_insert_with(|| RowSignal::new(known.row.clone())).clone();
        self.rows.try_update_value(|rows| rows.get_mut(&id).map(signal)).flatten()
    }

    /// One device as it is now, without subscribing to anything.
    pub fn with_row<T>(self, id: DeviceId, read: impl FnOnce(&Row) -> T) -> Option<T> {
        self.rows.with_value(|rows| rows.get(&id).map(|known| read(&known.row)))
    }

    /// Every device as it is now, without subscribing to anything. `read` must not ask for more of the fleet.
    pub fn with_rows<T>(self, read: impl FnOnce(Vec<&Row>) -> T) -> T {
        self.rows.with_value(|rows| read(rows.values().map(|known| &known.row).collect()))
    }

    /// Whether a device that was here has been removed; subscribes to which devices there are.
    pub fn is_gone(self, id: DeviceId) -> bool {
        self.order.track();
        self.is_whole.get() && self.row(id).is_none()
    }

    /// Subscribes to which devices there are, and in which states.
    pub fn track_order(self) {
        self.order.track();
    }

    /// Subscribes to what is said of alerts, and to what keeps them quiet.
    pub fn track_alerts(self) {
        self.alerts.track();
    }

    /// How often the order of devices may have changed.
    pub fn order_untracked(self) -> u64 {
        self.order.get_untracked()
    }

    fn put(self, row: Row) {
        self.note_router(&row.live);
        let change = |rows: &mut HashMap<DeviceId, Known>| {
            if let Some(known) = rows.get_mut(&row.id) {
                return if known.row == row { None } else { known.change(|known| *known = row) };
            }
            rows.insert(row.id, Known { row, shown: None });
            None
        };
        self.tell(self.rows.try_update_value(change).flatten());
    }

    /// Tells those who show a device what it is now.
    fn tell(self, changed: Option<(RowSignal, Row)>) {
        if let Some((shown, row)) = changed {
            shown.set(row);
        }
    }

    fn note_router(self, live: &Live) {
        if live.router.is_some() && !self.has_routers.get_untracked() {
            self.has_routers.set(true);
        }
    }

    fn reorder(self) {
        self.order.update(|order| *order += 1);
    }

    fn recount(self) {
        let mut counts = Counts::default();
        self.with_rows(|rows| rows.iter().for_each(|row| counts.add(row.live.state)));
        self.counts.set(counts);
    }

    fn hear(self, message: FromServer) -> Heard {
        match message {
            FromServer::Snapshot { seq, rows, is_first, is_last, trouble } => {
                self.take_part(rows, is_first);
                if is_last {
                    self.seq.set_value(seq);
                    self.trouble.set(trouble);
                    self.take_whole();
                }
            }
            FromServer::Changes(events) => return self.take_changes(events),
            FromServer::Facts { id, metrics, interfaces } => {
                self.watched.take_facts(id, *metrics, interfaces)
            }
            FromServer::Rate { id, rx_bps, tx_bps, at, .. } => {
                self.watched.take_rate(id, (rx_bps, tx_bps), at)
            }
            FromServer::Headlines(all) => all.into_iter().for_each(|headline| self.announce(headline)),
            FromServer::Logs => self.logs.have_news(),
            FromServer::Alerts => self.alerts.update(|count| *count += 1),
            FromServer::Alive => {}
            FromServer::Bye { .. } => return Heard::Bye,
        }
        Heard::Understood
    }

    /// Says what has just begun: on the page, and where nobody looks at it, beside it.
    fn announce(self, headline: Headline) {
        let Headline { incident, path, mut titles } = headline;
        let index = self.lang as usize;
        if index < titles.len() {
            let title = titles.swap_remove(index);
            browser::news(&title, &path, &format!("incident-{incident}"));
            self.toasts.announce(title, path);
        }
    }

    fn take_part(self, rows: Vec<Row>, is_first: bool) {
        self.arriving.update_value(|arriving| {
            if is_first {
                arriving.clear();
            }
            arriving.extend(rows.iter().map(|row| row.id));
        });
        // They are large, and to grow step by step would move them again and again.
        let total = self.counts.get_untracked().total() as usize;
        self.rows.update_value(|known| known.reserve(total.saturating_sub(known.len())));
        for row in rows {
            self.put(row);
        }
    }

    fn take_whole(self) {
        let arrived = self.arriving.try_update_value(std::mem::take).unwrap_or_default();
        self.rows.update_value(|rows| rows.retain(|id, _| arrived.contains(id)));
        self.is_seeded.set(true);
        self.is_whole.set(true);
        self.link.set(Link::Live);
        self.recount();
        self.reorder();
    }

    /// Changes are numbered without gaps: an old one is dropped, a missing one means starting afresh.
    fn take_changes(self, events: Vec<LiveEvent>) -> Heard {
        let mut is_reordered = false;
        for event in events {
            let last = self.seq.get_value();
            if event.seq > last + 1 {
                return Heard::Gap;
            }
            if event.seq > last {
                self.seq.set_value(event.seq);
                is_reordered |= self.take_change(event.change);
            }
        }
        if is_reordered {
            self.recount();
            self.reorder();
        }
        Heard::Understood
    }

    /// Whether counts and order may be others now.
    fn take_change(self, change: Change) -> bool {
        match change {
            Change::Live { id, live } => return self.take_live(id, *live),
            Change::Row(row) => self.put(*row),
            Change::Removed { id } => self.rows.update_value(|rows| drop(rows.remove(&id))),
            Change::Quiet(marks) => {
                marks.into_iter().for_each(|(id, mark)| self.take_quiet(id, mark));
            }
            Change::Trouble(trouble) => {
                self.trouble.set(trouble);
                return false;
            }
        }
        true
    }

    fn take_quiet(self, id: DeviceId, mark: Option<QuietMark>) {
        let take = |row: &mut Row| row.quiet = mark;
        let changed = self.rows.try_update_value(|rows| rows.get_mut(&id)?.change(take)).flatten();
        self.tell(changed);
    }

    fn take_live(self, id: DeviceId, live: Live) -> bool {
        self.note_router(&live);
        let mut is_other = false;
        let take = |row: &mut Row| {
            is_other = row.live.state != live.state;
            if let Some(beat) = live.beat {
                if row.beats.len() >= BEATS_MAX {
                    row.beats.remove(0);
                }
                row.beats.push(beat);
            }
            row.live = live;
        };
        let changed = self.rows.try_update_value(|rows| rows.get_mut(&id)?.change(take)).flatten();
        self.tell(changed);
        is_other
    }

    /// From now on what is shown is getting old: also when the line never came to be.
    fn lose(self) {
        if !matches!(self.link.get_untracked(), Link::Lost { .. }) {
            self.link.set(Link::Lost { since: self.now.get_untracked() });
        }
    }
}

/// What a message asks the socket to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    Understood,
    Gap,
    Bye,
}

/// The tab's fleet; an empty one outside of the door.
pub fn use_fleet() -> Fleet {
    use_context().unwrap_or_else(Fleet::new)
}

#[cfg(test)]
mod tests;
