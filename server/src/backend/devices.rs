//! The fleet: seen by viewers from memory, changed by admins in the database first.

use super::{
    Admin, Program, Sure, Viewer, api_error,
    suggest::{Told, parent_of},
};
use crate::store::{StoreError, in_time};
use app::api::ApiError;
use engine::{Login, Remembered, Secret};
use model::*;
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::{sync::OwnedMutexGuard, time::timeout};

/// How long somebody waits for "check now" before the answer is "under way".
const CHECK_NOW_MAX: Duration = Duration::from_secs(15);
/// How long one change of a device may hold up the others.
const CHANGE_MAX: Duration = Duration::from_secs(15);
/// How long the lines of a device's log may take to go, before its removal and while others change something.
const EMPTY_MAX: Duration = Duration::from_secs(60);
/// How long reading the whole fleet may hold them up.
const LOAD_MAX: Duration = Duration::from_secs(30);
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
            suggested_parent: self.suggested_parent(&device),
            device: Device::clone(&device),
            row,
            metrics: facts.as_ref().map(|facts| facts.metrics.clone()),
            interfaces: facts.map(|facts| facts.interfaces.clone()).unwrap_or_default(),
            may_log: device.routeros.is_some()
                || !matches!(device.kind, DeviceKind::Server | DeviceKind::Tunnel)
                || self.program.logs.may_have_lines(id),
            now: self.program.clock.now(),
        })
    }

    fn suggested_parent(&self, device: &Arc<Device>) -> Option<DeviceId> {
        if device.parent.is_some() {
            return None;
        }
        let fleet = &self.program.fleet;
        let told = |device: Arc<Device>| {
            let metrics = fleet.facts(device.id).map(|facts| facts.metrics.clone()).unwrap_or_default();
            Told { device, wan: metrics.wan, external_ip: metrics.external_ip }
        };
        let all: Vec<_> = fleet.devices().into_iter().map(told).collect();
        parent_of(&told(device.clone()), &all)
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

    /// The rows of the devices with such a check.
    pub fn rows_asked_by(&self, kind: CheckKind) -> Vec<Row> {
        self.program.fleet.rows_asked_by(kind)
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
        let permitted = self.permit(draft)?;
        let change = move |program: Arc<Program>, turn: Turn| async move {
            let created = program.store.devices().create(permitted.draft(), &program.vault).await;
            let device = created.map_err(api_error)?;
            program.watch_or_note(device.id, &turn).await;
            if program.fleet.row(device.id).is_none() {
                // The watching takes it over later; it is there all the same.
                program.fleet.put(device.clone(), &Remembered::default());
            }
            Ok(device)
        };
        self.0.program.to_the_end(change).await
    }

    pub async fn change_device(&self, id: DeviceId, draft: DeviceDraft) -> Result<Device, ApiError> {
        self.revise_device(id, move |_| Ok(draft)).await
    }

    /// Changes a device into what `revise` makes of it as it is stored.
    pub async fn revise_device<E: From<ApiError> + Send + 'static>(
        &self,
        id: DeviceId,
        revise: impl FnOnce(&Device) -> Result<DeviceDraft, E> + Send + 'static,
    ) -> Result<Device, E> {
        let admin = self.clone();
        let change = move |program: Arc<Program>, turn: Turn| async move {
            let devices = program.store.devices();
            let before = devices.one(id).await.map_err(api_error)?;
            let draft = revise(&before)?;
            let permitted = admin.permit(draft)?;
            let device = devices.update(id, permitted.draft(), &program.vault).await.map_err(api_error)?;
            program.watch_or_note(id, &turn).await;
            if device.name != before.name {
                // Rules that name it say its new name. Read after the fleet says it too: in between they would be about
                // no device of theirs.
                program.history.rules_changed();
            }
            Ok(device)
        };
        self.0.program.to_the_end(change).await
    }

    pub async fn switch_device(&self, id: DeviceId, enabled: bool) -> Result<(), ApiError> {
        let change = move |program: Arc<Program>, turn: Turn| async move {
            program.store.devices().set_enabled(id, enabled).await.map_err(api_error)?;
            program.watch_or_note(id, &turn).await;
            Ok(())
        };
        self.0.program.to_the_end(change).await
    }

    pub async fn delete_device(&self, id: DeviceId) -> Result<(), ApiError> {
        // To its end: a device is not to stay without its lines because somebody left.
        let removal = async move |program: Arc<Program>| {
            program.empty_log(id).await?;
            let removed = program.remove_device(id).await;
            if removed.is_err() {
                program.logs.read_anew(id);
            }
            removed
        };
        self.0.program.finish(removal).await
    }

    /// Runs the checks; says whether all have answered. Those that take longer go on, only the waiting ends.
    pub async fn ask_now(&self, id: Option<DeviceId>) -> Result<bool, ApiError> {
        if let Some(id) = id {
            self.0.device(id)?;
        }
        let asking = self.0.program.engine.check_now(id);
        Ok(timeout(CHECK_NOW_MAX, asking).await.unwrap_or(false))
    }

    pub async fn load_again(&self) -> Result<u32, ApiError> {
        self.0.program.load_fleet().await.map_err(api_error)
    }

    /// Tries a login. Without a password in it, the stored one goes only to the address, port and encryption
    /// it is stored for.
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
        let device = id.map(|id| self.0.device(id)).transpose()?;
        if let (Some(device), None) = (&device, &login.password) {
            device.keep_password(&address, login.port, login.tls)?;
        }
        let is_same_place = device.is_some_and(|device| device.address == address);
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

impl Sure<Admin> {
    /// Wants the password again: the stored one is sent to whoever holds this certificate.
    pub async fn accept_certificate(&self, id: DeviceId, fingerprint: &str) -> Result<(), ApiError> {
        let fingerprint = fingerprint.to_owned();
        let change = move |program: Arc<Program>, turn: Turn| async move {
            program.store.devices().pin(id, &fingerprint).await.map_err(api_error)?;
            program.watch_or_note(id, &turn).await;
            Ok(())
        };
        self.0.program.to_the_end(change).await
    }
}

impl Sure<Admin> {
    /// Whether the key is the accepted one now.
    pub(super) async fn pin_host_key(
        &self,
        id: DeviceId,
        key: SshHostKey,
        is_first: bool,
    ) -> Result<bool, ApiError> {
        let change = move |program: Arc<Program>, turn: Turn| async move {
            let accepted =
                program.store.devices().accept_host_key(id, &key, is_first).await.map_err(api_error)?;
            // What was told of another key is over.
            program.bell.notify_one();
            program.watch_or_note(id, &turn).await;
            Ok(accepted)
        };
        self.viewer().program.to_the_end(change).await
    }
}

/// The turn to change devices, or to read them for the engine.
type Turn = OwnedMutexGuard<()>;

impl Program {
    /// Gives the engine everything the database knows; says how many devices that is.
    pub async fn load_fleet(&self) -> Result<u32, StoreError> {
        let _turn = self.changing.clone().lock_owned().await;
        let late = |_| StoreError::Unavailable(format!("no answer within {} s", LOAD_MAX.as_secs()));
        let devices = timeout(LOAD_MAX, self.store.devices().watched(&self.vault)).await.map_err(late)??;
        let count = u32::try_from(devices.len()).unwrap_or(u32::MAX);
        self.engine.replace(devices).await;
        self.devices_changed();
        Ok(count)
    }

    /// Forgets the lines of a device that is to be removed. Before, and in parts: all at once would keep everybody else
    /// from writing.
    async fn empty_log(&self, id: DeviceId) -> Result<(), ApiError> {
        let emptied = match timeout(EMPTY_MAX, self.store.logs().empty(id)).await {
            Ok(emptied) => emptied,
            Err(_) => Err(StoreError::Unavailable(format!("not done within {} s", EMPTY_MAX.as_secs()))),
        };
        emptied.map_err(|error| {
            tracing::warn!(device = id.0, "is not removed, and old lines of its log are gone");
            api_error(error)
        })
    }

    async fn remove_device(self: &Arc<Self>, id: DeviceId) -> Result<(), ApiError> {
        let change = move |program: Arc<Self>, turn: Turn| async move {
            if program.store.devices().remove(id).await.map_err(api_error)? {
                program.bell.notify_one();
            }
            let devices = program.fleet.devices();
            program.engine.remove(id).await;
            // What was open of it is so no more, and what is remembered of that is to go too.
            program.history.rules_changed();
            for child in devices.iter().filter(|device| device.parent == Some(id)) {
                program.watch_or_note(child.id, &turn).await;
            }
            Ok(())
        };
        self.to_the_end(change).await
    }

    /// Open terminals look whether their device is what it was.
    fn devices_changed(&self) {
        self.device_changes.send_modify(|count| *count += 1);
    }

    /// A device changed in the database: the engine is told with the next look.
    pub fn note(&self, id: DeviceId) {
        self.noted.lock().insert(id);
    }

    /// Gives the engine what was noted since the last time; what fails again stays noted.
    pub async fn watch_noted(&self) {
        if self.is_fleet_doubtful.swap(false, Ordering::AcqRel)
            && let Err(error) = self.load_fleet().await
        {
            tracing::warn!(%error, "the devices could not be read");
            self.is_fleet_doubtful.store(true, Ordering::Release);
        }
        let noted = std::mem::take(&mut *self.noted.lock());
        for id in noted {
            let turn = self.changing.clone().lock_owned().await;
            self.watch_or_note(id, &turn).await;
        }
    }

    /// Gives the engine what the database now knows of one device, at once or as soon as that can be read:
    /// what is committed is no failure any more for whoever asked for it.
    async fn watch_or_note(&self, id: DeviceId, _turn: &Turn) {
        match in_time(self.store.devices().watched_one(id, &self.vault)).await {
            Ok((watched, remembered)) => self.engine.put(watched, remembered).await,
            // Removed meanwhile.
            Err(StoreError::NotFound) => {}
            Err(error) => {
                tracing::warn!(device = id.0, %error, "a changed device could not be read");
                self.note(id);
            }
        }
    }

    /// Makes a change in turn, and to its end, even when whoever asked for it has left. One that the
    /// database holds up for too long is given up, for the others wait for their turn.
    async fn to_the_end<T, E, F>(
        self: &Arc<Self>,
        change: impl FnOnce(Arc<Self>, Turn) -> F + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<ApiError> + Send + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let in_turn = async move |program: Arc<Self>| {
            let turn = program.changing.clone().lock_owned().await;
            let changed = timeout(CHANGE_MAX, change(program.clone(), turn)).await;
            // Whatever came of it: it may have been made, and its answer lost.
            program.devices_changed();
            changed.unwrap_or_else(|_| {
                tracing::error!("a change was given up: the database did not answer");
                program.is_fleet_doubtful.store(true, Ordering::Release);
                Err(ApiError::Unavailable.into())
            })
        };
        self.finish(in_turn).await
    }
}
