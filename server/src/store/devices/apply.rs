//! Many devices at once, by name: all of them or none.

use super::{Devices, Write, checks, load, login};
use crate::{
    store::{
        entity::device,
        error::{Result, StoreError},
        settings,
    },
    vault::Vault,
};
use model::{
    Check, CheckDraft, CheckKind, CredentialChange, Device, DeviceDraft, DeviceKind, FieldError,
    NewCredential,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What a list says of one device. What it leaves out stays as it is, or takes its default.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    pub name: String,
    pub address: Option<String>,
    pub kind: Option<DeviceKind>,
    pub description: Option<String>,
    pub location: Option<String>,
    pub vendor: Option<String>,
    pub model: Option<String>,
    /// The parent's name: a device there is, or another of the same list.
    pub parent: Option<String>,
    pub tags: Option<Vec<String>>,
    pub enabled: Option<bool>,
    /// A tunnel's TCP port, where `checks` does not say.
    pub port: Option<u16>,
    pub checks: Option<Vec<CheckDraft>>,
    pub routeros: Option<NewCredential>,
}

/// What became, or would become, of one entry.
#[derive(Clone, Debug, PartialEq)]
pub enum Applied {
    Added,
    /// The names of the fields.
    Changed(Vec<&'static str>),
    Unchanged,
    Refused(Vec<FieldError>),
}

impl Devices<'_> {
    /// Adds and changes devices and settings in one transaction; a single refusal takes everything back.
    pub async fn apply(
        &self,
        entries: &[Entry],
        settings: &BTreeMap<String, String>,
        vault: &Vault,
        is_dry_run: bool,
    ) -> Result<Vec<Applied>> {
        let transaction = self.0.change().await?;
        let write = Write { transaction: &transaction, vault, now: self.0.now() };
        let known = load(&transaction, None).await?;
        let mut batch = Batch { write, known: known.into_iter().map(|d| (d.name.clone(), d)).collect() };
        let (mut applied, mut seen) = (Vec::with_capacity(entries.len()), HashSet::new());
        for entry in entries {
            applied.push(match seen.insert(&entry.name) {
                true => batch.put(entry).await?,
                false => {
                    Applied::Refused(vec![FieldError::new("name", "error_taken", "is in the list twice")])
                }
            });
        }
        // Parents last, so that a list may name them in any order; and all of them at once, so that only the
        // family as it will be is judged.
        batch.orphan(entries).await?;
        for (entry, applied) in entries.iter().zip(&mut applied) {
            batch.adopt(entry, applied).await?;
        }
        for (name, value) in settings {
            settings::set(&transaction, name, value).await?;
        }
        let is_refused = applied.iter().any(|applied| matches!(applied, Applied::Refused(_)));
        if is_refused || is_dry_run {
            sea_orm::TransactionSession::rollback(transaction).await?;
        } else {
            transaction.commit().await?;
        }
        Ok(applied)
    }
}

struct Batch<'a> {
    write: Write<'a>,
    known: HashMap<String, Device>,
}

impl Batch<'_> {
    async fn put(&mut self, entry: &Entry) -> Result<Applied> {
        let before = self.known.get(&entry.name).cloned();
        let draft = match draft(entry, before.as_ref()) {
            Ok(draft) => draft,
            Err(errors) => return Ok(Applied::Refused(errors)),
        };
        let written = match &before {
            None => self.write.create(draft).await,
            Some(before) => {
                let draft = self.without_old_news(draft, before).await?;
                self.write.update(before.id, draft).await
            }
        };
        self.judge(before.as_ref(), written)
    }

    /// Takes every device that gets another parent from the one it has.
    async fn orphan(&self, entries: &[Entry]) -> Result<()> {
        let id_of = |name: &String| self.known.get(name).map(|device| device.id);
        let moving = entries.iter().filter_map(|entry| {
            let (device, parent) = (self.known.get(&entry.name)?, entry.parent.as_ref()?);
            (device.parent.is_some() && device.parent != id_of(parent)).then_some(device.id.0)
        });
        let moving: Vec<i64> = moving.collect();
        // Every database has its own limit to the values of one statement.
        for some in moving.chunks(500) {
            device::Entity::update_many()
                .col_expr(device::Column::ParentId, Expr::value(None::<i64>))
                .filter(device::Column::Id.is_in(some.iter().copied()))
                .exec(self.write.transaction)
                .await?;
        }
        Ok(())
    }

    async fn adopt(&mut self, entry: &Entry, applied: &mut Applied) -> Result<()> {
        let (Some(parent), Some(before)) = (&entry.parent, self.known.get(&entry.name).cloned()) else {
            return Ok(());
        };
        if matches!(applied, Applied::Refused(_)) {
            return Ok(());
        }
        let Some(parent) = self.known.get(parent).map(|parent| parent.id) else {
            let error =
                FieldError::new("parent", "error_parent_unknown", "is no device, here or in the list");
            *applied = Applied::Refused(vec![error]);
            return Ok(());
        };
        if before.parent == Some(parent) {
            return Ok(());
        }
        let draft = DeviceDraft { parent: Some(parent), ..as_it_is(&before) };
        let written = self.write.update(before.id, draft).await;
        match (self.judge(Some(&before), written)?, applied) {
            (Applied::Changed(new), Applied::Changed(fields)) => fields.extend(new),
            (new @ Applied::Refused(_), applied) | (new, applied @ Applied::Unchanged) => *applied = new,
            _ => {}
        }
        Ok(())
    }

    /// A login that is stored already, password and all, is no change; at another address it is one.
    async fn without_old_news(&self, mut draft: DeviceDraft, before: &Device) -> Result<DeviceDraft> {
        let CredentialChange::Set(new) = &draft.routeros else { return Ok(draft) };
        if draft.address != before.address {
            return Ok(draft);
        }
        let Some(row) = login::row(self.write.transaction, before.id).await? else { return Ok(draft) };
        let Ok(old) = login::open(row, self.write.vault) else { return Ok(draft) };
        let is_same_password = new.password.as_ref().is_none_or(|new| new == old.password.expose());
        if is_same_password && (&old.username, old.port, old.tls) == (&new.username, new.port, new.tls) {
            draft.routeros = CredentialChange::Keep;
        }
        Ok(draft)
    }

    /// A refused value belongs to its line; anything else ends the whole run.
    fn judge(&mut self, before: Option<&Device>, written: Result<Device>) -> Result<Applied> {
        let device = match written {
            Ok(device) => device,
            Err(StoreError::Invalid(errors)) => return Ok(Applied::Refused(errors)),
            Err(StoreError::Conflict(error)) => return Ok(Applied::Refused(vec![error])),
            Err(error) => return Err(error),
        };
        let applied = match before.map(|before| differences(before, &device)) {
            None => Applied::Added,
            Some(fields) if fields.is_empty() => Applied::Unchanged,
            Some(fields) => Applied::Changed(fields),
        };
        self.known.insert(device.name.clone(), device);
        Ok(applied)
    }
}

/// The entry as a draft: over the device there is, or over nothing.
fn draft(entry: &Entry, before: Option<&Device>) -> std::result::Result<DeviceDraft, Vec<FieldError>> {
    let required = |field: &str| vec![FieldError::new(field, "error_required", "is required")];
    let kind = entry.kind.or(before.map(|before| before.kind)).ok_or_else(|| required("device_type"))?;
    let address = entry.address.clone().or_else(|| before.map(|before| before.address.clone()));
    let address = address.ok_or_else(|| required("ip_address"))?;
    let base = before.map_or_else(
        || DeviceDraft {
            name: entry.name.clone(),
            kind,
            address: String::new(),
            description: None,
            location: None,
            vendor: None,
            model: None,
            parent: None,
            tags: Vec::new(),
            enabled: true,
            checks: None,
            routeros: CredentialChange::Keep,
        },
        as_it_is,
    );
    let by_port = match entry.port {
        Some(port) => by_port(port, kind, entry.routeros.is_some(), before).map_err(|error| vec![error])?,
        None => None,
    };
    Ok(DeviceDraft {
        kind,
        address,
        description: entry.description.clone().or(base.description),
        location: entry.location.clone().or(base.location),
        vendor: entry.vendor.clone().or(base.vendor),
        model: entry.model.clone().or(base.model),
        tags: entry.tags.clone().unwrap_or(base.tags),
        enabled: entry.enabled.unwrap_or(base.enabled),
        checks: entry.checks.clone().or(by_port),
        routeros: entry.routeros.clone().map_or(CredentialChange::Keep, CredentialChange::Set),
        ..base
    })
}

/// The checks that go with a port: a tunnel's own, and for anything else one by TCP beside the others.
fn by_port(
    port: u16,
    kind: DeviceKind,
    has_login: bool,
    before: Option<&Device>,
) -> std::result::Result<Option<Vec<CheckDraft>>, FieldError> {
    let asks = |check: &&Check| check.settings.get("port") == Some(&port.to_string());
    let mut tcp =
        before.iter().flat_map(|before| &before.checks).filter(|check| check.kind == CheckKind::Tcp);
    if tcp.any(|check| asks(&check)) {
        return Ok(None);
    }
    let mut checks = match before {
        Some(before) if kind != DeviceKind::Tunnel => {
            checks::kept(before, has_login || before.routeros.is_some())
        }
        _ => checks::default_checks(kind, Some(port), has_login)?,
    };
    if kind != DeviceKind::Tunnel {
        checks.push(checks::tcp(port));
    }
    Ok(Some(checks))
}

/// A draft that changes nothing.
fn as_it_is(device: &Device) -> DeviceDraft {
    DeviceDraft {
        name: device.name.clone(),
        kind: device.kind,
        address: device.address.clone(),
        description: device.description.clone(),
        location: device.location.clone(),
        vendor: device.vendor.clone(),
        model: device.model.clone(),
        parent: device.parent,
        tags: device.tags.clone(),
        enabled: device.enabled,
        checks: None,
        routeros: CredentialChange::Keep,
    }
}

/// The fields, by their names in the API, in which two versions of a device differ.
fn differences(before: &Device, after: &Device) -> Vec<&'static str> {
    [
        ("device_type", before.kind != after.kind),
        ("ip_address", before.address != after.address),
        ("description", before.description != after.description),
        ("location", before.location != after.location),
        ("vendor", before.vendor != after.vendor),
        ("model", before.model != after.model),
        ("parent", before.parent != after.parent),
        ("tags", before.tags != after.tags),
        ("enabled", before.enabled != after.enabled),
        ("checks", before.checks != after.checks),
        ("routeros", before.routeros != after.routeros),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect()
}
