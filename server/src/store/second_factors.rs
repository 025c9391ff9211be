//! Second factors: a sealed secret, the last step whose code was used, and the recovery codes that are left.

use super::{
    Store,
    entity::{recovery_code, user},
    error::{Result, StoreError},
    users::{end_access, row},
};
use crate::vault::{Place, Vault};
use engine::Secret;
use model::{Act, FieldError, SecondFactor, Timestamp, UserId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, PaginatorTrait, QueryFilter, Set, sea_query::Expr,
};

pub struct SecondFactors<'a>(pub(super) &'a Store);

/// A second factor that its owner has proved to hold.
pub struct NewFactor<'a> {
    pub secret: &'a Secret<String>,
    /// The step of the code that proved it.
    pub step: i64,
    /// Of the recovery codes: SHA-256, lower-case hex.
    pub code_hashes: &'a [String],
}

impl SecondFactors<'_> {
    /// What its owner may know of it.
    pub async fn of(&self, id: UserId) -> Result<Option<SecondFactor>> {
        let Some(since) = row(self.0.reader(), id).await?.totp_at.map(Timestamp) else { return Ok(None) };
        Ok(Some(SecondFactor { since, codes_left: left(self.0.reader(), id).await? }))
    }

    /// Switches it on, and ends the account's sessions except `keep` (a hashed session id), and whatever else speaks
    /// or is told in its name: they began without it.
    pub async fn add(&self, id: UserId, new: NewFactor<'_>, keep: &str, vault: &Vault) -> Result<()> {
        let transaction = self.0.change().await?;
        let before = row(&transaction, id).await?;
        if before.totp.is_some() {
            let why = FieldError::new("code", "error_second_factor_on", "the second factor is on already");
            return Err(StoreError::Conflict(why));
        }
        let mut changed = before.into_active_model();
        // Sealed in its turn: before it, the key may still be dropped.
        let secret = vault.seal(sealed_factor(&id.to_string()), new.secret)?;
        changed.totp = Set(Some(secret.into()));
        changed.totp_step = Set(Some(new.step));
        changed.totp_at = Set(Some(self.0.now().0));
        let user = changed.update(&transaction).await?;
        put_codes(&transaction, id, new.code_hashes).await?;
        end_access(&transaction, id, Some(keep)).await?;
        self.0.note(&transaction, Act::SecondFactorOn, Some(&user.name), None).await?;
        Ok(transaction.commit().await?)
    }

    /// Takes it away with its recovery codes, and ends the same.
    pub async fn remove(&self, id: UserId, keep: Option<&str>) -> Result<()> {
        let transaction = self.0.change().await?;
        let before = row(&transaction, id).await?;
        if before.totp.is_none() {
            return Err(is_off());
        }
        let mut changed = before.into_active_model();
        changed.totp = Set(None);
        changed.totp_step = Set(None);
        changed.totp_at = Set(None);
        let user = changed.update(&transaction).await?;
        put_codes(&transaction, id, &[]).await?;
        end_access(&transaction, id, keep).await?;
        self.0.note(&transaction, Act::SecondFactorOff, Some(&user.name), None).await?;
        Ok(transaction.commit().await?)
    }

    /// Uses up the code of `step`, with all before it; false when that was done already.
    pub async fn use_step(&self, id: UserId, step: i64) -> Result<bool> {
        let is_new =
            Condition::any().add(user::Column::TotpStep.is_null()).add(user::Column::TotpStep.lt(step));
        let transaction = self.0.begin().await?;
        let used = user::Entity::update_many()
            .col_expr(user::Column::TotpStep, Expr::value(step))
            .filter(user::Column::Id.eq(id.0))
            .filter(user::Column::Totp.is_not_null())
            .filter(is_new)
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(used.rows_affected > 0)
    }

    /// Uses up a recovery code; false when there is none of this hash (any more).
    pub async fn use_code(&self, id: UserId, hash: &str) -> Result<bool> {
        let transaction = self.0.begin().await?;
        let used = recovery_code::Entity::delete_many()
            .filter(recovery_code::Column::UserId.eq(id.0))
            .filter(recovery_code::Column::Hash.eq(hash))
            .exec(&transaction)
            .await?;
        if used.rows_affected == 0 {
            return Ok(false);
        }
        let (user, left) = (row(&transaction, id).await?, left(&transaction, id).await?);
        let detail = format!("{left} left");
        self.0.note(&transaction, Act::RecoveryCodeUsed, Some(&user.name), Some(&detail)).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Replaces the recovery codes, used or not, of an account that has a second factor.
    pub async fn replace_codes(&self, id: UserId, hashes: &[String]) -> Result<()> {
        let transaction = self.0.change().await?;
        let user = row(&transaction, id).await?;
        if user.totp.is_none() {
            return Err(is_off());
        }
        put_codes(&transaction, id, hashes).await?;
        self.0.note(&transaction, Act::RecoveryCodesMade, Some(&user.name), None).await?;
        Ok(transaction.commit().await?)
    }
}

/// Where an account's secret lives.
pub fn sealed_factor(row: &str) -> Place<'_> {
    Place { table: "users", column: "totp", row }
}

fn is_off() -> StoreError {
    StoreError::Conflict(FieldError::new("code", "error_second_factor_off", "the second factor is off"))
}

async fn left(connection: &impl ConnectionTrait, id: UserId) -> Result<u32> {
    let codes = recovery_code::Entity::find().filter(recovery_code::Column::UserId.eq(id.0));
    Ok(u32::try_from(codes.count(connection).await?).unwrap_or(u32::MAX))
}

/// Puts these in place of whatever codes there were.
async fn put_codes(transaction: &DatabaseTransaction, id: UserId, hashes: &[String]) -> Result<()> {
    recovery_code::Entity::delete_many()
        .filter(recovery_code::Column::UserId.eq(id.0))
        .exec(transaction)
        .await?;
    if hashes.is_empty() {
        return Ok(());
    }
    let codes = hashes.iter().map(|hash| recovery_code::ActiveModel {
        user_id: Set(id.0),
        hash: Set(hash.clone()),
        ..Default::default()
    });
    recovery_code::Entity::insert_many(codes).exec(transaction).await?;
    Ok(())
}
