//! What the protocol's task calls us for: to judge the host key, and to hear banners and farewells.
//! Channels that a device wants to open are refused by letting go of them.

use super::{BANNER_CHARS_MAX, SshError, cause};
use model::SshHostKey;
use parking_lot::Mutex;
use russh::{
    Channel,
    client::{ChannelOpenHandle, DisconnectReason, Handler, Msg, Session},
    keys::{HashAlg, PublicKeyOrCertificate},
};
use std::sync::Arc;

/// What was learned of the device, told to whoever holds the connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen(Arc<Mutex<Facts>>);

#[derive(Debug, Default)]
struct Facts {
    banner: String,
    end: Option<SshError>,
}

impl Seen {
    /// What the device says before the login, line by line, tamed.
    pub fn banner(&self) -> String {
        self.0.lock().banner.clone()
    }

    /// Why the connection ended, once it has.
    pub fn end(&self) -> Option<SshError> {
        self.0.lock().end.clone()
    }
}

pub(super) struct Watcher {
    pub pinned: Option<SshHostKey>,
    pub seen: Seen,
}

impl Handler for Watcher {
    type Error = SshError;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, SshError> {
        let key = key.public_key();
        let key = SshHostKey {
            algorithm: cause::tamed(key.algorithm().as_str(), 64),
            fingerprint: key.fingerprint(HashAlg::Sha256).to_string(),
        };
        match &self.pinned {
            Some(pinned) if pinned.fingerprint == key.fingerprint => Ok(true),
            Some(pinned) => Err(SshError::HostKeyChanged { pinned: pinned.clone(), seen: key }),
            None => Err(SshError::HostKeyUnknown(key)),
        }
    }

    async fn auth_banner(&mut self, banner: &str, _: &mut Session) -> Result<(), SshError> {
        let mut facts = self.seen.0.lock();
        let room = BANNER_CHARS_MAX.saturating_sub(facts.banner.len());
        for line in banner.lines() {
            let line = cause::tamed(line, room);
            if facts.banner.len() + line.len() + 2 > BANNER_CHARS_MAX {
                break;
            }
            facts.banner += &line;
            facts.banner += "\r\n";
        }
        Ok(())
    }

    async fn disconnected(&mut self, reason: DisconnectReason<SshError>) -> Result<(), SshError> {
        let end = match reason {
            DisconnectReason::ReceivedDisconnect(info) => SshError::closed(&info.message),
            DisconnectReason::Error(error) => error,
        };
        self.seen.0.lock().end.get_or_insert(end.clone());
        Err(end)
    }

    async fn server_channel_open_forwarded_tcpip(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: u32,
        _: &str,
        _: u32,
        _: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), SshError> {
        Ok(())
    }

    async fn server_channel_open_forwarded_streamlocal(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), SshError> {
        Ok(())
    }

    async fn server_channel_open_agent_forward(
        &mut self,
        _: Channel<Msg>,
        _: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), SshError> {
        Ok(())
    }

    async fn server_channel_open_session(
        &mut self,
        _: Channel<Msg>,
        _: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), SshError> {
        Ok(())
    }

    async fn server_channel_open_direct_tcpip(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: u32,
        _: &str,
        _: u32,
        _: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), SshError> {
        Ok(())
    }

    async fn server_channel_open_direct_streamlocal(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), SshError> {
        Ok(())
    }

    async fn server_channel_open_x11(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: u32,
        _: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), SshError> {
        Ok(())
    }
}
