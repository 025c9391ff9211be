//! Which bots are listened to: those of the channels that are on, while anybody may have something to say to them.

use super::{desk::Desk, listener::Listener};
use crate::{
    backend::Program,
    store::{Opened, Result, Store, in_time},
    vault::Vault,
};
use engine::{
    Clock, Duty,
    notify::{
        BuildArgs, Tools,
        telegram::{Bot, bot_of},
    },
};
use model::ChannelId;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};
use tokio::{
    task::{AbortHandle, JoinSet},
    time::sleep,
};

/// How often it is looked which bots there are.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What listening needs.
#[derive(Clone)]
pub struct Exchange {
    pub program: Arc<Program>,
    pub store: Store,
    pub vault: Arc<Vault>,
    pub clock: Arc<dyn Clock>,
    pub tools: Tools,
}

/// A listener at work.
struct Busy {
    task: AbortHandle,
    /// The channels of its bot, and when they were changed: another token is another listener.
    of: Vec<Mark>,
}

type Mark = (ChannelId, String);

/// The bot of a channel, by its name; nothing when no bot can be made of its settings.
pub fn listening(opened: &Opened, tools: &Tools) -> Option<(String, Bot)> {
    let args = BuildArgs { settings: &opened.channel.settings, secrets: &opened.secrets, tools };
    let bot = bot_of(&args).ok()?;
    Some((bot.name(), bot))
}

impl Exchange {
    /// Listens until told to stop.
    pub async fn run(&self, duty: Duty) -> anyhow::Result<()> {
        let desk = Arc::new(Desk::new(self.program.clone(), self.store.clone(), self.clock.clone()));
        let (mut tasks, mut busy) = (JoinSet::new(), HashMap::new());
        loop {
            match self.look(&desk, &mut tasks, &mut busy).await {
                Ok(()) => duty.ran(),
                Err(error) => duty.failed(error.to_string()),
            }
            tokio::select! {
                () = sleep(LOOK_EVERY) => {}
                // One that ended, by a panic above all, is begun again with the next look.
                Some(_) = tasks.join_next() => busy.retain(|_, one: &mut Busy| !one.task.is_finished()),
                () = duty.stop.cancelled() => return Ok(()),
            }
        }
    }

    /// Begins what is wanted and ends what is not.
    async fn look(
        &self,
        desk: &Arc<Desk>,
        tasks: &mut JoinSet<()>,
        busy: &mut HashMap<String, Busy>,
    ) -> Result<()> {
        let mut wanted = BTreeMap::<String, (Bot, Vec<Mark>)>::new();
        let mut deaf = Vec::new();
        for opened in in_time(self.store.bots().channels(&self.vault)).await? {
            deaf.extend(opened.channel.health.deaf.is_some().then_some(opened.channel.id));
            let Some((name, bot)) = listening(&opened, &self.tools) else { continue };
            // The text of the token itself is in nobody's memory for longer.
            let mark = (opened.channel.id, fingerprint(&opened));
            wanted.entry(name).or_insert_with(|| (bot, Vec::new())).1.push(mark);
        }
        let mut listened = BTreeMap::new();
        for (name, one) in wanted {
            if in_time(self.store.bots().is_wanted(&name)).await? {
                listened.insert(name, one);
            }
        }
        busy.retain(|name, one| {
            let stays = listened.get(name).is_some_and(|(_, of)| *of == one.of);
            if !stays {
                one.task.abort();
            }
            stays
        });
        // Whom nobody listens for is not deaf.
        deaf.retain(|id| !listened.values().any(|(_, of)| of.iter().any(|(heard, _)| heard == id)));
        if !deaf.is_empty() {
            in_time(self.store.bots().set_deaf(&deaf, None)).await?;
        }
        for (name, (bot, of)) in listened {
            if busy.contains_key(&name) {
                continue;
            }
            let channels: Vec<ChannelId> = of.iter().map(|(id, _)| *id).collect();
            let listener = Listener::new(self.store.clone(), desk.clone(), (name.clone(), bot), channels);
            busy.insert(name, Busy { task: tasks.spawn(listener.run()), of });
        }
        Ok(())
    }
}

/// Another one for another token or another server.
fn fingerprint(opened: &Opened) -> String {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    for (name, secret) in &opened.secrets {
        hash.update(name);
        hash.update(secret.expose());
    }
    for (name, value) in opened.channel.settings.iter() {
        hash.update(name);
        hash.update(value);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
