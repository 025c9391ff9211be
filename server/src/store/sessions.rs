//! Sessions by the hash of their id: the id itself is in the browser's cookie alone.

use super::{Store, entity::session, error::Result};
use model::{Timestamp, UserId};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, Set, sea_query::Expr};

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
}

impl Sessions<'_> {
    pub async fn create(&self, row: SessionRow) -> Result<()> {
        let row = session::ActiveModel {
            id_hash: Set(row.id_hash),
            user_id: Set(row.user.map(|user| user.0)),
            data: Set(row.data),
            created_at: Set(row.created_at.0),
            seen_at: Set(row.seen_at.0),
            expires_at: Set(row.expires_at.0),
        };
        let transaction = self.0.begin().await?;
        row.insert(&transaction).await?;
        Ok(transaction.commit().await?)
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
