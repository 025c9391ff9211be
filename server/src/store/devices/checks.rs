//! The checks of a device: what it gets by itself, what is refused, and which survive a change.

use crate::store::{
    entity::check,
    error::{Result, StoreError},
    settings::Defaults,
};
use model::{CheckDraft, CheckKind, Device, DeviceId, DeviceKind, FieldError, Settings};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, Set,
};

/// What a device gets when nobody names its checks. A tunnel needs the TCP port.
pub fn default_checks(
    kind: DeviceKind,
    port: Option<u16>,
    has_login: bool,
) -> std::result::Result<Vec<CheckDraft>, FieldError> {
    let icmp = plain(CheckKind::Icmp);
    match (kind, port) {
        (DeviceKind::Tunnel, Some(port)) => Ok(vec![tcp(port), icmp]),
        (DeviceKind::Tunnel, None) => {
            Err(FieldError::new("port", "error_required", "is required for a tunnel"))
        }
        (DeviceKind::Router, _) if has_login => Ok(vec![icmp, plain(CheckKind::Routeros)]),
        _ => Ok(vec![icmp]),
    }
}

/// The checks there are, as they are; without a login nothing can be asked with one.
pub fn kept(before: &Device, has_login: bool) -> Vec<CheckDraft> {
    let kept = before.checks.iter().filter(|check| has_login || check.kind != CheckKind::Routeros);
    let kept = kept.map(|check| CheckDraft {
        kind: check.kind,
        interval_s: Some(check.interval_s),
        timeout_s: Some(check.timeout_s),
        settings: check.settings.clone(),
    });
    kept.collect()
}

/// A check of this kind with every default.
pub fn plain(kind: CheckKind) -> CheckDraft {
    CheckDraft { kind, interval_s: None, timeout_s: None, settings: Settings::new() }
}

pub fn tcp(port: u16) -> CheckDraft {
    let settings = Settings::from([("port".to_owned(), port.to_string())]);
    CheckDraft { settings, ..plain(CheckKind::Tcp) }
}

/// Makes `drafts` the checks of the device.
///
/// A check that asks the same question as before keeps its identity, and with it what it has learnt.
pub async fn replace(
    transaction: &DatabaseTransaction,
    (id, kind): (DeviceId, DeviceKind),
    drafts: Vec<CheckDraft>,
) -> Result<()> {
    let defaults = Defaults::load(transaction).await?;
    let mut old = check::Entity::find()
        .filter(check::Column::DeviceId.eq(id.0))
        .order_by_asc(check::Column::Id)
        .all(transaction)
        .await?;
    let mut new = Vec::new();
    for draft in drafts {
        let (interval_s, timeout_s) = times(&draft, kind, defaults);
        let (interval_s, timeout_s) = (seconds(interval_s), seconds(timeout_s));
        let settings = json(&draft.settings)?;
        let word = draft.kind.word();
        match old.iter().position(|row| row.kind == word && row.settings == settings) {
            Some(same) => {
                let mut kept = old.remove(same).into_active_model();
                kept.interval_s.set_if_not_equals(interval_s);
                kept.timeout_s.set_if_not_equals(timeout_s);
                if kept.is_changed() {
                    kept.update(transaction).await?;
                }
            }
            None => new.push(row(id, kind, &draft, defaults)?),
        }
    }
    let gone: Vec<i64> = old.iter().map(|row| row.id).collect();
    if !gone.is_empty() {
        check::Entity::delete_many().filter(check::Column::Id.is_in(gone)).exec(transaction).await?;
    }
    if !new.is_empty() {
        check::Entity::insert_many(new).exec_without_returning(transaction).await?;
    }
    Ok(())
}

/// How often it asks and how long one try may take, in seconds.
pub fn times(draft: &CheckDraft, kind: DeviceKind, defaults: Defaults) -> (u32, u32) {
    let interval_s = draft.interval_s.unwrap_or_else(|| defaults.interval_s(kind, draft.kind));
    (interval_s, draft.timeout_s.unwrap_or_else(|| defaults.timeout_s(draft.kind)))
}

/// A new check of a device.
pub fn row(
    id: DeviceId,
    kind: DeviceKind,
    draft: &CheckDraft,
    defaults: Defaults,
) -> Result<check::ActiveModel> {
    let (interval_s, timeout_s) = times(draft, kind, defaults);
    Ok(check::ActiveModel {
        device_id: Set(id.0),
        kind: Set(draft.kind.word().to_owned()),
        interval_s: Set(seconds(interval_s)),
        timeout_s: Set(seconds(timeout_s)),
        settings: Set(json(&draft.settings)?),
        has_answered: Set(false),
        ..Default::default()
    })
}

/// Bounded by the draft's own rules long before this.
fn seconds(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

/// Text for a JSON column.
pub fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Unavailable(error.to_string()))
}
