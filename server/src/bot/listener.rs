//! Listens to one bot: fetches what came, has it done, and answers. Never ends by itself.

use super::desk::{Desk, Reply, To};
use crate::store::{Mark, Result, Store, StoreError, in_time};
use engine::notify::{
    Trouble,
    telegram::{Answer, Bot, Update},
};
use model::ChannelId;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep};

/// How long Telegram is to wait for something to come.
const WAIT: Duration = Duration::from_secs(25);
/// A server that does not wait is asked no more often than this.
const PACE: Duration = Duration::from_secs(1);
/// After so many failures the next try waits so long, in seconds; the last for all that follow.
const BACK_OFF_S: [u64; 6] = [1, 3, 10, 30, 60, 120];
/// What does not mend by itself is tried again all the same: somebody mends it elsewhere.
const REFUSED: Duration = Duration::from_secs(120);
/// Tries to say one answer, and how long one is waited for at most: others wait behind it.
const TRIES: u32 = 3;
const ANSWER_AFTER_MAX: Duration = Duration::from_secs(60);

pub struct Listener {
    store: Store,
    desk: Arc<Desk>,
    name: String,
    bot: Bot,
    channels: Vec<ChannelId>,
}

/// What cannot be done after so many tries is passed over: nothing that anybody says stands in the way of all others.
const TAKES: u32 = 5;

/// What one listening leaves to the next.
#[derive(Default)]
struct Memory {
    /// What the bot is called, once it has said so; not every one has a name.
    called: Option<Option<String>>,
    /// An update that could not be done, and how often.
    stuck: (i64, u32),
}

/// Why nothing was heard, and for how long it is let be.
struct Deaf {
    why: String,
    pause: Duration,
}

impl Listener {
    pub fn new(store: Store, desk: Arc<Desk>, (name, bot): (String, Bot), channels: Vec<ChannelId>) -> Self {
        Self { store, desk, name, bot, channels }
    }

    pub async fn run(self) {
        let (mut memory, mut failures, mut told) = (Memory::default(), 0, None);
        loop {
            let began = Instant::now();
            let deaf = match self.listen(&mut memory).await {
                Ok(0) => {
                    failures = 0;
                    sleep(PACE.saturating_sub(began.elapsed())).await;
                    None
                }
                Ok(_) => {
                    failures = 0;
                    None
                }
                Err(deaf) => {
                    let step = BACK_OFF_S.get(failures).or(BACK_OFF_S.last()).copied().unwrap_or(1);
                    failures += 1;
                    Some(Deaf { pause: deaf.pause.max(Duration::from_secs(step)), ..deaf })
                }
            };
            let why = deaf.as_ref().map(|deaf| deaf.why.clone());
            // What is shown outlives this program, so that it is said once at the beginning whatever it is.
            if told.as_ref() != Some(&why)
                && in_time(self.store.bots().set_deaf(&self.channels, why.as_deref())).await.is_ok()
            {
                told = Some(why);
            }
            if let Some(deaf) = deaf {
                sleep(deaf.pause).await;
            }
        }
    }

    /// Fetches once and does what came; how much that was.
    async fn listen(&self, memory: &mut Memory) -> std::result::Result<usize, Deaf> {
        let name = match &memory.called {
            Some(name) => name.clone(),
            None => memory.called.insert(self.bot.me().await.map_err(deaf)?.username).clone(),
        };
        let offset = in_time(self.store.bots().next_update(&self.name)).await.map_err(database)?;
        let updates = self.bot.updates(offset, WAIT).await.map_err(deaf)?;
        for update in &updates {
            let taken = self.take(name.as_deref(), update).await;
            let reply = match taken {
                Ok(reply) => reply,
                Err(error) => self.pass_over(update, error, memory).await.map_err(database)?,
            };
            if let Some(reply) = reply {
                self.answer(&reply).await;
            }
        }
        Ok(updates.len())
    }

    /// Says what went wrong, unless it did so too often: then nothing comes of it.
    async fn pass_over(
        &self,
        update: &Update,
        error: StoreError,
        memory: &mut Memory,
    ) -> Result<Option<Reply>> {
        let times = if memory.stuck.0 == update.id { memory.stuck.1.saturating_add(1) } else { 1 };
        memory.stuck = (update.id, times);
        if times < TAKES {
            return Err(error);
        }
        tracing::error!(bot = self.name, update = update.id, %error, "what somebody said could not be done");
        in_time(self.store.bots().read(Mark { bot: &self.name, update: update.id }, None)).await?;
        Ok(None)
    }

    async fn take(&self, called: Option<&str>, update: &Update) -> Result<Option<Reply>> {
        self.desk.take(To { bot: &self.name, called }, update).await
    }

    /// Says it, unless that goes wrong again and again: whoever asked can ask again.
    async fn answer(&self, reply: &Reply) {
        for attempt in 1..=TRIES {
            let Err(trouble) = self.say(reply).await else { return };
            match trouble {
                Trouble::Later { why, after } if attempt < TRIES => {
                    tracing::debug!(%why, "an answer is tried again");
                    let pause = after.unwrap_or(Duration::from_secs(attempt.into()));
                    sleep(pause.min(ANSWER_AFTER_MAX)).await;
                }
                Trouble::Later { why, .. } | Trouble::Refused { why } | Trouble::Gone { why } => {
                    tracing::warn!(bot = self.name, %why, "an answer could not be given");
                    return;
                }
            }
        }
    }

    async fn say(&self, reply: &Reply) -> std::result::Result<(), Trouble> {
        if let Some(press) = &reply.press {
            let text = format!("{}\n{}", reply.title, reply.body);
            self.bot.answer_press(press, text.trim()).await?;
        }
        let Some(place) = &reply.place else { return Ok(()) };
        let answer = Answer { title: &reply.title, body: &reply.body, buttons: &reply.buttons };
        self.bot.say(place, &answer).await
    }
}

fn deaf(trouble: Trouble) -> Deaf {
    match trouble {
        Trouble::Later { why, after } => Deaf { why, pause: after.unwrap_or_default() },
        Trouble::Refused { why } | Trouble::Gone { why } => Deaf { why, pause: REFUSED },
    }
}

fn database(error: StoreError) -> Deaf {
    Deaf { why: error.to_string(), pause: Duration::ZERO }
}
