//! What became of the devices: the journal writes it, a restart reads it back.

use super::{
    Store,
    entity::{check, device, device_state, transition},
    error::Result,
};
use engine::{Outcome, Transition};
use model::{DeviceId, State, Timestamp};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{Expr, OnConflict, Query},
};
use std::collections::HashSet;

/// Longest cause kept.
const CAUSE_CHARS_MAX: usize = 1000;

pub struct States<'a>(pub(super) &'a Store);

impl States<'_> {
    /// For tests: records `outcomes` alone.
    #[cfg(test)]
    pub async fn record(&self, outcomes: &[Outcome]) -> Result<()> {
        let recording = self.0.recording().await?;
        recording.states(outcomes).await?;
        recording.commit().await
    }

    /// The changes of these devices, or of all, since `from` and the last one before it, in the order of their
    /// recording: at most `limit`.
    pub async fn changes(
        &self,
        devices: Option<&[DeviceId]>,
        from: Timestamp,
        limit: u64,
    ) -> Result<Vec<(DeviceId, Transition)>> {
        use transition::{Column, Entity};
        let snapshot = self.0.snapshot().await?;
        let mut before = Query::select();
        before
            .expr(Column::Id.max())
            .from(Entity)
            .and_where(Column::At.lt(from.0))
            .group_by_col(Column::DeviceId);
        if let Some(devices) = devices {
            before.and_where(Column::DeviceId.is_in(devices.iter().map(|device| device.0)));
        }
        let is_wanted = Condition::any().add(Column::At.gte(from.0)).add(Column::Id.in_subquery(before));
        let mut found = Entity::find().filter(is_wanted);
        if let Some(devices) = devices {
            found = found.filter(Column::DeviceId.is_in(devices.iter().map(|device| device.0)));
        }
        let rows = found.order_by_asc(Column::Id).limit(limit).all(&snapshot).await?;
        Ok(rows.into_iter().map(read).collect())
    }
}

/// Writes `outcomes` down as a part of `transaction`.
///
/// What a round saw of a device that was removed meanwhile is of no interest to anyone.
pub(super) async fn write(transaction: &DatabaseTransaction, outcomes: &[Outcome]) -> Result<()> {
    if outcomes.is_empty() {
        return Ok(());
    }
    let known = known(transaction, outcomes).await?;
    let (mut transitions, mut answered) = (Vec::new(), Vec::new());
    for outcome in outcomes.iter().filter(|outcome| known.contains(&outcome.device.0)) {
        remember(transaction, outcome).await?;
        transitions.extend(outcome.transition.as_ref().map(|change| row(outcome.device, change)));
        answered.extend(outcome.answered.iter().map(|check| check.0));
        if let Some(fingerprint) = &outcome.first_seen_certificate {
            super::devices::pin_first(transaction, outcome.device, fingerprint).await?;
        }
    }
    if !transitions.is_empty() {
        transition::Entity::insert_many(transitions).exec_without_returning(transaction).await?;
    }
    if !answered.is_empty() {
        check::Entity::update_many()
            .col_expr(check::Column::HasAnswered, Expr::value(true))
            .filter(check::Column::Id.is_in(answered))
            .exec(transaction)
            .await?;
    }
    Ok(())
}

fn read(row: transition::Model) -> (DeviceId, Transition) {
    let state = |word: &str| State::from_word(word).unwrap_or_default();
    let change = Transition {
        from: state(&row.state_from),
        to: state(&row.state_to),
        at: Timestamp(row.at),
        cause: row.cause,
    };
    (DeviceId(row.device_id), change)
}

async fn known(transaction: &DatabaseTransaction, outcomes: &[Outcome]) -> Result<HashSet<i64>> {
    let ids: HashSet<i64> = outcomes.iter().map(|outcome| outcome.device.0).collect();
    let found = device::Entity::find()
        .select_only()
        .column(device::Column::Id)
        .filter(device::Column::Id.is_in(ids))
        .into_tuple()
        .all(transaction)
        .await?;
    Ok(found.into_iter().collect())
}

/// Folds one outcome into the device's remembered state, leaving alone what it says nothing about.
async fn remember(transaction: &DatabaseTransaction, outcome: &Outcome) -> Result<()> {
    use device_state::{ActiveModel, Column, Entity};
    let mut replaced = Vec::new();
    if outcome.transition.is_some() {
        replaced.extend([Column::State, Column::Since, Column::Cause]);
    }
    if outcome.reconnects.is_some() {
        replaced.push(Column::Reconnects);
    }
    if replaced.is_empty() {
        return Ok(());
    }
    let change = outcome.transition.as_ref();
    let row = ActiveModel {
        device_id: Set(outcome.device.0),
        state: Set(change.map_or(State::Unknown, |change| change.to).word().to_owned()),
        since: Set(change.map_or(outcome.at, |change| change.at).0),
        cause: Set(change.and_then(cause)),
        reconnects: Set(i64::try_from(outcome.reconnects.unwrap_or(0)).unwrap_or(i64::MAX)),
    };
    let replace = OnConflict::column(Column::DeviceId).update_columns(replaced).to_owned();
    Entity::insert(row).on_conflict(replace).exec_without_returning(transaction).await?;
    Ok(())
}

fn row(device: DeviceId, change: &Transition) -> transition::ActiveModel {
    transition::ActiveModel {
        device_id: Set(device.0),
        at: Set(change.at.0),
        state_from: Set(change.from.word().to_owned()),
        state_to: Set(change.to.word().to_owned()),
        cause: Set(cause(change)),
        ..Default::default()
    }
}

/// A cause may quote a device, so it is cut to size, and freed of the one character PostgreSQL refuses.
fn cause(change: &Transition) -> Option<String> {
    change.cause.as_deref().map(clean)
}

/// The same of any cause.
pub(super) fn clean(cause: &str) -> String {
    cause.chars().filter(|char| *char != '\0').take(CAUSE_CHARS_MAX).collect()
}
