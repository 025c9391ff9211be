//! What becomes of open incidents whose rule asks for them no more: another rule tells of them from then on, or they
//! are withdrawn.

use super::{
    super::{
        super::{
            entity::{delivery, incident, incident_device},
            error::Result,
            outbox::{self, HELD, OPENED, WAITING},
            quiets::{self, About},
            rules,
        },
        late::devices,
    },
    Writer,
};
use crate::alerts::{Telling, tellings};
use model::{IncidentEnd, IncidentId, IncidentKind, Rule, RuleId, Timestamp};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, IntoCondition},
};
use std::collections::HashSet;

impl Writer<'_> {
    /// Closes those open incidents that nothing will ever end. That is told where the beginning was; of what nobody was
    /// told yet nobody is told any more.
    pub(super) async fn withdraw(&mut self, which: impl IntoCondition) -> Result<()> {
        let open = incident::Entity::find()
            .select_only()
            .column(incident::Column::Id)
            .filter(which)
            .filter(incident::Column::ClosedAt.is_null());
        let ids: Vec<i64> = open.into_tuple().all(self.transaction).await?;
        for id in ids.into_iter().map(IncidentId) {
            outbox::drop_beginning(self.transaction, id).await?;
            self.close(id, self.now, IncidentEnd::Withdrawn).await?;
        }
        Ok(())
    }

    /// Lets another rule tell of an outage that goes on; without one it is withdrawn.
    async fn pass(&mut self, row: &incident::Model, events: &[Rule]) -> Result<()> {
        let Some(telling) = self.telling(row, events).await? else {
            return self.withdraw(incident::Column::Id.eq(row.id)).await;
        };
        incident::Entity::update_many()
            .col_expr(incident::Column::RuleId, Expr::value(telling.rule.0))
            .col_expr(incident::Column::Severity, Expr::value(telling.severity.word()))
            .filter(incident::Column::Id.eq(row.id))
            .exec(self.transaction)
            .await?;
        // It may matter more than it did: who hears only of that hears of it now, and nobody else again.
        let known = delivery::Entity::find()
            .select_only()
            .column(delivery::Column::ChannelId)
            .filter(delivery::Column::IncidentId.eq(row.id))
            .filter(delivery::Column::Kind.eq(OPENED));
        let known: Vec<i64> = known.into_tuple().all(self.transaction).await?;
        let mut hearing = self.hearing(telling.severity);
        hearing.retain(|channel| !known.contains(channel));
        if hearing.is_empty() {
            return Ok(());
        }
        let about = About { incident: row.id, device: row.device_id, rule: Some(telling.rule.0) };
        let by = self.quiet.opening(self.transaction, about).await?;
        if let Some(by) = by {
            quiets::mark_incident(self.transaction, row.id, by).await?;
        }
        let state = if by.is_some() { HELD } else { WAITING };
        self.tell(&hearing, (row.id, OPENED), (state, 0)).await
    }

    /// By which rule an outage that goes on is to be told now; of several devices that are down together, one is enough.
    async fn telling(&self, row: &incident::Model, events: &[Rule]) -> Result<Option<Telling>> {
        let lasts = |kind: &IncidentKind| matches!(kind, IncidentKind::Down | IncidentKind::Degraded);
        let Some(kind) = IncidentKind::from_word(&row.kind).filter(lasts) else { return Ok(None) };
        let parts = incident_device::Entity::find()
            .select_only()
            .column(incident_device::Column::DeviceId)
            .filter(incident_device::Column::IncidentId.eq(row.id))
            .filter(incident_device::Column::IsDown.eq(true))
            .filter(incident_device::Column::Until.is_null());
        let mut down: HashSet<i64> =
            parts.into_tuple::<i64>().all(self.transaction).await?.into_iter().collect();
        // One that is alone has no parts.
        if down.is_empty() {
            down.extend(row.device_id);
        }
        let devices = devices(self.transaction, down.into_iter()).await?;
        let lasted_ms = self.now.since_ms(Timestamp(row.opened_at));
        let all = devices.values().filter_map(|device| tellings(events, device).remove(&kind));
        let due = all.filter(|telling| lasted_ms >= i64::from(telling.for_s) * 1_000);
        Ok(due.min_by_key(|telling| (telling.for_s, telling.severity, telling.rule)))
    }
}

/// Lets other rules tell of what this one told of, and withdraws the rest. To be called once its change is written, and
/// before it is removed.
pub(in crate::store) async fn pass_on(
    transaction: &DatabaseTransaction,
    (rule, is_removed): (RuleId, bool),
    now: Timestamp,
) -> Result<()> {
    let open = incident::Entity::find()
        .filter(incident::Column::RuleId.eq(rule.0))
        .filter(incident::Column::ClosedAt.is_null())
        .all(transaction)
        .await?;
    if open.is_empty() {
        return Ok(());
    }
    let mut events = rules::events(transaction).await?;
    events.retain(|event| !is_removed || event.id != rule);
    let mut writer = Writer::new(transaction, now).await?;
    for row in open {
        writer.pass(&row, &events).await?;
    }
    Ok(())
}
