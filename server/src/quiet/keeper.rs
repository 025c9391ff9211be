//! Lets devices wear what runs for them, takes devices in and out, and has told what is still wrong when it ends.

use super::Window;
use crate::store::{Result, Store, in_time};
use engine::{Clock, Duty, Fleet};
use model::{Device, DeviceId, QuietId, QuietKind, QuietMark, Timestamp};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{
    sync::Notify,
    time::{Instant, sleep},
};

/// How soon a beginning or an end is noticed.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Everything is read again so often even when nobody says that it changed.
const READ_EVERY: Duration = Duration::from_secs(30);

/// One keeper for the life of the process; its worker may be started again.
#[derive(Clone)]
pub struct Keeper {
    pub store: Store,
    pub fleet: Arc<Fleet>,
    pub clock: Arc<dyn Clock>,
    /// Rung when windows were changed.
    pub changed: Arc<Notify>,
    /// Rung when there is something new in the outbox.
    pub bell: Arc<Notify>,
}

/// What was known at the last look.
#[derive(Default)]
struct Memory {
    windows: Vec<Window>,
    devices: Vec<Arc<Device>>,
    members: Vec<(QuietId, DeviceId)>,
    /// What ran, and until when.
    in_force: Vec<(QuietId, Timestamp)>,
    read_at: Option<Instant>,
}

impl Keeper {
    /// Looks until told to stop.
    pub async fn run(&self, duty: Duty) -> anyhow::Result<()> {
        let mut memory = Memory::default();
        loop {
            match self.look(&mut memory).await {
                Ok(()) => duty.ran(),
                Err(error) => {
                    memory.read_at = None;
                    duty.failed(error.to_string());
                }
            }
            tokio::select! {
                () = self.changed.notified() => memory.read_at = None,
                () = sleep(LOOK_EVERY) => {}
                () = duty.stop.cancelled() => return Ok(()),
            }
        }
    }

    async fn look(&self, memory: &mut Memory) -> Result<()> {
        let is_due = memory.read_at.is_none_or(|at| at.elapsed() >= READ_EVERY);
        if is_due {
            memory.windows = in_time(self.store.quiets().live()).await?;
            memory.read_at = Some(Instant::now());
        }
        let has_moved = self.take_devices(memory, is_due).await?;
        let now = self.clock.now();
        let in_force: Vec<_> =
            memory.windows.iter().filter_map(|window| Some((window.id, window.current(now)?.to))).collect();
        let is_news = is_due || has_moved || in_force != memory.in_force;
        if !is_news {
            return Ok(());
        }
        self.fleet.set_quiet(&marks(memory, now));
        if in_time(self.store.quiets().release()).await? {
            self.bell.notify_one();
        }
        if in_force != memory.in_force {
            self.store.alerts_changed();
        }
        memory.in_force = in_force;
        Ok(())
    }

    /// Whether devices may have come into windows, or out of them.
    async fn take_devices(&self, memory: &mut Memory, is_due: bool) -> Result<bool> {
        if !memory.windows.iter().any(Window::is_about_devices) {
            memory.devices.clear();
            memory.members.clear();
            return Ok(false);
        }
        let devices = self.fleet.devices();
        let is_same = devices.len() == memory.devices.len()
            && devices.iter().zip(&memory.devices).all(|(now, before)| Arc::ptr_eq(now, before));
        if is_same && !is_due {
            return Ok(false);
        }
        memory.members = in_time(self.store.quiets().enroll()).await?;
        memory.devices = devices;
        Ok(true)
    }
}

/// What each device wears: maintenance before a silence, and of each what lasts longest.
fn marks(memory: &Memory, now: Timestamp) -> HashMap<DeviceId, QuietMark> {
    let running: HashMap<QuietId, QuietMark> =
        memory.windows.iter().filter_map(|window| Some((window.id, window.mark(now)?))).collect();
    let rank = |mark: &QuietMark| (mark.kind == QuietKind::Maintenance, mark.until);
    let mut marks = HashMap::<DeviceId, QuietMark>::new();
    for (quiet, device) in &memory.members {
        let Some(mark) = running.get(quiet) else { continue };
        if marks.get(device).is_none_or(|known| rank(known) < rank(mark)) {
            marks.insert(*device, mark.clone());
        }
    }
    marks
}
