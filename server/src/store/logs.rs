//! Lines of routers' logs: written in batches, found page by page at a bounded cost, forgotten when they are old or many.

use super::{
    Store,
    entity::{device, log_book, log_line},
    error::{Result, StoreError},
};
use model::{Act, DeviceId, LogLevel, LogLine, LogPlace, LogWay, LogWish, Timestamp};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    Set,
    sea_query::{Expr, Func, LikeExpr, OnConflict},
};
use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

/// Rows in one statement: SQLite and PostgreSQL number their values, in 15 and 16 bits.
const ROWS_AT_ONCE: usize = 500;
/// Lines that one question for words looks at, at most: what stands further back is asked for from there.
const LOOKED_AT_MAX: u64 = 50_000;
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

    /// What fits, from the place that is named in the wish on, or from the newest.
    /// `devices` are the only ones that count, where the wish names none.
    pub async fn search(
        &self,
        wish: &LogWish,
        devices: Option<&[DeviceId]>,
        limit: u64,
    ) -> Result<FoundLines> {
        self.search_within((wish, devices), limit, LOOKED_AT_MAX).await
    }

    pub(super) async fn search_within(
        &self,
        (wish, devices): (&LogWish, Option<&[DeviceId]>),
        limit: u64,
        looked_at_max: u64,
    ) -> Result<FoundLines> {
        use log_line::{Column, Entity};
        let snapshot = self.0.snapshot().await?;
        let newest = newest(&snapshot).await?;
        // What is new is found among the last that were written; everything else in the order of the times.
        let is_new = wish.after.is_some();
        let ordered = |condition: Condition| match is_new {
            true => Entity::find().filter(condition).order_by_desc(Column::Id),
            false => Entity::find().filter(condition).order_by_desc(Column::At).order_by_desc(Column::Id),
        };
        let plain = by_index(wish)
            .add_option(devices.map(|some| Column::DeviceId.is_in(some.iter().map(|device| device.0))));
        // Words are looked for in so many lines only, which the index finds without looking at them.
        let words = by_words(wish);
        let floor: Option<(i64, i64)> = match &words {
            Some(_) if !is_new => {
                let floor = ordered(plain.clone()).select_only().columns([Column::At, Column::Id]);
                floor.offset(looked_at_max).limit(1).into_tuple().one(&snapshot).await?
            }
            _ => None,
        };
        let floor = floor.map(|(at, id)| LogPlace { at: Timestamp(at), id });
        let within = plain.add_option(words).add_option(floor.map(not_before));
        let mut rows = ordered(within).limit(limit.saturating_add(1)).all(&snapshot).await?;
        let has_more = rows.len() as u64 > limit;
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        rows.sort_by_key(|row| Reverse((row.at, row.id)));
        let lines: Vec<LogLine> = rows.into_iter().map(line).collect();
        let next = match lines.last() {
            Some(last) if has_more => Some(last.place()),
            // The floor itself was looked at.
            _ => floor,
        };
        Ok(FoundLines { lines, next, newest })
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
        }),
        is_after_gap: Set(new.line.is_after_gap),
        topics: Set(topics),
        message: Set(new.line.message.clone()),
        ..Default::default()
    }
}

fn line(row: log_line::Model) -> LogLine {
    LogLine {
        id: row.id,
        device: DeviceId(row.device_id),
        name: String::new(),
        at: Timestamp(row.at),
        level: LogLevel::from_code(row.level),
        topics: row.topics.split(',').filter(|topic| !topic.is_empty()).map(str::to_owned).collect(),
        message: row.message,
        way: if row.way == 0 { LogWay::Api } else { LogWay::Syslog },
        is_after_gap: row.is_after_gap,
    }
}

/// What an index can find. What is new is found by its id: of the other columns the planner sees nothing then, or SQLite
/// would walk through all lines of a device.
fn by_index(wish: &LogWish) -> Condition {
    use log_line::Column;
    let seen = |column: Column| match wish.after {
        Some(_) => Expr::col(column).add(0),
        None => Expr::col(column),
    };
    let from_level = |level: LogLevel| {
        seen(Column::Level)
            .is_in(LogLevel::ALL.into_iter().filter(|known| *known >= level).map(LogLevel::code))
    };
    Condition::all()
        .add_option(wish.device.map(|device| seen(Column::DeviceId).eq(device.0)))
        .add_option(wish.level.filter(|level| *level > LogLevel::Debug).map(from_level))
        .add_option(wish.from.map(|from| Column::At.gte(from.0)))
        .add_option(wish.to.map(|to| Column::At.lt(to.0)))
        .add_option(wish.before.map(|place| {
            // The first half is for the index, which does not see through the second.
            Condition::all()
                .add(Column::At.lte(place.at.0))
                .add(Condition::any().add(Column::At.lt(place.at.0)).add(Column::Id.lt(place.id)))
        }))
        .add_option(wish.after.map(|id| Column::Id.gt(id)))
}

/// What is looked for in the lines themselves.
fn by_words(wish: &LogWish) -> Option<Condition> {
    use log_line::Column;
    let like = |text: &str| LikeExpr::new(format!("%{}%", super::audit::escaped(text))).escape('!');
    let text = wish.text.as_deref().filter(|text| !text.is_empty()).map(|text| {
        let folded = text.to_lowercase();
        // SQLite folds nothing but the letters of ASCII: others are found at least as they were typed.
        [Column::Message, Column::Topics].into_iter().fold(Condition::any(), |any, column| {
            any.add(Expr::expr(Func::lower(Expr::col(column))).like(like(&folded)))
                .add(Expr::col(column).like(like(text)))
        })
    });
    let topics =
        wish.topics.iter().filter(|topic| !topic.is_empty()).fold(None, |any: Option<Condition>, topic| {
            let like = like(&format!(",{topic},"));
            Some(any.unwrap_or_else(Condition::any).add(Expr::col(Column::Topics).like(like)))
        });
    if text.is_none() && topics.is_none() {
        return None;
    }
    Some(Condition::all().add_option(text).add_option(topics))
}

/// At this place or after it.
fn not_before(place: LogPlace) -> Condition {
    use log_line::Column;
    let exactly = Condition::any()
        .add(Column::At.gt(place.at.0))
        .add(Condition::all().add(Column::At.eq(place.at.0)).add(Column::Id.gte(place.id)));
    // The first half says to the database where the index begins.
    Condition::all().add(Column::At.gte(place.at.0)).add(exactly)
}
