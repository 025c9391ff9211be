//! What a terminal on a device takes: who may have one, where it leads, and what is written down of it.

use super::{Admin, Program, Purpose, Seat, Sure, Viewer, api_error};
use crate::store::{Reach, in_time};
use app::api::ApiError;
use engine::driver::ssh::{Connection, Endpoint, SshError, SshLogin};
use model::{Act, Device, DeviceId, FieldError, Role, SSH_PORT, SshHostKey};
use std::{sync::Arc, time::Duration};

/// Most terminals open at once for one account.
pub(super) const TERMINALS_EACH_MAX: u32 = 16;

/// How terminals are kept.
#[derive(Clone, Copy, Debug)]
pub struct TerminalRules {
    /// How long one may be left alone.
    pub idle: Duration,
    /// Whether they open over plain HTTP from other machines too.
    pub is_over_http: bool,
}

/// Where a terminal leads, and what it may try.
pub struct TerminalTarget {
    pub device: Arc<Device>,
    pub endpoint: Endpoint,
    /// What is stored for it: its own login, or where nothing secret is in that the one of its RouterOS API.
    pub login: Option<SshLogin>,
}

impl Viewer {
    /// For admins who gave their password not long ago, over a line that nobody else reads.
    pub(super) fn may_have_terminal(&self) -> Result<(), ApiError> {
        if self.role != Role::Admin {
            return Err(ApiError::Forbidden);
        }
        if self.is_exposed && !self.program.terminal.is_over_http {
            let message = "terminals open over HTTPS only, unless terminal_over_http is set";
            return Err(FieldError::new("purpose", "error_terminal_http", message).into());
        }
        self.sure().map(drop)
    }
}

impl Admin {
    /// The right to a terminal.
    pub fn for_terminal(&self) -> Result<Sure<Admin>, ApiError> {
        self.0.may_have_terminal()?;
        self.sure()
    }

    /// Room for one more terminal of this account, if there is any.
    pub fn take_terminal_seat(&self) -> Option<Seat> {
        self.0.program.terminal_seats.take(self.0.user.id)
    }

    /// Whether what proved this handle still proves an admin. A database that does not answer takes no right away.
    pub async fn is_still_admin(&self) -> bool {
        self.0.is_still_admin().await
    }
}

impl Sure<Admin> {
    /// Whether this ticket opens a terminal on the device for the holder of this handle. It is spent either way.
    pub fn redeem_terminal(&self, ticket: &str, id: DeviceId) -> bool {
        let program = &self.viewer().program;
        program.tickets.redeem(ticket, self.credential(), Purpose::Ssh(id), program.clock.now())
    }

    pub fn terminal_idle(&self) -> Duration {
        self.viewer().program.terminal.idle
    }

    pub async fn terminal_target(&self, id: DeviceId) -> Result<TerminalTarget, ApiError> {
        let program = &self.viewer().program;
        // Of the store alone: what the fleet knows may be older than what was stored with another address in mind.
        let reach = in_time(program.store.devices().reach(id, &program.vault)).await.map_err(api_error)?;
        Ok(aim(reach))
    }

    /// Connects to the device, and minds which host key it shows.
    pub async fn reach(&self, id: DeviceId, endpoint: &Endpoint) -> Result<Connection, SshError> {
        let program = &self.viewer().program;
        let reached = program.engine.ssh(endpoint).await;
        program.mind_host_key(id, endpoint, reached.as_ref().err()).await;
        reached
    }

    /// Writes down what became of a terminal. What cannot be written down must not happen.
    pub async fn note_terminal(&self, act: Act, device: &Device, detail: &str) -> Result<(), ApiError> {
        let store = &self.viewer().program.store;
        in_time(store.audit().note(act, Some(&device.name), Some(detail))).await.map_err(api_error)
    }

    /// Accepts the first host key of a device; whether it is the accepted one now.
    pub async fn accept_first_host_key(&self, id: DeviceId, key: SshHostKey) -> Result<bool, ApiError> {
        self.pin_host_key(id, key, true).await
    }

    /// Accepts a host key in the place of whichever was accepted. Wants the password again: stored ones are sent to
    /// whoever holds it.
    pub async fn accept_host_key(&self, id: DeviceId, key: SshHostKey) -> Result<(), ApiError> {
        self.pin_host_key(id, key, false).await.map(drop)
    }
}

impl Program {
    /// To be told how every connection by SSH began: another host key than the accepted one is an alert, and the
    /// accepted one ends it, whatever came of the connection after it was proved. Done to its end, also when whoever connected has left meanwhile.
    pub(super) async fn mind_host_key(
        self: &Arc<Self>,
        id: DeviceId,
        endpoint: &Endpoint,
        failure: Option<&SshError>,
    ) {
        let (pinned, another) = match (failure, &endpoint.pinned) {
            (Some(SshError::HostKeyChanged { pinned, seen }), _) => (pinned.clone(), Some(seen.clone())),
            (failure, Some(pinned)) if failure.is_none_or(SshError::is_after_proof) => (pinned.clone(), None),
            _ => return,
        };
        let mind = move |program: Arc<Program>| async move {
            let incidents = program.store.incidents();
            let has_news = match &another {
                Some(seen) => in_time(incidents.host_key_changed(id, &pinned, seen)).await,
                None => in_time(incidents.host_key_is_back(id, &pinned)).await,
            };
            if has_news.map_err(api_error)? {
                program.bell.notify_one();
            }
            Ok::<_, ApiError>(())
        };
        if let Err(error) = self.finish(mind).await {
            tracing::error!(?error, device = id.0, "what host key a device shows could not be written down");
        }
    }
}

/// Where a terminal leads and what it may try, by what is stored.
pub(super) fn aim(reach: Reach) -> TerminalTarget {
    let Reach { device, own, routeros } = reach;
    let own = own.filter(|login| login.password.is_some() || login.private_key.is_some());
    let login = own.or_else(|| {
        routeros.map(|login| SshLogin {
            username: login.username,
            password: Some(login.password),
            private_key: None,
        })
    });
    let endpoint = Endpoint {
        host: device.address.clone(),
        port: device.ssh.as_ref().and_then(|access| access.port).unwrap_or(SSH_PORT),
        pinned: device.host_key.as_ref().map(|pinned| pinned.key.clone()),
        has_legacy: device.ssh.as_ref().is_some_and(|access| access.has_legacy),
    };
    TerminalTarget { device: Arc::new(device), endpoint, login }
}
