//! Accounts. One enabled admin always remains, whatever is asked and however many viewers there are.

use super::{
    Store, bots,
    entity::user,
    error::{Result, StoreError},
    push,
    sessions::end_all,
};
use crate::vault::Sealed;
use model::{Act, FieldError, Role, User, UserId, user_name};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{Expr, Func},
};
use std::collections::HashSet;

pub struct Users<'a>(pub(super) &'a Store);

/// An account with what a login is judged by.
pub struct Account {
    pub user: User,
    pub password_hash: String,
    /// The secret of the second factor, where there is one.
    pub totp: Option<Sealed>,
}

/// An account that another program had, with its hash.
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub name: String,
    pub role: Role,
    pub password_hash: String,
}

/// What became, or would become, of one.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrived {
    Added,
    /// There was one of that name, and it was left alone.
    Kept,
    Refused(Vec<FieldError>),
}

impl From<user::Model> for Account {
    fn from(row: user::Model) -> Self {
        let totp = row.totp.clone().map(Sealed::from);
        Self { password_hash: row.password_hash.clone(), totp, user: row.into() }
    }
}

impl Users<'_> {
    pub async fn list(&self) -> Result<Vec<User>> {
        let rows = user::Entity::find().order_by_asc(user::Column::Name).all(self.0.reader()).await?;
        Ok(rows.into_iter().map(User::from).collect())
    }

    pub async fn one(&self, id: UserId) -> Result<Account> {
        Ok(row(self.0.reader(), id).await?.into())
    }

    pub async fn named(&self, name: &str) -> Result<Option<Account>> {
        let found = user::Entity::find().filter(user::Column::Name.eq(name)).one(self.0.reader()).await?;
        Ok(found.map(Account::from))
    }

    /// The different first `chars` characters of the password hashes that begin with `mark`.
    pub async fn hash_heads(&self, mark: &str, chars: i32) -> Result<Vec<String>> {
        let hash = user::Column::PasswordHash;
        let head = Func::cust("substr").arg(Expr::col(hash)).arg(1).arg(chars);
        let heads = user::Entity::find().select_only().expr_as(head, "head").distinct();
        Ok(heads.filter(hash.starts_with(mark)).into_tuple().all(self.0.reader()).await?)
    }

    /// Whether setting up is over. Once true it stays true: the last enabled admin stays.
    pub async fn has_admin(&self) -> Result<bool> {
        Ok(admins(self.0.reader(), None).await? > 0)
    }

    pub async fn create(&self, name: &str, role: Role, password_hash: String) -> Result<User> {
        let transaction = self.0.change().await?;
        let user = self.insert(&transaction, name, role, password_hash).await?;
        self.0.note(&transaction, Act::UserCreated, Some(name), Some(role.word())).await?;
        transaction.commit().await?;
        Ok(user)
    }

    /// Creates the first admin; refused as soon as one exists.
    pub async fn create_first_admin(&self, name: &str, password_hash: String) -> Result<User> {
        let transaction = self.0.change().await?;
        if admins(&transaction, None).await? > 0 {
            return Err(StoreError::NotFound);
        }
        let user = self.insert(&transaction, name, Role::Admin, password_hash).await?;
        self.0.note(&transaction, Act::SetUp, Some(name), None).await?;
        transaction.commit().await?;
        Ok(user)
    }

    /// Changes role and admission; what the person had open ends with it.
    pub async fn update(&self, id: UserId, role: Role, enabled: bool) -> Result<User> {
        let transaction = self.0.change().await?;
        let before = row(&transaction, id).await?;
        if !(enabled && role == Role::Admin) {
            keep_an_admin(&transaction, id).await?;
        }
        if before.role != role.word() || before.enabled != enabled {
            end_all(&transaction, id, None).await?;
            push::end_all(&transaction, id).await?;
            bots::end_codes(&transaction, id).await?;
        }
        let mut changed = before.into_active_model();
        changed.role = Set(role.word().to_owned());
        changed.enabled = Set(enabled);
        let user: User = changed.update(&transaction).await?.into();
        let detail = if enabled { role.word().to_owned() } else { format!("{}, disabled", role.word()) };
        self.0.note(&transaction, Act::UserChanged, Some(&user.name), Some(&detail)).await?;
        transaction.commit().await?;
        Ok(user)
    }

    /// Sets a new password and ends the account's sessions, except `keep` (a hashed session id), and whatever else
    /// speaks or is told in its name.
    pub async fn set_password(&self, id: UserId, password_hash: String, keep: Option<&str>) -> Result<()> {
        self.replace_password(id, None, password_hash, keep).await.map(drop)
    }

    /// The same, unless the password is no longer the one that hashed to `judged`: whoever proved to know an
    /// old one must not undo a reset that came between. Whether it was changed.
    pub async fn change_password(
        &self,
        id: UserId,
        judged: &str,
        password_hash: String,
        keep: Option<&str>,
    ) -> Result<bool> {
        self.replace_password(id, Some(judged), password_hash, keep).await
    }

    async fn replace_password(
        &self,
        id: UserId,
        judged: Option<&str>,
        password_hash: String,
        keep: Option<&str>,
    ) -> Result<bool> {
        let transaction = self.0.change().await?;
        let before = row(&transaction, id).await?;
        if judged.is_some_and(|judged| judged != before.password_hash) {
            return Ok(false);
        }
        let mut changed = before.into_active_model();
        changed.password_hash = Set(password_hash);
        let user = changed.update(&transaction).await?;
        end_access(&transaction, id, keep).await?;
        let act = if self.0.actor().user == Some(id) { Act::PasswordChanged } else { Act::PasswordSet };
        self.0.note(&transaction, act, Some(&user.name), None).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Stores the same password hashed with today's parameters, unless it was changed meanwhile.
    pub async fn rehash(&self, id: UserId, old_hash: &str, new_hash: String) -> Result<bool> {
        let transaction = self.0.begin().await?;
        let changed = user::Entity::update_many()
            .col_expr(user::Column::PasswordHash, Expr::value(new_hash))
            .filter(user::Column::Id.eq(id.0))
            .filter(user::Column::PasswordHash.eq(old_hash))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(changed.rows_affected > 0)
    }

    pub async fn logged_in(&self, id: UserId) -> Result<()> {
        let transaction = self.0.begin().await?;
        let mut changed = row(&transaction, id).await?.into_active_model();
        changed.last_login_at = Set(Some(self.0.now().0));
        changed.update(&transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Removes the account with its sessions, its tokens, and the browsers that are told in its name.
    pub async fn remove(&self, id: UserId) -> Result<()> {
        let transaction = self.0.change().await?;
        let user = row(&transaction, id).await?;
        keep_an_admin(&transaction, id).await?;
        push::end_all(&transaction, id).await?;
        user::Entity::delete_by_id(id.0).exec(&transaction).await?;
        self.0.note(&transaction, Act::UserRemoved, Some(&user.name), None).await?;
        Ok(transaction.commit().await?)
    }

    /// Adds an account that came with a file.
    pub(super) async fn arrive(&self, transaction: &DatabaseTransaction, new: &NewAccount) -> Result<()> {
        self.insert(transaction, &new.name, new.role, new.password_hash.clone()).await?;
        let detail = format!("{}, imported", new.role.word());
        self.0.note(transaction, Act::UserCreated, Some(&new.name), Some(&detail)).await
    }

    async fn insert(
        &self,
        transaction: &DatabaseTransaction,
        name: &str,
        role: Role,
        password_hash: String,
    ) -> Result<User> {
        user_name(name).map_err(|error| StoreError::Invalid(vec![error]))?;
        let row = user::ActiveModel {
            name: Set(name.to_owned()),
            role: Set(role.word().to_owned()),
            enabled: Set(true),
            password_hash: Set(password_hash),
            created_at: Set(self.0.now().0),
            ..Default::default()
        };
        match row.insert(transaction).await {
            Ok(row) => Ok(row.into()),
            Err(error) => Err(StoreError::taken(error, "username")),
        }
    }
}

/// What would become of `accounts` beside those of these names: a free name is added, an account that is there
/// keeps its role and its password.
pub(super) fn judge(accounts: &[NewAccount], names: &HashSet<String>) -> Vec<Arrived> {
    let mut seen = HashSet::new();
    let judged = accounts.iter().map(|account| match user_name(&account.name) {
        Err(error) => Arrived::Refused(vec![error]),
        Ok(()) if !seen.insert(&account.name) => {
            Arrived::Refused(vec![FieldError::new("username", "error_taken", "is in the list twice")])
        }
        Ok(()) if names.contains(&account.name) => Arrived::Kept,
        Ok(()) => Arrived::Added,
    });
    judged.collect()
}

/// The names of all accounts.
pub(super) async fn names(connection: &impl ConnectionTrait) -> Result<HashSet<String>> {
    let names = user::Entity::find().select_only().column(user::Column::Name);
    let names: Vec<String> = names.into_tuple().all(connection).await?;
    Ok(names.into_iter().collect())
}

pub(super) async fn row(connection: &impl ConnectionTrait, id: UserId) -> Result<user::Model> {
    user::Entity::find_by_id(id.0).one(connection).await?.ok_or(StoreError::NotFound)
}

/// Enabled admins, without one of them.
async fn admins(connection: &impl ConnectionTrait, without: Option<UserId>) -> Result<u64> {
    let others = without.map(|id| user::Column::Id.ne(id.0));
    Ok(user::Entity::find()
        .filter(user::Column::Role.eq(Role::Admin.word()))
        .filter(user::Column::Enabled.eq(true))
        .filter(Condition::all().add_option(others))
        .count(connection)
        .await?)
}

/// Ends what an account has open and what speaks or is told in its name, except the session `keep`.
pub(super) async fn end_access(
    transaction: &DatabaseTransaction,
    id: UserId,
    keep: Option<&str>,
) -> Result<()> {
    end_all(transaction, id, keep).await?;
    // Nobody knows which of these the person still has.
    push::end_all(transaction, id).await?;
    bots::end_all(transaction, id).await
}

/// Refuses to go on when `leaving` is the only enabled admin.
async fn keep_an_admin(transaction: &DatabaseTransaction, leaving: UserId) -> Result<()> {
    let row = row(transaction, leaving).await?;
    let is_admin = row.enabled && row.role == Role::Admin.word();
    if is_admin && admins(transaction, Some(leaving)).await? == 0 {
        return Err(StoreError::LastAdmin);
    }
    Ok(())
}
