//! Settings of the whole program, by name.

use super::{Store, entity::setting, error::Result};
use engine::Options;
use model::DeviceKind;
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait, Set, sea_query::OnConflict};
use std::{collections::BTreeMap, str::FromStr, time::Duration};

pub struct Settings<'a>(pub(super) &'a Store);

impl Settings<'_> {
    pub async fn all(&self) -> Result<BTreeMap<String, String>> {
        all(self.0.reader()).await
    }

    #[cfg(test)]
    pub async fn set(&self, name: &str, value: &str) -> Result<()> {
        model::line(name, value, 1000).map_err(|error| super::StoreError::Invalid(vec![error]))?;
        let transaction = self.0.change().await?;
        set(&transaction, name, value).await?;
        Ok(transaction.commit().await?)
    }

    /// How politely to ask, as far as anybody said; the engine's defaults for the rest.
    pub async fn engine_options(&self) -> Result<Options> {
        let all = self.all().await?;
        let mut options = Options { asks_gateway: true, ..Options::default() };
        if let Some(connections) = number(&all, "max_concurrent_checks") {
            options.per_host_max = usize::max(connections, 1);
        }
        if let Some(seconds) = number(&all, "rate_limit_delay") {
            options.per_host_delay = Duration::from_secs(seconds);
        }
        if all.get("adaptive_interval").is_some_and(|value| value == "false") {
            options.adaptive_max = 1;
        }
        Ok(options)
    }
}

/// What a new check takes over where it says nothing itself.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Defaults {
    tunnel_interval_s: Option<u32>,
    timeout_s: Option<u32>,
}

impl Defaults {
    pub async fn load(connection: &impl ConnectionTrait) -> Result<Defaults> {
        let all = all(connection).await?;
        let within = |name, range: std::ops::RangeInclusive<u32>| {
            number(&all, name).filter(|seconds| range.contains(seconds))
        };
        Ok(Defaults {
            tunnel_interval_s: within("monitor_interval", model::INTERVAL_S),
            timeout_s: within("timeout", model::TIMEOUT_S),
        })
    }

    /// What people set for tunnels, else what the check's kind needs, else what suits the device.
    pub fn interval_s(self, device: DeviceKind, check: model::CheckKind) -> u32 {
        let own = self.tunnel_interval_s.filter(|_| device == DeviceKind::Tunnel);
        let of_kind = || engine::check::Kind::of(check).and_then(|kind| kind.default_interval_s);
        own.or_else(of_kind).unwrap_or(device.default_interval_s())
    }

    pub fn timeout_s(self, kind: model::CheckKind) -> u32 {
        let of_kind = || engine::check::Kind::of(kind).map(|kind| kind.default_timeout_s);
        self.timeout_s.or_else(of_kind).unwrap_or(TIMEOUT_S)
    }
}

/// Seconds one try may take where nobody, not even the check's kind, says otherwise.
const TIMEOUT_S: u32 = 5;

pub(super) async fn set(transaction: &DatabaseTransaction, name: &str, value: &str) -> Result<()> {
    let row = setting::ActiveModel { name: Set(name.to_owned()), value: Set(value.to_owned()) };
    let replace = OnConflict::column(setting::Column::Name).update_column(setting::Column::Value).to_owned();
    setting::Entity::insert(row).on_conflict(replace).exec_without_returning(transaction).await?;
    Ok(())
}

async fn all(connection: &impl ConnectionTrait) -> Result<BTreeMap<String, String>> {
    let rows = setting::Entity::find().all(connection).await?;
    Ok(rows.into_iter().map(|row| (row.name, row.value)).collect())
}

fn number<T: FromStr>(settings: &BTreeMap<String, String>, name: &str) -> Option<T> {
    settings.get(name)?.parse().ok()
}
