//! One simulated router's state, which is small: what it is, since when it runs, what people put into it.

use super::columns::Columns;
use super::fault::{Behaviour, Fault};
use super::menus::{self, Snapshot};
use super::personality::Personality;
use super::traffic::unit;
use super::wall::{self, WALL_MS};
use super::{SimOptions, SimUser};
use parking_lot::Mutex;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Lines its log keeps; the default of RouterOS is 1000, which a thousand routers need not.
const LOG_MAX: usize = 100;
/// Changes that a slow listener may miss.
const CHANGES_MAX: usize = 64;
/// Rows people may add to one menu.
const ENTRIES_MAX: usize = 10_000;
/// Menus people may add rows to.
const WRITABLE: [&str; 2] = ["/ip/firewall/address-list", "/ip/dns/static"];

/// How the connections of a router end at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    Reset,
    Close,
    /// They stay, and nothing that arrives on them is ever answered.
    Mute,
}

/// Something that listeners of a menu see.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub menu: &'static str,
    pub row: Columns,
}

pub(super) struct Device {
    pub options: Arc<SimOptions>,
    pub personality: Personality,
    index: u32,
    pub connections: AtomicU64,
    pub logins: AtomicU64,
    pub refused_logins: AtomicU64,
    pub commands: AtomicU64,
    changes: Mutex<Option<broadcast::Sender<Change>>>,
    state: Mutex<State>,
}

struct State {
    booted: Instant,
    /// What the uptime was when the simulation began.
    ran_before: Duration,
    counted_from: Instant,
    counted_before: Duration,
    identity: String,
    added: BTreeMap<&'static str, Vec<Columns>>,
    next_id: u32,
    /// What the clock on its wall showed when it was made.
    wall_ms: i64,
    made: Instant,
    /// Lines with their times.
    log: VecDeque<(i64, Columns)>,
    next_line: u32,
    behaviour: Behaviour,
    cut: (CancellationToken, Cut),
}

impl State {
    /// What the clock on its wall shows, in milliseconds as if it were UTC.
    fn wall(&self) -> i64 {
        self.wall_ms.saturating_add(i64::try_from(self.made.elapsed().as_millis()).unwrap_or(i64::MAX))
    }
}

impl Device {
    pub fn new(options: Arc<SimOptions>, personality: Personality, index: u32) -> Self {
        let ran_before = Duration::from_secs((unit(u64::from(index)) * 5e6) as u64 + 3600);
        let now = Instant::now();
        let state = State {
            booted: now,
            ran_before,
            counted_from: now,
            counted_before: ran_before,
            identity: format!("{}-{:04}", options.name, index + 1),
            added: BTreeMap::new(),
            next_id: 1,
            wall_ms: WALL_MS,
            made: now,
            log: VecDeque::new(),
            next_line: 1,
            behaviour: Behaviour::default(),
            cut: (CancellationToken::new(), Cut::Close),
        };
        Self {
            options,
            personality,
            index,
            connections: AtomicU64::new(0),
            logins: AtomicU64::new(0),
            refused_logins: AtomicU64::new(0),
            commands: AtomicU64::new(0),
            changes: Mutex::new(None),
            state: Mutex::new(state),
        }
    }

    pub fn identity(&self) -> String {
        self.state.lock().identity.clone()
    }

    pub fn behaviour(&self) -> Behaviour {
        self.state.lock().behaviour.clone()
    }

    /// The fault that the next command meets.
    pub fn next_fault(&self) -> Option<Fault> {
        self.state.lock().behaviour.next.pop_front()
    }

    pub fn next_login_answer(&self) -> Option<Vec<u8>> {
        self.state.lock().behaviour.at_login.pop_front()
    }

    pub fn misbehave(&self, fault: Fault) {
        self.state.lock().behaviour.add(fault);
    }

    pub fn heal(&self) {
        self.state.lock().behaviour = Behaviour::default();
    }

    /// Ends when the router's connections are to end; ask how with [`how_cut`](Self::how_cut).
    pub fn cut_signal(&self) -> CancellationToken {
        self.state.lock().cut.0.clone()
    }

    pub fn how_cut(&self) -> Cut {
        self.state.lock().cut.1
    }

    pub fn cut(&self, how: Cut) {
        let mut state = self.state.lock();
        state.cut.1 = how;
        std::mem::take(&mut state.cut.0).cancel();
    }

    pub fn reboot(&self) {
        let mut state = self.state.lock();
        (state.booted, state.ran_before) = (Instant::now(), Duration::ZERO);
        (state.counted_from, state.counted_before) = (Instant::now(), Duration::ZERO);
        // The log lives in memory, and so do entries with a timeout.
        state.log.clear();
        state.next_line = 1;
        for rows in state.added.values_mut() {
            rows.retain(|row| row.value("timeout").is_none());
        }
    }

    pub fn reset_counters(&self) {
        let mut state = self.state.lock();
        (state.counted_from, state.counted_before) = (Instant::now(), Duration::ZERO);
    }

    pub fn user(&self, name: &str) -> Option<&SimUser> {
        self.options.users.iter().find(|user| user.name == name)
    }

    pub fn rows(&self, menu: &str) -> Option<Vec<Columns>> {
        if let Some(rows) = self.with_snapshot(|snapshot| menus::rows(snapshot, menu)) {
            return Some(rows);
        }
        match menu {
            "/user" => Some(self.users()),
            "/user/group" => Some(self.groups()),
            "/log" => Some(self.lines()),
            _ => {
                let menu = WRITABLE.into_iter().find(|writable| *writable == menu)?;
                Some(self.state.lock().added.get(menu).cloned().unwrap_or_default())
            }
        }
    }

    pub fn monitor_traffic(&self, interface: &str) -> Option<Columns> {
        self.with_snapshot(|snapshot| menus::monitor_traffic(snapshot, interface))
    }

    /// Adds a row that people made; gives its id.
    pub fn add(&self, menu: &str, values: &[(String, String)]) -> Result<String, &'static str> {
        let menu = WRITABLE.into_iter().find(|writable| *writable == menu).ok_or("no such command")?;
        let mut state = self.state.lock();
        let rows = state.added.entry(menu).or_default();
        let of = |name: &str| values.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let is_known =
            |row: &Columns| row.value("list") == of("list") && row.value("address") == of("address");
        if rows.iter().any(is_known) {
            return Err("failure: already have such entry");
        }
        if rows.len() >= ENTRIES_MAX {
            return Err("failure: not enough memory");
        }
        let id = format!("*{:X}", state.next_id);
        state.next_id += 1;
        let mut row = Columns::new().with(".id", &id);
        for (name, value) in values {
            row.set(name, value);
        }
        row.set("dynamic", if of("timeout").is_some() { "true" } else { "false" });
        state.added.entry(menu).or_default().push(row.clone());
        drop(state);
        self.announce(Change { menu, row });
        Ok(id)
    }

    pub fn remove(&self, menu: &str, id: &str) -> Result<(), &'static str> {
        let menu = WRITABLE.into_iter().find(|writable| *writable == menu).ok_or("no such command")?;
        let mut state = self.state.lock();
        let rows = state.added.entry(menu).or_default();
        let at = rows.iter().position(|row| row.value(".id") == Some(id)).ok_or("no such item")?;
        let row = rows.remove(at);
        drop(state);
        let row = Columns::new().with(".id", row.value(".id").unwrap_or_default()).with(".dead", "yes");
        self.announce(Change { menu, row });
        Ok(())
    }

    pub fn rename(&self, identity: &str) {
        self.state.lock().identity = identity.into();
    }

    pub fn log(&self, topics: &str, message: String) {
        let mut state = self.state.lock();
        let now = state.wall();
        let id = format!("*{:X}", state.next_line);
        state.next_line += 1;
        let time = wall::line_time(self.personality, now, now);
        let row =
            Columns::new().with(".id", id).with("time", time).with("topics", topics).with("message", message);
        if state.log.len() == LOG_MAX {
            state.log.pop_front();
        }
        state.log.push_back((now, row.clone()));
        drop(state);
        self.announce(Change { menu: "/log", row });
    }

    /// Its log as it would print it now: what was written yesterday has a date by today.
    fn lines(&self) -> Vec<Columns> {
        let state = self.state.lock();
        let now = state.wall();
        let printed = |(at, row): &(i64, Columns)| {
            let mut row = row.clone();
            row.set("time", &wall::line_time(self.personality, *at, now));
            row
        };
        state.log.iter().map(printed).collect()
    }

    /// Puts its clock on.
    pub fn put_clock_on(&self, by: Duration) {
        self.state.lock().wall_ms += i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
    }

    pub fn changes(&self) -> broadcast::Receiver<Change> {
        let mut changes = self.changes.lock();
        changes.get_or_insert_with(|| broadcast::channel(CHANGES_MAX).0).subscribe()
    }

    pub fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    fn announce(&self, change: Change) {
        if let Some(changes) = &*self.changes.lock() {
            // Nobody listening is no loss.
            let _ = changes.send(change);
        }
    }

    fn with_snapshot<T>(&self, read: impl FnOnce(&Snapshot<'_>) -> T) -> T {
        let state = self.state.lock();
        read(&Snapshot {
            personality: self.personality,
            seed: u64::from(self.index) + 1,
            identity: &state.identity,
            busy_percent: state.behaviour.cpu_percent,
            wall_ms: state.wall(),
            uptime: state.ran_before + state.booted.elapsed(),
            counted: state.counted_before + state.counted_from.elapsed(),
        })
    }

    fn users(&self) -> Vec<Columns> {
        let row = |(index, user): (usize, &SimUser)| {
            Columns::new()
                .with(".id", format!("*{:X}", index + 1))
                .with("name", &user.name)
                .with("group", group(user))
                .with("address", "")
                .with("disabled", false)
        };
        self.options.users.iter().enumerate().map(row).collect()
    }

    fn groups(&self) -> Vec<Columns> {
        let row = |(index, user): (usize, &SimUser)| {
            Columns::new()
                .with(".id", format!("*{:X}", index + 1))
                .with("name", group(user))
                .with("policy", user.policies.join(","))
                .with("skin", "default")
        };
        self.options.users.iter().enumerate().map(row).collect()
    }
}

fn group(user: &SimUser) -> &'static str {
    if user.policies.contains(&"write") { "full" } else { "monitoring" }
}
