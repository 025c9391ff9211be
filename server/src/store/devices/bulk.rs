//! Writes many new devices with few statements: 10,000 of them are to keep nobody waiting for long.

use super::{Write, checks, login, write};
use crate::store::{
    entity::{check, credential, device},
    error::{Result, StoreError},
    settings::Defaults,
};
use model::{CheckDraft, CredentialChange, DeviceDraft, DeviceId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Set, sea_query::Expr};
use std::collections::{BTreeMap, HashMap};

/// Rows of one statement: every database has its own limit to the values in it.
const ROWS_MAX: usize = 500;

/// Adds devices that were judged already.
pub async fn create(
    write: &Write<'_>,
    new: &[(DeviceDraft, Vec<CheckDraft>)],
    defaults: Defaults,
) -> Result<()> {
    for some in new.chunks(ROWS_MAX) {
        let rows = some.iter().map(|(draft, _)| {
            let mut row = write::row(draft, write.now)?;
            row.created_at = Set(write.now.0);
            Ok(row)
        });
        let rows: Vec<device::ActiveModel> = rows.collect::<Result<_>>()?;
        let written = device::Entity::insert_many(rows).exec_without_returning(write.transaction).await;
        written.map_err(|error| StoreError::taken(error, "name"))?;
        let ids = ids(write, some.iter().map(|(draft, _)| draft.name.as_str())).await?;
        let (mut questions, mut logins) = (Vec::new(), Vec::new());
        for (draft, checks) in some {
            let id = *ids.get(&draft.name).ok_or(StoreError::NotFound)?;
            for check in checks {
                questions.push(checks::row(id, draft.kind, check, defaults)?);
            }
            if let CredentialChange::Set(new) = &draft.routeros {
                logins.push(login::row_of(write.vault, id, new.clone(), None, write.now)?);
            }
        }
        for some in questions.chunks(ROWS_MAX) {
            check::Entity::insert_many(some.to_vec()).exec_without_returning(write.transaction).await?;
        }
        if !logins.is_empty() {
            credential::Entity::insert_many(logins).exec_without_returning(write.transaction).await?;
        }
    }
    Ok(())
}

/// Gives devices their parents, by name. The family was judged as a whole.
pub async fn move_all(write: &Write<'_>, moved: &[(&str, &str)]) -> Result<()> {
    let mut children: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (child, parent) in moved {
        children.entry(parent).or_default().push(child);
    }
    let parents: Vec<&str> = children.keys().copied().collect();
    let mut parent_ids = HashMap::new();
    for some in parents.chunks(ROWS_MAX) {
        parent_ids.extend(ids(write, some.iter().copied()).await?);
    }
    for (parent, children) in children {
        let parent = parent_ids.get(parent).ok_or(StoreError::NotFound)?;
        for some in children.chunks(ROWS_MAX) {
            device::Entity::update_many()
                .col_expr(device::Column::ParentId, Expr::value(parent.0))
                .col_expr(device::Column::UpdatedAt, Expr::value(write.now.0))
                .filter(device::Column::Name.is_in(some.iter().copied()))
                .exec(write.transaction)
                .await?;
        }
    }
    Ok(())
}

async fn ids(write: &Write<'_>, names: impl Iterator<Item = &str>) -> Result<HashMap<String, DeviceId>> {
    let rows: Vec<(i64, String)> = device::Entity::find()
        .select_only()
        .columns([device::Column::Id, device::Column::Name])
        .filter(device::Column::Name.is_in(names))
        .into_tuple()
        .all(write.transaction)
        .await?;
    Ok(rows.into_iter().map(|(id, name)| (name, DeviceId(id))).collect())
}
