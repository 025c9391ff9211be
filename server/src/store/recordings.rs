//! Recordings of terminals: what is known of each, and chunks that only its own key opens.

use super::{
    Store,
    entity::{recording, recording_chunk},
    error::{Result, StoreError},
};
use crate::vault::{OwnKey, Place, Sealed, Vault};
use model::{
    Act, DeviceId, Recording, RecordingEnd, RecordingId, RecordingPage, RecordingWish, Timestamp, UserId,
};
use recording::Column;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select, Set, sea_query::Expr,
};
use std::net::IpAddr;

/// Longest name kept, as the columns have room.
const NAME_CHARS_MAX: usize = 64;

pub struct Recordings<'a>(pub(super) &'a Store);

/// What is known when one begins.
#[derive(Clone, Debug)]
pub struct NewRecording {
    pub device: DeviceId,
    pub device_name: String,
    pub user: UserId,
    pub who: String,
    pub address: Option<IpAddr>,
    pub columns: u16,
    pub rows: u16,
}

/// A part of what one holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedChunk {
    pub number: u32,
    pub data: Vec<u8>,
}

/// How far one is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    pub until: Timestamp,
    pub bytes: u64,
    pub stored_bytes: u64,
    pub lost_bytes: u64,
    pub is_cut: bool,
    pub end: Option<RecordingEnd>,
}

impl Recordings<'_> {
    /// Begins one, with a key of its own.
    pub async fn begin(&self, new: &NewRecording, vault: &Vault) -> Result<(RecordingId, OwnKey)> {
        let (transaction, now) = (self.0.begin().await?, self.0.now());
        let row = recording::ActiveModel {
            device_id: Set(Some(new.device.0)),
            device: Set(kept(&new.device_name)),
            user_id: Set(Some(new.user.0)),
            who: Set(kept(&new.who)),
            address: Set(new.address.map(|address| address.to_string())),
            begun_at: Set(now.0),
            until: Set(now.0),
            why: Set(None),
            width: Set(new.columns.into()),
            height: Set(new.rows.into()),
            bytes: Set(0),
            stored_bytes: Set(0),
            lost_bytes: Set(0),
            is_cut: Set(false),
            sealed_key: Set(String::new()),
            ..Default::default()
        };
        let id = row.insert(&transaction).await?.id;
        // Its number is part of what the key is bound to.
        let (key, sealed) = vault.new_own_key(place(&id.to_string()))?;
        let sealed: String = sealed.into();
        recording::Entity::update_many()
            .col_expr(Column::SealedKey, Expr::value(sealed))
            .filter(Column::Id.eq(id))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok((RecordingId(id), key))
    }

    /// Adds chunks, and says how far it is. Those of an earlier try whose answer was lost are replaced.
    pub async fn write(&self, id: RecordingId, chunks: Vec<SealedChunk>, written: Written) -> Result<()> {
        let transaction = self.0.begin().await?;
        let known = recording::Entity::update_many()
            .col_expr(Column::Until, Expr::value(written.until.0))
            .col_expr(Column::Bytes, Expr::value(number(written.bytes)))
            .col_expr(Column::StoredBytes, Expr::value(number(written.stored_bytes)))
            .col_expr(Column::LostBytes, Expr::value(number(written.lost_bytes)))
            .col_expr(Column::IsCut, Expr::value(written.is_cut))
            .col_expr(Column::Why, Expr::value(written.end.map(|end| end.word().to_owned())))
            .filter(Column::Id.eq(id.0))
            .exec(&transaction)
            .await?;
        // MariaDB counts rows that changed; every writing is later than the one before, or the last one again.
        if known.rows_affected == 0 && recording::Entity::find_by_id(id.0).one(&transaction).await?.is_none()
        {
            return Err(StoreError::NotFound);
        }
        if let Some(first) = chunks.first() {
            recording_chunk::Entity::delete_many()
                .filter(recording_chunk::Column::RecordingId.eq(id.0))
                .filter(recording_chunk::Column::Number.gte(i64::from(first.number)))
                .exec(&transaction)
                .await?;
            let rows = chunks.into_iter().map(|chunk| recording_chunk::ActiveModel {
                recording_id: Set(id.0),
                number: Set(i32::try_from(chunk.number).unwrap_or(i32::MAX)),
                data: Set(chunk.data),
            });
            recording_chunk::Entity::insert_many(rows).exec_without_returning(&transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Ends those begun until then that still go on, all but `own`; how many.
    pub async fn end_forgotten(&self, own: &[RecordingId], begun_until: Timestamp) -> Result<u64> {
        let transaction = self.0.begin().await?;
        let ended = recording::Entity::update_many()
            .col_expr(Column::Why, Expr::value(RecordingEnd::Crashed.word()))
            .filter(Column::Why.is_null())
            .filter(Column::BegunAt.lte(begun_until.0))
            .filter(Column::Id.is_not_in(own.iter().map(|id| id.0)))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(ended.rows_affected)
    }

    /// The newest first.
    pub async fn list(&self, wish: &RecordingWish, (offset, limit): (u64, u64)) -> Result<RecordingPage> {
        let snapshot = self.0.snapshot().await?;
        let total = wished(wish).count(&snapshot).await?;
        let rows = wished(wish).order_by_desc(Column::Id).offset(offset).limit(limit).all(&snapshot).await?;
        Ok(RecordingPage { recordings: rows.into_iter().map(Recording::from).collect(), total })
    }

    pub async fn one(&self, id: RecordingId) -> Result<Recording> {
        Ok(row(self.0.reader(), id).await?.into())
    }

    /// What is known of one, and the key that opens it.
    pub async fn open(&self, id: RecordingId, vault: &Vault) -> Result<(Recording, OwnKey)> {
        let row = row(self.0.reader(), id).await?;
        let key = vault.own_key(place(&id.to_string()), &Sealed::from(row.sealed_key.clone()))?;
        Ok((row.into(), key))
    }

    /// Its chunks from this one on, in their order, `limit` at most.
    pub async fn chunks(&self, id: RecordingId, from: u32, limit: u64) -> Result<Vec<SealedChunk>> {
        let rows = recording_chunk::Entity::find()
            .filter(recording_chunk::Column::RecordingId.eq(id.0))
            .filter(recording_chunk::Column::Number.gte(i64::from(from)))
            .order_by_asc(recording_chunk::Column::Number)
            .limit(limit)
            .all(self.0.reader())
            .await?;
        let chunk = |row: recording_chunk::Model| SealedChunk {
            number: u32::try_from(row.number).unwrap_or_default(),
            data: row.data,
        };
        Ok(rows.into_iter().map(chunk).collect())
    }

    /// Removes one that is over, with all it holds.
    pub async fn remove(&self, id: RecordingId) -> Result<()> {
        let transaction = self.0.begin().await?;
        let row = row(&transaction, id).await?;
        if row.why.is_none() {
            let why = "still goes on; end the session first";
            return Err(StoreError::Conflict(model::FieldError::new("id", "error_fixed", why)));
        }
        self.remove_in(&transaction, &row, None).await?;
        Ok(transaction.commit().await?)
    }

    /// Removes the oldest that is over, if it ended before `before` or all together take more than `bytes_max`;
    /// whether there may be more to remove.
    pub async fn forget_one(&self, before: Timestamp, bytes_max: u64) -> Result<bool> {
        let over = || recording::Entity::find().filter(Column::Why.is_not_null());
        let transaction = self.0.begin().await?;
        let Some(oldest) = over().order_by_asc(Column::Id).one(&transaction).await? else { return Ok(false) };
        let why = if oldest.until < before.0 {
            "too old"
        } else if total(&transaction).await? > bytes_max {
            "no room"
        } else {
            return Ok(false);
        };
        self.remove_in(&transaction, &oldest, Some(why)).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn remove_in(
        &self,
        transaction: &DatabaseTransaction,
        row: &recording::Model,
        why: Option<&str>,
    ) -> Result<()> {
        recording::Entity::delete_by_id(row.id).exec(transaction).await?;
        let detail = format!("{} {}", row.id, row.who);
        let detail = why.map_or(detail.clone(), |why| format!("{detail}, {why}"));
        self.0.note(transaction, Act::RecordingRemoved, Some(&row.device), Some(&detail)).await
    }
}

/// What somebody does who can write to the database.
#[cfg(test)]
impl Recordings<'_> {
    pub async fn put_chunk(&self, id: RecordingId, number: u32, data: &[u8]) {
        let transaction = self.0.begin().await.unwrap();
        recording_chunk::Entity::update_many()
            .col_expr(recording_chunk::Column::Data, Expr::value(data.to_vec()))
            .filter(recording_chunk::Column::RecordingId.eq(id.0))
            .filter(recording_chunk::Column::Number.eq(i64::from(number)))
            .exec(&transaction)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
    }

    pub async fn take_chunk(&self, id: RecordingId, number: u32) {
        let transaction = self.0.begin().await.unwrap();
        recording_chunk::Entity::delete_many()
            .filter(recording_chunk::Column::RecordingId.eq(id.0))
            .filter(recording_chunk::Column::Number.eq(i64::from(number)))
            .exec(&transaction)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
    }

    /// Gives one recording the key of another.
    pub async fn take_key(&self, to: RecordingId, from: RecordingId) {
        let transaction = self.0.begin().await.unwrap();
        let key = row(&transaction, from).await.unwrap().sealed_key;
        recording::Entity::update_many()
            .col_expr(Column::SealedKey, Expr::value(key))
            .filter(Column::Id.eq(to.0))
            .exec(&transaction)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
    }
}

fn wished(wish: &RecordingWish) -> Select<recording::Entity> {
    let mut query = recording::Entity::find();
    if let Some(device) = &wish.device {
        query = query.filter(Column::Device.eq(device.as_str()));
    }
    if let Some(user) = &wish.user {
        query = query.filter(Column::Who.eq(user.as_str()));
    }
    query
}

/// What all of them take, in bytes. Databases sum into types of their own, so it is summed here.
async fn total(connection: &impl ConnectionTrait) -> Result<u64> {
    let sizes = recording::Entity::find().select_only().column(Column::StoredBytes);
    let sizes: Vec<i64> = sizes.into_tuple().all(connection).await?;
    Ok(sizes.into_iter().map(size).sum())
}

async fn row(connection: &impl ConnectionTrait, id: RecordingId) -> Result<recording::Model> {
    recording::Entity::find_by_id(id.0).one(connection).await?.ok_or(StoreError::NotFound)
}

fn place(row: &str) -> Place<'_> {
    Place { table: "recordings", column: "sealed_key", row }
}

fn kept(name: &str) -> String {
    name.chars().filter(|c| *c != '\0').take(NAME_CHARS_MAX).collect()
}

fn number(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

fn size(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

impl From<recording::Model> for Recording {
    fn from(row: recording::Model) -> Self {
        let small = |number: i32| u16::try_from(number).unwrap_or_default();
        Self {
            id: RecordingId(row.id),
            device_id: row.device_id.map(DeviceId),
            device: row.device,
            user_id: row.user_id.map(UserId),
            who: row.who,
            address: row.address,
            begun_at: Timestamp(row.begun_at),
            until: Timestamp(row.until),
            // A word of a newer version: it is over, nobody here knows why.
            end: row.why.map(|why| RecordingEnd::from_word(&why).unwrap_or(RecordingEnd::Lost)),
            columns: small(row.width),
            rows: small(row.height),
            bytes: size(row.bytes),
            stored_bytes: size(row.stored_bytes),
            lost_bytes: size(row.lost_bytes),
            is_cut: row.is_cut,
        }
    }
}
