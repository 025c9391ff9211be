//! Sessions by the hash of their id: the id itself is in the browser's cookie alone.

use super::{
    Store,
    entity::session,
    error::{Result, StoreError},
};
use model::{Act, Timestamp, UserId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Set, sea_query::Expr,
};

/// Longest name of a browser, as the column has room.
const BROWSER_CHARS_MAX: usize = 64;
/// Most sessions of one account: who logs in once more ends the oldest.
pub const SESSIONS_MAX: u64 = 100;

pub struct Sessions<'a>(pub(super) &'a Store);

/// A session as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionRow {
    /// SHA-256 of the id, lower-case hex.
    pub id_hash: String,
    pub user: Option<UserId>,
    /// What the web layer keeps in it, as JSON.
    pub data: String,
    pub created_at: Timestamp,
    pub seen_at: Timestamp,
    pub expires_at: Timestamp,
    /// Such as `Firefox · Linux`.
    pub browser: Option<String>,
    /// Where the login came from.
    pub address: Option<String>,
    /// When the password was last given; when the session began, if absent.
    pub password_at: Option<Timestamp>,
}

/// How a session is told from the others of its account, for the audit log.
pub struct Ended<'a> {
    pub account: &'a str,
    pub what: &'a str,
}

impl Sessions<'_> {
    /// Answers the hashed ids of older sessions that ended for it.
    pub async fn create(&self, row: SessionRow) -> Result<Vec<String>> {
        let user = row.user;
        let row = session::ActiveModel {
            id_hash: Set(row.id_hash),
            user_id: Set(row.user.map(|user| user.0)),
            data: Set(row.data),
            created_at: Set(row.created_at.0),
            seen_at: Set(row.seen_at.0),
            expires_at: Set(row.expires_at.0),
            browser: Set(row.browser),
            address: Set(row.address),
            password_at: Set(row.password_at.map(|at| at.0)),
        };
        let transaction = self.0.begin().await?;
        row.insert(&transaction).await?;
        let surplus = match user {
            Some(user) => end_surplus(&transaction, user).await?,
            None => Vec::new(),
        };
        transaction.commit().await?;
        Ok(surplus)
    }

    pub async fn one(&self, id_hash: &str) -> Result<Option<SessionRow>> {
        let row = session::Entity::find_by_id(id_hash).one(self.0.reader()).await?;
        Ok(row.map(SessionRow::from))
    }

    /// Every session there is; a person has a few, so this is a short list.
    pub async fn all(&self) -> Result<Vec<SessionRow>> {
        let rows = session::Entity::find().all(self.0.reader()).await?;
        Ok(rows.into_iter().map(SessionRow::from).collect())
    }

    /// The sessions of one account, the newest first.
    pub async fn of(&self, user: UserId) -> Result<Vec<SessionRow>> {
        let rows = session::Entity::find()
            .filter(session::Column::UserId.eq(user.0))
            .order_by_desc(session::Column::CreatedAt)
            .all(self.0.reader())
            .await?;
        Ok(rows.into_iter().map(SessionRow::from).collect())
    }

    /// Writes down where a session is.
    pub async fn arrive(&self, id_hash: &str, browser: Option<String>, address: String) -> Result<()> {
        let browser = browser.map(|name| name.chars().take(BROWSER_CHARS_MAX).collect::<String>());
        let transaction = self.0.begin().await?;
        session::Entity::update_many()
            .col_expr(session::Column::Browser, Expr::value(browser))
            .col_expr(session::Column::Address, Expr::value(address))
            .filter(session::Column::IdHash.eq(id_hash))
            .exec(&transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Writes down when the password was given. One that ended meanwhile stays ended.
    pub async fn password_given(&self, id_hash: &str, at: Timestamp) -> Result<()> {
        let transaction = self.0.begin().await?;
        session::Entity::update_many()
            .col_expr(session::Column::PasswordAt, Expr::value(at.0))
            .filter(session::Column::IdHash.eq(id_hash))
            .exec(&transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Ends one session of `user`; somebody else's is not found.
    pub async fn end(&self, user: UserId, id_hash: &str, told: Ended<'_>) -> Result<()> {
        let transaction = self.0.begin().await?;
        let ended = session::Entity::delete_many()
            .filter(session::Column::UserId.eq(user.0))
            .filter(session::Column::IdHash.eq(id_hash))
            .exec(&transaction)
            .await?;
        if ended.rows_affected == 0 {
            return Err(StoreError::NotFound);
        }
        self.0.note(&transaction, Act::SessionEnded, Some(told.account), Some(told.what)).await?;
        Ok(transaction.commit().await?)
    }

    /// Ends all sessions of `user` but `keep`.
    pub async fn end_others(&self, user: UserId, keep: &str, told: Ended<'_>) -> Result<()> {
        let transaction = self.0.begin().await?;
        end_all(&transaction, user, Some(keep)).await?;
        self.0.note(&transaction, Act::SessionEnded, Some(told.account), Some(told.what)).await?;
        Ok(transaction.commit().await?)
    }

    /// Changes a session that still exists. One that ended meanwhile stays ended.
    pub async fn save(&self, row: SessionRow) -> Result<bool> {
        let transaction = self.0.begin().await?;
        let changed = session::Entity::update_many()
            .col_expr(session::Column::UserId, Expr::value(row.user.map(|user| user.0)))
            .col_expr(session::Column::Data, Expr::value(row.data))
            .col_expr(session::Column::SeenAt, Expr::value(row.seen_at.0))
            .col_expr(session::Column::ExpiresAt, Expr::value(row.expires_at.0))
            .filter(session::Column::IdHash.eq(row.id_hash))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(changed.rows_affected > 0)
    }

    pub async fn remove(&self, id_hash: &str) -> Result<()> {
        let transaction = self.0.begin().await?;
        session::Entity::delete_by_id(id_hash).exec(&transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Forgets what expired before `now`.
    pub async fn remove_expired(&self, now: Timestamp) -> Result<()> {
        let transaction = self.0.begin().await?;
        session::Entity::delete_many()
            .filter(session::Column::ExpiresAt.lte(now.0))
            .exec(&transaction)
            .await?;
        Ok(transaction.commit().await?)
    }
}

/// Ends the oldest sessions of `user`, where there are more than an account may have.
async fn end_surplus(transaction: &DatabaseTransaction, user: UserId) -> Result<Vec<String>> {
    let surplus: Vec<String> = session::Entity::find()
        .select_only()
        .column(session::Column::IdHash)
        .filter(session::Column::UserId.eq(user.0))
        .order_by_desc(session::Column::CreatedAt)
        .order_by_desc(session::Column::SeenAt)
        .offset(SESSIONS_MAX)
        .limit(SESSIONS_MAX)
        .into_tuple()
        .all(transaction)
        .await?;
    if !surplus.is_empty() {
        session::Entity::delete_many()
            .filter(session::Column::IdHash.is_in(&surplus))
            .exec(transaction)
            .await?;
    }
    Ok(surplus)
}

/// Ends the sessions of `user`, except `keep` (a hashed session id).
pub(super) async fn end_all(
    transaction: &DatabaseTransaction,
    user: UserId,
    keep: Option<&str>,
) -> Result<()> {
    let others = keep.map(|keep| session::Column::IdHash.ne(keep));
    session::Entity::delete_many()
        .filter(session::Column::UserId.eq(user.0))
        .filter(Condition::all().add_option(others))
        .exec(transaction)
        .await?;
    Ok(())
}
