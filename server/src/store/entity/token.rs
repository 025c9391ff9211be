//! An API token, as the hash of what was shown once.

use model::{Scope, Timestamp, Token, TokenId, UserId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tokens")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub user_id: i64,
    pub name: String,
    pub prefix: String,
    pub hash: String,
    pub scope: String,
    pub created_at: i64,
    pub last_used_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for Token {
    fn from(row: Model) -> Self {
        Self {
            id: TokenId(row.id),
            user: UserId(row.user_id),
            name: row.name,
            prefix: row.prefix,
            // A scope this program does not know must not become a powerful one.
            scope: Scope::from_word(&row.scope).unwrap_or(Scope::Read),
            created_at: Timestamp(row.created_at),
            last_used_at: row.last_used_at.map(Timestamp),
        }
    }
}
