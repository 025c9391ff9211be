//! Alert rules, and which of their alerts are open.

use super::{
    Store,
    entity::{incident, rule},
    error::{Result, StoreError},
    incidents,
};
use model::{Act, Condition, DeviceId, Measure, Rule, RuleDraft, RuleId, RuleScope, Severity, Side};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Unchanged, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait,
    QueryFilter, QueryOrder, Set,
};

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

    /// Writes rules that make sense everywhere, once in the life of a database: what somebody removes stays removed.
    pub async fn add_first(&self) -> Result<()> {
        if self.0.settings().all().await?.contains_key(FIRST_RULES) {
            return Ok(());
        }
        let transaction = self.0.change().await?;
        let now = self.0.now().0;
        for draft in first_rules() {
            let mut row = columns(&draft);
            (row.created_at, row.updated_at) = (Set(now), Set(now));
            row.insert(&transaction).await.map_err(|error| StoreError::taken(error, "name"))?;
        }
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
        Ok(Rule { id: RuleId(made.id), draft: draft.clone() })
    }

    /// What its alerts were about may be another number now: those that are open are closed.
    pub async fn update(&self, id: RuleId, draft: &RuleDraft) -> Result<Rule> {
        let transaction = self.0.change().await?;
        let before = row(&transaction, id).await?;
        let mut changed = columns(draft);
        changed.id = Unchanged(before.id);
        changed.updated_at = Set(self.0.now().0);
        changed.update(&transaction).await.map_err(|error| StoreError::taken(error, "name"))?;
        incidents::withdraw(&transaction, incident::Column::RuleId.eq(id.0), self.0.now()).await?;
        self.0.note(&transaction, Act::RuleChanged, Some(&draft.name), None).await?;
        transaction.commit().await?;
        Ok(Rule { id, draft: draft.clone() })
    }

    pub async fn remove(&self, id: RuleId) -> Result<()> {
        let transaction = self.0.change().await?;
        let row = row(&transaction, id).await?;
        incidents::withdraw(&transaction, incident::Column::RuleId.eq(id.0), self.0.now()).await?;
        rule::Entity::delete_by_id(id.0).exec(&transaction).await?;
        self.0.note(&transaction, Act::RuleRemoved, Some(&row.name), None).await?;
        Ok(transaction.commit().await?)
    }
}

/// Whose numbers are known to be where they must not be.
pub(super) async fn open(connection: &impl ConnectionTrait) -> Result<Vec<(RuleId, DeviceId, String)>> {
    let rows = incident::Entity::find()
        .filter(incident::Column::ClosedAt.is_null())
        .filter(incident::Column::RuleId.is_not_null())
        .all(connection)
        .await?;
    let one = |row: incident::Model| {
        Some((RuleId(row.rule_id?), DeviceId(row.device_id?), row.subject.unwrap_or_default()))
    };
    Ok(rows.into_iter().filter_map(one).collect())
}

/// The setting that says that they were written.
const FIRST_RULES: &str = "first_rules";

fn first_rules() -> [RuleDraft; 3] {
    let above = |name: &str, measure, limit, clear, minutes: u32| RuleDraft {
        name: name.to_owned(),
        enabled: true,
        severity: Severity::Warning,
        condition: Condition { measure, subject: None, side: Side::Above, limit, clear: Some(clear) },
        scope: RuleScope::default(),
        for_s: minutes * 60,
        cool_down_s: 30 * 60,
    };
    [
        above("CPU load", Measure::CpuLoad, 90.0, 80.0, 10),
        above("Memory", Measure::MemoryUse, 95.0, 90.0, 15),
        above("Temperature", Measure::Temperature, 75.0, 70.0, 10),
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
        condition: Set(serde_json::to_string(&draft.condition).unwrap_or_default()),
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
        condition: serde_json::from_str(&row.condition).ok()?,
        scope: serde_json::from_str(&row.scope).ok()?,
        for_s: u32::try_from(row.for_s).ok()?,
        cool_down_s: u32::try_from(row.cool_down_s).ok()?,
    };
    Some(Rule { id: RuleId(row.id), draft })
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
