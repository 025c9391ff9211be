//! Finding lines: page after page from the newest on, or what is new, at a bounded cost however many there are.
//!
//! What an index finds at once is a lane: the lines of one device, or of one level. Everything else that is wished for is
//! looked for in the lines themselves, in so many of them at a time, and where to go on is said.

use super::{FoundLines, Logs, line, log_line, newest};
use crate::store::{audit::escaped, error::Result};
use log_line::{Column, Entity, Model};
use model::{DeviceId, LogLevel, LogLine, LogPlace, LogWish, Timestamp};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    Select,
    sea_query::{Expr, Func, LikeExpr},
};
use std::cmp::{Reverse, max};

/// Lines that one question looks at, at most: what stands further back is asked for from there.
const LOOKED_AT_MAX: u64 = 50_000;
/// Devices that are asked for one by one.
const LANES_MAX: usize = 8;

/// What is asked, and how much it may cost.
#[derive(Clone, Copy)]
struct Question<'a> {
    wish: &'a LogWish,
    devices: Option<&'a [DeviceId]>,
    limit: u64,
    looked_at_max: u64,
}

/// The newest first, and where to go on.
type Found = (Vec<Model>, Option<LogPlace>);

impl Logs<'_> {
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

    pub(in crate::store) async fn search_within(
        &self,
        (wish, devices): (&LogWish, Option<&[DeviceId]>),
        limit: u64,
        looked_at_max: u64,
    ) -> Result<FoundLines> {
        let snapshot = self.0.snapshot().await?;
        let newest = newest(&snapshot).await?;
        let question = Question { wish, devices, limit, looked_at_max };
        let (mut rows, next) = match wish.after {
            Some(after) => question.find_new(&snapshot, after, newest).await?,
            None => question.find(&snapshot).await?,
        };
        rows.sort_by_key(|row| Reverse((row.at, row.id)));
        let lines: Vec<LogLine> = rows.into_iter().map(line).collect();
        Ok(FoundLines { lines, next, newest })
    }
}

impl Question<'_> {
    /// In the order of the times.
    async fn find(self, snapshot: &impl ConnectionTrait) -> Result<Found> {
        let (lanes, rest) = self.lanes();
        let lanes: Vec<Condition> = lanes.into_iter().map(|lane| in_time(lane, self.wish)).collect();
        let ordered = |condition: Condition| {
            Entity::find().filter(condition).order_by_desc(Column::At).order_by_desc(Column::Id)
        };
        let mut floor: Option<LogPlace> = None;
        if rest.is_some() {
            // The index finds where that is without looking at a line.
            let each = max(1, self.looked_at_max / max(1, lanes.len() as u64));
            for lane in &lanes {
                floor = max(floor, place(ordered(lane.clone()).offset(each), snapshot).await?);
            }
        }
        let mut rows = Vec::new();
        for lane in lanes {
            let within = lane.add_option(rest.clone()).add_option(floor.map(not_before));
            rows.extend(ordered(within).limit(self.limit.saturating_add(1)).all(snapshot).await?);
        }
        rows.sort_by_key(|row| Reverse((row.at, row.id)));
        Ok(self.cut(rows, floor))
    }

    /// What was written down after the line with this id, and before the place that is named in the wish: in the order
    /// in which it was written.
    async fn find_new(self, snapshot: &impl ConnectionTrait, after: i64, newest: i64) -> Result<Found> {
        let rest = self.all();
        let ordered = |condition: Condition| Entity::find().filter(condition).order_by_desc(Column::Id);
        let top = self.wish.before.map_or(newest.saturating_add(1), |place| place.id);
        let between = Condition::all().add(Column::Id.gt(after)).add(Column::Id.lt(top));
        let low = top.saturating_sub_unsigned(self.looked_at_max);
        let floor = match rest.is_some() && low > after {
            true => place(ordered(between.clone().add(Column::Id.lte(low))), snapshot).await?,
            false => None,
        };
        let within = between.add_option(rest).add_option(floor.map(|floor| Column::Id.gte(floor.id)));
        let rows = ordered(within).limit(self.limit.saturating_add(1)).all(snapshot).await?;
        Ok(self.cut(rows, floor))
    }

    /// No more than was asked for. The floor itself was looked at.
    fn cut(self, mut rows: Vec<Model>, floor: Option<LogPlace>) -> Found {
        let has_more = rows.len() as u64 > self.limit;
        rows.truncate(usize::try_from(self.limit).unwrap_or(usize::MAX));
        let last = rows.last().filter(|_| has_more);
        let last = last.map(|row| LogPlace { at: Timestamp(row.at), id: row.id });
        (rows, last.or(floor))
    }

    /// What an index finds, lane by lane, and what is to be looked for in them.
    fn lanes(self) -> (Vec<Condition>, Option<Condition>) {
        let lane = |column: Column, value: i64| Condition::all().add(column.eq(value));
        let level = self.level();
        match (self.wish.device, self.devices, level) {
            (Some(device), ..) => {
                let rest = [self.by_devices(), level.map(by_level), by_words(self.wish)];
                (vec![lane(Column::DeviceId, device.0)], together(rest))
            }
            (None, Some(some), _) if some.len() <= LANES_MAX => {
                let lanes = some.iter().map(|device| lane(Column::DeviceId, device.0)).collect();
                (lanes, together([None, level.map(by_level), by_words(self.wish)]))
            }
            (None, _, Some(level)) => {
                let lanes = levels_from(level).map(|level| lane(Column::Level, level.into())).collect();
                (lanes, together([self.by_devices(), None, by_words(self.wish)]))
            }
            (None, _, None) => {
                (vec![Condition::all()], together([self.by_devices(), None, by_words(self.wish)]))
            }
        }
    }

    /// Everything that is wished for, to be looked for in the lines.
    fn all(self) -> Option<Condition> {
        let at_least = |from: Timestamp| hidden(Column::At).gte(from.0);
        let times = self.wish.from.map(at_least).into_iter();
        let times = times.chain(self.wish.to.map(|to| hidden(Column::At).lt(to.0)));
        let times = times
            .fold(None, |all: Option<Condition>, time| Some(all.unwrap_or_else(Condition::all).add(time)));
        let device =
            self.wish.device.map(|device| Condition::all().add(hidden(Column::DeviceId).eq(device.0)));
        let conditions = [times, device, self.by_devices(), self.level().map(by_level), by_words(self.wish)];
        together(conditions)
    }

    fn level(self) -> Option<LogLevel> {
        self.wish.level.filter(|level| *level > LogLevel::Debug)
    }

    fn by_devices(self) -> Option<Condition> {
        let ids = self.devices?.iter().map(|device| device.0);
        Some(Condition::all().add(hidden(Column::DeviceId).is_in(ids)))
    }
}

/// The first place that is found.
async fn place(select: Select<Entity>, connection: &impl ConnectionTrait) -> Result<Option<LogPlace>> {
    let place = select.select_only().columns([Column::At, Column::Id]).limit(1);
    let place: Option<(i64, i64)> = place.into_tuple().one(connection).await?;
    Ok(place.map(|(at, id)| LogPlace { at: Timestamp(at), id }))
}

/// A column of which no index is used: the planner would find all lines of a level, and sort them.
fn hidden(column: Column) -> Expr {
    Expr::col(column).add(0)
}

fn together(conditions: impl IntoIterator<Item = Option<Condition>>) -> Option<Condition> {
    conditions.into_iter().flatten().reduce(|all, one| Condition::all().add(all).add(one))
}

fn levels_from(level: LogLevel) -> impl Iterator<Item = i16> {
    LogLevel::ALL.into_iter().filter(move |known| *known >= level).map(LogLevel::code)
}

fn by_level(level: LogLevel) -> Condition {
    Condition::all().add(hidden(Column::Level).is_in(levels_from(level)))
}

fn in_time(lane: Condition, wish: &LogWish) -> Condition {
    lane.add_option(wish.from.map(|from| Column::At.gte(from.0)))
        .add_option(wish.to.map(|to| Column::At.lt(to.0)))
        .add_option(wish.before.map(|place| {
            // The first half is for the index, which does not see through the second.
            Condition::all()
                .add(Column::At.lte(place.at.0))
                .add(Condition::any().add(Column::At.lt(place.at.0)).add(Column::Id.lt(place.id)))
        }))
}

/// What is looked for in the words.
fn by_words(wish: &LogWish) -> Option<Condition> {
    let like = |text: &str| LikeExpr::new(format!("%{}%", escaped(text))).escape('!');
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
    together([text, topics])
}

/// At this place or after it.
fn not_before(place: LogPlace) -> Condition {
    let exactly = Condition::any()
        .add(Column::At.gt(place.at.0))
        .add(Condition::all().add(Column::At.eq(place.at.0)).add(Column::Id.gte(place.id)));
    // The first half says to the database where the index begins.
    Condition::all().add(Column::At.gte(place.at.0)).add(exactly)
}
