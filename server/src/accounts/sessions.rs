//! Sessions: kept in the database, answered from memory, ended everywhere at once.
//!
//! The database knows a session by the hash of its id. The web layer says when an idle one ends; every one
//! ends after the length given here.

use super::{
    agent,
    notes::{Note, Notes},
};
use crate::store::{self, Result, SessionRow, Store, in_time};
use async_trait::async_trait;
use engine::Clock;
use model::{Timestamp, User, UserId};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use std::{
    collections::{HashMap, HashSet},
    fmt,
    net::IpAddr,
    sync::Arc,
    time::Duration,
};
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store,
};

/// The key under which the web layer puts the user's number into the session.
pub const SESSION_USER: &str = "user";
/// A visit that changes nothing is noted this often.
const SEEN_MS: i64 = 60_000;

/// A session as everyone but its browser knows it: the SHA-256 of its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
    pub fn of(id: &Id) -> SessionKey {
        SessionKey(Sha256::digest(id.0.to_le_bytes()).into())
    }
}

/// Lower-case hex, as in the database.
impl fmt::Display for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

/// A handle on all sessions; clones share them.
#[derive(Clone)]
pub struct Sessions(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    /// How long a session lives at all, however busy.
    length_ms: i64,
    memory: Mutex<Memory>,
    notes: Notes,
}

#[derive(Default)]
struct Memory {
    live: HashMap<SessionKey, Live>,
    /// Grows with every ending, so that a row read before it is not remembered after it.
    endings: u64,
}

#[derive(Clone)]
struct Live {
    record: Record,
    user: Option<User>,
    created_at: Timestamp,
    seen_at: Timestamp,
    ends_at: Timestamp,
    /// When the password was last given.
    password_at: Timestamp,
}

/// Who holds a session.
#[derive(Clone, Debug)]
pub struct Holder {
    pub user: User,
    /// When the password was last given in it.
    pub password_at: Timestamp,
}

/// Where somebody comes in from.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// What the browser calls itself, as it was sent.
    pub agent: Option<String>,
    pub from: IpAddr,
}

impl Sessions {
    pub fn new(store: Store, clock: Arc<dyn Clock>, length: Duration, notes: Notes) -> Sessions {
        let length_ms = i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
        Sessions(Arc::new(Inner { store, clock, length_ms, memory: Mutex::default(), notes }))
    }

    /// The account behind a session that still lives; `None` when nobody is logged in with it.
    pub async fn holder(&self, id: &Id) -> Result<Option<Holder>> {
        let live = self.find(id).await?;
        Ok(live.and_then(|live| Some(Holder { user: live.user?, password_at: live.password_at })))
    }

    /// Writes down where a session that has just begun is, for its owner's list.
    pub async fn arrive(&self, key: SessionKey, arrival: &Arrival) -> Result<()> {
        let browser = arrival.agent.as_deref().and_then(agent::told);
        let address = arrival.from.to_canonical().to_string();
        in_time(self.rows().arrive(&key.to_string(), browser, address)).await
    }

    /// Whether a session that was in use a moment ago still lives.
    pub fn is_live(&self, key: SessionKey) -> bool {
        let now = self.0.clock.now();
        self.0.memory.lock().live.get(&key).is_some_and(|live| !live.is_over(now))
    }

    /// How many people's sessions were used since the program started, and still live.
    pub fn count(&self) -> usize {
        let now = self.0.clock.now();
        let memory = self.0.memory.lock();
        memory.live.values().filter(|live| live.user.is_some() && !live.is_over(now)).count()
    }

    /// Ends what is past its time; to be called now and then.
    pub async fn sweep(&self) -> Result<()> {
        let now = self.0.clock.now();
        self.forget(|_, live| live.is_over(now));
        self.0.store.sessions().remove_expired(now).await
    }

    /// Ends what another process removed from the database.
    pub async fn reload(&self) -> Result<()> {
        let known: Vec<SessionKey> = self.0.memory.lock().live.keys().copied().collect();
        let rows = self.0.store.sessions().all().await?;
        let rows: HashSet<String> = rows.into_iter().map(|row| row.id_hash).collect();
        // Only what was known before the reading: a session that began since is not in it.
        let gone: Vec<SessionKey> =
            known.into_iter().filter(|key| !rows.contains(&key.to_string())).collect();
        self.forget(|key, _| gone.contains(key));
        Ok(())
    }

    /// Ends in memory what a change ended in the database, except `keep`. Also where no answer came: it may have been
    /// made, and whoever is still in is found again with the next visit. An error that refuses ended nothing.
    pub(super) fn forget_with<T>(&self, changed: &Result<T>, user: UserId, keep: Option<SessionKey>) {
        if matches!(changed, Ok(_) | Err(store::StoreError::Unavailable(_) | store::StoreError::Full(_))) {
            self.forget(|key, live| live.belongs_to(user) && Some(*key) != keep);
        }
    }

    /// Forgets every session that remembers this account with other rights than it has now.
    pub(super) fn forget_outdated(&self, user: &User) {
        let is_as_known = |known: &User| user.enabled && known.role == user.role;
        self.forget(|_, live| live.belongs_to(user.id) && !live.user.as_ref().is_some_and(is_as_known));
    }

    /// Remembers the account as it is now: it has changed in nothing that ends its sessions.
    pub(super) fn renew(&self, user: &User) {
        let mut memory = self.0.memory.lock();
        let of_user = memory.live.values_mut().filter(|live| live.belongs_to(user.id));
        of_user.for_each(|live| live.user = Some(user.clone()));
    }

    pub(super) fn note_password(&self, key: SessionKey, at: Timestamp) {
        if let Some(live) = self.0.memory.lock().live.get_mut(&key) {
            live.password_at = at;
        }
    }

    pub(super) fn rows(&self) -> store::Sessions<'_> {
        self.0.store.sessions()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub(super) fn forget_hashed(&self, id_hash: &str) {
        self.forget(|key, _| key.to_string() == id_hash);
    }

    pub(super) fn forget_one(&self, key: SessionKey) {
        self.forget(|known, _| *known == key);
    }

    fn forget(&self, is_over: impl Fn(&SessionKey, &Live) -> bool) {
        let mut memory = self.0.memory.lock();
        memory.endings += 1;
        memory.live.retain(|key, live| !is_over(key, live));
    }

    async fn find(&self, id: &Id) -> Result<Option<Live>> {
        let (key, now) = (SessionKey::of(id), self.0.clock.now());
        let endings = {
            let memory = self.0.memory.lock();
            if let Some(live) = memory.live.get(&key) {
                return Ok((!live.is_over(now)).then(|| live.clone()));
            }
            memory.endings
        };
        let Some(row) = in_time(self.0.store.sessions().one(&key.to_string())).await? else {
            return Ok(None);
        };
        let user = self.account(row.user).await?;
        let live = Live::read(*id, row, user).filter(|live| !live.is_over(now));
        if let Some(live) = &live {
            self.remember(live.clone(), endings);
        }
        Ok(live)
    }

    /// Remembers what was read when there had been so many endings; if there were more since, the next
    /// visit reads again, for this session may be one of them.
    fn remember(&self, live: Live, endings: u64) {
        let mut memory = self.0.memory.lock();
        if memory.endings == endings {
            memory.live.insert(SessionKey::of(&live.record.id), live);
        }
    }

    async fn account(&self, id: Option<UserId>) -> Result<Option<User>> {
        let Some(id) = id else { return Ok(None) };
        match in_time(self.0.store.users().one(id)).await {
            Ok(account) => Ok(Some(account.user).filter(|user| user.enabled)),
            Err(crate::store::StoreError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The record as it will live: nobody stretches a session past its age.
    async fn live(&self, record: &Record, before: Option<&Live>) -> Result<Live> {
        let now = self.0.clock.now();
        let user = record.data.get(SESSION_USER).and_then(serde_json::Value::as_i64).map(UserId);
        let known = before.and_then(|live| live.user.clone()).filter(|known| Some(known.id) == user);
        let user = if known.is_some() { known } else { self.account(user).await? };
        let created_at = before.map_or(now, |live| live.created_at);
        let password_at = before.map_or(now, |live| live.password_at);
        let ends_at = Timestamp(milliseconds(record).min(created_at.0.saturating_add(self.0.length_ms)));
        Ok(Live { record: record.clone(), user, created_at, seen_at: now, ends_at, password_at })
    }
}

impl Live {
    fn read(id: Id, row: SessionRow, user: Option<User>) -> Option<Live> {
        // An account that is gone or disabled takes its sessions along.
        if row.user.is_some() && user.is_none() {
            return None;
        }
        let data = serde_json::from_str(&row.data).ok()?;
        let expiry_date = instant(row.expires_at);
        let record = Record { id, data, expiry_date };
        Some(Live {
            record,
            user,
            created_at: row.created_at,
            seen_at: row.seen_at,
            ends_at: row.expires_at,
            password_at: row.password_at.unwrap_or(row.created_at),
        })
    }

    fn row(&self) -> serde_json::Result<SessionRow> {
        Ok(SessionRow {
            id_hash: SessionKey::of(&self.record.id).to_string(),
            user: self.user.as_ref().map(|user| user.id),
            data: serde_json::to_string(&self.record.data)?,
            created_at: self.created_at,
            seen_at: self.seen_at,
            expires_at: self.ends_at,
            // Written once each, and not with every visit.
            browser: None,
            address: None,
            password_at: None,
        })
    }

    fn is_over(&self, now: Timestamp) -> bool {
        self.ends_at <= now
    }

    fn belongs_to(&self, id: UserId) -> bool {
        self.user.as_ref().is_some_and(|user| user.id == id)
    }
}

fn milliseconds(record: &Record) -> i64 {
    i64::try_from(record.expiry_date.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

fn instant(at: Timestamp) -> time::OffsetDateTime {
    time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.0) * 1_000_000)
        .unwrap_or(time::OffsetDateTime::UNIX_EPOCH)
}

#[async_trait]
impl SessionStore for Sessions {
    /// A second session of the same id would be refused by the database.
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        let endings = self.0.memory.lock().endings;
        let live = self.live(record, None).await.map_err(backend)?;
        let row = live.row().map_err(encode)?;
        let surplus = self.0.store.sessions().create(row).await.map_err(backend)?;
        self.remember(live, endings);
        surplus.iter().for_each(|id_hash| self.forget_hashed(id_hash));
        Ok(())
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        // Somebody ended it while this request was being answered: it stays ended.
        let Some(before) = self.find(&record.id).await.map_err(backend)? else { return Ok(()) };
        let live = self.live(record, Some(&before)).await.map_err(backend)?;
        let is_changed = before.record.data != record.data;
        if !is_changed && live.seen_at.since_ms(before.seen_at) < SEEN_MS {
            return Ok(());
        }
        let (key, row) = (SessionKey::of(&record.id), live.row().map_err(encode)?);
        if !is_changed {
            // Nobody waits for that a visit was noted.
            self.0.notes.leave(Note::Seen(key, row));
        } else if !in_time(self.0.store.sessions().save(row)).await.map_err(backend)? {
            self.forget_one(key);
            return Ok(());
        }
        if let Some(known) = self.0.memory.lock().live.get_mut(&key) {
            // The password may have been given while this was being saved.
            *known = Live { password_at: known.password_at.max(live.password_at), ..live };
        }
        Ok(())
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        Ok(self.find(id).await.map_err(backend)?.map(|live| live.record))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        let key = SessionKey::of(id);
        let removed = self.0.store.sessions().remove(&key.to_string()).await;
        // Also where no answer came: it may be gone.
        self.forget_one(key);
        removed.map_err(backend)
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

fn backend(error: crate::store::StoreError) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

fn encode(error: serde_json::Error) -> session_store::Error {
    session_store::Error::Encode(error.to_string())
}
