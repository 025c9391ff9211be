//! Alert rules, and which of their alerts are open.

use super::{
    Store,
    entity::{incident, rule},
    error::{Result, StoreError},
    incidents,
};
use model::{
    About, Act, Condition, DeviceId, Event, IncidentKind, Measure, Rule, RuleDraft, RuleId, RuleScope,
    RuleTally, Severity, Side, Timestamp,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Unchanged, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait,
    QueryFilter, QueryOrder, QuerySelect, Set, sea_query::Expr,
};
use std::collections::HashMap;

/// Rules there may be: each looks at every number of its measure.
const RULES_MAX: usize = 200;

pub struct Rules<'a>(pub(super) &'a Store);

impl Rules<'_> {
    /// By name. One that this version cannot read is left alone.
    pub async fn list(&self) -> Result<Vec<Rule>> {
        let rows = rule::Entity::find().order_by_asc(rule::Column::Name).all(self.0.reader()).await?;
        Ok(rows.into_iter().filter_map(read).collect())
    }

    /// Whose numbers are known to be where they must not be.
    pub async fn open(&self) -> Result<Vec<(RuleId, DeviceId, String)>> {
        open(self.0.reader()).await
    }

    /// How often each fired since `from`, and how much of it goes on. One that never did is not in the answer.
    pub async fn tallies(&self, from: Timestamp) -> Result<HashMap<RuleId, RuleTally>> {
        let snapshot = self.0.snapshot().await?;
        let counted = || {
            incident::Entity::find()
                .select_only()
                .column(incident::Column::RuleId)
                .column_as(incident::Column::Id.count(), "count")
                .filter(incident::Column::RuleId.is_not_null())
                .group_by(incident::Column::RuleId)
        };
        let fired = counted().filter(incident::Column::OpenedAt.gte(from.0));
        let fired: Vec<(i64, i64)> = fired.into_tuple().all(&snapshot).await?;
        let open = counted().filter(incident::Column::ClosedAt.is_null());
        let open: Vec<(i64, i64)> = open.into_tuple().all(&snapshot).await?;
        let mut tallies = HashMap::<RuleId, RuleTally>::new();
        for (rule, count) in fired {
            tallies.entry(RuleId(rule)).or_default().fired = count.unsigned_abs();
        }
        for (rule, count) in open {
            tallies.entry(RuleId(rule)).or_default().open = count.unsigned_abs();
        }
        Ok(tallies)
    }

    /// Writes rules that make sense everywhere, once in the life of a database: what somebody removes stays removed.
    /// Those about traffic have these limits, in Mbit/s.
    pub async fn add_first(&self, (high_mbps, low_mbps): (f64, f64)) -> Result<()> {
        if self.0.settings().all().await?.contains_key(FIRST_RULES) {
            return Ok(());
        }
        let transaction = self.0.change().await?;
        let now = self.0.now().0;
        for draft in first_rules(high_mbps, low_mbps) {
            let mut row = columns(&draft);
            (row.created_at, row.updated_at) = (Set(now), Set(now));
            row.insert(&transaction).await.map_err(|error| StoreError::taken(error, "name"))?;
        }
        // Its name in the migration is older than what it tells.
        rule::Entity::update_many()
            .col_expr(rule::Column::Name, Expr::value("Certificate or SSH key changed"))
            .filter(rule::Column::Name.eq("Certificate changed"))
            .exec(&transaction)
            .await?;
        super::settings::set(&transaction, FIRST_RULES, "true").await?;
        Ok(transaction.commit().await?)
    }

    pub async fn create(&self, draft: &RuleDraft) -> Result<Rule> {
        let transaction = self.0.change().await?;
        if rule::Entity::find().all(&transaction).await?.len() >= RULES_MAX {
            let why = format!("there are {RULES_MAX} rules already, which is the most");
            return Err(StoreError::invalid("name", "error_too_many_rules", &why));
        }
        let now = self.0.now().0;
        let mut row = columns(draft);
        (row.created_at, row.updated_at) = (Set(now), Set(now));
        let made = row.insert(&transaction).await.map_err(|error| StoreError::taken(error, "name"))?;
        self.0.note(&transaction, Act::RuleCreated, Some(&draft.name), None).await?;
        transaction.commit().await?;
        let id = RuleId(made.id);
        Ok(read(made).unwrap_or_else(|| Rule { id, draft: draft.clone() }))
    }

    #[cfg(test)]
    pub async fn update(&self, id: RuleId, draft: &RuleDraft) -> Result<Rule> {
        self.update_seen(id, draft, |_| true).await
    }

    /// What its alerts were about may be something else now: unless it still tells the same of the same devices, those
    /// that are open pass to the rule that tells of them now, or are closed. Nothing is changed where the rule is not
    /// as it was seen.
    pub async fn update_seen(
        &self,
        id: RuleId,
        draft: &RuleDraft,
        is_seen: impl FnOnce(&RuleDraft) -> bool,
    ) -> Result<Rule> {
        let transaction = self.0.change().await?;
        let before = row(&transaction, id).await?;
        let was = read(before.clone());
        if let Some(was) = was.as_ref().filter(|was| !is_seen(&was.draft)) {
            // It was made already, and its answer lost.
            if was.draft == (RuleDraft { name: draft.name.trim().to_owned(), ..draft.clone() }) {
                return Ok(was.clone());
            }
            let (what, at) = ((Act::RuleChanged, before.name.as_str()), Timestamp(before.updated_at));
            return Err(self.0.overtaken(&transaction, what, at).await?);
        }
        let mut changed = columns(draft);
        changed.id = Unchanged(before.id);
        changed.updated_at = Set(self.0.now().0);
        let changed = changed.update(&transaction).await;
        let changed = changed.map_err(|error| StoreError::taken(error, "name"))?;
        let tells_same = |was: &RuleDraft| {
            let is_on = was.enabled && draft.enabled;
            is_on && was.about == draft.about && was.scope == draft.scope && was.for_s == draft.for_s
        };
        if !was.is_some_and(|was| was.draft.about.event().is_some() && tells_same(&was.draft)) {
            incidents::pass_on(&transaction, (id, false), self.0.now()).await?;
        }
        self.0.note(&transaction, Act::RuleChanged, Some(&draft.name), None).await?;
        transaction.commit().await?;
        self.0.alerts_changed();
        // As it is stored, and will be seen.
        Ok(read(changed).unwrap_or_else(|| Rule { id, draft: draft.clone() }))
    }

    pub async fn remove(&self, id: RuleId) -> Result<()> {
        let transaction = self.0.change().await?;
        let row = row(&transaction, id).await?;
        incidents::pass_on(&transaction, (id, true), self.0.now()).await?;
        rule::Entity::delete_by_id(id.0).exec(&transaction).await?;
        self.0.note(&transaction, Act::RuleRemoved, Some(&row.name), None).await?;
        transaction.commit().await?;
        self.0.alerts_changed();
        Ok(())
    }
}

/// Whose numbers are known to be where they must not be.
pub(super) async fn open(connection: &impl ConnectionTrait) -> Result<Vec<(RuleId, DeviceId, String)>> {
    let rows = incident::Entity::find()
        .filter(incident::Column::ClosedAt.is_null())
        .filter(incident::Column::RuleId.is_not_null())
        .filter(incident::Column::Kind.eq(IncidentKind::Threshold.word()))
        .all(connection)
        .await?;
    let one = |row: incident::Model| {
        Some((RuleId(row.rule_id?), DeviceId(row.device_id?), row.subject.unwrap_or_default()))
    };
    Ok(rows.into_iter().filter_map(one).collect())
}

/// The setting that says that they were written.
const FIRST_RULES: &str = "first_rules";

fn first_rules(high_mbps: f64, low_mbps: f64) -> [RuleDraft; 6] {
    let rule = |name: &str, condition, minutes: u32| RuleDraft {
        name: name.to_owned(),
        enabled: true,
        severity: Severity::Warning,
        about: About::Number(condition),
        scope: RuleScope::default(),
        for_s: minutes * 60,
        cool_down_s: 30 * 60,
    };
    let above = |measure, limit, clear| Condition {
        clear: Some(clear),
        ..Condition::new(measure, Side::Above, limit)
    };
    let (high, low) = (high_mbps * 1e6, low_mbps * 1e6);
    // A line that is always this quiet has nothing to tell, nor has a night.
    let quiet = Condition { unless_usual: true, ..Condition::new(Measure::RxRate, Side::Below, low) };
    [
        rule("CPU load", above(Measure::CpuLoad, 90.0, 80.0), 10),
        rule("Memory", above(Measure::MemoryUse, 95.0, 90.0), 15),
        rule("Temperature", above(Measure::Temperature, 75.0, 70.0), 10),
        rule("Bandwidth in high", above(Measure::RxRate, high, high * 0.9), 5),
        rule("Bandwidth out high", above(Measure::TxRate, high, high * 0.9), 5),
        rule("Bandwidth in low", quiet, 15),
    ]
}

async fn row(transaction: &DatabaseTransaction, id: RuleId) -> Result<rule::Model> {
    rule::Entity::find_by_id(id.0).one(transaction).await?.ok_or(StoreError::NotFound)
}

fn columns(draft: &RuleDraft) -> rule::ActiveModel {
    rule::ActiveModel {
        name: Set(draft.name.trim().to_owned()),
        enabled: Set(draft.enabled),
        severity: Set(draft.severity.word().to_owned()),
        // Words of the model are always JSON.
        condition: Set(match &draft.about {
            About::Number(condition) => serde_json::to_string(condition).unwrap_or_default(),
            About::State(event) => serde_json::to_string(event).unwrap_or_default(),
        }),
        scope: Set(serde_json::to_string(&draft.scope).unwrap_or_default()),
        for_s: Set(i32::try_from(draft.for_s).unwrap_or(i32::MAX)),
        cool_down_s: Set(i32::try_from(draft.cool_down_s).unwrap_or(i32::MAX)),
        ..Default::default()
    }
}

fn read(row: rule::Model) -> Option<Rule> {
    let draft = RuleDraft {
        name: row.name,
        enabled: row.enabled,
        severity: Severity::from_word(&row.severity)?,
        about: about(&row.condition)?,
        scope: serde_json::from_str(&row.scope).ok()?,
        for_s: u32::try_from(row.for_s).ok()?,
        cool_down_s: u32::try_from(row.cool_down_s).ok()?,
    };
    Some(Rule { id: RuleId(row.id), draft })
}

/// Only what is about a state has a field of that name.
fn about(condition: &str) -> Option<About> {
    let event = serde_json::from_str::<Event>(condition).ok().map(About::State);
    event.or_else(|| serde_json::from_str(condition).ok().map(About::Number))
}

/// The rules about states that are on.
pub(super) async fn events(connection: &impl ConnectionTrait) -> Result<Vec<Rule>> {
    let rows = rule::Entity::find().filter(rule::Column::Enabled.eq(true)).all(connection).await?;
    let rules = rows.into_iter().filter_map(read);
    Ok(rules.filter(|rule| rule.draft.about.event().is_some()).collect())
}

/// For whoever writes incidents: the rules by their ids.
pub(super) async fn severities(
    connection: &impl ConnectionTrait,
    ids: &[i64],
) -> Result<Vec<(i64, Severity)>> {
    let rows = rule::Entity::find()
        .filter(rule::Column::Id.is_in(ids.iter().copied()))
        .filter(rule::Column::Enabled.eq(true))
        .all(connection)
        .await?;
    let one = |row: rule::Model| (row.id, Severity::from_word(&row.severity).unwrap_or(Severity::Warning));
    Ok(rows.into_iter().map(one).collect())
}
