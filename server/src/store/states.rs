//! What became of the devices: the journal writes it, a restart reads it back.

use super::{
    Store,
    entity::{check, device, device_state, transition},
    error::Result,
};
use engine::{Outcome, Transition};
use model::{DeviceId, State};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, Set,
    sea_query::{Expr, OnConflict},
};
use std::collections::HashSet;

/// Longest cause kept.
const CAUSE_CHARS_MAX: usize = 1000;

pub struct States<'a>(pub(super) &'a Store);

impl States<'_> {
    /// Records `outcomes` in one transaction: all of them or none.
    ///
    /// What a round saw of a device that was removed meanwhile is of no interest to anyone.
    pub async fn record(&self, outcomes: &[Outcome]) -> Result<()> {
        if outcomes.is_empty() {
            return Ok(());
        }
        let transaction = self.0.begin().await?;
        let known = known(&transaction, outcomes).await?;
        let (mut transitions, mut answered) = (Vec::new(), Vec::new());
        for outcome in outcomes.iter().filter(|outcome| known.contains(&outcome.device.0)) {
            remember(&transaction, outcome).await?;
            transitions.extend(outcome.transition.as_ref().map(|change| row(outcome.device, change)));
            answered.extend(outcome.answered.iter().map(|check| check.0));
            if let Some(fingerprint) = &outcome.first_seen_certificate {
                super::devices::pin_first(&transaction, outcome.device, fingerprint).await?;
            }
        }
        if !transitions.is_empty() {
            transition::Entity::insert_many(transitions).exec_without_returning(&transaction).await?;
        }
        if !answered.is_empty() {
            check::Entity::update_many()
                .col_expr(check::Column::HasAnswered, Expr::value(true))
                .filter(check::Column::Id.is_in(answered))
                .exec(&transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }
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
    let cause = change.cause.as_ref()?;
    Some(cause.chars().filter(|char| *char != '\0').take(CAUSE_CHARS_MAX).collect())
}
