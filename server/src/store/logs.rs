//! Lines of routers' logs: written in batches, found page by page at a bounded cost (`search`), forgotten when they are
//! old or many.

mod search;

use super::{
    Store,
    entity::{device, log_book, log_line},
    error::{Result, StoreError, in_time},
};
use model::{Act, DeviceId, LogLevel, LogLine, LogLoss, LogPlace, LogWay, LossCause, Timestamp};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{Expr, OnConflict},
};
use std::collections::{HashMap, HashSet};

/// Rows in one statement: SQLite and PostgreSQL number their values, in 15 and 16 bits.
const ROWS_AT_ONCE: usize = 500;
/// Lines that are forgotten at once, at most: nobody waits for long meanwhile.
pub const FORGET_MAX: u64 = 2_000;
/// Longest topics of a line, in characters, as the column has room.
const TOPICS_CHARS_MAX: usize = 250;
/// Identities of lines in one book, as the column has room.
const KNOWN_MAX: usize = 128;

pub struct Logs<'a>(pub(super) &'a Store);

/// A line that is to be written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLine {
    pub device: DeviceId,
    pub way: LogWay,
    pub line: engine::log::Line,
}

/// Where a router's log was read to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Book {
    /// Nobody wants it to be read.
    pub is_off: bool,
    /// The newest lines that were read, the newest last.
    pub known: Vec<u64>,
}

/// A part of what was wished for; names of devices are left out.
pub struct FoundLines {
    pub lines: Vec<LogLine>,
    pub next: Option<LogPlace>,
    pub newest: i64,
}

impl Logs<'_> {
    /// Writes lines down, and where the logs of these devices were read to. What is of a device that was removed
    /// meanwhile is of no interest to anyone. The id of the last line.
    pub async fn write(&self, lines: &[NewLine], read_to: &[(DeviceId, Vec<u64>)]) -> Result<i64> {
        let transaction = self.0.begin().await?;
        let ids: HashSet<i64> = lines
            .iter()
            .map(|line| line.device)
            .chain(read_to.iter().map(|(id, _)| *id))
            .map(|id| id.0)
            .collect();
        let known: HashSet<i64> = device::Entity::find()
            .select_only()
            .column(device::Column::Id)
            .filter(device::Column::Id.is_in(ids))
            .into_tuple::<i64>()
            .all(&transaction)
            .await?
            .into_iter()
            .collect();
        let rows: Vec<_> = lines.iter().filter(|line| known.contains(&line.device.0)).map(row).collect();
        for part in rows.chunks(ROWS_AT_ONCE) {
            log_line::Entity::insert_many(part.to_vec()).exec_without_returning(&transaction).await?;
        }
        for (device, identities) in read_to.iter().filter(|(device, _)| known.contains(&device.0)) {
            let book = log_book::ActiveModel {
                device_id: Set(device.0),
                is_off: Set(false),
                known: Set(packed(identities)),
            };
            put_book(&transaction, book, log_book::Column::Known).await?;
        }
        let newest = newest(&transaction).await?;
        transaction.commit().await?;
        Ok(newest)
    }

    /// Where every log was read to, as far as any was, and the id of the last line: after all that was being written.
    pub async fn look_up(&self) -> Result<(HashMap<DeviceId, Book>, i64)> {
        let transaction = self.0.begin().await?;
        let rows = log_book::Entity::find().all(&transaction).await?;
        let newest = newest(&transaction).await?;
        transaction.commit().await?;
        let book = |row: log_book::Model| {
            let known = row
                .known
                .chunks_exact(8)
                .filter_map(|bytes| Some(u64::from_be_bytes(bytes.try_into().ok()?)));
            (DeviceId(row.device_id), Book { is_off: row.is_off, known: known.collect() })
        };
        Ok((rows.into_iter().map(book).collect(), newest))
    }

    /// Whether somebody wants this device's log to be read.
    pub async fn set_read(&self, device: DeviceId, is_on: bool) -> Result<()> {
        let transaction = self.0.change().await?;
        let name =
            device::Entity::find_by_id(device.0).one(&transaction).await?.ok_or(StoreError::NotFound)?.name;
        let book =
            log_book::ActiveModel { device_id: Set(device.0), is_off: Set(!is_on), known: Set(Vec::new()) };
        put_book(&transaction, book, log_book::Column::IsOff).await?;
        let detail = if is_on { "log on" } else { "log off" };
        self.0.note(&transaction, Act::DeviceChanged, Some(&name), Some(detail)).await?;
        Ok(transaction.commit().await?)
    }

    /// What was sent among the last `count` lines that were written down, the oldest first.
    pub async fn sent_last(&self, count: u64) -> Result<Vec<NewLine>> {
        let last = log_line::Entity::find().order_by_desc(log_line::Column::Id).limit(count);
        let rows = last.all(self.0.reader()).await?;
        let sent = rows.into_iter().rev().map(line).filter(|line| line.way == LogWay::Syslog);
        let new = |line: LogLine| {
            let LogLine { device, at, level, topics, message, way, is_after_gap, .. } = line;
            NewLine { device, way, line: engine::log::Line { at, level, topics, message, is_after_gap } }
        };
        Ok(sent.map(new).collect())
    }

    /// How many lines there are of each device.
    pub async fn counts(&self) -> Result<HashMap<DeviceId, u64>> {
        use log_line::{Column, Entity};
        let counted =
            Entity::find().select_only().column(Column::DeviceId).column_as(Column::Id.count(), "lines");
        let rows: Vec<(i64, i64)> =
            counted.group_by(Column::DeviceId).into_tuple().all(self.0.reader()).await?;
        Ok(rows.into_iter().map(|(id, count)| (DeviceId(id), count.unsigned_abs())).collect())
    }

    /// Forgets all lines of a device that is to be removed, some at a time: others write in between. Where its log was
    /// read to is forgotten with the last of them: what stays after all has its log read from the beginning.
    pub async fn empty(&self, device: DeviceId) -> Result<()> {
        while in_time(self.forget(Some(device), None, FORGET_MAX)).await?.len() as u64 >= FORGET_MAX {}
        in_time(self.forget_place(device)).await
    }

    async fn forget_place(&self, device: DeviceId) -> Result<()> {
        let transaction = self.0.begin().await?;
        log_book::Entity::update_many()
            .col_expr(log_book::Column::Known, Expr::value(Vec::<u8>::new()))
            .filter(log_book::Column::DeviceId.eq(device.0))
            .exec(&transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Forgets up to `limit` of the oldest lines (of one device, or of all) that are older than `before`, or however old
    /// they are; which they were of.
    pub async fn forget(
        &self,
        device: Option<DeviceId>,
        before: Option<Timestamp>,
        limit: u64,
    ) -> Result<Vec<DeviceId>> {
        use log_line::{Column, Entity};
        let transaction = self.0.begin().await?;
        let oldest = Entity::find()
            .select_only()
            .columns([Column::Id, Column::DeviceId])
            .filter(
                Condition::all()
                    .add_option(device.map(|device| Column::DeviceId.eq(device.0)))
                    .add_option(before.map(|before| Column::At.lt(before.0))),
            )
            .order_by_asc(Column::At)
            .order_by_asc(Column::Id)
            .limit(limit);
        let rows: Vec<(i64, i64)> = oldest.into_tuple().all(&transaction).await?;
        Entity::delete_many()
            .filter(Column::Id.is_in(rows.iter().map(|(id, _)| *id)))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(rows.into_iter().map(|(_, device)| DeviceId(device)).collect())
    }
}

/// The id of the last line that was written down.
async fn newest(connection: &impl ConnectionTrait) -> Result<i64> {
    use log_line::{Column, Entity};
    let newest = Entity::find().select_only().column(Column::Id).order_by_desc(Column::Id).limit(1);
    Ok(newest.into_tuple().one(connection).await?.unwrap_or_default())
}

/// Writes a book, or one column of it where there is one already.
async fn put_book(
    connection: &impl ConnectionTrait,
    book: log_book::ActiveModel,
    column: log_book::Column,
) -> Result<()> {
    let replace = OnConflict::column(log_book::Column::DeviceId).update_column(column).to_owned();
    log_book::Entity::insert(book).on_conflict(replace).exec_without_returning(connection).await?;
    Ok(())
}

fn packed(known: &[u64]) -> Vec<u8> {
    known.iter().skip(known.len().saturating_sub(KNOWN_MAX)).flat_map(|one| one.to_be_bytes()).collect()
}

fn row(new: &NewLine) -> log_line::ActiveModel {
    let mut topics = String::from(",");
    for topic in &new.line.topics {
        if topics.chars().count() + topic.chars().count() < TOPICS_CHARS_MAX {
            topics.push_str(topic);
            topics.push(',');
        }
    }
    log_line::ActiveModel {
        device_id: Set(new.device.0),
        at: Set(new.line.at.0),
        level: Set(new.line.level.code()),
        way: Set(match new.way {
            LogWay::Api => 0,
            LogWay::Syslog => 1,
            LogWay::Dropped(LogLoss { why: LossCause::TooMany, .. }) => 2,
            LogWay::Dropped(LogLoss { why: LossCause::NoRoom, .. }) => 3,
        }),
        is_after_gap: Set(new.line.is_after_gap),
        topics: Set(topics),
        message: Set(new.line.message.clone()),
        ..Default::default()
    }
}

fn line(row: log_line::Model) -> LogLine {
    let dropped = |why| {
        // Its message begins with how many.
        let lines = row.message.split(' ').next().and_then(|lines| lines.parse().ok());
        LogWay::Dropped(LogLoss { lines: lines.unwrap_or_default(), why })
    };
    let way = match row.way {
        0 => LogWay::Api,
        2 => dropped(LossCause::TooMany),
        3 => dropped(LossCause::NoRoom),
        _ => LogWay::Syslog,
    };
    LogLine {
        id: row.id,
        device: DeviceId(row.device_id),
        name: String::new(),
        at: Timestamp(row.at),
        level: LogLevel::from_code(row.level),
        topics: row.topics.split(',').filter(|topic| !topic.is_empty()).map(str::to_owned).collect(),
        message: row.message,
        way,
        is_after_gap: row.is_after_gap,
    }
}
