//! Maintenance windows and silences, and which devices they are about.
//!
//! Nothing that was in force is forgotten or rewritten: a change leaves a row behind with what it was until then, and
//! a removal is an end.

mod hush;
mod members;
mod named;

pub(super) use hush::{About, InForce, drop_held, mark_incident, mark_incidents};

use super::{
    Store,
    entity::{quiet, quiet_device, rule},
    error::{Result, StoreError},
    incidents,
};
use crate::{
    history::Span,
    quiet::{Maintenance, Member, Plan, Window},
};
use model::{Act, DeviceId, Quiet, QuietAbout, QuietDraft, QuietId, QuietKind, QuietPlan, Timestamp};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Unchanged, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction,
    EntityTrait, NotSet, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set, sea_query::Expr,
};

/// How many may be in force or to come: each is looked at whenever something happens.
const LIVE_MAX: u64 = 500;
/// Most rows that one account of the past is made from.
const PAST_MAX: u64 = 5_000;

pub struct Quiets<'a>(pub(super) &'a Store);

impl Quiets<'_> {
    /// Those that are in force or to come.
    pub async fn live(&self) -> Result<Vec<Window>> {
        live(self.0.reader(), self.0.now()).await
    }

    /// Those of this kind, or of both, that are over, the newest first, and how many there are.
    pub async fn over(
        &self,
        kind: Option<QuietKind>,
        (offset, limit): (u64, u64),
    ) -> Result<(Vec<Window>, u64)> {
        use quiet::{Column, Entity};
        let snapshot = self.0.snapshot().await?;
        let is_wanted = kind.map(|kind| Column::Kind.eq(kind.word()));
        let is_over = Condition::all()
            .add(Column::EndsAt.lte(self.0.now().0))
            .add(Column::FormerOf.is_null())
            .add_option(is_wanted);
        let over = || Entity::find().filter(is_over.clone());
        let total = over().count(&snapshot).await?;
        let rows = over().order_by_desc(Column::EndsAt).order_by_desc(Column::Id);
        let rows = rows.offset(offset).limit(limit).all(&snapshot).await?;
        Ok((rows.into_iter().filter_map(read).collect(), total))
    }

    pub async fn one(&self, id: QuietId) -> Result<Quiet> {
        let row = quiet::Entity::find_by_id(id.0).one(self.0.reader()).await?;
        let window = row.filter(|row| row.former_of.is_none()).and_then(read).ok_or(StoreError::NotFound)?;
        Ok(window.shown(self.0.now()))
    }

    /// Makes one. What waits to be told and is to be told no more is held.
    pub async fn create(&self, draft: &QuietDraft) -> Result<Quiet> {
        let transaction = self.0.change().await?;
        let window = self.create_in(&transaction, draft).await?;
        transaction.commit().await?;
        self.0.alerts_changed();
        Ok(window.shown(self.0.now()))
    }

    /// The same in the transaction of what asks for it.
    pub(super) async fn create_in(
        &self,
        transaction: &DatabaseTransaction,
        draft: &QuietDraft,
    ) -> Result<Window> {
        let now = self.0.now();
        if live_rows(now).count(transaction).await? >= LIVE_MAX {
            let why = format!("there are {LIVE_MAX} already, which is the most");
            return Err(StoreError::invalid("title", "error_too_many", &why));
        }
        let made_by = self.0.actor().name.clone();
        let mut row = columns(draft, now)?;
        there_is(transaction, &draft.about).await?;
        (row.made_by, row.made_at) = (Set(made_by), Set(now.0));
        let window = read(row.insert(transaction).await?).ok_or(StoreError::NotFound)?;
        members::enroll(transaction, std::slice::from_ref(&window), now).await?;
        hush::hold_waiting(transaction, now).await?;
        self.0.note(transaction, Act::QuietCreated, Some(&draft.title), Some(draft.kind.word())).await?;
        Ok(window)
    }

    #[cfg(test)]
    pub async fn update(&self, id: QuietId, draft: &QuietDraft) -> Result<Quiet> {
        self.update_seen(id, draft, |_| true).await
    }

    /// From now on it is another one. What it was until now stays counted. Nothing is changed where it is not as it was
    /// seen.
    pub async fn update_seen(
        &self,
        id: QuietId,
        draft: &QuietDraft,
        is_seen: impl FnOnce(&QuietDraft) -> bool,
    ) -> Result<Quiet> {
        let (transaction, now) = (self.0.change().await?, self.0.now());
        let before = running_row(&transaction, id, now).await?;
        if let Some(window) = read(before.clone()).filter(|window| !is_seen(&window.draft)) {
            // It was made already, and its answer lost.
            if window.draft == (QuietDraft { title: draft.title.trim().to_owned(), ..draft.clone() }) {
                return Ok(window.shown(now));
            }
            // It is valid from when it was changed on, unless a part of it was ended.
            let (what, at) = ((Act::QuietChanged, before.title.as_str()), Timestamp(before.valid_from));
            return Err(self.0.overtaken(&transaction, what, at).await?);
        }
        let mut row = columns(draft, now)?;
        if read(before.clone()).is_none_or(|window| window.draft.about != draft.about) {
            there_is(&transaction, &draft.about).await?;
        }
        leave_behind(&transaction, &before, now).await?;
        row.id = Unchanged(id.0);
        // What of it was ended stays ended, unless it is at other times from now on.
        if read(before.clone()).is_some_and(|window| window.draft.plan == draft.plan) {
            row.valid_from = Set(before.valid_from.max(now.0));
        }
        let window = read(row.update(&transaction).await?).ok_or(StoreError::NotFound)?;
        members::enroll(&transaction, std::slice::from_ref(&window), now).await?;
        hush::hold_waiting(&transaction, now).await?;
        self.0.note(&transaction, Act::QuietChanged, Some(&draft.title), Some(draft.kind.word())).await?;
        transaction.commit().await?;
        self.0.alerts_changed();
        Ok(window.shown(now))
    }

    /// Ends it for good; or only what runs of it, where it comes again.
    pub async fn end(&self, id: QuietId, only_current: bool) -> Result<Quiet> {
        let (transaction, now) = (self.0.change().await?, self.0.now());
        let row = running_row(&transaction, id, now).await?;
        let window = read(row.clone()).ok_or(StoreError::NotFound)?;
        let current = window.current(now);
        let goes_on =
            current.filter(|current| only_current && row.ends_at.is_none_or(|ends| current.to.0 < ends));
        let mut changed = quiet::ActiveModel { id: Unchanged(id.0), ..Default::default() };
        match goes_on {
            Some(current) => {
                leave_behind(&transaction, &row, now).await?;
                changed.valid_from = Set(current.to.0);
            }
            None => {
                members::leave_all(&transaction, id, now).await?;
                changed.ends_at = Set(Some(now.0));
            }
        }
        let window = read(changed.update(&transaction).await?).ok_or(StoreError::NotFound)?;
        if goes_on.is_some() {
            members::enroll(&transaction, std::slice::from_ref(&window), now).await?;
        }
        self.0.note(&transaction, Act::QuietEnded, Some(&row.title), Some(&row.kind)).await?;
        transaction.commit().await?;
        self.0.alerts_changed();
        Ok(window.shown(now))
    }

    /// The maintenance of these devices, or of all, in a period.
    pub async fn maintenance(&self, devices: Option<&[DeviceId]>, period: Span) -> Result<Maintenance> {
        let snapshot = self.0.snapshot().await?;
        let rows = quiet::Entity::find()
            .filter(quiet::Column::Kind.eq(QuietKind::Maintenance.word()))
            .filter(quiet::Column::ValidFrom.lt(period.to.0))
            .filter(ends_after(period.from))
            .order_by_desc(quiet::Column::Id)
            .limit(PAST_MAX)
            .all(&snapshot)
            .await?;
        let windows: Vec<_> = rows.into_iter().filter_map(read).collect();
        let windows: Vec<_> = windows.into_iter().filter(|window| !window.spans(period).is_empty()).collect();
        let members = members::of(&snapshot, &windows, devices).await?;
        Ok(Maintenance::of_period(&windows, members, period))
    }

    /// Takes devices into windows that are about them now, and out of others; who belongs to what afterwards.
    pub async fn enroll(&self) -> Result<Vec<(QuietId, DeviceId)>> {
        let now = self.0.now();
        let snapshot = self.0.snapshot().await?;
        let windows = live(&snapshot, now).await?;
        let news = members::news(&snapshot, &windows).await?;
        drop(snapshot);
        if news.is_empty() {
            return Ok(news.members);
        }
        let transaction = self.0.begin().await?;
        let members = members::enroll(&transaction, &windows, now).await?;
        transaction.commit().await?;
        Ok(members)
    }

    /// Lets people be told of what was held back and is held back no more; whether there is any.
    pub async fn release(&self) -> Result<bool> {
        if !hush::is_any_held(self.0.reader()).await? {
            return Ok(false);
        }
        let transaction = self.0.begin().await?;
        let has_news = hush::release(&transaction, self.0.now()).await?;
        transaction.commit().await?;
        Ok(has_news)
    }
}

/// Those that are in force or to come.
async fn live(connection: &impl ConnectionTrait, now: Timestamp) -> Result<Vec<Window>> {
    let rows = live_rows(now).order_by_asc(quiet::Column::Id).limit(LIVE_MAX).all(connection).await?;
    Ok(rows.into_iter().filter_map(read).collect())
}

pub(super) fn live_rows(now: Timestamp) -> sea_orm::Select<quiet::Entity> {
    quiet::Entity::find().filter(ends_after(now)).filter(quiet::Column::FormerOf.is_null())
}

fn ends_after(at: Timestamp) -> Condition {
    Condition::any().add(quiet::Column::EndsAt.is_null()).add(quiet::Column::EndsAt.gt(at.0))
}

/// One that is not over yet.
async fn running_row(transaction: &DatabaseTransaction, id: QuietId, now: Timestamp) -> Result<quiet::Model> {
    let row = quiet::Entity::find_by_id(id.0).one(transaction).await?;
    let row = row.filter(|row| row.former_of.is_none()).ok_or(StoreError::NotFound)?;
    if row.ends_at.is_some_and(|ends| ends <= now.0) {
        return Err(StoreError::invalid("id", "error_quiet_over", "is over; make a new one"));
    }
    Ok(row)
}

/// An alert or a rule that is to be kept quiet must be there, and the alert open.
async fn there_is(transaction: &DatabaseTransaction, about: &QuietAbout) -> Result<()> {
    match about {
        QuietAbout::Devices(_) => {}
        QuietAbout::Incident(id) => {
            incidents::open_row(transaction, *id, "incident_id").await?;
        }
        QuietAbout::Rule(id) => {
            let row = rule::Entity::find_by_id(id.0).one(transaction).await?;
            row.ok_or(StoreError::NotFound)?;
        }
    }
    Ok(())
}

/// What it was until now stays, with the devices that it was about; where it never ran, there is nothing to keep.
async fn leave_behind(transaction: &DatabaseTransaction, row: &quiet::Model, now: Timestamp) -> Result<()> {
    let valid = Span { from: Timestamp(row.valid_from), to: now };
    let has_run = read(row.clone()).is_some_and(|window| !window.spans(valid).is_empty());
    if !has_run {
        return members::forget(transaction, QuietId(row.id)).await;
    }
    members::leave_all(transaction, QuietId(row.id), now).await?;
    let former = quiet::ActiveModel {
        id: NotSet,
        ends_at: Set(Some(now.0)),
        former_of: Set(Some(row.id)),
        ..active(row.clone())
    };
    let former = former.insert(transaction).await?;
    quiet_device::Entity::update_many()
        .col_expr(quiet_device::Column::QuietId, Expr::value(former.id))
        .filter(quiet_device::Column::QuietId.eq(row.id))
        .exec(transaction)
        .await?;
    Ok(())
}

fn active(row: quiet::Model) -> quiet::ActiveModel {
    quiet::ActiveModel {
        id: Set(row.id),
        kind: Set(row.kind),
        title: Set(row.title),
        about: Set(row.about),
        zone: Set(row.zone),
        starts: Set(row.starts),
        minutes: Set(row.minutes),
        recurs: Set(row.recurs),
        last_day: Set(row.last_day),
        made_by: Set(row.made_by),
        made_at: Set(row.made_at),
        valid_from: Set(row.valid_from),
        ends_at: Set(row.ends_at),
        former_of: Set(row.former_of),
    }
}

/// What is written of a draft that counts from now on.
fn columns(draft: &QuietDraft, now: Timestamp) -> Result<quiet::ActiveModel> {
    let mut errors = draft.errors();
    let plan = match Plan::read(&draft.plan) {
        Ok(plan) => Some(plan),
        Err(wrong) => {
            errors.extend(wrong);
            None
        }
    };
    let (Some(plan), true) = (plan, errors.is_empty()) else { return Err(StoreError::Invalid(errors)) };
    let ends_at = plan.end();
    if ends_at.is_some_and(|ends| ends <= now) {
        return Err(StoreError::invalid("starts", "error_quiet_past", "must end later than now"));
    }
    let QuietDraft { kind, title, about, plan } = draft;
    let QuietPlan { zone, starts, minutes, recurs, last_day } = plan;
    Ok(quiet::ActiveModel {
        kind: Set(kind.word().to_owned()),
        title: Set(title.trim().to_owned()),
        // Words of the model are always JSON.
        about: Set(serde_json::to_string(about).unwrap_or_default()),
        zone: Set(zone.clone()),
        starts: Set(starts.clone()),
        minutes: Set(i32::try_from(*minutes).unwrap_or(i32::MAX)),
        recurs: Set(serde_json::to_string(recurs).unwrap_or_default()),
        last_day: Set(last_day.clone()),
        valid_from: Set(now.0),
        ends_at: Set(ends_at.map(|ends| ends.0)),
        former_of: Set(None),
        ..Default::default()
    })
}

/// One that this version cannot read is left alone.
fn read(row: quiet::Model) -> Option<Window> {
    let plan = QuietPlan {
        zone: row.zone,
        starts: row.starts,
        minutes: u32::try_from(row.minutes).ok()?,
        recurs: serde_json::from_str(&row.recurs).ok()?,
        last_day: row.last_day,
    };
    let valid =
        Span { from: Timestamp(row.valid_from), to: row.ends_at.map_or(Timestamp(i64::MAX), Timestamp) };
    Some(Window {
        id: QuietId(row.id),
        plan: Plan::read(&plan).ok()?,
        draft: QuietDraft {
            kind: QuietKind::from_word(&row.kind)?,
            title: row.title,
            about: serde_json::from_str(&row.about).ok()?,
            plan,
        },
        made_by: row.made_by,
        made_at: Timestamp(row.made_at),
        valid,
    })
}

fn member(row: quiet_device::Model) -> Member {
    let to = row.until.map_or(Timestamp(i64::MAX), Timestamp);
    let valid = Span { from: Timestamp(row.since), to };
    Member { quiet: QuietId(row.quiet_id), device: DeviceId(row.device_id), valid }
}
