//! Many devices at once, by name: all of them or none.
//!
//! A list is judged against what the database held at one moment, while everybody else goes on writing; then
//! it is written in one short transaction, unless something has changed since that moment.

use super::{ALL, Devices, Parts, Write, bulk, plan};
use crate::{
    store::{
        counters,
        error::{Result, StoreError},
        settings::{self, Defaults},
        users::{self, Arrived, NewAccount},
    },
    vault::Vault,
};
use model::{Act, CheckDraft, DeviceKind, FieldError, NewCredential};
use plan::{Known, Plan};
use std::collections::BTreeMap;

/// How often a list is judged anew because somebody changed something meanwhile.
const TRIES_MAX: u32 = 5;

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

/// Names in one entry of the audit log.
const NAMES_TOLD: usize = 20;

/// What a file brings.
#[derive(Clone, Copy)]
pub struct Incoming<'a> {
    pub entries: &'a [Entry],
    pub settings: &'a BTreeMap<String, String>,
    pub accounts: &'a [NewAccount],
}

impl Devices<'_> {
    /// Adds and changes devices, settings and accounts in one transaction; a single refusal takes everything
    /// back.
    pub async fn apply(
        &self,
        incoming: Incoming<'_>,
        vault: &Vault,
        is_dry_run: bool,
    ) -> Result<(Vec<Applied>, Vec<Arrived>)> {
        for _ in 0..TRIES_MAX {
            let known = self.known().await?;
            let plan = plan::judge(incoming.entries, &known, vault);
            let arrived = users::judge(incoming.accounts, &known.accounts);
            let is_refused =
                plan.is_refused() || arrived.iter().any(|arrived| matches!(arrived, Arrived::Refused(_)));
            if is_dry_run || is_refused {
                return Ok((plan.applied, arrived));
            }
            let new = incoming.accounts.iter().zip(&arrived);
            let new = new.filter(|(_, arrived)| **arrived == Arrived::Added).map(|(new, _)| new.clone());
            let accounts: Vec<NewAccount> = new.collect();
            if self.write(&plan, Incoming { accounts: &accounts, ..incoming }, vault, &known).await? {
                return Ok((plan.applied, arrived));
            }
        }
        Err(StoreError::Unavailable("others change devices at the same time: try again".to_owned()))
    }

    /// Everything a list is judged by.
    async fn known(&self) -> Result<Known> {
        let snapshot = self.0.snapshot().await?;
        let changes = counters::changes(&snapshot).await?;
        let parts = Parts::load(&snapshot, ALL).await?;
        let defaults = Defaults::load(&snapshot).await?;
        let accounts = users::names(&snapshot).await?;
        snapshot.rollback().await?;
        let logins = parts.logins.clone();
        let devices = parts.together().map(|(device, _)| (device.name.clone(), device)).collect();
        Ok(Known { changes, devices, logins, defaults, accounts })
    }

    /// Whether it was written: not when something has changed since.
    async fn write(
        &self,
        plan: &Plan<'_>,
        incoming: Incoming<'_>,
        vault: &Vault,
        known: &Known,
    ) -> Result<bool> {
        let transaction = self.0.change().await?;
        // This transaction is itself a change.
        if counters::changes(&transaction).await? != known.changes + 1 {
            transaction.rollback().await?;
            return Ok(false);
        }
        let write = Write { transaction: &transaction, vault, now: self.0.now() };
        bulk::create(&write, &plan.new, known.defaults).await?;
        for (id, draft) in &plan.changed {
            write.update(*id, draft.clone()).await?;
        }
        bulk::move_all(&write, &plan.moved).await?;
        for (name, value) in incoming.settings {
            settings::set(&transaction, name, value).await?;
        }
        for account in incoming.accounts {
            self.0.users().arrive(&transaction, account).await?;
        }
        let told = told(plan, &incoming);
        self.0.note(&transaction, Act::Imported, None, Some(&told)).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// What the audit log says of an import: how much, and by name what a router's credentials hang on.
fn told(plan: &Plan<'_>, incoming: &Incoming<'_>) -> String {
    let added = plan.applied.iter().filter(|applied| **applied == Applied::Added).count();
    let changed = |applied: &Applied| match applied {
        Applied::Changed(fields) => Some(fields.clone()),
        _ => None,
    };
    let all = plan.applied.iter().filter_map(changed).count();
    let is_grave = |fields: Vec<_>| fields.contains(&"ip_address") || fields.contains(&"routeros");
    let grave = incoming.entries.iter().zip(&plan.applied);
    let grave = grave.filter(|(_, applied)| changed(applied).is_some_and(is_grave));
    let grave: Vec<_> = grave.map(|(entry, _)| entry.name.as_str()).collect();
    let settings: Vec<_> = incoming.settings.keys().map(String::as_str).collect();
    let mut told = format!("{added} added, {all} changed");
    for (what, names) in [("another address or login", grave), ("settings", settings)] {
        if !names.is_empty() {
            told += &format!("; {what}: {}", few(&names));
        }
    }
    told
}

/// The first names, and how many there are besides.
fn few(names: &[&str]) -> String {
    let shown = names.iter().take(NAMES_TOLD).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMES_TOLD) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
