//! Devices with their checks and logins: reading here, changing in `write`, many at once in `apply`,
//! which judges them in `plan` and writes them in `bulk`.

mod apply;
mod bulk;
mod checks;
mod login;
mod plan;
mod ssh;
mod write;

pub use apply::{Applied, Entry, Incoming};
pub use checks::{default_checks, tcp as tcp_check};
pub(super) use login::pin_first;

use super::{
    Store,
    entity::{check, credential, device, device_state, ssh_host_key, ssh_login},
    error::{Result, StoreError},
    incidents, renamed,
};
use crate::vault::Vault;
use engine::{Login, Remembered, Watched, driver::ssh::SshLogin};
use model::{Act, Check, CheckId, Device, DeviceDraft, DeviceId, PinnedHostKey, SshAccess, SshHostKey};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use std::{collections::HashMap, ops::RangeInclusive};
use write::Write;

pub struct Devices<'a>(pub(super) &'a Store);

/// A device with the logins that a terminal on it may try.
pub struct Reach {
    pub device: Device,
    pub own: Option<SshLogin>,
    pub routeros: Option<Login>,
}

impl Devices<'_> {
    /// Every device, by name.
    pub async fn list(&self) -> Result<Vec<Device>> {
        let snapshot = self.0.snapshot().await?;
        let devices = load(&snapshot, ALL).await;
        snapshot.rollback().await?;
        devices
    }

    /// Where a device is, if it is there and anybody said.
    pub async fn site(&self, id: DeviceId) -> Result<Option<String>> {
        let row = device::Entity::find_by_id(id.0).one(self.0.reader()).await?;
        Ok(row.and_then(|row| row.location))
    }

    pub async fn one(&self, id: DeviceId) -> Result<Device> {
        let snapshot = self.0.snapshot().await?;
        let device = one(&snapshot, id).await;
        snapshot.rollback().await?;
        device
    }

    pub async fn create(&self, draft: DeviceDraft, vault: &Vault) -> Result<Device> {
        let transaction = self.0.change().await?;
        let write = Write { transaction: &transaction, vault, now: self.0.now() };
        let device = write.create(draft).await?;
        self.0.note(&transaction, Act::DeviceCreated, Some(&device.name), None).await?;
        transaction.commit().await?;
        Ok(device)
    }

    pub async fn update(&self, id: DeviceId, draft: DeviceDraft, vault: &Vault) -> Result<Device> {
        let transaction = self.0.change().await?;
        let write = Write { transaction: &transaction, vault, now: self.0.now() };
        let before = one(&transaction, id).await?;
        let device = write.update(id, draft).await?;
        if device.name != before.name {
            renamed::follow(&transaction, (&before.name, &device.name), self.0.now()).await?;
        }
        let changed = differences(&before, &device).join(", ");
        if !changed.is_empty() {
            self.0.note(&transaction, Act::DeviceChanged, Some(&device.name), Some(&changed)).await?;
        }
        transaction.commit().await?;
        Ok(device)
    }

    pub async fn set_enabled(&self, id: DeviceId, enabled: bool) -> Result<Device> {
        let transaction = self.0.change().await?;
        let changed = device::Entity::update_many()
            .col_expr(device::Column::Enabled, Expr::value(enabled))
            .col_expr(device::Column::UpdatedAt, Expr::value(self.0.now().0))
            .filter(device::Column::Id.eq(id.0))
            .exec(&transaction)
            .await?;
        if changed.rows_affected == 0 {
            return Err(StoreError::NotFound);
        }
        let device = one(&transaction, id).await?;
        let act = if enabled { Act::DeviceResumed } else { Act::DevicePaused };
        self.0.note(&transaction, act, Some(&device.name), None).await?;
        transaction.commit().await?;
        Ok(device)
    }

    /// Removes a device with its checks, login and history; its children lose their parent.
    /// Whether there is something to be told: what was wrong with it is over.
    pub async fn remove(&self, id: DeviceId) -> Result<bool> {
        let transaction = self.0.change().await?;
        let device = one(&transaction, id).await?;
        let has_news = incidents::end_with(&transaction, id, self.0.now()).await?;
        device::Entity::delete_by_id(id.0).exec(&transaction).await?;
        self.0.note(&transaction, Act::DeviceRemoved, Some(&device.name), None).await?;
        transaction.commit().await?;
        Ok(has_news)
    }

    /// Accepts `fingerprint` (SHA-256, lower-case hex) as the router's certificate from now on.
    pub async fn pin(&self, id: DeviceId, fingerprint: &str) -> Result<()> {
        let transaction = self.0.change().await?;
        login::pin(&transaction, id, fingerprint).await?;
        let name = one(&transaction, id).await?.name;
        self.0.note(&transaction, Act::CertificateAccepted, Some(&name), Some(fingerprint)).await?;
        Ok(transaction.commit().await?)
    }

    /// The device's RouterOS login, opened.
    pub async fn login(&self, id: DeviceId, vault: &Vault) -> Result<Option<Login>> {
        let row = login::row(self.0.reader(), id).await?;
        row.map(|row| login::open(row, vault)).transpose()
    }

    /// Where a terminal on the device leads and what it may try, all as of one moment: no secret goes where it was not
    /// given for.
    pub async fn reach(&self, id: DeviceId, vault: &Vault) -> Result<Reach> {
        let snapshot = self.0.snapshot().await?;
        let read = async {
            let device = one(&snapshot, id).await?;
            let own = ssh::row(&snapshot, id).await?.map(|row| ssh::open(row, vault)).transpose()?;
            let routeros = login::row(&snapshot, id).await?.map(|row| login::open(row, vault)).transpose()?;
            Ok(Reach { device, own, routeros })
        };
        let reach = read.await;
        snapshot.rollback().await?;
        reach
    }

    /// Accepts `key` as the device's SSH host key from now on. `is_first`: only while none is accepted, and whether
    /// this one is then.
    pub async fn accept_host_key(&self, id: DeviceId, key: &SshHostKey, is_first: bool) -> Result<bool> {
        if let Some(error) = key.error() {
            return Err(StoreError::Invalid(vec![error]));
        }
        let transaction = self.0.change().await?;
        let device = one(&transaction, id).await?;
        let before = device.host_key.map(|before| before.key);
        if before.as_ref() == Some(key) || (is_first && before.is_some()) {
            transaction.rollback().await?;
            return Ok(before.as_ref() == Some(key));
        }
        ssh::pin(&transaction, id, key, self.0.now()).await?;
        let detail = match before {
            Some(before) => {
                format!("{} {} instead of {}", key.algorithm, key.fingerprint, before.fingerprint)
            }
            None => format!("{} {}", key.algorithm, key.fingerprint),
        };
        incidents::host_key_accepted(&transaction, id, key, self.0.now()).await?;
        self.0.note(&transaction, Act::HostKeyAccepted, Some(&device.name), Some(&detail)).await?;
        transaction.commit().await?;
        self.0.alerts_changed();
        Ok(true)
    }

    /// Everything the engine needs to begin: every device, its login opened, and what is remembered of it.
    pub async fn watched(&self, vault: &Vault) -> Result<Vec<(Watched, Remembered)>> {
        let snapshot = self.0.snapshot().await?;
        let watched = watched_by_parts(&snapshot, vault).await;
        snapshot.rollback().await?;
        watched
    }

    /// The same for one device, after a change.
    pub async fn watched_one(&self, id: DeviceId, vault: &Vault) -> Result<(Watched, Remembered)> {
        let snapshot = self.0.snapshot().await?;
        let watched = watched(&snapshot, id.0..=id.0, vault).await;
        snapshot.rollback().await?;
        watched?.pop().ok_or(StoreError::NotFound)
    }
}

async fn one(connection: &impl ConnectionTrait, id: DeviceId) -> Result<Device> {
    load(connection, id.0..=id.0).await?.pop().ok_or(StoreError::NotFound)
}

async fn load(connection: &impl ConnectionTrait, ids: Ids) -> Result<Vec<Device>> {
    let parts = Parts::load(connection, ids).await?;
    Ok(parts.together().map(|(device, _)| device).collect())
}

/// Every device, some at a time: the rows of all at once would be held beside what is made of them.
async fn watched_by_parts(
    connection: &impl ConnectionTrait,
    vault: &Vault,
) -> Result<Vec<(Watched, Remembered)>> {
    let mut all = Vec::new();
    let mut from = i64::MIN;
    while let Some(to) = last_of_part(connection, from).await? {
        all.extend(watched(connection, from..=to, vault).await?);
        let Some(next) = to.checked_add(1) else { break };
        from = next;
    }
    Ok(all)
}

/// The last of the next [`PART`] numbers, `from` on.
async fn last_of_part(connection: &impl ConnectionTrait, from: i64) -> Result<Option<i64>> {
    let part = device::Entity::find().select_only().column(device::Column::Id);
    let part = part.filter(device::Column::Id.gte(from)).order_by_asc(device::Column::Id).limit(PART);
    Ok(part.into_tuple::<i64>().all(connection).await?.pop())
}

async fn watched(
    connection: &impl ConnectionTrait,
    ids: Ids,
    vault: &Vault,
) -> Result<Vec<(Watched, Remembered)>> {
    let parts = Parts::load(connection, ids.clone()).await?;
    let states = device_state::Entity::find().filter(within(device_state::Column::DeviceId, &ids));
    let states = states.all(connection).await?;
    let mut states: HashMap<i64, device_state::Model> =
        states.into_iter().map(|row| (row.device_id, row)).collect();
    let mut logins = parts.logins.clone();
    let watched = parts.together().map(|(device, answered)| {
        let id = device.id;
        let routeros = logins.remove(&id.0).and_then(|row| opened(id, row, vault));
        let remembered = states.remove(&id.0).map(Remembered::from).unwrap_or_default();
        (Watched { device, routeros }, Remembered { answered, ..remembered })
    });
    Ok(watched.collect())
}

/// One secret that cannot be opened must not keep the rest of the fleet from being watched.
fn opened(id: DeviceId, row: credential::Model, vault: &Vault) -> Option<Login> {
    login::open(row, vault)
        .inspect_err(|error| tracing::error!(device = id.0, %error, "the stored login cannot be opened"))
        .ok()
}

/// The numbers of some devices.
type Ids = RangeInclusive<i64>;

const ALL: Ids = i64::MIN..=i64::MAX;
/// So many devices are read at a time.
const PART: u64 = if cfg!(test) { 2 } else { 500 };

fn within(column: impl ColumnTrait, ids: &Ids) -> Condition {
    Condition::all().add(column.gte(*ids.start())).add(column.lte(*ids.end()))
}

/// The rows that devices are put together from.
struct Parts {
    devices: Vec<device::Model>,
    checks: HashMap<i64, Vec<check::Model>>,
    logins: HashMap<i64, credential::Model>,
    ssh: HashMap<i64, SshAccess>,
    host_keys: HashMap<i64, PinnedHostKey>,
}

impl Parts {
    async fn load(connection: &impl ConnectionTrait, ids: Ids) -> Result<Self> {
        let devices = device::Entity::find().filter(within(device::Column::Id, &ids));
        let devices = devices.order_by_asc(device::Column::Name);
        let checks = check::Entity::find().filter(within(check::Column::DeviceId, &ids));
        let checks = checks.order_by_asc(check::Column::Id);
        let logins = credential::Entity::find().filter(within(credential::Column::DeviceId, &ids));
        let logins = logins.filter(credential::Column::Service.eq(login::ROUTEROS));
        let devices = devices.all(connection).await?;
        let mut checks_of: HashMap<i64, Vec<check::Model>> = HashMap::new();
        for row in checks.all(connection).await? {
            checks_of.entry(row.device_id).or_default().push(row);
        }
        let logins = logins.all(connection).await?.into_iter().map(|row| (row.device_id, row)).collect();
        let ssh = ssh_login::Entity::find().filter(within(ssh_login::Column::DeviceId, &ids));
        let ssh = ssh.all(connection).await?.into_iter().map(|row| (row.device_id, row.into())).collect();
        let keys = ssh_host_key::Entity::find().filter(within(ssh_host_key::Column::DeviceId, &ids));
        let host_keys =
            keys.all(connection).await?.into_iter().map(|row| (row.device_id, row.into())).collect();
        Ok(Self { devices, checks: checks_of, logins, ssh, host_keys })
    }

    /// The devices, each with the checks of it that have answered at least once.
    fn together(mut self) -> impl Iterator<Item = (Device, Vec<CheckId>)> {
        self.devices.into_iter().map(move |row| {
            let checks = self.checks.remove(&row.id).unwrap_or_default();
            let login = self.logins.remove(&row.id);
            let answered = checks.iter().filter(|check| check.has_answered).map(|check| CheckId(check.id));
            let answered = answered.collect();
            let device = Device {
                checks: checks.into_iter().map(Check::from).collect(),
                routeros: login.map(Into::into),
                ssh: self.ssh.remove(&row.id),
                host_key: self.host_keys.remove(&row.id),
                ..row.into()
            };
            (device, answered)
        })
    }
}

/// The fields, by their names in the API, in which two versions of a device differ.
fn differences(before: &Device, after: &Device) -> Vec<&'static str> {
    [
        ("name", before.name != after.name),
        ("device_type", before.kind != after.kind),
        ("ip_address", before.address != after.address),
        ("description", before.description != after.description),
        ("location", before.location != after.location),
        ("vendor", before.vendor != after.vendor),
        ("model", before.model != after.model),
        ("parent", before.parent != after.parent),
        ("tags", before.tags != after.tags),
        ("enabled", before.enabled != after.enabled),
        ("sla_target", before.sla_target != after.sla_target),
        ("checks", before.checks != after.checks),
        ("routeros", before.routeros != after.routeros),
        ("ssh", before.ssh != after.ssh),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect()
}
