//! Everything in the database that the vault sealed: which keys that needs, and sealing it anew.
//!
//! To seal something new: a line in [`COLUMNS`]. In its seal a row is named by its primary key, the parts of it
//! joined with `/`. What browsers keep (`known_browser`) is out of reach: with a dropped key it is a stranger's.

use super::{
    Store,
    error::{Result, StoreError},
};
use crate::vault::{Place, Sealed, Vault, VaultError};
use model::Act;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, ExprTrait, QueryResult, Value,
    sea_query::{Expr, Query, SelectStatement},
};
use std::collections::BTreeMap;

/// A column whose values are sealed; an empty one holds nothing.
struct Column {
    table: &'static str,
    column: &'static str,
    /// The primary key.
    key: &'static [(&'static str, Type)],
}

#[derive(Clone, Copy)]
enum Type {
    Integer,
    BigInteger,
    Text,
}

/// Every one there is. Of recordings it is their keys: what lies under a key needs no new seal.
const COLUMNS: &[Column] = &[
    Column { table: "audit_head", column: "sealed_key", key: &[("id", Type::Integer)] },
    Column {
        table: "credentials",
        column: "sealed",
        key: &[("device_id", Type::BigInteger), ("service", Type::Text)],
    },
    Column { table: "channels", column: "sealed", key: &[("id", Type::BigInteger)] },
    Column { table: "push_keys", column: "sealed", key: &[("id", Type::Integer)] },
    Column { table: "recordings", column: "sealed_key", key: &[("id", Type::BigInteger)] },
    Column { table: "ssh_logins", column: "password", key: &[("device_id", Type::BigInteger)] },
    Column { table: "ssh_logins", column: "private_key", key: &[("device_id", Type::BigInteger)] },
    Column { table: "users", column: "totp", key: &[("id", Type::BigInteger)] },
];

/// Rows sealed anew in one transaction: everybody else who writes waits for them, so they take milliseconds.
const BATCH: u64 = if cfg!(test) { 2 } else { 100 };

/// What is sealed, and with what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// How many values name which key.
    pub keys: BTreeMap<String, u64>,
    pub unopened: Vec<Unopened>,
}

/// A value that no key there is opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unopened {
    /// Table and row.
    pub place: String,
    /// The key it was sealed with, when that is what is missing.
    pub missing_key: Option<String>,
    pub why: String,
}

/// How far a rotation is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    Added {
        key: String,
    },
    /// So many values were sealed anew since it began.
    Resealed {
        count: u64,
    },
}

/// What became of a rotation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rotation {
    pub resealed: u64,
    pub dropped: Vec<String>,
    /// Left as they were; the keys that they name stay.
    pub unopened: Vec<Unopened>,
}

pub struct SealedValues<'a>(pub(super) &'a Store);

impl SealedValues<'_> {
    /// Whether there is anything that needs a key.
    pub async fn is_any(&self) -> Result<bool> {
        for column in COLUMNS {
            if self.0.reader().query_one(column.filled().limit(1)).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Which keys are needed, and what these of `vault` do not open. Without a vault nothing is opened.
    pub async fn survey(&self, vault: Option<&Vault>) -> Result<Survey> {
        survey(self.0.reader(), vault).await
    }

    /// Adds a key and seals everything with it, a little at a time, while others read and write; then drops the
    /// keys that nothing is sealed with any more. Ended anywhere, the next call goes on from there.
    pub async fn rotate(&self, vault: &Vault, mut tell: impl FnMut(Progress)) -> Result<Rotation> {
        if let Some(key) = self.add_key(vault).await? {
            tell(Progress::Added { key });
        }
        let mut rotation = Rotation::default();
        for column in COLUMNS {
            let mut unopened = 0;
            loop {
                let batch = self.reseal(column, vault, unopened).await?;
                if batch.resealed > 0 {
                    rotation.resealed += batch.resealed;
                    tell(Progress::Resealed { count: rotation.resealed });
                }
                let seen = batch.resealed + batch.unopened.len() as u64;
                unopened += batch.unopened.len() as u64;
                rotation.unopened.extend(batch.unopened);
                if seen < BATCH {
                    break;
                }
            }
        }
        rotation.dropped = self.drop_keys(vault).await?;
        Ok(rotation)
    }

    /// In everybody's turn, so that two rotations never each put a key in the place of the other's.
    async fn add_key(&self, vault: &Vault) -> Result<Option<String>> {
        let transaction = self.0.begin().await?;
        let added = vault.add_key()?;
        if let Some(key) = &added {
            self.0.note(&transaction, Act::KeyAdded, Some(key), None).await?;
        }
        transaction.commit().await?;
        Ok(added)
    }

    /// Seals the next rows anew that another key than the newest was used for, after those many that cannot be.
    async fn reseal(&self, column: &'static Column, vault: &Vault, unopened: u64) -> Result<Rotation> {
        let transaction = self.0.begin().await?;
        let newest = format!("v1.{}.%", vault.newest_id()?);
        let mut old = column.filled();
        old.and_where(Expr::col(column.column).not_like(newest)).offset(unopened).limit(BATCH);
        let mut batch = Rotation::default();
        for row in transaction.query_all(&old).await? {
            let row = column.read(&row)?;
            match vault.open(row.place(), &row.sealed) {
                Ok(secret) => {
                    let sealed = vault.seal(row.place(), &secret)?;
                    column.write(&transaction, &row, sealed).await?;
                    batch.resealed += 1;
                }
                Err(error) => batch.unopened.push(row.unopened(error)),
            }
        }
        transaction.commit().await?;
        Ok(batch)
    }

    /// In everybody's turn: whoever writes next seals with the newest key, and whoever wrote before is seen.
    async fn drop_keys(&self, vault: &Vault) -> Result<Vec<String>> {
        let transaction = self.0.begin().await?;
        let used = survey(&transaction, None).await?.keys;
        let newest = vault.newest_id()?;
        let unused = vault.key_ids().into_iter().filter(|id| *id != newest && !used.contains_key(id));
        let unused: Vec<String> = unused.collect();
        if unused.is_empty() {
            transaction.rollback().await?;
            return Ok(unused);
        }
        let detail = unused.join(" ");
        self.0.note(&transaction, Act::KeysRotated, Some(&newest), Some(&detail)).await?;
        let dropped = vault.drop_keys(|id| used.contains_key(id))?;
        transaction.commit().await?;
        Ok(dropped)
    }
}

pub(super) async fn survey(connection: &impl ConnectionTrait, vault: Option<&Vault>) -> Result<Survey> {
    let mut survey = Survey::default();
    for column in COLUMNS {
        for row in connection.query_all(&column.filled()).await? {
            let row = column.read(&row)?;
            let key = row.sealed.key_id().unwrap_or_default().to_owned();
            *survey.keys.entry(key).or_default() += 1;
            if let Some(Err(error)) = vault.map(|vault| vault.open(row.place(), &row.sealed)) {
                survey.unopened.push(row.unopened(error));
            }
        }
    }
    Ok(survey)
}

struct Row {
    column: &'static Column,
    key: Vec<Value>,
    /// The key as one word.
    name: String,
    sealed: Sealed,
}

impl Row {
    fn place(&self) -> Place<'_> {
        Place { table: self.column.table, column: self.column.column, row: &self.name }
    }

    fn unopened(&self, error: VaultError) -> Unopened {
        let why = error.to_string();
        let missing_key = if let VaultError::UnknownKey(id) = error { Some(id) } else { None };
        Unopened { place: format!("{} {}", self.column.table, self.name), missing_key, why }
    }
}

impl Column {
    /// The rows that hold something, in the order of their keys.
    fn filled(&self) -> SelectStatement {
        let mut select = Query::select();
        for (name, _) in self.key {
            select.column(*name).order_by(*name, sea_orm::Order::Asc);
        }
        select.column(self.column).from(self.table).and_where(Expr::col(self.column).ne(""));
        select
    }

    fn read(&'static self, row: &QueryResult) -> Result<Row> {
        let (mut key, mut words) = (Vec::new(), Vec::new());
        for (name, kind) in self.key {
            let (value, word): (Value, String) = match kind {
                Type::Integer => {
                    row.try_get("", name).map(|number: i32| (number.into(), number.to_string()))?
                }
                Type::BigInteger => {
                    row.try_get("", name).map(|number: i64| (number.into(), number.to_string()))?
                }
                Type::Text => row.try_get("", name).map(|text: String| (text.clone().into(), text))?,
            };
            key.push(value);
            words.push(word);
        }
        let sealed: String = row.try_get("", self.column)?;
        Ok(Row { column: self, key, name: words.join("/"), sealed: sealed.into() })
    }

    async fn write(&self, transaction: &DatabaseTransaction, row: &Row, sealed: Sealed) -> Result<()> {
        let mut update = Query::update();
        update.table(self.table).value(self.column, String::from(sealed));
        for ((name, _), value) in self.key.iter().zip(&row.key) {
            update.and_where(Expr::col(*name).eq(value.clone()));
        }
        let written = transaction.execute(&update).await?;
        if written.rows_affected() == 1 { Ok(()) } else { Err(StoreError::NotFound) }
    }
}
