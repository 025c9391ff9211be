//! API tokens, known by the hash of what was shown once.

use super::{
    Store,
    entity::{token, user},
    error::{Result, StoreError},
};
use model::{Act, Scope, Token, TokenId, User, UserId, line};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, Set, sea_query::Expr,
};

/// Most tokens one account may have.
const TOKENS_MAX: u64 = 100;

pub struct Tokens<'a>(pub(super) &'a Store);

impl Tokens<'_> {
    pub async fn list(&self, user: UserId) -> Result<Vec<Token>> {
        let rows = token::Entity::find()
            .filter(token::Column::UserId.eq(user.0))
            .order_by_asc(token::Column::Id)
            .all(self.0.reader())
            .await?;
        Ok(rows.into_iter().map(Token::from).collect())
    }

    /// Stores the token's `hash` and the few letters of it that lists show.
    pub async fn create(&self, user: UserId, name: &str, scope: Scope, shown: Shown<'_>) -> Result<Token> {
        if name.trim().is_empty() {
            return Err(StoreError::invalid("name", "error_required", "is required"));
        }
        line("name", name, 64).map_err(|error| StoreError::Invalid(vec![error]))?;
        let transaction = self.0.change().await?;
        let of_user = token::Entity::find().filter(token::Column::UserId.eq(user.0));
        if of_user.count(&transaction).await? >= TOKENS_MAX {
            return Err(StoreError::invalid("name", "error_too_many", "no more tokens: remove one first"));
        }
        user::Entity::find_by_id(user.0).one(&transaction).await?.ok_or(StoreError::NotFound)?;
        let row = token::ActiveModel {
            user_id: Set(user.0),
            name: Set(name.to_owned()),
            prefix: Set(shown.prefix.to_owned()),
            hash: Set(shown.hash.to_owned()),
            scope: Set(scope.word().to_owned()),
            created_at: Set(self.0.now().0),
            ..Default::default()
        };
        let token = row.insert(&transaction).await?.into();
        self.0.note(&transaction, Act::TokenCreated, Some(name), Some(scope.word())).await?;
        transaction.commit().await?;
        Ok(token)
    }

    /// The token of this hash and its account, whatever the account may do.
    pub async fn holder(&self, hash: &str) -> Result<Option<(User, Token)>> {
        let found = token::Entity::find().filter(token::Column::Hash.eq(hash)).one(self.0.reader()).await?;
        let Some(token) = found else { return Ok(None) };
        let user = user::Entity::find_by_id(token.user_id).one(self.0.reader()).await?;
        Ok(user.map(|user| (user.into(), token.into())))
    }

    pub async fn used(&self, id: TokenId) -> Result<()> {
        let transaction = self.0.begin().await?;
        token::Entity::update_many()
            .col_expr(token::Column::LastUsedAt, Expr::value(self.0.now().0))
            .filter(token::Column::Id.eq(id.0))
            .exec(&transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Removes a token of `user`; somebody else's is not found.
    pub async fn remove(&self, user: UserId, id: TokenId) -> Result<()> {
        let transaction = self.0.change().await?;
        let own = token::Entity::find_by_id(id.0).filter(token::Column::UserId.eq(user.0));
        let token = own.one(&transaction).await?.ok_or(StoreError::NotFound)?;
        token::Entity::delete_by_id(id.0).exec(&transaction).await?;
        self.0.note(&transaction, Act::TokenRemoved, Some(&token.name), None).await?;
        Ok(transaction.commit().await?)
    }
}

/// What remains of a token after its only appearance.
pub struct Shown<'a> {
    pub prefix: &'a str,
    /// SHA-256, lower-case hex.
    pub hash: &'a str,
}
