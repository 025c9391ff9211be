//! The fleet: seen by viewers from memory, changed by admins in the database first.

use super::{Admin, Program, Viewer, api_error};
use crate::store::StoreError;
use app::api::ApiError;
use engine::{Login, Secret};
use model::*;
use std::{sync::Arc, time::Duration};

/// How long somebody waits for "check now" before the answer is "under way".
const CHECK_NOW_MAX: Duration = Duration::from_secs(15);
/// Most rows a page gets at its first paint.
const OVERVIEW_MAX: u32 = 1000;

impl Viewer {
    pub fn see_overview(&self, limit: u32) -> Overview {
        self.program.fleet.overview(limit.min(OVERVIEW_MAX) as usize)
    }

    pub fn see_device(&self, id: DeviceId) -> Result<DevicePage, ApiError> {
        let fleet = &self.program.fleet;
        let (device, row) =
            (fleet.device(id).ok_or(ApiError::NotFound)?, fleet.row(id).ok_or(ApiError::NotFound)?);
        let facts = fleet.facts(id);
        Ok(DevicePage {
            seq: fleet.overview(0).seq,
            parent_name: device
                .parent
                .and_then(|parent| fleet.device(parent))
                .map(|parent| parent.name.clone()),
            device: Device::clone(&device),
            row,
            metrics: facts.as_ref().map(|facts| facts.metrics.clone()),
            interfaces: facts.map(|facts| facts.interfaces.clone()).unwrap_or_default(),
            now: self.program.clock.now(),
        })
    }

    /// Every device, by name.
    pub fn all_devices(&self) -> Vec<Arc<Device>> {
        self.program.fleet.devices()
    }

    pub fn device(&self, id: DeviceId) -> Result<Arc<Device>, ApiError> {
        self.program.fleet.device(id).ok_or(ApiError::NotFound)
    }

    pub fn device_named(&self, name: &str) -> Result<Arc<Device>, ApiError> {
        let id = self.program.fleet.id_of(name).ok_or(ApiError::NotFound)?;
        self.device(id)
    }

    pub fn row(&self, id: DeviceId) -> Result<Row, ApiError> {
        self.program.fleet.row(id).ok_or(ApiError::NotFound)
    }

    /// Every row, worst first.
    pub fn rows(&self) -> Vec<Row> {
        self.program.fleet.rows().1
    }

    /// The number of the last change: what was computed from the rows holds until it grows.
    pub fn seq(&self) -> u64 {
        self.program.fleet.overview(0).seq
    }

    pub fn counts(&self) -> Counts {
        self.program.fleet.counts()
    }
}

impl Admin {
    pub async fn add_device(&self, draft: DeviceDraft) -> Result<Device, ApiError> {
        let program = &self.0.program;
        let device = program.store.devices().create(draft, &program.vault).await.map_err(api_error)?;
        program.watch(device.id).await?;
        Ok(device)
    }

    pub async fn change_device(&self, id: DeviceId, draft: DeviceDraft) -> Result<Device, ApiError> {
        let program = &self.0.program;
        let device = program.store.devices().update(id, draft, &program.vault).await.map_err(api_error)?;
        program.watch(id).await?;
        Ok(device)
    }

    pub async fn switch_device(&self, id: DeviceId, enabled: bool) -> Result<(), ApiError> {
        let program = &self.0.program;
        program.store.devices().set_enabled(id, enabled).await.map_err(api_error)?;
        program.watch(id).await
    }

    pub async fn delete_device(&self, id: DeviceId) -> Result<(), ApiError> {
        let program = &self.0.program;
        program.store.devices().remove(id).await.map_err(api_error)?;
        let children: Vec<_> =
            program.fleet.devices().into_iter().filter(|device| device.parent == Some(id)).collect();
        program.engine.remove(id).await;
        for child in children {
            program.watch(child.id).await?;
        }
        Ok(())
    }

    /// Runs the checks; says whether all have answered. Those that take longer go on, only the waiting ends.
    pub async fn ask_now(&self, id: Option<DeviceId>) -> Result<bool, ApiError> {
        if let Some(id) = id {
            self.0.device(id)?;
        }
        Ok(tokio::time::timeout(CHECK_NOW_MAX, self.0.program.engine.check_now(id)).await.is_ok())
    }

    pub async fn load_again(&self) -> Result<u32, ApiError> {
        self.0.program.load_fleet().await.map_err(api_error)
    }

    pub async fn accept_certificate(&self, id: DeviceId, fingerprint: &str) -> Result<(), ApiError> {
        let program = &self.0.program;
        program.store.devices().pin(id, fingerprint).await.map_err(api_error)?;
        program.watch(id).await
    }

    /// Tries a login. Without a password in it, the stored one goes only to the address it is stored for.
    pub async fn try_login(
        &self,
        id: Option<DeviceId>,
        address: String,
        login: NewCredential,
    ) -> Result<ProbeReport, ApiError> {
        let errors: Vec<_> = login.errors().into_iter().chain(model::address(&address).err()).collect();
        if !errors.is_empty() {
            return Err(errors.into());
        }
        let program = &self.0.program;
        let stored = match id {
            Some(id) => program.store.devices().login(id, &program.vault).await.map_err(api_error)?,
            None => None,
        };
        let is_same_place =
            id.and_then(|id| program.fleet.device(id)).is_some_and(|device| device.address == address);
        let required = || FieldError::new("routeros.password", "error_required", "is required");
        let password = match (login.password, &stored) {
            (Some(password), _) => Secret::new(password),
            (None, Some(stored)) if is_same_place => stored.password.clone(),
            (None, _) => return Err(required().into()),
        };
        let login = Login {
            username: login.username,
            password,
            port: login.port,
            tls: login.tls,
            pinned: stored.filter(|_| is_same_place).and_then(|stored| stored.pinned),
        };
        Ok(program.engine.probe_permissions(&address, login).await)
    }
}

impl Program {
    /// Gives the engine everything the database knows; says how many devices that is.
    pub async fn load_fleet(&self) -> Result<u32, StoreError> {
        let devices = self.store.devices().watched(&self.vault).await?;
        let count = u32::try_from(devices.len()).unwrap_or(u32::MAX);
        self.engine.replace(devices).await;
        Ok(count)
    }

    /// A router's certificate was pinned in the database: the engine is told with the next look.
    pub fn note_pin(&self, id: DeviceId) {
        self.pinned.lock().insert(id);
    }

    /// Gives the engine what was pinned since the last time.
    pub async fn watch_pinned(&self) {
        let pinned = std::mem::take(&mut *self.pinned.lock());
        for id in pinned {
            // A device that was removed meanwhile needs no pin.
            let _ = self.watch(id).await;
        }
    }

    /// Gives the engine what the database now knows of one device.
    async fn watch(&self, id: DeviceId) -> Result<(), ApiError> {
        let (watched, remembered) =
            self.store.devices().watched_one(id, &self.vault).await.map_err(api_error)?;
        self.engine.put(watched, remembered).await;
        Ok(())
    }
}
