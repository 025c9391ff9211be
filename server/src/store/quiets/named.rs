//! What alerts and rules are called that a window is about: its own title need not say it.

use super::super::{Result, entity::incident, incidents};
use super::Quiets;
use model::{Quiet, QuietAbout};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::HashMap;

impl Quiets<'_> {
    /// The same windows, with the names of what each is about where that is an alert or a rule.
    pub async fn named(&self, quiets: &mut [Quiet]) -> Result<()> {
        let ids = |of: fn(&QuietAbout) -> Option<i64>| -> Vec<i64> {
            quiets.iter().filter_map(|quiet| of(&quiet.draft.about)).collect()
        };
        let (alerts, rules) = (ids(alert), ids(rule));
        let alerts = if alerts.is_empty() { HashMap::new() } else { self.devices_of(alerts).await? };
        let rules = match rules {
            none if none.is_empty() => HashMap::new(),
            rules => incidents::rule_names(self.0.reader(), rules).await?,
        };
        for quiet in quiets {
            let name = alert(&quiet.draft.about).and_then(|id| alerts.get(&id));
            quiet.of = name.or_else(|| rules.get(&rule(&quiet.draft.about)?)).cloned();
        }
        Ok(())
    }

    /// How the devices of these alerts were called then.
    async fn devices_of(&self, ids: Vec<i64>) -> Result<HashMap<i64, String>> {
        let found = incident::Entity::find()
            .select_only()
            .columns([incident::Column::Id, incident::Column::Device])
            .filter(incident::Column::Id.is_in(ids));
        let names: Vec<(i64, String)> = found.into_tuple().all(self.0.reader()).await?;
        Ok(names.into_iter().collect())
    }
}

fn alert(about: &QuietAbout) -> Option<i64> {
    match about {
        QuietAbout::Incident(id) => Some(id.0),
        QuietAbout::Devices(_) | QuietAbout::Rule(_) => None,
    }
}

fn rule(about: &QuietAbout) -> Option<i64> {
    match about {
        QuietAbout::Rule(id) => Some(id.0),
        QuietAbout::Devices(_) | QuietAbout::Incident(_) => None,
    }
}
