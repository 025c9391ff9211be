//! Rows of samples: the journal's transactions, and what readers of history ask for.
//!
//! What is in the rows is `history`'s business; here it is bytes.

use super::{
    Store, counters,
    entity::{chunk, device, rollup, sample_log, series},
    error::Result,
    rules, states,
};
use engine::Outcome;
use model::{DeviceId, Measure, RuleId, Timestamp};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, Set,
    sea_query::{Expr, Query},
};
use std::collections::{HashMap, HashSet};

/// Rows that one statement writes: databases bound how many values it may have.
const ROWS_AT_ONCE: usize = 500;

/// Names a series for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeriesId(pub i64);

/// What a series is of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SeriesKey {
    pub device: DeviceId,
    pub measure: Measure,
    pub subject: Box<str>,
}

/// A series as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredSeries {
    pub id: SeriesId,
    pub key: SeriesKey,
    /// Samples of the log up to this entry are in chunks.
    pub folded_entry: i64,
}

/// A row of chunks, or of rollups with the same step.
#[derive(Clone, Debug, PartialEq)]
pub struct Packed {
    pub series: SeriesId,
    /// Absent for one that is new.
    pub id: Option<i64>,
    /// The least and the greatest time in it.
    pub span: (Timestamp, Timestamp),
    pub samples: i32,
    pub data: Vec<u8>,
}

/// Reads samples.
pub struct Samples<'a>(pub(super) &'a Store);

/// A transaction of the journal's.
pub struct Recording(pub(super) DatabaseTransaction);

impl Store {
    pub async fn recording(&self) -> Result<Recording> {
        Ok(Recording(self.begin().await?))
    }
}

impl Recording {
    pub async fn commit(self) -> Result<()> {
        Ok(self.0.commit().await?)
    }

    pub async fn states(&self, outcomes: &[Outcome]) -> Result<()> {
        states::write(&self.0, outcomes).await
    }

    /// The number of the last batch that was committed.
    pub async fn batch(&self) -> Result<i64> {
        counters::batch(&self.0).await
    }

    /// Gives the batch of this transaction its number.
    pub async fn next_batch(&self) -> Result<i64> {
        let number = self.batch().await?.saturating_add(1);
        counters::set_batch(&self.0, number).await?;
        Ok(number)
    }

    /// Whose numbers are known to be where they must not be, as of this transaction.
    pub async fn open_alerts(&self) -> Result<Vec<(RuleId, DeviceId, String)>> {
        rules::open(&self.0).await
    }

    /// Begins series, as far as their devices are still there. One that is there already, of a transaction whose
    /// answer was lost, is taken as it is.
    pub async fn begin_series(&self, keys: &[SeriesKey]) -> Result<Vec<StoredSeries>> {
        let ids: HashSet<i64> = keys.iter().map(|key| key.device.0).collect();
        let known: HashSet<i64> = device::Entity::find()
            .select_only()
            .column(device::Column::Id)
            .filter(device::Column::Id.is_in(ids))
            .into_tuple()
            .all(&self.0)
            .await?
            .into_iter()
            .collect();
        let wanted: HashSet<&SeriesKey> = keys.iter().filter(|key| known.contains(&key.device.0)).collect();
        let mut begun = self.series_of(&known, &wanted).await?;
        let is_there: HashSet<SeriesKey> = begun.iter().map(|series| series.key.clone()).collect();
        let new: Vec<_> = wanted.iter().filter(|key| !is_there.contains(**key)).collect();
        if new.is_empty() {
            return Ok(begun);
        }
        for part in new.chunks(ROWS_AT_ONCE) {
            let row = |key: &&&SeriesKey| series::ActiveModel {
                device_id: Set(key.device.0),
                measure: Set(key.measure.code()),
                subject: Set(key.subject.to_string()),
                folded_entry: Set(0),
                ..Default::default()
            };
            series::Entity::insert_many(part.iter().map(row)).exec_without_returning(&self.0).await?;
        }
        begun = self.series_of(&known, &wanted).await?;
        Ok(begun)
    }

    async fn series_of(
        &self,
        devices: &HashSet<i64>,
        wanted: &HashSet<&SeriesKey>,
    ) -> Result<Vec<StoredSeries>> {
        let found = series::Entity::find().filter(series::Column::DeviceId.is_in(devices.iter().copied()));
        let all = found.all(&self.0).await?.into_iter().filter_map(stored);
        Ok(all.filter(|series| wanted.contains(&series.key)).collect())
    }

    pub async fn log(&self, entry: i64, data: Vec<u8>) -> Result<()> {
        let row = sample_log::ActiveModel { entry: Set(entry), data: Set(data) };
        sample_log::Entity::insert(row).exec_without_returning(&self.0).await?;
        Ok(())
    }

    /// Forgets the entries of the log before `entry`.
    pub async fn trim_log(&self, entry: i64) -> Result<()> {
        sample_log::Entity::delete_many().filter(sample_log::Column::Entry.lt(entry)).exec(&self.0).await?;
        Ok(())
    }

    /// Up to which entry each of these is folded; one that is gone is not in the answer.
    pub async fn folded(&self, ids: &[SeriesId]) -> Result<Vec<(SeriesId, i64)>> {
        folded(&self.0, ids).await
    }

    pub async fn set_folded(&self, ids: &[SeriesId], entry: i64) -> Result<()> {
        series::Entity::update_many()
            .col_expr(series::Column::FoldedEntry, Expr::value(entry))
            .filter(series::Column::Id.is_in(numbers(ids)))
            .exec(&self.0)
            .await?;
        Ok(())
    }

    /// The newest chunk of each series.
    pub async fn open_chunks(&self, ids: &[SeriesId]) -> Result<Vec<Packed>> {
        let newest = Query::select()
            .expr(chunk::Column::Id.max())
            .from(chunk::Entity)
            .and_where(chunk::Column::SeriesId.is_in(numbers(ids)))
            .group_by_col(chunk::Column::SeriesId)
            .to_owned();
        let rows = chunk::Entity::find().filter(chunk::Column::Id.in_subquery(newest)).all(&self.0).await?;
        Ok(rows.into_iter().map(Packed::from).collect())
    }

    /// The newest rollup of each series with this step.
    pub async fn open_rollups(&self, step_s: i32, ids: &[SeriesId]) -> Result<Vec<Packed>> {
        let newest = Query::select()
            .expr(rollup::Column::Id.max())
            .from(rollup::Entity)
            .and_where(rollup::Column::SeriesId.is_in(numbers(ids)))
            .and_where(rollup::Column::StepS.eq(step_s))
            .group_by_col(rollup::Column::SeriesId)
            .to_owned();
        let rows = rollup::Entity::find().filter(rollup::Column::Id.in_subquery(newest)).all(&self.0).await?;
        Ok(rows.into_iter().map(Packed::from).collect())
    }

    pub async fn put_chunk(&self, packed: Packed) -> Result<()> {
        let row = chunk::ActiveModel {
            id: packed.id.map_or(sea_orm::NotSet, Set),
            series_id: Set(packed.series.0),
            begins: Set(packed.span.0.0),
            ends: Set(packed.span.1.0),
            samples: Set(packed.samples),
            data: Set(packed.data),
        };
        if packed.id.is_some() {
            chunk::Entity::update_many()
                .set(row)
                .filter(chunk::Column::Id.eq(packed.id))
                .exec(&self.0)
                .await?;
        } else {
            chunk::Entity::insert(row).exec_without_returning(&self.0).await?;
        }
        Ok(())
    }

    pub async fn put_rollup(&self, step_s: i32, packed: Packed) -> Result<()> {
        let row = rollup::ActiveModel {
            id: packed.id.map_or(sea_orm::NotSet, Set),
            series_id: Set(packed.series.0),
            step_s: Set(step_s),
            begins: Set(packed.span.0.0),
            ends: Set(packed.span.1.0),
            data: Set(packed.data),
        };
        if packed.id.is_some() {
            rollup::Entity::update_many()
                .set(row)
                .filter(rollup::Column::Id.eq(packed.id))
                .exec(&self.0)
                .await?;
        } else {
            rollup::Entity::insert(row).exec_without_returning(&self.0).await?;
        }
        Ok(())
    }

    /// Forgets up to `limit` rows of samples that ended before `before`; how many.
    pub async fn forget_chunks(&self, before: Timestamp, limit: u64) -> Result<u64> {
        let found = chunk::Entity::find().filter(chunk::Column::Ends.lt(before.0));
        self.forget(found, chunk::Column::Id, limit).await
    }

    /// The same of rollups with one step.
    pub async fn forget_rollups(&self, step_s: i32, before: Timestamp, limit: u64) -> Result<u64> {
        let found = rollup::Entity::find()
            .filter(rollup::Column::StepS.eq(step_s))
            .filter(rollup::Column::Ends.lt(before.0));
        self.forget(found, rollup::Column::Id, limit).await
    }

    /// Removes up to `limit` of the rows that are `found`; how many. Their ids come first: MariaDB takes no limit in a
    /// subquery.
    pub(super) async fn forget<E: EntityTrait>(
        &self,
        found: Select<E>,
        id: E::Column,
        limit: u64,
    ) -> Result<u64> {
        let found = found.select_only().column(id).limit(limit);
        let ids: Vec<i64> = found.into_tuple().all(&self.0).await?;
        Ok(E::delete_many().filter(id.is_in(ids)).exec(&self.0).await?.rows_affected)
    }

    /// Forgets series of which nothing is left.
    pub async fn forget_empty_series(&self) -> Result<()> {
        let has = |of: sea_orm::sea_query::SelectStatement| Expr::exists(of).not();
        let chunks = Query::select()
            .column(chunk::Column::Id)
            .from(chunk::Entity)
            .and_where(
                Expr::col((chunk::Entity, chunk::Column::SeriesId))
                    .equals((series::Entity, series::Column::Id)),
            )
            .to_owned();
        let rollups = Query::select()
            .column(rollup::Column::Id)
            .from(rollup::Entity)
            .and_where(
                Expr::col((rollup::Entity, rollup::Column::SeriesId))
                    .equals((series::Entity, series::Column::Id)),
            )
            .to_owned();
        series::Entity::delete_many()
            // What was never folded has its samples in the log.
            .filter(series::Column::FoldedEntry.gt(0))
            .filter(has(chunks))
            .filter(has(rollups))
            .exec(&self.0)
            .await?;
        Ok(())
    }
}

/// What samples take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    pub chunk_bytes: i64,
    /// Samples in chunks.
    pub chunked: i64,
}

impl Samples<'_> {
    /// What the chunks take, counted row by row.
    pub async fn sizes(&self) -> Result<Sizes> {
        let rows = chunk::Entity::find().all(self.0.reader()).await?;
        let chunk_bytes = rows.iter().map(|row| i64::try_from(row.data.len()).unwrap_or(i64::MAX)).sum();
        Ok(Sizes { chunk_bytes, chunked: rows.iter().map(|row| i64::from(row.samples)).sum() })
    }

    /// Every series there is; one of a measure that this program does not know is left alone.
    pub async fn all_series(&self) -> Result<Vec<StoredSeries>> {
        let rows = series::Entity::find().all(self.0.reader()).await?;
        Ok(rows.into_iter().filter_map(stored).collect())
    }

    /// The log from its beginning.
    pub async fn log(&self) -> Result<Vec<(i64, Vec<u8>)>> {
        let rows = sample_log::Entity::find().order_by_asc(sample_log::Column::Entry);
        Ok(rows.all(self.0.reader()).await?.into_iter().map(|row| (row.entry, row.data)).collect())
    }

    /// The chunks of a series that reach into `from..=to`, and up to which entry it was folded at that moment.
    pub async fn chunks(
        &self,
        series: SeriesId,
        (from, to): (Timestamp, Timestamp),
        limit: u64,
    ) -> Result<(i64, Vec<Vec<u8>>)> {
        let snapshot = self.0.snapshot().await?;
        let entry = folded(&snapshot, &[series]).await?.first().map_or(0, |(_, entry)| *entry);
        let rows = chunk::Entity::find()
            .filter(chunk::Column::SeriesId.eq(series.0))
            .filter(chunk::Column::Ends.gte(from.0))
            .filter(chunk::Column::Begins.lte(to.0))
            .order_by_asc(chunk::Column::Id)
            .limit(limit)
            .all(&snapshot)
            .await?;
        Ok((entry, rows.into_iter().map(|row| row.data).collect()))
    }

    /// The last chunks of a series, the newest first.
    pub async fn last_chunks(&self, series: SeriesId, limit: u64) -> Result<Vec<Vec<u8>>> {
        let rows = chunk::Entity::find()
            .filter(chunk::Column::SeriesId.eq(series.0))
            .order_by_desc(chunk::Column::Ends)
            .limit(limit)
            .all(self.0.reader())
            .await?;
        Ok(rows.into_iter().map(|row| row.data).collect())
    }

    /// The same of the rollups of these series with one step; `limit` is for all of them.
    pub async fn rollups(
        &self,
        series: &[SeriesId],
        step_s: i32,
        (from, to): (Timestamp, Timestamp),
        limit: u64,
    ) -> Result<(HashMap<SeriesId, i64>, Vec<(SeriesId, Vec<u8>)>)> {
        let snapshot = self.0.snapshot().await?;
        let entries = folded(&snapshot, series).await?.into_iter().collect();
        let rows = rollup::Entity::find()
            .filter(rollup::Column::SeriesId.is_in(numbers(series)))
            .filter(rollup::Column::StepS.eq(step_s))
            .filter(rollup::Column::Ends.gte(from.0))
            .filter(rollup::Column::Begins.lte(to.0))
            .order_by_asc(rollup::Column::Id)
            .limit(limit)
            .all(&snapshot)
            .await?;
        Ok((entries, rows.into_iter().map(|row| (SeriesId(row.series_id), row.data)).collect()))
    }
}

async fn folded(connection: &impl ConnectionTrait, ids: &[SeriesId]) -> Result<Vec<(SeriesId, i64)>> {
    let found = series::Entity::find()
        .select_only()
        .columns([series::Column::Id, series::Column::FoldedEntry])
        .filter(series::Column::Id.is_in(numbers(ids)));
    let rows: Vec<(i64, i64)> = found.into_tuple().all(connection).await?;
    Ok(rows.into_iter().map(|(id, entry)| (SeriesId(id), entry)).collect())
}

fn numbers(ids: &[SeriesId]) -> Vec<i64> {
    ids.iter().map(|id| id.0).collect()
}

fn stored(row: series::Model) -> Option<StoredSeries> {
    let measure = Measure::from_code(row.measure)?;
    let key = SeriesKey { device: DeviceId(row.device_id), measure, subject: row.subject.into() };
    Some(StoredSeries { id: SeriesId(row.id), key, folded_entry: row.folded_entry })
}

impl From<chunk::Model> for Packed {
    fn from(row: chunk::Model) -> Self {
        let span = (Timestamp(row.begins), Timestamp(row.ends));
        Self { series: SeriesId(row.series_id), id: Some(row.id), span, samples: row.samples, data: row.data }
    }
}

impl From<rollup::Model> for Packed {
    fn from(row: rollup::Model) -> Self {
        let span = (Timestamp(row.begins), Timestamp(row.ends));
        Self { series: SeriesId(row.series_id), id: Some(row.id), span, samples: 0, data: row.data }
    }
}
