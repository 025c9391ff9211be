//! An account, with the hash of its password and its second factor.

use model::{Role, Timestamp, User, UserId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    pub role: String,
    pub enabled: bool,
    pub password_hash: String,
    pub created_at: i64,
    pub last_login_at: Option<i64>,
    /// The secret of the second factor, sealed.
    pub totp: Option<String>,
    /// The last step whose code was used: none is used twice.
    pub totp_step: Option<i64>,
    pub totp_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for User {
    fn from(row: Model) -> Self {
        Self {
            id: UserId(row.id),
            name: row.name,
            // A role this program does not know must not become a powerful one.
            role: Role::from_word(&row.role).unwrap_or(Role::Viewer),
            enabled: row.enabled,
            created_at: Timestamp(row.created_at),
            last_login_at: row.last_login_at.map(Timestamp),
            has_second_factor: row.totp.is_some(),
        }
    }
}
