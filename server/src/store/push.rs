//! Browsers that are told by push: each is a channel of its own that belongs to an account, so that each has its
//! queue, its tries and its health.

use super::{
    Store,
    channels::{insert, row},
    entity::{channel, push_browser, push_key},
    error::{Result, StoreError},
};
use crate::vault::{Place, Sealed, Vault};
use engine::notify::web_push::VapidKey;
use model::{Act, ChannelDraft, ChannelId, PushBrowser, Severity, Timestamp, UserId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Set, sea_query::Expr,
};

/// Browsers that one account may have told, and that there may be in all: each hears of everything.
const EACH_MAX: usize = 10;
const ALL_MAX: usize = 200;
/// The one row of the key.
const KEY_ID: i32 = 1;
const KEY_PLACE: Place<'static> = Place { table: "push_keys", column: "sealed", row: "1" };

pub struct Push<'a>(pub(super) &'a Store);

/// A browser that wants to be told.
pub struct NewBrowser {
    pub user: UserId,
    /// What it is called, at most 64 characters.
    pub browser: String,
    /// By this it is found again: a hash of its address, 64 characters.
    pub mark: String,
    pub draft: ChannelDraft,
}

impl Push<'_> {
    /// The key that browsers subscribe to: made once in the life of a database.
    pub async fn key(&self, vault: &Vault) -> Result<VapidKey> {
        let damaged = || StoreError::Damaged("the key for push services".to_owned());
        if let Some(row) = push_key::Entity::find_by_id(KEY_ID).one(self.0.reader()).await? {
            let text = vault.open(KEY_PLACE, &Sealed::from(row.sealed))?;
            return VapidKey::from_text(text.expose()).ok_or_else(damaged);
        }
        let key = VapidKey::generate().map_err(|_| damaged())?;
        let sealed = vault.seal(KEY_PLACE, &key.to_text())?;
        let transaction = self.0.begin().await?;
        let row = push_key::ActiveModel {
            id: Set(KEY_ID),
            sealed: Set(sealed.into()),
            created_at: Set(self.0.now().0),
        };
        row.insert(&transaction).await?;
        transaction.commit().await?;
        Ok(key)
    }

    /// The browsers of an account, the newest first.
    pub async fn of(&self, user: UserId) -> Result<Vec<PushBrowser>> {
        let rows = push_browser::Entity::find()
            .filter(push_browser::Column::UserId.eq(user.0))
            .order_by_desc(push_browser::Column::ChannelId)
            .all(self.0.reader())
            .await?;
        let channels = channel::Entity::find()
            .filter(channel::Column::Id.is_in(rows.iter().map(|row| row.channel_id)))
            .all(self.0.reader())
            .await?;
        let told = |row: push_browser::Model| {
            let channel = channels.iter().find(|channel| channel.id == row.channel_id)?;
            Some(PushBrowser {
                id: ChannelId(row.channel_id),
                browser: row.browser,
                mark: row.mark,
                is_on: channel.enabled,
                severity: Severity::from_word(&channel.severity).unwrap_or(Severity::Warning),
                language: channel.language.clone(),
                created_at: Timestamp(channel.created_at),
                sent_at: channel.sent_at.map(Timestamp),
                failure: channel.failure.clone(),
            })
        };
        Ok(rows.into_iter().filter_map(told).collect())
    }

    /// Adds a browser. What was there of it before, whosever it was, is replaced.
    pub async fn add(&self, mut new: NewBrowser, vault: &Vault) -> Result<ChannelId> {
        let transaction = self.0.change().await?;
        remove(&transaction, both(None, push_browser::Column::Mark.eq(new.mark.as_str()))).await?;
        let all = push_browser::Entity::find().all(&transaction).await?;
        let own = all.iter().filter(|row| row.user_id == new.user.0).count();
        if own >= EACH_MAX || all.len() >= ALL_MAX {
            let why = format!("there may be {EACH_MAX} browsers of one account, and {ALL_MAX} in all");
            return Err(StoreError::invalid("endpoint", "error_too_many_browsers", &why));
        }
        new.draft.name = free_name(&transaction, &new.draft.name).await?;
        let id = insert(&transaction, self.0.now(), &new.draft, vault).await?;
        let row = push_browser::ActiveModel {
            channel_id: Set(id.0),
            user_id: Set(new.user.0),
            browser: Set(new.browser),
            mark: Set(new.mark),
        };
        row.insert(&transaction).await?;
        let kind = new.draft.kind.word();
        self.0.note(&transaction, Act::ChannelCreated, Some(&new.draft.name), Some(kind)).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Changes what one of an account's own browsers is told, and in which language.
    pub async fn change(
        &self,
        user: UserId,
        id: ChannelId,
        (severity, language): (Severity, &str),
    ) -> Result<()> {
        let transaction = self.0.change().await?;
        let own = push_browser::Entity::find_by_id(id.0).filter(push_browser::Column::UserId.eq(user.0));
        own.one(&transaction).await?.ok_or(StoreError::NotFound)?;
        let mut changed = row(&transaction, id).await?.into_active_model();
        changed.severity = Set(severity.word().to_owned());
        changed.language = Set(language.to_owned());
        changed.updated_at = Set(self.0.now().0);
        let name = changed.update(&transaction).await?.name;
        self.0.note(&transaction, Act::ChannelChanged, Some(&name), None).await?;
        Ok(transaction.commit().await?)
    }

    /// Removes one of an account's own browsers.
    pub async fn remove(&self, user: UserId, id: ChannelId) -> Result<()> {
        let own = push_browser::Column::UserId.eq(user.0);
        self.remove_noted(both(Some(own), push_browser::Column::ChannelId.eq(id.0)))
            .await?
            .then_some(())
            .ok_or(StoreError::NotFound)
    }

    /// Removes a browser of this account by its mark, as it logs out.
    pub async fn left(&self, user: UserId, mark: &str) -> Result<()> {
        let own = push_browser::Column::UserId.eq(user.0);
        self.remove_noted(both(Some(own), push_browser::Column::Mark.eq(mark))).await.map(drop)
    }

    /// Removes a browser of anybody else, as this account logs in with it.
    pub async fn taken_over(&self, by: UserId, mark: &str) -> Result<()> {
        let others = push_browser::Column::UserId.ne(by.0);
        self.remove_noted(both(Some(others), push_browser::Column::Mark.eq(mark))).await.map(drop)
    }

    /// The push service says that there is no such browser any more; whether this was a browser's channel.
    pub async fn gone(&self, id: ChannelId) -> Result<bool> {
        self.remove_noted(both(None, push_browser::Column::ChannelId.eq(id.0))).await
    }

    /// Whether there was anything to remove.
    async fn remove_noted(&self, which: Condition) -> Result<bool> {
        let transaction = self.0.change().await?;
        let names = remove(&transaction, which).await?;
        if names.is_empty() {
            return Ok(false);
        }
        for name in names {
            self.0.note(&transaction, Act::ChannelRemoved, Some(&name), None).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }
}

/// Removes all browsers of an account, with what waits for them.
pub(super) async fn end_all(transaction: &DatabaseTransaction, user: UserId) -> Result<()> {
    remove(transaction, both(None, push_browser::Column::UserId.eq(user.0))).await.map(drop)
}

/// Removes browsers with their channels; what these were called.
async fn remove(transaction: &DatabaseTransaction, which: Condition) -> Result<Vec<String>> {
    let ids: Vec<i64> = push_browser::Entity::find()
        .select_only()
        .column(push_browser::Column::ChannelId)
        .filter(which)
        .into_tuple()
        .all(transaction)
        .await?;
    let these = || channel::Column::Id.is_in(ids.iter().copied());
    let named = channel::Entity::find().select_only().column(channel::Column::Name).filter(these());
    let names = named.into_tuple().all(transaction).await?;
    channel::Entity::delete_many().filter(these()).exec(transaction).await?;
    Ok(names)
}

fn both(account: Option<Expr>, browser: Expr) -> Condition {
    Condition::all().add_option(account).add(browser)
}

/// The wanted name, with a number behind it where it is taken.
async fn free_name(connection: &impl ConnectionTrait, wanted: &str) -> Result<String> {
    let names = channel::Entity::find().select_only().column(channel::Column::Name);
    let taken: Vec<String> = names.into_tuple().all(connection).await?;
    let numbered = (2..).map(|number| format!("{wanted} {number}"));
    let mut names = std::iter::once(wanted.to_owned()).chain(numbered);
    Ok(names.find(|name| !taken.contains(name)).unwrap_or_default())
}
