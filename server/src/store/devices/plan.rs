//! Judges a list of devices against what is known: no database here, so a long list keeps nobody waiting.

use super::{
    apply::{Applied, Entry},
    checks, login,
    write::{refused, tidy, unchanged, values},
};
use crate::{
    store::{entity::credential, error::StoreError, settings::Defaults},
    vault::Vault,
};
use model::{
    Check, CheckDraft, CheckKind, CredentialChange, Device, DeviceDraft, DeviceId, DeviceKind, FieldError,
};
use std::collections::{HashMap, HashSet};

/// What the database held at one moment.
pub struct Known {
    /// How many changes there had been.
    pub changes: i64,
    /// By name.
    pub devices: HashMap<String, Device>,
    pub logins: HashMap<i64, credential::Model>,
    pub defaults: Defaults,
    /// The names of the accounts.
    pub accounts: HashSet<String>,
}

/// What is to be written, and what is told of each entry.
#[derive(Default)]
pub struct Plan<'a> {
    pub applied: Vec<Applied>,
    /// Without parents: a list may name them in any order.
    pub new: Vec<(DeviceDraft, Vec<CheckDraft>)>,
    pub changed: Vec<(DeviceId, DeviceDraft)>,
    /// Who gets which parent, by name.
    pub moved: Vec<(&'a str, &'a str)>,
}

/// An entry that may be written.
enum Fit {
    New(DeviceDraft, Vec<CheckDraft>),
    Changed(DeviceId, DeviceDraft, Vec<&'static str>),
    Unchanged,
}

impl Plan<'_> {
    pub fn is_refused(&self) -> bool {
        self.applied.iter().any(|applied| matches!(applied, Applied::Refused(_)))
    }
}

pub fn judge<'a>(entries: &'a [Entry], known: &Known, vault: &Vault) -> Plan<'a> {
    let (mut plan, mut seen) = (Plan::default(), HashSet::new());
    for entry in entries {
        let fit = match seen.insert(entry.name.as_str()) {
            true => known.judge(entry, vault),
            false => Err(vec![FieldError::new("name", "error_taken", "is in the list twice")]),
        };
        plan.applied.push(match fit {
            Ok(Fit::New(draft, checks)) => {
                plan.new.push((draft, checks));
                Applied::Added
            }
            Ok(Fit::Changed(id, draft, fields)) => {
                plan.changed.push((id, draft));
                Applied::Changed(fields)
            }
            Ok(Fit::Unchanged) => Applied::Unchanged,
            Err(errors) => Applied::Refused(errors),
        });
    }
    marry(&mut plan, entries, &seen, known);
    plan
}

/// Judges the parents: the family as it will be, not line by line.
fn marry<'a>(plan: &mut Plan<'a>, entries: &'a [Entry], listed: &HashSet<&str>, known: &Known) {
    let by_id: HashMap<DeviceId, &str> =
        known.devices.values().map(|device| (device.id, device.name.as_str())).collect();
    let parent_of = |device: &Device| device.parent.and_then(|parent| by_id.get(&parent).copied());
    let stored = known.devices.values().filter_map(|device| Some((device.name.as_str(), parent_of(device)?)));
    let mut family: HashMap<&str, &str> = stored.collect();
    let wishes = || entries.iter().filter_map(|entry| Some((entry.name.as_str(), entry.parent.as_deref()?)));
    let before = family.clone();
    family.extend(wishes());
    for (entry, applied) in entries.iter().zip(&mut plan.applied) {
        let Some(parent) = entry.parent.as_deref() else { continue };
        if matches!(applied, Applied::Refused(_)) || before.get(entry.name.as_str()) == Some(&parent) {
            continue;
        }
        if !known.devices.contains_key(parent) && !listed.contains(parent) {
            let message = "is no device, here or in the list";
            *applied = Applied::Refused(vec![FieldError::new("parent", "error_parent_unknown", message)]);
        } else if is_own_ancestor(&entry.name, &family) {
            let message = "would make the device its own ancestor";
            *applied = Applied::Refused(vec![FieldError::new("parent", "error_parent_cycle", message)]);
        } else {
            plan.moved.push((&entry.name, parent));
            match applied {
                Applied::Changed(fields) => fields.push("parent"),
                Applied::Unchanged => *applied = Applied::Changed(vec!["parent"]),
                Applied::Added | Applied::Refused(_) => {}
            }
        }
    }
}

fn is_own_ancestor(name: &str, family: &HashMap<&str, &str>) -> bool {
    let (mut seen, mut next) = (HashSet::new(), family.get(name));
    while let Some(ancestor) = next {
        if *ancestor == name {
            return true;
        }
        // Somebody else's ring.
        if !seen.insert(*ancestor) {
            return false;
        }
        next = family.get(ancestor);
    }
    false
}

impl Known {
    fn judge(&self, entry: &Entry, vault: &Vault) -> std::result::Result<Fit, Vec<FieldError>> {
        let before = self.devices.get(&entry.name);
        let mut draft = tidy(draft(entry, before)?);
        let has_login = match before {
            Some(before) => {
                self.forget_old_news(&mut draft, before, vault);
                before.routeros.is_some() || matches!(draft.routeros, CredentialChange::Set(_))
            }
            None => matches!(draft.routeros, CredentialChange::Set(_)),
        };
        let checks = match (draft.checks.clone(), before) {
            (Some(checks), _) => checks,
            (None, Some(before)) => unchanged(before, &draft, has_login),
            (None, None) => match checks::default_checks(draft.kind, None, has_login) {
                Ok(checks) => checks,
                Err(error) => return Err(listed(refused(&draft, error))),
            },
        };
        values(&draft, &checks, has_login).map_err(listed)?;
        if let CredentialChange::Set(login) = &draft.routeros
            && login.password.is_none()
            && before.is_none_or(|before| before.routeros.is_none())
        {
            return Err(vec![FieldError::new("routeros.password", "error_required", "is required")]);
        }
        let Some(before) = before else { return Ok(Fit::New(draft, checks)) };
        if let Some(error) = draft.password_error(before) {
            return Err(vec![error]);
        }
        let fields = self.differences(before, &draft, &checks);
        Ok(if fields.is_empty() { Fit::Unchanged } else { Fit::Changed(before.id, draft, fields) })
    }

    /// A login that is stored already, password and all, is no change; at another address it is one.
    fn forget_old_news(&self, draft: &mut DeviceDraft, before: &Device, vault: &Vault) {
        let CredentialChange::Set(new) = &draft.routeros else { return };
        let Some(row) = self.logins.get(&before.id.0).filter(|_| draft.address == before.address) else {
            return;
        };
        let Ok(old) = login::open(row.clone(), vault) else { return };
        let is_same_password = new.password.as_ref().is_none_or(|new| new == old.password.expose());
        if is_same_password && (&old.username, old.port, old.tls) == (&new.username, new.port, new.tls) {
            draft.routeros = CredentialChange::Keep;
        }
    }

    /// The fields, by their names in the API, that would change.
    fn differences(&self, before: &Device, draft: &DeviceDraft, checks: &[CheckDraft]) -> Vec<&'static str> {
        [
            ("device_type", before.kind != draft.kind),
            ("ip_address", before.address != draft.address),
            ("description", before.description != draft.description),
            ("location", before.location != draft.location),
            ("vendor", before.vendor != draft.vendor),
            ("model", before.model != draft.model),
            ("tags", before.tags != draft.tags),
            ("enabled", before.enabled != draft.enabled),
            ("checks", self.differ(before, draft, checks)),
            ("routeros", !matches!(draft.routeros, CredentialChange::Keep)),
        ]
        .into_iter()
        .filter_map(|(field, differs)| differs.then_some(field))
        .collect()
    }

    /// Whether other questions would be asked, or at other times. Their order means nothing.
    fn differ(&self, before: &Device, draft: &DeviceDraft, checks: &[CheckDraft]) -> bool {
        let old = before
            .checks
            .iter()
            .map(|check| (check.kind.word(), check.interval_s, check.timeout_s, check.settings.clone()));
        let new = checks.iter().map(|check| {
            let (interval_s, timeout_s) = checks::times(check, draft.kind, self.defaults);
            (check.kind.word(), interval_s, timeout_s, check.settings.clone())
        });
        let (mut old, mut new): (Vec<_>, Vec<_>) = (old.collect(), new.collect());
        old.sort();
        new.sort();
        old != new
    }
}

/// The values that were refused, where that is what went wrong.
fn listed(error: StoreError) -> Vec<FieldError> {
    match error {
        StoreError::Invalid(errors) => errors,
        StoreError::Conflict(error) => vec![error],
        error => vec![FieldError::new("", "error_form", error.to_string())],
    }
}

/// The entry as a draft: over the device there is, or over nothing.
fn draft(entry: &Entry, before: Option<&Device>) -> std::result::Result<DeviceDraft, Vec<FieldError>> {
    let required = |field: &str| vec![FieldError::new(field, "error_required", "is required")];
    let kind = entry.kind.or(before.map(|before| before.kind)).ok_or_else(|| required("device_type"))?;
    let address = entry.address.clone().or_else(|| before.map(|before| before.address.clone()));
    let address = address.ok_or_else(|| required("ip_address"))?;
    let base = before.map_or_else(|| DeviceDraft::new(entry.name.clone(), kind, String::new()), as_it_is);
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
        description: device.description.clone(),
        location: device.location.clone(),
        vendor: device.vendor.clone(),
        model: device.model.clone(),
        parent: device.parent,
        tags: device.tags.clone(),
        enabled: device.enabled,
        sla_target: device.sla_target,
        ..DeviceDraft::new(device.name.clone(), device.kind, device.address.clone())
    }
}
