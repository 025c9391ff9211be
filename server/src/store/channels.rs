//! Channels: settings as they are, secrets sealed as one.

use super::{
    Store,
    entity::channel,
    error::{Result, StoreError},
    outbox,
};
use crate::vault::{Place, Sealed, Vault};
use engine::{Secret, notify::Secrets};
use model::{
    Act, Channel, ChannelDraft, ChannelHealth, ChannelId, ChannelKind, Settings, Severity, Timestamp,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Unchanged, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Set,
};
use std::collections::BTreeMap;

/// Channels there may be besides those of browsers: each hears of everything.
const CHANNELS_MAX: usize = 50;

/// The setting that says that the first ones were made.
const FIRST_CHANNELS: &str = "first_channels";

pub struct Channels<'a>(pub(super) &'a Store);

/// A channel with everything that is needed to tell by it.
pub struct Opened {
    pub channel: Channel,
    pub secrets: Secrets,
    /// Why its secrets are not there though some are stored, in words for people: they are to be given again.
    pub trouble: Option<String>,
}

impl Channels<'_> {
    /// By name.
    pub async fn list(&self) -> Result<Vec<Channel>> {
        let counts = outbox::counts(self.0.reader()).await?;
        let rows = channel::Entity::find().order_by_asc(channel::Column::Name).all(self.0.reader()).await?;
        let with_counts = |row: channel::Model| {
            let id = ChannelId(row.id);
            let (waiting, given_up) = counts.get(&id).copied().unwrap_or_default();
            let mut channel = shown(row);
            (channel.health.waiting, channel.health.given_up) = (waiting, given_up);
            channel
        };
        Ok(rows.into_iter().map(with_counts).collect())
    }

    /// Those that are on, up to `limit`.
    pub async fn enabled(&self, limit: u64, vault: &Vault) -> Result<Vec<Opened>> {
        let found = channel::Entity::find().filter(channel::Column::Enabled.eq(true));
        let rows = found.order_by_asc(channel::Column::Id).limit(limit).all(self.0.reader()).await?;
        Ok(rows.into_iter().map(|row| opened(row, vault)).collect())
    }

    /// A channel whose secrets cannot be opened is there all the same, and says so.
    pub async fn open(&self, id: ChannelId, vault: &Vault) -> Result<Opened> {
        Ok(opened(row(self.0.reader(), id).await?, vault))
    }

    /// Makes a channel for each of `chats`, once in the life of a database: from then on they belong to the pages.
    pub async fn add_first(&self, chats: &[String], token: &Secret<String>, vault: &Vault) -> Result<()> {
        if self.0.settings().all().await?.contains_key(FIRST_CHANNELS) {
            return Ok(());
        }
        for (number, chat) in (1..).zip(chats) {
            let name = if number == 1 { "Telegram".to_owned() } else { format!("Telegram {number}") };
            let draft = ChannelDraft {
                name,
                kind: ChannelKind::Telegram,
                enabled: true,
                language: "en".to_owned(),
                severity: Severity::Warning,
                settings: Settings::from(BTreeMap::from([("chat_id".to_owned(), chat.clone())])),
                secrets: BTreeMap::from([("token".to_owned(), Some(token.expose().clone()))]),
            };
            match self.create(&draft, vault).await {
                // An earlier start got that far.
                Ok(_) | Err(StoreError::Conflict(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let transaction = self.0.change().await?;
        super::settings::set(&transaction, FIRST_CHANNELS, "true").await?;
        Ok(transaction.commit().await?)
    }

    pub async fn create(&self, draft: &ChannelDraft, vault: &Vault) -> Result<ChannelId> {
        let transaction = self.0.change().await?;
        let others = channel::Column::Kind.ne(ChannelKind::WebPush.word());
        if channel::Entity::find().filter(others).all(&transaction).await?.len() >= CHANNELS_MAX {
            let why = format!("there are {CHANNELS_MAX} channels already, which is the most");
            return Err(StoreError::invalid("name", "error_too_many_channels", &why));
        }
        let id = insert(&transaction, self.0.now(), draft, vault).await?;
        self.0.note(&transaction, Act::ChannelCreated, Some(&draft.name), Some(draft.kind.word())).await?;
        transaction.commit().await?;
        Ok(id)
    }

    #[cfg(test)]
    pub async fn update(&self, id: ChannelId, draft: &ChannelDraft, vault: &Vault) -> Result<()> {
        self.update_seen(id, draft, vault, |_| true).await
    }

    /// Changes everything but the kind. What it said of its health is of the old settings, and forgotten. Nothing is
    /// changed where it is not as it was seen.
    pub async fn update_seen(
        &self,
        id: ChannelId,
        draft: &ChannelDraft,
        vault: &Vault,
        is_seen: impl FnOnce(&Channel) -> bool,
    ) -> Result<()> {
        let transaction = self.0.change().await?;
        let before = row(&transaction, id).await?;
        let was = opened(before.clone(), vault).channel;
        if !is_seen(&was) {
            // It was made already, and its answer lost. Of secrets that are given it is not known whether they were.
            if draft.secrets.is_empty() && is_same(&was, draft) {
                return Ok(());
            }
            let (what, at) = ((Act::ChannelChanged, before.name.as_str()), Timestamp(before.updated_at));
            return Err(self.0.overtaken(&transaction, what, at).await?);
        }
        if before.kind != draft.kind.word() {
            return Err(StoreError::invalid(
                "kind",
                "error_fixed",
                "cannot be changed; make another channel",
            ));
        }
        let mut changed = columns(draft);
        changed.id = Unchanged(before.id);
        changed.updated_at = Set(self.0.now().0);
        (changed.failing_since, changed.failure) = (Set(None), Set(None));
        let changed = changed.update(&transaction).await.map_err(|error| StoreError::taken(error, "name"))?;
        seal(&transaction, vault, (changed, self.0.now()), draft).await?;
        outbox::hurry(&transaction, id, self.0.now()).await?;
        self.0.note(&transaction, Act::ChannelChanged, Some(&draft.name), None).await?;
        Ok(transaction.commit().await?)
    }

    pub async fn remove(&self, id: ChannelId) -> Result<()> {
        let transaction = self.0.change().await?;
        let row = row(&transaction, id).await?;
        let name = row.name.clone();
        channel::Entity::delete_by_id(row.id).exec(&transaction).await?;
        self.0.note(&transaction, Act::ChannelRemoved, Some(&name), None).await?;
        Ok(transaction.commit().await?)
    }
}

pub(super) async fn insert(
    transaction: &DatabaseTransaction,
    now: Timestamp,
    draft: &ChannelDraft,
    vault: &Vault,
) -> Result<ChannelId> {
    let mut row = columns(draft);
    (row.created_at, row.updated_at) = (Set(now.0), Set(now.0));
    let made = row.insert(transaction).await.map_err(|error| StoreError::taken(error, "name"))?;
    let id = ChannelId(made.id);
    seal(transaction, vault, (made, now), draft).await?;
    Ok(id)
}

pub(super) async fn row(connection: &impl ConnectionTrait, id: ChannelId) -> Result<channel::Model> {
    channel::Entity::find_by_id(id.0).one(connection).await?.ok_or(StoreError::NotFound)
}

/// Whether all that is shown of a channel is as in a draft.
fn is_same(was: &Channel, draft: &ChannelDraft) -> bool {
    was.name == draft.name.trim()
        && was.kind == draft.kind
        && was.enabled == draft.enabled
        && was.language == draft.language
        && was.severity == draft.severity
        && was.settings == draft.settings
}

fn columns(draft: &ChannelDraft) -> channel::ActiveModel {
    let settings: BTreeMap<_, _> = draft.settings.iter().collect();
    channel::ActiveModel {
        name: Set(draft.name.trim().to_owned()),
        kind: Set(draft.kind.word().to_owned()),
        enabled: Set(draft.enabled),
        language: Set(draft.language.clone()),
        severity: Set(draft.severity.word().to_owned()),
        // Texts by name are always JSON.
        settings: Set(serde_json::to_string(&settings).unwrap_or_default()),
        ..Default::default()
    }
}

/// Seals the secrets of a draft over those that are there.
async fn seal(
    transaction: &DatabaseTransaction,
    vault: &Vault,
    (row, now): (channel::Model, Timestamp),
    draft: &ChannelDraft,
) -> Result<()> {
    if draft.secrets.is_empty() {
        return Ok(());
    }
    // What cannot be opened is of no use to anybody: what is given now takes its place.
    let mut secrets = secrets(&row, vault).unwrap_or_default();
    for (name, secret) in &draft.secrets {
        match secret {
            Some(secret) => secrets.insert(name.clone(), Secret::new(secret.clone())),
            None => secrets.remove(name),
        };
    }
    let sealed = match secrets.is_empty() {
        true => None,
        false => Some(sealed_secrets(vault, ChannelId(row.id), &secrets)?.into()),
    };
    let mut changed = row.into_active_model();
    changed.sealed = Set(sealed);
    if draft.secrets.values().any(Option::is_some) {
        changed.sealed_at = Set(Some(now.0));
    }
    changed.update(transaction).await?;
    Ok(())
}

/// Seals a channel's secrets as one.
pub fn sealed_secrets(vault: &Vault, id: ChannelId, secrets: &Secrets) -> Result<Sealed> {
    let plain: BTreeMap<&str, &str> =
        secrets.iter().map(|(name, secret)| (name.as_str(), secret.expose().as_str())).collect();
    let plain = Secret::new(serde_json::to_string(&plain).unwrap_or_default());
    Ok(vault.seal(place(&id.to_string()), &plain)?)
}

fn secrets(row: &channel::Model, vault: &Vault) -> Result<Secrets> {
    let Some(sealed) = row.sealed.clone().filter(|sealed| !sealed.is_empty()) else {
        return Ok(Secrets::new());
    };
    let plain = vault.open(place(&row.id.to_string()), &Sealed::from(sealed))?;
    let texts: BTreeMap<String, String> = serde_json::from_str(plain.expose())
        .map_err(|_| StoreError::Damaged(format!("the secrets of the channel {}", row.name)))?;
    Ok(texts.into_iter().map(|(name, text)| (name, Secret::new(text))).collect())
}

fn place(row: &str) -> Place<'_> {
    Place { table: "channels", column: "sealed", row }
}

pub(super) fn opened(row: channel::Model, vault: &Vault) -> Opened {
    let (secrets, trouble) = match secrets(&row, vault) {
        Ok(secrets) => (secrets, None),
        Err(error) => {
            let name = &row.name;
            // Its health says so to people, and it is opened every few seconds.
            tracing::debug!(channel = name, %error, "the secrets of a channel cannot be opened");
            (Secrets::new(), Some(format!("its secrets cannot be opened ({error}); enter them again")))
        }
    };
    let mut channel = shown(row);
    channel.secrets = secrets.keys().cloned().collect();
    if trouble.is_some() {
        channel.health.failure.clone_from(&trouble);
    }
    Opened { channel, secrets, trouble }
}

/// The names of the secrets are known only to who opens them.
fn shown(row: channel::Model) -> Channel {
    let settings: BTreeMap<String, String> = serde_json::from_str(&row.settings).unwrap_or_default();
    Channel {
        id: ChannelId(row.id),
        name: row.name,
        kind: ChannelKind::from_word(&row.kind).unwrap_or(ChannelKind::Webhook),
        enabled: row.enabled,
        language: row.language,
        severity: Severity::from_word(&row.severity).unwrap_or(Severity::Info),
        settings: Settings::from(settings),
        secrets: Vec::new(),
        secrets_set_at: row.sealed.as_ref().map(|_| Timestamp(row.sealed_at.unwrap_or(row.updated_at))),
        health: ChannelHealth {
            sent_at: row.sent_at.map(Timestamp),
            failing_since: row.failing_since.map(Timestamp),
            failure: row.failure,
            deaf: row.deaf,
            waiting: 0,
            given_up: 0,
        },
    }
}
