//! What is to be watched: written by the handle, read by the schedule, alive when the schedule is not.

use crate::{Login, Remembered, Watched};
use model::{Device, DeviceId};
use parking_lot::Mutex;
use std::{collections::HashMap, sync::Arc};

/// A device to watch. The settings are shared with the fleet.
#[derive(Clone)]
pub(crate) struct Known {
    pub device: Arc<Device>,
    pub login: Option<Arc<Login>>,
    pub remembered: Arc<Remembered>,
}

impl Known {
    fn new(watched: Watched, remembered: Remembered) -> Self {
        Self {
            device: Arc::new(watched.device),
            login: watched.routeros.map(Arc::new),
            remembered: Arc::new(remembered),
        }
    }

    /// As a check kind is shown it.
    pub fn watched(&self) -> Watched {
        Watched { device: Device::clone(&self.device), routeros: self.login.as_deref().cloned() }
    }
}

#[derive(Clone, Default)]
pub(crate) struct Roster(Arc<Mutex<HashMap<DeviceId, Known>>>);

impl Roster {
    pub fn put(&self, watched: Watched, remembered: Remembered) {
        let known = Known::new(watched, remembered);
        self.0.lock().insert(known.device.id, known);
    }

    /// Exactly these from now on.
    pub fn replace(&self, devices: Vec<(Watched, Remembered)>) {
        let known = devices.into_iter().map(|(watched, remembered)| Known::new(watched, remembered));
        *self.0.lock() = known.map(|known| (known.device.id, known)).collect();
    }

    pub fn remove(&self, device: DeviceId) {
        self.0.lock().remove(&device);
    }

    pub fn of(&self, device: DeviceId) -> Option<Known> {
        self.0.lock().get(&device).cloned()
    }

    pub fn ids(&self) -> Vec<DeviceId> {
        self.0.lock().keys().copied().collect()
    }
}
