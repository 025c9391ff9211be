//! Creating and changing a device inside a transaction, with everything that may be refused.

use super::{checks, login, one, ssh};
use crate::{
    store::{
        entity::device,
        error::{Result, StoreError},
    },
    vault::Vault,
};
use engine::Secret;
use model::{
    CheckDraft, CheckKind, CredentialChange, Device, DeviceDraft, DeviceId, DeviceKind, FieldError,
    SecretChange, SshChange, Timestamp,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, DatabaseTransaction, EntityTrait, NotSet, PaginatorTrait,
    QueryFilter, Set,
};
use std::collections::HashSet;

/// One transaction's means of writing devices.
pub struct Write<'a> {
    pub transaction: &'a DatabaseTransaction,
    pub vault: &'a Vault,
    pub now: Timestamp,
}

impl Write<'_> {
    pub async fn create(&self, draft: DeviceDraft) -> Result<Device> {
        let draft = tidy(draft);
        let has_login = matches!(draft.routeros, CredentialChange::Set(_));
        let checks = match draft.checks.clone() {
            Some(checks) => checks,
            None => {
                checks::default_checks(draft.kind, None, has_login).map_err(|error| refused(&draft, error))?
            }
        };
        values(&draft, &checks, has_login)?;
        self.judge_in_place(&draft, None).await?;
        let mut row = row(&draft, self.now)?;
        row.created_at = Set(self.now.0);
        let row = row.insert(self.transaction).await.map_err(|error| StoreError::taken(error, "name"))?;
        let id = DeviceId(row.id);
        self.save_login(id, draft.routeros).await?;
        self.save_ssh(id, draft.ssh).await?;
        checks::replace(self.transaction, (id, draft.kind), checks).await?;
        one(self.transaction, id).await
    }

    pub async fn update(&self, id: DeviceId, draft: DeviceDraft) -> Result<Device> {
        let draft = tidy(draft);
        let before = one(self.transaction, id).await?;
        let has_login = match draft.routeros {
            CredentialChange::Keep => before.routeros.is_some(),
            CredentialChange::Remove => false,
            CredentialChange::Set(_) => true,
        };
        let checks = draft.checks.clone().unwrap_or_else(|| unchanged(&before, &draft, has_login));
        values(&draft, &checks, has_login)?;
        let elsewhere = draft.password_error(&before).into_iter().chain(draft.ssh_error(&before));
        let elsewhere: Vec<_> = elsewhere.collect();
        if !elsewhere.is_empty() {
            return Err(StoreError::Invalid(elsewhere));
        }
        self.judge_in_place(&draft, Some(id)).await?;
        let mut row = row(&draft, self.now)?;
        row.id = Set(id.0);
        row.update(self.transaction).await.map_err(|error| StoreError::taken(error, "name"))?;
        self.save_login(id, draft.routeros).await?;
        self.save_ssh(id, draft.ssh).await?;
        checks::replace(self.transaction, (id, draft.kind), checks).await?;
        one(self.transaction, id).await
    }

    async fn save_ssh(&self, id: DeviceId, change: SshChange) -> Result<()> {
        match change {
            SshChange::Keep => Ok(()),
            SshChange::Remove => ssh::remove(self.transaction, id).await,
            SshChange::Set(new) => ssh::save(self.transaction, self.vault, id, new, self.now).await,
        }
    }

    async fn save_login(&self, id: DeviceId, change: CredentialChange) -> Result<()> {
        match change {
            CredentialChange::Keep => Ok(()),
            CredentialChange::Remove => login::remove(self.transaction, id).await,
            CredentialChange::Set(new) => login::save(self.transaction, self.vault, id, new, self.now).await,
        }
    }

    /// What only the other devices can tell: the name is free, the parent exists and is not below.
    async fn judge_in_place(&self, draft: &DeviceDraft, id: Option<DeviceId>) -> Result<()> {
        let others = id.map(|id| device::Column::Id.ne(id.0));
        let same_name = device::Entity::find()
            .filter(device::Column::Name.eq(&draft.name))
            .filter(Condition::all().add_option(others))
            .count(self.transaction)
            .await?;
        if same_name > 0 {
            return Err(StoreError::is_taken("name"));
        }
        let mut seen: HashSet<i64> = id.map(|id| id.0).into_iter().collect();
        let mut next = draft.parent.map(|parent| parent.0);
        while let Some(ancestor) = next {
            if !seen.insert(ancestor) {
                let message = "would make the device its own ancestor";
                return Err(StoreError::invalid("parent_id", "error_parent_cycle", message));
            }
            let row = device::Entity::find_by_id(ancestor).one(self.transaction).await?;
            let unknown = || StoreError::invalid("parent_id", "error_parent_unknown", "is no device");
            next = row.ok_or_else(unknown)?.parent_id;
        }
        Ok(())
    }
}

/// Checks of a change that does not speak of them: as before, but a login brings its check and takes it along.
pub fn unchanged(before: &Device, draft: &DeviceDraft, has_login: bool) -> Vec<CheckDraft> {
    let mut checks = checks::kept(before, has_login);
    let is_new = has_login && before.routeros.is_none() && draft.kind == DeviceKind::Router;
    if is_new && checks.iter().all(|check| check.kind != CheckKind::Routeros) {
        checks.push(checks::plain(CheckKind::Routeros));
    }
    checks
}

/// Everything that is wrong with the draft itself, all at once.
pub fn values(draft: &DeviceDraft, checks: &[CheckDraft], has_login: bool) -> Result<()> {
    let mut errors = draft.errors();
    errors.extend(engine::errors(checks, has_login));
    errors.extend(key_error(draft));
    if errors.is_empty() { Ok(()) } else { Err(StoreError::Invalid(errors)) }
}

/// What is wrong with a private key that comes in: found now, not when somebody needs a terminal.
fn key_error(draft: &DeviceDraft) -> Option<FieldError> {
    let SshChange::Set(login) = &draft.ssh else { return None };
    let SecretChange::Set(key) = &login.private_key else { return None };
    let error = engine::driver::ssh::check_key(&Secret::new(key.clone())).err()?;
    Some(FieldError::new("ssh.private_key", error.code(), error.to_string()))
}

/// A refusal together with whatever else is wrong, so that nobody has to try twice.
pub fn refused(draft: &DeviceDraft, error: FieldError) -> StoreError {
    let mut errors = draft.errors();
    errors.push(error);
    StoreError::Invalid(errors)
}

/// Empty optional texts are absent ones; a tag counts once.
pub fn tidy(mut draft: DeviceDraft) -> DeviceDraft {
    for text in [&mut draft.description, &mut draft.location, &mut draft.vendor, &mut draft.model] {
        *text = text.take().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    }
    let mut seen = HashSet::new();
    draft.tags = draft.tags.iter().map(|tag| tag.trim().to_owned()).collect();
    draft.tags.retain(|tag| seen.insert(tag.clone()));
    draft
}

pub fn row(draft: &DeviceDraft, now: Timestamp) -> Result<device::ActiveModel> {
    Ok(device::ActiveModel {
        id: NotSet,
        name: Set(draft.name.clone()),
        kind: Set(draft.kind.word().to_owned()),
        address: Set(draft.address.clone()),
        description: Set(draft.description.clone()),
        location: Set(draft.location.clone()),
        vendor: Set(draft.vendor.clone()),
        model: Set(draft.model.clone()),
        parent_id: Set(draft.parent.map(|parent| parent.0)),
        tags: Set(checks::json(&draft.tags)?),
        enabled: Set(draft.enabled),
        sla_target: Set(draft.sla_target.and_then(|target| i32::try_from(target.parts()).ok())),
        created_at: NotSet,
        updated_at: Set(now.0),
    })
}
