//! Rules and windows name devices by name: where a device gets another, they say that one from then on.

use super::{
    entity::{quiet, rule},
    error::Result,
    quiets,
};
use model::{QuietAbout, RuleScope, Timestamp};
use sea_orm::{ActiveModelTrait, ActiveValue::Unchanged, DatabaseTransaction, EntityTrait, Set};

/// Part of the transaction in which the device is renamed. Which devices a rule or window is about stays the same, so
/// nothing of it ends or begins; what was in force before keeps the name of then.
pub(super) async fn follow(
    transaction: &DatabaseTransaction,
    (before, after): (&str, &str),
    now: Timestamp,
) -> Result<()> {
    for row in rule::Entity::find().all(transaction).await? {
        // One that this version cannot read is left alone.
        let Ok(mut scope) = serde_json::from_str::<RuleScope>(&row.scope) else { continue };
        if rename(&mut scope, before, after) {
            let scope = Set(serde_json::to_string(&scope).unwrap_or_default());
            let changed = rule::ActiveModel { id: Unchanged(row.id), scope, ..Default::default() };
            changed.update(transaction).await?;
        }
    }
    for row in quiets::live_rows(now).all(transaction).await? {
        let Ok(QuietAbout::Devices(mut scope)) = serde_json::from_str(&row.about) else { continue };
        if rename(&mut scope, before, after) {
            let about = serde_json::to_string(&QuietAbout::Devices(scope)).unwrap_or_default();
            let changed =
                quiet::ActiveModel { id: Unchanged(row.id), about: Set(about), ..Default::default() };
            changed.update(transaction).await?;
        }
    }
    Ok(())
}

/// Whether the scope named it. One that named both names it once.
fn rename(scope: &mut RuleScope, before: &str, after: &str) -> bool {
    scope.devices.iter().any(|name| name == before) && {
        scope.devices.retain(|name| name != after);
        scope.devices.iter_mut().filter(|name| *name == before).for_each(|name| after.clone_into(name));
        true
    }
}
