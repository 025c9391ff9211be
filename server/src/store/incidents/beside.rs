//! What stands beside an incident: what people said of it, by what it was kept quiet, and how its rule is called.

use super::super::{
    Store,
    entity::{incident, incident_note, quiet, rule},
    error::{Result, StoreError},
};
use super::{Incidents, whole};
use model::{Act, Hushed, Incident, IncidentId, Note, QuietKind, Timestamp};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Set,
};
use std::collections::HashMap;

/// Notes that one incident may have.
const NOTES_MAX: u64 = 200;
/// Notes of one answer.
const SHOWN_MAX: u64 = 5_000;

/// Of several incidents.
pub struct Beside {
    notes: HashMap<i64, Vec<Note>>,
    quiets: HashMap<i64, (QuietKind, String, String)>,
    rules: HashMap<i64, String>,
}

impl Beside {
    pub async fn of(connection: &impl ConnectionTrait, rows: &[incident::Model]) -> Result<Self> {
        let found = incident_note::Entity::find()
            .filter(incident_note::Column::IncidentId.is_in(rows.iter().map(|row| row.id)))
            .order_by_asc(incident_note::Column::Id)
            .limit(SHOWN_MAX)
            .all(connection)
            .await?;
        let mut notes = HashMap::<i64, Vec<Note>>::new();
        for row in found {
            let note = Note { at: Timestamp(row.at), by: row.who, text: row.said };
            notes.entry(row.incident_id).or_default().push(note);
        }
        let by: Vec<i64> = rows.iter().filter_map(|row| row.quiet_id).collect();
        let mut quiets = HashMap::new();
        if !by.is_empty() {
            let found = quiet::Entity::find().filter(quiet::Column::Id.is_in(by)).all(connection).await?;
            let known = |row: quiet::Model| {
                let kind = QuietKind::from_word(&row.kind).unwrap_or(QuietKind::Silence);
                (row.id, (kind, row.title, row.made_by))
            };
            quiets.extend(found.into_iter().map(known));
        }
        let told: Vec<i64> = rows.iter().filter_map(|row| row.rule_id).collect();
        let rules = if told.is_empty() { HashMap::new() } else { rule_names(connection, told).await? };
        Ok(Self { notes, quiets, rules })
    }

    pub fn notes(&mut self, id: i64) -> Vec<Note> {
        self.notes.remove(&id).unwrap_or_default()
    }

    pub fn rule(&self, row: &incident::Model) -> Option<String> {
        self.rules.get(&row.rule_id?).cloned()
    }

    pub fn hushed(&self, row: &incident::Model) -> Option<Hushed> {
        let (kind, title, by) = self.quiets.get(&row.quiet_id?)?.clone();
        Some(Hushed { kind, title, by, until: row.quiet_until.map(Timestamp) })
    }
}

impl Incidents<'_> {
    /// Adds what somebody says of it.
    pub async fn add_note(&self, id: IncidentId, by: &str, text: &str) -> Result<Incident> {
        let transaction = self.0.change().await?;
        let row = incident::Entity::find_by_id(id.0).one(&transaction).await?.ok_or(StoreError::NotFound)?;
        write_note(self.0, &transaction, id, (by, text)).await?;
        self.0.note(&transaction, Act::IncidentNoted, Some(&row.device), Some(text)).await?;
        let found = whole(&transaction, vec![row]).await?.pop();
        transaction.commit().await?;
        self.0.alerts_changed();
        found.ok_or(StoreError::NotFound)
    }
}

/// What these rules are called, as far as they are there.
pub async fn rule_names(connection: &impl ConnectionTrait, ids: Vec<i64>) -> Result<HashMap<i64, String>> {
    let found = rule::Entity::find()
        .select_only()
        .columns([rule::Column::Id, rule::Column::Name])
        .filter(rule::Column::Id.is_in(ids));
    let names: Vec<(i64, String)> = found.into_tuple().all(connection).await?;
    Ok(names.into_iter().collect())
}

/// One more, as a part of `transaction`.
pub async fn write_note(
    store: &Store,
    transaction: &DatabaseTransaction,
    id: IncidentId,
    (by, text): (&str, &str),
) -> Result<()> {
    let own = incident_note::Entity::find().filter(incident_note::Column::IncidentId.eq(id.0));
    if own.count(transaction).await? >= NOTES_MAX {
        let why = format!("there are {NOTES_MAX} already, which is the most");
        return Err(StoreError::invalid("note", "error_too_many", &why));
    }
    let row = incident_note::ActiveModel {
        incident_id: Set(id.0),
        at: Set(store.now().0),
        who: Set(by.to_owned()),
        said: Set(text.to_owned()),
        ..Default::default()
    };
    row.insert(transaction).await?;
    Ok(())
}
