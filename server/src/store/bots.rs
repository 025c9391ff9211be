//! Bots: who may speak to them, and how far what was said was read. That a message was read is written in the
//! transaction of what it does: it does it once, however often it comes.

use super::{
    Actor, Opened, Store, Via, acting,
    channels::opened,
    entity::{binding, binding_code, bot, channel, incident, user},
    error::{Result, StoreError},
    incidents::seen_to,
};
use crate::{quiet::typed, vault::Vault};
use model::{
    Act, BINDINGS_MAX, Binding, BindingId, ChannelId, ChannelKind, IncidentId, QuietAbout, QuietDraft,
    QuietKind, QuietPlan, Role, RuleScope, Timestamp, User, UserId,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set, sea_query::Expr,
};
use std::sync::Arc;

/// Telegram may number messages anew after a week of silence; until then a smaller number is a repetition.
const RENUMBERED_MS: i64 = 6 * 24 * 3_600 * 1_000;
/// Most incidents that one word acknowledges.
const ACKNOWLEDGED_MAX: u64 = 500;
/// Most bindings in one list.
const BINDINGS_LISTED_MAX: u64 = 1_000;
/// Longest reason kept.
const DEAF_CHARS_MAX: usize = 300;

pub struct Bots<'a>(pub(super) &'a Store);

/// A message to a bot that is to be marked as read.
#[derive(Clone, Copy, Debug)]
pub struct Mark<'a> {
    pub bot: &'a str,
    pub update: i64,
}

/// Somebody who speaks for an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    pub id: BindingId,
    pub user: User,
    pub language: String,
}

/// Somebody who wants to.
#[derive(Clone, Copy, Debug)]
pub struct Newcomer<'a> {
    pub person: i64,
    pub called: &'a str,
    pub bot_called: &'a str,
}

/// What came of a message that does something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard<T> {
    /// It was read before, and has done what it does.
    Before,
    /// Its sender may not, or not any more.
    Refused,
    Done(T),
}

/// Which incidents are meant: open ones that nobody sees to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    All,
    One(IncidentId),
    /// Those of the device of this name.
    Of(String),
}

impl Bots<'_> {
    /// The channels that are on and have a bot. One that cannot be opened tells nothing, and hears nothing.
    pub async fn channels(&self, vault: &Vault) -> Result<Vec<Opened>> {
        let rows = channel::Entity::find()
            .filter(channel::Column::Kind.eq(ChannelKind::Telegram.word()))
            .filter(channel::Column::Enabled.eq(true))
            .order_by_asc(channel::Column::Id)
            .all(self.0.reader())
            .await?;
        Ok(rows.into_iter().map(|row| opened(row, vault)).filter(|opened| opened.trouble.is_none()).collect())
    }

    /// Whether anybody may have something to say: somebody is bound to this bot, or has a code that still counts.
    pub async fn is_wanted(&self, name: &str) -> Result<bool> {
        let bound = binding::Entity::find().filter(binding::Column::Bot.eq(name)).count(self.0.reader());
        if bound.await? > 0 {
            return Ok(true);
        }
        let codes = binding_code::Entity::find().filter(binding_code::Column::ExpiresAt.gt(self.0.now().0));
        Ok(codes.count(self.0.reader()).await? > 0)
    }

    /// The number of the first message that was not read; 0 for whatever there is.
    pub async fn next_update(&self, name: &str) -> Result<i64> {
        let row = bot::Entity::find_by_id(name).one(self.0.reader()).await?;
        let row = row.filter(|row| !is_renumbered(row, self.0.now()));
        Ok(row.map_or(0, |row| row.next_update))
    }

    /// Says of these channels why their bot does not hear; nothing when it does.
    pub async fn set_deaf(&self, channels: &[ChannelId], why: Option<&str>) -> Result<()> {
        let why = why.map(|why| why.chars().filter(|c| *c != '\0').take(DEAF_CHARS_MAX).collect::<String>());
        let transaction = self.0.begin().await?;
        channel::Entity::update_many()
            .col_expr(channel::Column::Deaf, Expr::value(why))
            .filter(channel::Column::Id.is_in(channels.iter().map(|id| id.0)))
            .exec(&transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Who speaks to this bot, if it is somebody whose account is enabled.
    pub async fn bound(&self, name: &str, person: i64) -> Result<Option<Bound>> {
        let found = binding::Entity::find()
            .filter(binding::Column::Bot.eq(name))
            .filter(binding::Column::Person.eq(person))
            .one(self.0.reader())
            .await?;
        let Some(row) = found else { return Ok(None) };
        speaker(self.0.reader(), row).await
    }

    /// By account, the oldest first.
    pub async fn bindings(&self, of: Option<UserId>) -> Result<Vec<Binding>> {
        let own = Condition::all().add_option(of.map(|id| binding::Column::UserId.eq(id.0)));
        let rows = binding::Entity::find().filter(own).order_by_asc(binding::Column::UserId);
        let rows =
            rows.order_by_asc(binding::Column::Id).limit(BINDINGS_LISTED_MAX).all(self.0.reader()).await?;
        Ok(rows.into_iter().map(Binding::from).collect())
    }

    /// Whoever says the code of this hash speaks for the account, until then. A code before it counts no more.
    pub async fn offer(&self, user: UserId, hash: &str, (language, until): (&str, Timestamp)) -> Result<()> {
        let transaction = self.0.begin().await?;
        let bound = binding::Entity::find().filter(binding::Column::UserId.eq(user.0));
        if bound.count(&transaction).await? >= BINDINGS_MAX {
            let why = format!("there are {BINDINGS_MAX} already, which is the most");
            return Err(StoreError::invalid("code", "error_too_many_chats", &why));
        }
        binding_code::Entity::delete_by_id(user.0).exec(&transaction).await?;
        let row = binding_code::ActiveModel {
            user_id: Set(user.0),
            hash: Set(hash.to_owned()),
            language: Set(language.to_owned()),
            expires_at: Set(until.0),
        };
        binding_code::Entity::insert(row).exec_without_returning(&transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Ends a binding; that of somebody else only where no account is named.
    pub async fn unbind(&self, id: BindingId, of: Option<UserId>) -> Result<()> {
        let transaction = self.0.change().await?;
        let row = binding::Entity::find_by_id(id.0).one(&transaction).await?;
        let row =
            row.filter(|row| of.is_none_or(|user| user.0 == row.user_id)).ok_or(StoreError::NotFound)?;
        let user = super::users::row(&transaction, UserId(row.user_id)).await?;
        binding::Entity::delete_by_id(id.0).exec(&transaction).await?;
        self.0.note(&transaction, Act::ChatUnbound, Some(&user.name), Some(&row.called)).await?;
        Ok(transaction.commit().await?)
    }

    /// Marks a message as read that changes nothing; whether it is new.
    pub async fn read(&self, mark: Mark<'_>, by: Option<BindingId>) -> Result<bool> {
        let transaction = self.0.begin().await?;
        let is_new = self.take(&transaction, mark).await?;
        if is_new && let Some(by) = by {
            self.used(&transaction, by).await?;
        }
        transaction.commit().await?;
        Ok(is_new)
    }

    /// Binds whoever said the code of this hash, which is used up by it.
    pub async fn bind(&self, mark: Mark<'_>, hash: &str, new: Newcomer<'_>) -> Result<Heard<Bound>> {
        let transaction = self.0.change().await?;
        if !self.take(&transaction, mark).await? {
            return Ok(Heard::Before);
        }
        let code = binding_code::Entity::find()
            .filter(binding_code::Column::Hash.eq(hash))
            .filter(binding_code::Column::ExpiresAt.gt(self.0.now().0))
            .one(&transaction)
            .await?;
        let account = match &code {
            Some(code) => user::Entity::find_by_id(code.user_id).one(&transaction).await?,
            None => None,
        };
        let (Some(code), Some(account)) = (code, account.filter(|account| account.enabled)) else {
            transaction.commit().await?;
            return Ok(Heard::Refused);
        };
        binding_code::Entity::delete_by_id(code.user_id).exec(&transaction).await?;
        // One person speaks for one account.
        binding::Entity::delete_many()
            .filter(binding::Column::Bot.eq(mark.bot))
            .filter(binding::Column::Person.eq(new.person))
            .exec(&transaction)
            .await?;
        let row = binding::ActiveModel {
            user_id: Set(code.user_id),
            bot: Set(mark.bot.to_owned()),
            person: Set(new.person),
            called: Set(kept(new.called)),
            bot_called: Set(kept(new.bot_called)),
            language: Set(code.language.clone()),
            bound_at: Set(self.0.now().0),
            ..Default::default()
        };
        let row = row.insert(&transaction).await?;
        let detail = format!("{} ({}), {}", new.called, new.person, mark.bot);
        let by = Actor {
            user: Some(UserId(account.id)),
            name: account.name.clone(),
            via: Via::Telegram,
            address: None,
        };
        let noting = self.0.note(&transaction, Act::ChatBound, Some(&account.name), Some(&detail));
        acting(Arc::new(by), noting).await?;
        transaction.commit().await?;
        Ok(Heard::Done(Bound { id: BindingId(row.id), user: account.into(), language: code.language }))
    }

    /// Acknowledges incidents for somebody who is an admin at this moment; the names of their devices.
    pub async fn acknowledge(
        &self,
        mark: Mark<'_>,
        by: &Bound,
        (which, chat): (&Which, i64),
    ) -> Result<Heard<Vec<String>>> {
        let transaction = self.0.change().await?;
        if !self.take(&transaction, mark).await? {
            return Ok(Heard::Before);
        }
        let Some(admin) = admin(&transaction, by.id).await? else {
            transaction.commit().await?;
            return Ok(Heard::Refused);
        };
        self.used(&transaction, by.id).await?;
        let one = match which {
            Which::All => None,
            Which::One(id) => Some(incident::Column::Id.eq(id.0)),
            Which::Of(device) => Some(incident::Column::Device.eq(device.as_str())),
        };
        let rows = incident::Entity::find()
            .filter(incident::Column::ClosedAt.is_null())
            .filter(incident::Column::AckedAt.is_null())
            .filter(Condition::all().add_option(one))
            .order_by_asc(incident::Column::Id)
            .limit(ACKNOWLEDGED_MAX)
            .all(&transaction)
            .await?;
        let mut names = Vec::new();
        for row in rows {
            let row = seen_to(&transaction, row, (self.0.now(), &admin.name, None)).await?;
            let detail = format!("Telegram chat {chat}");
            self.0.note(&transaction, Act::IncidentAcknowledged, Some(&row.device), Some(&detail)).await?;
            names.push(row.device);
        }
        transaction.commit().await?;
        self.0.alerts_changed();
        Ok(Heard::Done(names))
    }

    /// Makes a silence from now on, for somebody who is an admin at this moment.
    pub async fn mute(
        &self,
        mark: Mark<'_>,
        by: &Bound,
        (minutes, device): (u32, Option<&str>),
    ) -> Result<Heard<()>> {
        let transaction = self.0.change().await?;
        if !self.take(&transaction, mark).await? {
            return Ok(Heard::Before);
        }
        if admin(&transaction, by.id).await?.is_none() {
            transaction.commit().await?;
            return Ok(Heard::Refused);
        }
        self.used(&transaction, by.id).await?;
        let devices = device.map(str::to_owned).into_iter().collect();
        let draft = QuietDraft {
            kind: QuietKind::Silence,
            title: "Telegram".to_owned(),
            about: QuietAbout::Devices(RuleScope { devices, ..RuleScope::default() }),
            plan: QuietPlan {
                zone: "UTC".to_owned(),
                starts: typed(self.0.now()),
                minutes,
                ..QuietPlan::default()
            },
        };
        self.0.quiets().create_in(&transaction, &draft).await?;
        transaction.commit().await?;
        self.0.alerts_changed();
        Ok(Heard::Done(()))
    }

    /// Marks a message as read in the transaction of what it does; false when it was before.
    async fn take(&self, transaction: &DatabaseTransaction, mark: Mark<'_>) -> Result<bool> {
        let now = self.0.now();
        let next = mark.update.saturating_add(1);
        let Some(row) = bot::Entity::find_by_id(mark.bot).one(transaction).await? else {
            let row = bot::ActiveModel {
                name: Set(mark.bot.to_owned()),
                next_update: Set(next),
                read_at: Set(now.0),
            };
            bot::Entity::insert(row).exec_without_returning(transaction).await?;
            return Ok(true);
        };
        if mark.update < row.next_update && !is_renumbered(&row, now) {
            return Ok(false);
        }
        let mut changed = row.into_active_model();
        (changed.next_update, changed.read_at) = (Set(next), Set(now.0));
        changed.update(transaction).await?;
        Ok(true)
    }

    async fn used(&self, transaction: &DatabaseTransaction, id: BindingId) -> Result<()> {
        binding::Entity::update_many()
            .col_expr(binding::Column::UsedAt, Expr::value(self.0.now().0))
            .filter(binding::Column::Id.eq(id.0))
            .exec(transaction)
            .await?;
        Ok(())
    }
}

/// Ends all bindings of an account, and the code that would make one.
pub(super) async fn end_all(transaction: &DatabaseTransaction, user: UserId) -> Result<()> {
    let own = binding::Column::UserId.eq(user.0);
    binding::Entity::delete_many().filter(own).exec(transaction).await?;
    end_codes(transaction, user).await
}

/// Ends the code by which somebody would speak for an account.
pub(super) async fn end_codes(transaction: &DatabaseTransaction, user: UserId) -> Result<()> {
    binding_code::Entity::delete_by_id(user.0).exec(transaction).await?;
    Ok(())
}

fn is_renumbered(row: &bot::Model, now: Timestamp) -> bool {
    now.since_ms(Timestamp(row.read_at)) > RENUMBERED_MS
}

async fn speaker(connection: &impl ConnectionTrait, row: binding::Model) -> Result<Option<Bound>> {
    let account = user::Entity::find_by_id(row.user_id).one(connection).await?;
    let bound =
        |account: user::Model| Bound { id: BindingId(row.id), user: account.into(), language: row.language };
    Ok(account.filter(|account| account.enabled).map(bound))
}

/// Whoever is bound so, when that is an admin at this moment.
async fn admin(transaction: &DatabaseTransaction, id: BindingId) -> Result<Option<User>> {
    let Some(row) = binding::Entity::find_by_id(id.0).one(transaction).await? else { return Ok(None) };
    let bound = speaker(transaction, row).await?;
    Ok(bound.map(|bound| bound.user).filter(|user| user.role == Role::Admin))
}

fn kept(name: &str) -> String {
    name.chars().filter(|c| *c != '\0').take(64).collect()
}

impl From<binding::Model> for Binding {
    fn from(row: binding::Model) -> Self {
        Self {
            id: BindingId(row.id),
            user: UserId(row.user_id),
            called: row.called,
            bot: row.bot_called,
            bound_at: Timestamp(row.bound_at),
            used_at: row.used_at.map(Timestamp),
        }
    }
}
