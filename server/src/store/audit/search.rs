//! Finding entries: page after page from the newest on, at a bounded cost however many there are.

use super::{Audit, head};
use crate::store::{
    entity::audit_entry::{Column, Entity, Model},
    error::Result,
    settings,
};
use model::{AuditChecked, AuditEntry, AuditWish, Timestamp};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Func, LikeExpr, SimpleExpr},
};
use std::cmp::{max, min};

/// Entries that one question looks at, at most: what is found further back is asked for from there.
const LOOKED_AT_MAX: i64 = 100_000;
/// Entries around the edges of a period that are looked at too: a clock may have been set back then.
const SLACK: i64 = 10_000;
/// The setting that says how the chain was when it was last checked.
const CHECKED: &str = "audit_checked";

/// A part of what was wished for, the newest first.
pub struct Found {
    pub entries: Vec<AuditEntry>,
    /// Where to go on; nothing at the end.
    pub next: Option<i64>,
}

impl Audit<'_> {
    /// What fits, before the entry that is named in the wish, or from the newest on.
    pub async fn search(&self, wish: &AuditWish, limit: u64) -> Result<Found> {
        self.search_within(wish, limit, LOOKED_AT_MAX).await
    }

    pub(in crate::store) async fn search_within(
        &self,
        wish: &AuditWish,
        limit: u64,
        looked_at_max: i64,
    ) -> Result<Found> {
        let reader = self.0.reader();
        let top = self.top(wish).await?;
        let bottom = match wish.from {
            Some(from) => match edge(reader, Column::At.gte(from.0), true).await? {
                Some(first) => first.saturating_sub(SLACK).clamp(0, top),
                None => top,
            },
            None => 0,
        };
        let low = max(bottom, top.saturating_sub(looked_at_max));
        let mut rows: Vec<Model> = Entity::find()
            .filter(condition(wish))
            .filter(Column::Id.lt(top))
            .filter(Column::Id.gte(low))
            .order_by_desc(Column::Id)
            .limit(limit.saturating_add(1))
            .all(reader)
            .await?;
        let has_more = rows.len() as u64 > limit;
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next = match rows.last() {
            Some(last) if has_more => Some(last.id),
            _ => Some(low).filter(|low| *low > max(bottom, 1)),
        };
        Ok(Found { entries: rows.into_iter().map(AuditEntry::from).collect(), next })
    }

    /// Entries before this one are looked at.
    async fn top(&self, wish: &AuditWish) -> Result<i64> {
        let reader = self.0.reader();
        let newest = Entity::find().select_only().column(Column::Id).order_by_desc(Column::Id).limit(1);
        let newest: Option<i64> = newest.into_tuple().one(reader).await?;
        let mut top = newest.map_or(0, |newest| newest.saturating_add(1));
        if let Some(to) = wish.to {
            let last = edge(reader, Column::At.lt(to.0), false).await?;
            top = min(top, last.map_or(0, |last| last.saturating_add(1 + SLACK)));
        }
        Ok(max(wish.before.map_or(top, |before| min(before, top)), 0))
    }

    /// How many were ever written.
    pub async fn entries(&self) -> Result<u64> {
        Ok(head(self.0.reader()).await?.entries.unsigned_abs())
    }

    /// How the chain was when it was last checked from a page.
    pub async fn last_check(&self) -> Result<Option<AuditChecked>> {
        let all = self.0.settings().all().await?;
        Ok(all.get(CHECKED).and_then(|text| serde_json::from_str(text).ok()))
    }

    pub async fn remember_check(&self, checked: &AuditChecked) -> Result<()> {
        let transaction = self.0.begin().await?;
        // Words of the model are always JSON.
        settings::set(&transaction, CHECKED, &serde_json::to_string(checked).unwrap_or_default()).await?;
        Ok(transaction.commit().await?)
    }
}

/// The first or the last entry of which this holds, by an index on the times: these grow with the entries, but for
/// clocks that were set back.
async fn edge(connection: &impl ConnectionTrait, holds: SimpleExpr, is_first: bool) -> Result<Option<i64>> {
    let found = Entity::find().select_only().column(Column::Id).filter(holds);
    let found = match is_first {
        true => found.order_by_asc(Column::At).order_by_asc(Column::Id),
        false => found.order_by_desc(Column::At).order_by_desc(Column::Id),
    };
    Ok(found.limit(1).into_tuple().one(connection).await?)
}

/// All of a wish but where to go on.
pub fn condition(wish: &AuditWish) -> Condition {
    let text = wish.text.as_deref().filter(|text| !text.is_empty()).map(|text| {
        let like = |text: &str| LikeExpr::new(format!("%{}%", escaped(text))).escape('!');
        let folded = text.to_lowercase();
        let columns = [Column::Who, Column::Act, Column::Subject, Column::Detail, Column::Address];
        columns.into_iter().fold(Condition::any(), |any, column| {
            // SQLite folds nothing but the letters of ASCII: others are found at least as they were typed.
            any.add(Expr::expr(Func::lower(Expr::col(column))).like(like(&folded)))
                .add(Expr::col(column).like(like(text)))
        })
    });
    Condition::all()
        .add_option(wish.who.as_ref().map(|who| Column::Who.eq(who)))
        .add_option(wish.act.map(|act| Column::Act.eq(act.word())))
        .add_option(wish.subject.as_ref().map(|subject| Column::Subject.eq(subject)))
        .add_option(wish.from.map(|from| Column::At.gte(from.0)))
        .add_option(wish.to.map(|to: Timestamp| Column::At.lt(to.0)))
        .add_option(text)
}

/// What is typed is looked for as it stands.
pub(in crate::store) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        if matches!(char, '!' | '%' | '_') {
            escaped.push('!');
        }
        escaped.push(char);
    }
    escaped
}
