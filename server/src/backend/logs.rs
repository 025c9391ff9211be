//! The logs of routers, for whoever may look.

use super::{Admin, Viewer, api_error};
use crate::{logs::Look, store::in_time};
use app::api::ApiError;
use model::{Device, DeviceId, LogPage, LogScope, LogState, LogTrouble, LogWish};
use std::{collections::HashMap, sync::Arc};

/// Lines on one page.
const PAGE: u64 = 100;
/// Devices that a part of a name may mean: every database takes so many in one question.
const NAMED_MAX: usize = 10_000;
/// New lines that are shown at once: whoever missed more begins again.
const NEW_MAX: u64 = 200;

impl Viewer {
    /// A page of what is wished for, with how it is read; what is new, where that was wished for.
    pub async fn log_page(&self, wish: &LogWish) -> Result<LogPage, ApiError> {
        let mut page = self.search_logs(wish, if wish.after.is_some() { NEW_MAX } else { PAGE }).await?;
        page.state = wish.device.map(|device| self.log_state(device)).transpose()?;
        if wish.device.is_none() {
            page.strangers = self.program.logs.strangers();
        }
        Ok(page)
    }

    /// Up to `limit` lines of what is wished for.
    pub async fn search_logs(&self, wish: &LogWish, limit: u64) -> Result<LogPage, ApiError> {
        let errors = wish.errors();
        if !errors.is_empty() {
            return Err(errors.into());
        }
        let devices = self.all_devices();
        let part = wish.name.as_deref().map(str::trim).filter(|name| !name.is_empty()).map(str::to_lowercase);
        let named: Option<Vec<DeviceId>> = part.map(|part| {
            let is_meant = |device: &&Arc<Device>| device.name.to_lowercase().contains(&part);
            devices.iter().filter(is_meant).map(|device| device.id).take(NAMED_MAX).collect()
        });
        let found = in_time(self.program.store.logs().search(wish, named.as_deref(), limit)).await;
        let mut found = found.map_err(api_error)?;
        let names: HashMap<DeviceId, &Arc<Device>> =
            devices.iter().map(|device| (device.id, device)).collect();
        for line in &mut found.lines {
            line.name = names.get(&line.device).map(|device| device.name.clone()).unwrap_or_default();
        }
        Ok(LogPage { lines: found.lines, next: found.next, newest: found.newest, ..LogPage::default() })
    }

    /// Says that somebody looks at logs, until what this gives is dropped.
    pub fn look_at_logs(&self, scope: LogScope) -> Look {
        self.program.logs.look(scope)
    }

    pub fn log_state(&self, id: DeviceId) -> Result<LogState, ApiError> {
        let device = self.device(id)?;
        let state = self.program.logs.state(id);
        let has_login = device.routeros.is_some();
        Ok(if has_login { state } else { LogState { trouble: Some(LogTrouble::NoLogin), ..state } })
    }
}

impl Admin {
    /// Whether a router's log is read from now on.
    pub async fn let_log_be_read(&self, id: DeviceId, is_on: bool) -> Result<(), ApiError> {
        let change = async move |program: Arc<super::Program>| {
            in_time(program.store.logs().set_read(id, is_on)).await.map_err(api_error)?;
            program.logs.set_read(id, is_on);
            Ok(())
        };
        self.viewer().program.finish(change).await
    }
}
