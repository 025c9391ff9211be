//! Tells channels that the monitor itself cannot write, and that it can again.
//!
//! The outbox is in the database, and takes nothing while that fails: this one message goes past it, from memory. It is
//! tried a few times and then left; health and the pages say it for as long as it lasts.

use super::{courier::deliver, letter::Letters};
use crate::{
    config::PublicUrl,
    store::{Opened, Result, Store, in_time},
    vault::Vault,
    web::rest::rfc3339,
};
use app::told::unwritten::{unwritten, written_again};
use engine::{
    Clock, Duty, Fleet,
    notify::{self, Message, Tools},
};
use model::{Severity, Timestamp};
use parking_lot::Mutex;
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tokio::{task::JoinSet, time::sleep};

const LOOK_EVERY: Duration = Duration::from_secs(5);
/// A database that is busy for a moment is nobody's business: only what lasts is told, in milliseconds.
const GRACE_MS: i64 = 30_000;
/// Trouble that comes and goes is told once in so long, in milliseconds, but for what lasts longer than [`LONG_MS`].
const REST_MS: i64 = 30 * 60_000;
const LONG_MS: i64 = 5 * 60_000;
/// The channels are read again so often, in milliseconds: they cannot be once they are needed.
const READ_EVERY_MS: i64 = 60_000;
/// Most channels that are told, those of browsers among them.
const CHANNELS_MAX: u64 = 200;
/// A channel that cannot be reached is tried again after so long each, and then left.
const BACK_OFF_MS: [i64; 4] = [5_000, 30_000, 120_000, 600_000];
/// Longest reason that is told, in characters.
const WHY_CHARS_MAX: usize = 300;

/// Why nothing can be written, as far as that is known.
pub type Why = Arc<dyn Fn() -> Option<String> + Send + Sync>;

/// One alarm for the life of the process; its worker may be started again.
#[derive(Clone)]
pub struct Alarm {
    pub store: Store,
    pub vault: Arc<Vault>,
    pub clock: Arc<dyn Clock>,
    pub fleet: Arc<Fleet>,
    pub tools: Tools,
    /// What links begin with.
    pub home: Option<PublicUrl>,
    pub why: Why,
    pub memory: Arc<Mutex<Memory>>,
}

/// What is known without the database.
#[derive(Default)]
pub struct Memory {
    channels: Vec<Arc<Opened>>,
    read_at: Option<Timestamp>,
    episode: Option<Episode>,
    /// When the last one ended.
    rests_since: Option<Timestamp>,
}

/// A time in which nothing can be written, from when it is told to when its end is told.
struct Episode {
    since: Timestamp,
    why: String,
    /// Since when it can be written again: it is over once that has lasted.
    well_since: Option<Timestamp>,
    /// When it could be written again, once it is over.
    until: Option<Timestamp>,
    waiting: Vec<Waiting>,
    /// Who was told: they hear of its end.
    heard: Vec<Arc<Opened>>,
    /// Who was still to be told when it was over.
    unheard: Vec<Waiting>,
    is_end_told: bool,
}

/// A channel that is still to be told, after so many tries.
#[derive(Clone)]
struct Waiting {
    channel: Arc<Opened>,
    tries: usize,
    due_at: Timestamp,
}

impl Alarm {
    /// Looks until told to stop.
    pub async fn run(&self, duty: Duty) -> anyhow::Result<()> {
        loop {
            let turn = async {
                match self.look().await {
                    Ok(()) => duty.ran(),
                    Err(error) => duty.failed(error.to_string()),
                }
                sleep(LOOK_EVERY).await;
            };
            if duty.stop.run_until_cancelled(turn).await.is_none() {
                return Ok(());
            }
        }
    }

    /// Tells what is due. All is well: keeps in mind whom to tell.
    pub(super) async fn look(&self) -> Result<()> {
        let now = self.clock.now();
        let due = self.memory.lock().turn(self.fleet.states_unwritten_since(), now, &self.why);
        if let Some((message, channels)) = due {
            self.tell(&message, channels, now).await;
            return Ok(());
        }
        let is_due = self.memory.lock().is_to_be_read(now);
        if self.fleet.unrecorded_since().is_none() && is_due {
            let channels = in_time(self.store.channels().enabled(CHANNELS_MAX, &self.vault)).await?;
            let mut memory = self.memory.lock();
            memory.channels = channels.into_iter().map(Arc::new).collect();
            memory.read_at = Some(now);
        }
        Ok(())
    }

    /// Tries each of these channels once, all at the same time: each ends within its own deadline.
    async fn tell(&self, news: &News, channels: Vec<Waiting>, now: Timestamp) {
        let mut trying = JoinSet::new();
        for one in channels {
            let letters = Letters { channel: &one.channel.channel, home: self.home.as_ref(), now };
            let (message, tools) = (letters.unwritten(news), self.tools.clone());
            trying.spawn(async move {
                let came = deliver(&one.channel, &message, &[], &tools).await;
                (one, came)
            });
        }
        while let Some(tried) = trying.join_next().await {
            let Ok((one, came)) = tried else { continue };
            if came != notify::Delivery::Delivered {
                let channel = &one.channel.channel.name;
                tracing::warn!(channel, ?came, "that nothing can be written could not be told");
            }
            self.memory.lock().tried(one, &came, now);
        }
    }
}

/// What is told.
#[derive(Clone)]
pub struct News {
    since: Timestamp,
    until: Option<Timestamp>,
    why: String,
}

impl Memory {
    fn is_to_be_read(&self, now: Timestamp) -> bool {
        self.read_at.is_none_or(|at| now.0.abs_diff(at.0) >= READ_EVERY_MS.unsigned_abs())
    }

    /// Takes in since when no state is written; what is to be told now, and to whom.
    fn turn(&mut self, since: Option<Timestamp>, now: Timestamp, why: &Why) -> Option<(News, Vec<Waiting>)> {
        let first = |channel: &Arc<Opened>| Waiting { channel: channel.clone(), tries: 0, due_at: now };
        let rests = self.rests_since.is_some_and(|at| (0..REST_MS).contains(&now.since_ms(at)));
        let patience_ms = if rests { LONG_MS } else { GRACE_MS };
        match (&mut self.episode, since) {
            (None, Some(since)) if now.since_ms(since) >= patience_ms => {
                let why = why().unwrap_or_default().chars().take(WHY_CHARS_MAX).collect();
                let waiting = self.channels.iter().map(first).collect();
                self.episode = Some(Episode::new(since, why, waiting));
            }
            (Some(episode), Some(_)) if !episode.is_end_told => episode.go_on(),
            (Some(episode), None) if episode.until.is_none() => {
                let well_since = *episode.well_since.get_or_insert(now);
                if now.since_ms(well_since) >= GRACE_MS {
                    episode.until = Some(well_since);
                    let to_hear = std::mem::take(&mut episode.heard).iter().map(first).collect();
                    episode.unheard = std::mem::replace(&mut episode.waiting, to_hear);
                    self.rests_since = Some(now);
                }
            }
            _ => {}
        }
        let episode = self.episode.as_mut()?;
        if episode.until.is_some() && episode.waiting.is_empty() {
            self.episode = None;
            return None;
        }
        let is_due = |one: &mut Waiting| one.due_at <= now;
        let due: Vec<Waiting> = episode.waiting.extract_if(.., is_due).collect();
        let news = News { since: episode.since, until: episode.until, why: episode.why.clone() };
        (!due.is_empty()).then_some((news, due))
    }

    /// What came of a try.
    fn tried(&mut self, one: Waiting, came: &notify::Delivery, now: Timestamp) {
        let Some(episode) = &mut self.episode else { return };
        match came {
            notify::Delivery::Delivered if episode.until.is_none() => episode.heard.push(one.channel),
            notify::Delivery::Delivered => episode.is_end_told = true,
            notify::Delivery::Later { after, .. } => {
                if let Some(wait_ms) = BACK_OFF_MS.get(one.tries) {
                    let asked_ms =
                        after.map_or(0, |after| i64::try_from(after.as_millis()).unwrap_or(i64::MAX));
                    let due_at = Timestamp(now.0.saturating_add(asked_ms.max(*wait_ms)));
                    episode.waiting.push(Waiting { tries: one.tries + 1, due_at, ..one });
                }
            }
            _ => {}
        }
    }
}

impl Episode {
    fn new(since: Timestamp, why: String, waiting: Vec<Waiting>) -> Self {
        let (heard, unheard) = (Vec::new(), Vec::new());
        Self { since, why, well_since: None, until: None, waiting, heard, unheard, is_end_told: false }
    }

    /// It is not over after all, and nobody was told that it is.
    fn go_on(&mut self) {
        self.well_since = None;
        if self.until.take().is_some() {
            let to_hear = std::mem::replace(&mut self.waiting, std::mem::take(&mut self.unheard));
            self.heard = to_hear.into_iter().map(|one| one.channel).collect();
        }
    }
}

impl Letters<'_> {
    fn unwritten(&self, news: &News) -> Message {
        let News { since, until, why } = news;
        let ((title, body), severity, event) = match until {
            None => (unwritten(&self.channel.language, *since, why), Severity::Critical, "unrecorded"),
            Some(until) => {
                (written_again(&self.channel.language, *since, *until), Severity::Good, "recorded")
            }
        };
        Message {
            id: format!("{event}-{}", since.0),
            title,
            body,
            thread: format!("unrecorded-{}", since.0),
            path: "/".to_owned(),
            url: self.link("/"),
            severity,
            at: until.unwrap_or(*since),
            data: json!({ "event": event, "since": rfc3339(*since), "until": until.map(rfc3339), "cause": why }),
        }
    }
}
