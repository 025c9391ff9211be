//! Takes what waits in the outbox to its channels: one message at a time and channel, in order, until it is there or
//! visibly given up. A slow channel holds up itself and nothing else.
//!
//! What the far end has accepted is written down afterwards: killed in between, it is sent again under the same id.

use super::{
    batch::{TOGETHER_MAX, Turn, is_ready, turn},
    letter::Letters,
};
use crate::{
    bot::listening,
    config::PublicUrl,
    store::{Came, Company, Delivery, DeliveryId, Opened, Result, Store, Told, in_time},
    vault::Vault,
};
use app::told::bot::acknowledge;
use engine::{
    Clock, Duty,
    notify::{self, BuildArgs, Message, Tools, telegram::Pressable},
};
use model::{ChannelId, ChannelKind, Timestamp};
use parking_lot::Mutex;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::Notify,
    task::JoinSet,
    time::{sleep, timeout},
};

/// The outbox is looked into this often even when nobody says that there is something new.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How long messages under way may take when the program stops.
const DRAIN_MAX: Duration = Duration::from_secs(3);
/// After so many failures the next try waits so long; the last for all that follow.
const BACK_OFF_S: [i64; 8] = [1, 3, 5, 10, 30, 60, 120, 300];
/// What could not be told for so long is given up.
const GIVE_UP_MS: i64 = 24 * 3_600 * 1_000;
/// Longer than anything is put off: what a far end asks for is obeyed up to an hour.
const PUT_OFF_MS_MAX: i64 = 2 * 3_600 * 1_000;
/// Outages told within so long count towards a storm.
const LATELY_MS: i64 = 60_000;

/// What was tried, and what came of it.
type Tried = (Vec<DeliveryId>, Came);

/// One courier for the life of the process; its worker may be started again.
#[derive(Clone)]
pub struct Courier {
    pub store: Store,
    pub vault: Arc<Vault>,
    pub clock: Arc<dyn Clock>,
    pub tools: Tools,
    /// Rung when there is something new in the outbox.
    pub bell: Arc<Notify>,
    /// What links begin with.
    pub home: Option<PublicUrl>,
    /// Tries that are over and could not be written down: before anything else is sent there.
    unsettled: Arc<Mutex<HashMap<ChannelId, Tried>>>,
    /// The same of reports.
    unsettled_reports: Arc<Mutex<HashMap<ChannelId, (i64, Came)>>>,
    /// When outages were told lately, by channel.
    told: Arc<Mutex<HashMap<ChannelId, Vec<Timestamp>>>>,
}

impl Courier {
    pub fn new(
        store: Store,
        vault: Arc<Vault>,
        clock: Arc<dyn Clock>,
        tools: Tools,
        bell: Arc<Notify>,
    ) -> Self {
        Self {
            store,
            vault,
            clock,
            tools,
            bell,
            home: None,
            unsettled: Arc::default(),
            unsettled_reports: Arc::default(),
            told: Arc::default(),
        }
    }

    /// The same with links that begin so.
    pub fn at(self, home: Option<PublicUrl>) -> Self {
        Self { home, ..self }
    }

    /// Delivers until told to stop.
    pub async fn run(&self, duty: Duty) -> anyhow::Result<()> {
        let (mut under_way, mut busy) = (JoinSet::new(), HashSet::new());
        loop {
            let wait = self.begin(&mut under_way, &mut busy, &duty).await;
            tokio::select! {
                () = self.bell.notified() => {}
                Some(done) = under_way.join_next() => match done {
                    Ok(channel) => {
                        busy.remove(&channel);
                    }
                    // A panic: which channel it was is not known, so all are looked at again.
                    Err(error) => {
                        under_way.shutdown().await;
                        anyhow::bail!("a delivery failed inside the program: {error}");
                    }
                },
                () = sleep(wait) => {}
                () = duty.stop.cancelled() => {
                    let draining = async { while under_way.join_next().await.is_some() {} };
                    // What is not done by then is sent again after the next start.
                    let _ = timeout(DRAIN_MAX, draining).await;
                    return Ok(());
                }
            }
        }
    }

    /// Begins what is due; how long there is nothing to do but wait.
    async fn begin(
        &self,
        under_way: &mut JoinSet<ChannelId>,
        busy: &mut HashSet<ChannelId>,
        duty: &Duty,
    ) -> Duration {
        if let Err(error) = in_time(self.store.incidents().look()).await {
            duty.failed(error.to_string());
        }
        let due = match in_time(self.due()).await {
            Ok(due) => due,
            Err(error) => {
                duty.failed(error.to_string());
                return LOOK_EVERY;
            }
        };
        let now = self.clock.now();
        let mut wait = LOOK_EVERY;
        for (channel, at) in
            due.into_iter().filter(|(channel, _)| !busy.contains(channel)).collect::<Vec<_>>()
        {
            if is_due(at, now) {
                busy.insert(channel);
                let courier = self.clone();
                under_way.spawn(async move {
                    if let Err(error) = courier.deliver(channel).await {
                        tracing::warn!(channel = channel.0, %error, "the outbox cannot be read or written");
                        // The database is not asked again at once.
                        sleep(Duration::from_secs(1)).await;
                    }
                    channel
                });
            } else {
                wait = wait.min(Duration::from_millis(at.since_ms(now).unsigned_abs()));
            }
        }
        duty.ran();
        wait
    }

    /// Tells the first in line, or several of them together.
    pub(super) async fn deliver(&self, id: ChannelId) -> Result<()> {
        let unsettled = self.unsettled.lock().get(&id).cloned();
        if let Some((tried, came)) = unsettled {
            in_time(self.store.outbox().settle(id, &tried, &came, self.clock.now())).await?;
            self.unsettled.lock().remove(&id);
        }
        self.settle_report(id).await?;
        let (opened, waiting) = in_time(self.store.outbox().head(id, TOGETHER_MAX, &self.vault)).await?;
        let now = self.clock.now();
        let Some(first) = waiting.first() else { return self.report(&opened, now).await };
        if !is_ready(&waiting, now) {
            return Ok(());
        }
        if now.since_ms(first.created_at) > GIVE_UP_MS {
            let came = Came::GivenUp { why: "it waited for longer than a day".to_owned() };
            return in_time(self.store.outbox().settle(id, &[first.id], &came, now)).await;
        }
        let is_end = first.told == Told::Closed && first.attempts == 0;
        let company = if is_end {
            in_time(self.store.outbox().company(id, first.incident.id)).await?
        } else {
            Company::default()
        };
        let batch = match turn(&waiting, self.told_lately(id, now), company, now) {
            Some(Turn::Tell(batch)) => batch,
            Some(Turn::Wait(at)) => return in_time(self.store.outbox().put_off(first.id, at)).await,
            None => return Ok(()),
        };
        let letters = Letters { channel: &opened.channel, home: self.home.as_ref(), now };
        let message = match batch {
            [first] => letters.one(first, self.site_of(first).await?.as_deref()),
            many => letters.several(many),
        };
        let oldest = batch.iter().map(|delivery| delivery.created_at).min().unwrap_or(now);
        let attempts = batch.iter().map(|delivery| delivery.attempts).max().unwrap_or(0);
        let buttons = match batch {
            [first] => self.buttons(&opened, first).await,
            _ => Vec::new(),
        };
        let (came, is_gone) = self.send(&opened, (&message, &buttons), (oldest, attempts)).await;
        // A browser that is no more is forgotten, with all that waits for it.
        if is_gone && in_time(self.store.push().gone(id)).await? {
            return Ok(());
        }
        if came == Came::Sent {
            let outages = batch.iter().filter(|delivery| delivery.told == Told::Opened);
            self.told.lock().entry(id).or_default().extend(outages.map(|_| now));
        }
        let tried: Vec<_> = batch.iter().map(|delivery| delivery.id).collect();
        self.unsettled.lock().insert(id, (tried.clone(), came.clone()));
        in_time(self.store.outbox().settle(id, &tried, &came, self.clock.now())).await?;
        self.unsettled.lock().remove(&id);
        Ok(())
    }

    /// The channels for which anything waits, and when the first of it is due. Alerts go before reports.
    async fn due(&self) -> Result<BTreeMap<ChannelId, Timestamp>> {
        let mut due = self.store.reports().due().await?;
        due.extend(self.store.outbox().due().await?);
        Ok(due)
    }

    /// Sends the first report that waits for the channel.
    async fn report(&self, opened: &Opened, now: Timestamp) -> Result<()> {
        let (id, reports) = (opened.channel.id, self.store.reports());
        let first = in_time(reports.head(id)).await?;
        let Some(first) = first.filter(|first| is_due(first.due_at, now)) else { return Ok(()) };
        let letters = Letters { channel: &opened.channel, home: self.home.as_ref(), now };
        let message = letters.report(&first);
        let (came, is_gone) = self.send(opened, (&message, &[]), (first.created_at, first.attempts)).await;
        if is_gone && in_time(self.store.push().gone(id)).await? {
            return Ok(());
        }
        self.unsettled_reports.lock().insert(id, (first.id, came));
        self.settle_report(id).await
    }

    /// Writes down what came of a report, where that is still to be done.
    async fn settle_report(&self, id: ChannelId) -> Result<()> {
        let unsettled = self.unsettled_reports.lock().get(&id).cloned();
        let Some((report, came)) = unsettled else { return Ok(()) };
        in_time(self.store.reports().settle(report, &came)).await?;
        in_time(self.store.outbox().settle(id, &[], &came, self.clock.now())).await?;
        self.unsettled_reports.lock().remove(&id);
        Ok(())
    }

    /// What may be pressed under a message, where somebody may press it: who is bound to the bot sees to what began.
    async fn buttons(&self, opened: &Opened, delivery: &Delivery) -> Vec<Pressable> {
        let incident = &delivery.incident;
        let is_open = incident.closed_at.is_none() && incident.acknowledged.is_none();
        if delivery.told != Told::Opened || !is_open || opened.channel.kind != ChannelKind::Telegram {
            return Vec::new();
        }
        let Some((bot, _)) = listening(opened, &self.tools) else { return Vec::new() };
        // A message is worth more than its button.
        let is_heard = in_time(self.store.bots().is_wanted(&bot)).await.unwrap_or(false);
        let text = acknowledge(&opened.channel.language).to_owned();
        is_heard.then(|| Pressable { text, data: format!("ack {}", incident.id) }).into_iter().collect()
    }

    /// How many outages were told there within a minute.
    fn told_lately(&self, id: ChannelId, now: Timestamp) -> usize {
        let mut told = self.told.lock();
        let told = told.entry(id).or_default();
        told.retain(|at| now.since_ms(*at) < LATELY_MS);
        told.len()
    }

    /// Where the device of a message is.
    async fn site_of(&self, delivery: &Delivery) -> Result<Option<String>> {
        match delivery.incident.device {
            Some(device) => in_time(self.store.devices().site(device)).await,
            None => Ok(None),
        }
    }

    /// What came of a message about what is to be told since `oldest` and was tried so often, and whether the place
    /// itself is no more.
    async fn send(
        &self,
        opened: &Opened,
        (message, buttons): (&Message, &[Pressable]),
        (oldest, attempts): (Timestamp, i32),
    ) -> (Came, bool) {
        let now = self.clock.now();
        let came = match deliver(opened, message, buttons, &self.tools).await {
            notify::Delivery::Delivered => Came::Sent,
            notify::Delivery::Later { why, .. } if now.since_ms(oldest) > GIVE_UP_MS => Came::GivenUp { why },
            notify::Delivery::Later { why, after } => {
                let step = usize::try_from(attempts).unwrap_or(0).min(BACK_OFF_S.len() - 1);
                let own = BACK_OFF_S.get(step).copied().unwrap_or(300).saturating_mul(1_000);
                let asked = after.map_or(0, |after| i64::try_from(after.as_millis()).unwrap_or(i64::MAX));
                Came::Later { at: Timestamp(now.0.saturating_add(own.max(asked))), why }
            }
            notify::Delivery::Gone { why } => return (Came::GivenUp { why }, true),
            notify::Delivery::Refused { why } => Came::GivenUp { why },
        };
        (came, false)
    }
}

/// Whether the time has come; or was set by a clock that was ahead, for nothing is put off for so long.
pub(super) fn is_due(at: Timestamp, now: Timestamp) -> bool {
    at <= now || at.since_ms(now) > PUT_OFF_MS_MAX
}

/// Takes a message to a channel, now.
pub(super) async fn deliver(
    opened: &Opened,
    message: &Message,
    buttons: &[Pressable],
    tools: &Tools,
) -> notify::Delivery {
    if let Some(why) = &opened.trouble {
        // Somebody mends it within a day, or nobody does.
        return notify::Delivery::Later { why: why.clone(), after: None };
    }
    let args = BuildArgs { settings: &opened.channel.settings, secrets: &opened.secrets, tools };
    let delivery = match notify::build(opened.channel.kind, &args) {
        Ok(channel) => channel.deliver_with(message, buttons).await,
        Err(error) => notify::Delivery::Refused { why: error.to_string() },
    };
    let is_accepted = matches!(delivery, notify::Delivery::Delivered);
    tracing::debug!(channel = opened.channel.id.0, is_accepted, "a message was taken to a channel");
    delivery
}

/// Tries a channel out; why it did not work.
pub async fn try_out(
    opened: &Opened,
    home: Option<&PublicUrl>,
    tools: &Tools,
    now: Timestamp,
) -> std::result::Result<(), String> {
    let letters = Letters { channel: &opened.channel, home, now };
    match deliver(opened, &letters.trial(), &[], tools).await {
        notify::Delivery::Delivered => Ok(()),
        notify::Delivery::Later { why, .. }
        | notify::Delivery::Refused { why }
        | notify::Delivery::Gone { why } => Err(why),
    }
}
