//! What the protocol's task calls us for: to judge the host key, and to hear banners and farewells.
//! Channels that a device wants to open are refused by letting go of them.

use super::{BANNER_CHARS_MAX, SshError, ahead::Ahead, cause};
use model::SshHostKey;
use parking_lot::Mutex;
use russh::{
    Channel, ChannelId,
    client::{ChannelOpenHandle, DisconnectReason, Handler, Msg, Session},
    keys::{HashAlg, PublicKeyOrCertificate},
};
use std::sync::Arc;

/// What every RouterOS of 6 and 7 says in its first line, before the version of the protocol ends.
const ROUTEROS_ID: &[u8] = b"SSH-2.0-ROSSSH";

/// What was learned of the device, told to whoever holds the connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    facts: Arc<Mutex<Facts>>,
    /// What of the typed the device has not taken yet.
    pub ahead: Ahead,
}

#[derive(Debug, Default)]
struct Facts {
    banner: String,
    is_routeros: bool,
    end: Option<SshError>,
}

impl Seen {
    /// What the device says before the login, line by line, tamed.
    pub fn banner(&self) -> String {
        self.facts.lock().banner.clone()
    }

    /// Whether the device calls itself RouterOS.
    pub fn is_routeros(&self) -> bool {
        self.facts.lock().is_routeros
    }

    /// Why the connection ended, once it has.
    pub fn end(&self) -> Option<SshError> {
        self.facts.lock().end.clone()
    }
}

pub(super) struct Watcher {
    pub pinned: Option<SshHostKey>,
    pub seen: Seen,
}

/// What a device opens is refused by letting go of the reply; the library accepts what is not said here.
macro_rules! refuse {
    ($($opening:ident($($said:ty),*);)*) => {$(
        async fn $opening(
            &mut self,
            _: Channel<Msg>,
            $(_: $said,)*
            _: ChannelOpenHandle,
            _: &mut Session,
        ) -> Result<(), SshError> {
            Ok(())
        }
    )*};
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

    async fn kex_done(
        &mut self,
        _: Option<&[u8]>,
        _: &russh::Names,
        session: &mut Session,
    ) -> Result<(), SshError> {
        self.seen.facts.lock().is_routeros = session.remote_sshid().starts_with(ROUTEROS_ID);
        Ok(())
    }

    async fn auth_banner(&mut self, banner: &str, _: &mut Session) -> Result<(), SshError> {
        let mut facts = self.seen.facts.lock();
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

    async fn channel_open_confirmation(
        &mut self,
        _: ChannelId,
        _: u32,
        window: u32,
        _: &mut Session,
    ) -> Result<(), SshError> {
        self.seen.ahead.opened(window);
        Ok(())
    }

    async fn window_adjusted(&mut self, _: ChannelId, left: u32, _: &mut Session) -> Result<(), SshError> {
        self.seen.ahead.grown(left);
        Ok(())
    }

    async fn disconnected(&mut self, reason: DisconnectReason<SshError>) -> Result<(), SshError> {
        let end = match reason {
            DisconnectReason::ReceivedDisconnect(info) => SshError::closed(&info.message),
            DisconnectReason::Error(error) => error,
        };
        self.seen.facts.lock().end.get_or_insert(end.clone());
        Err(end)
    }

    refuse! {
        server_channel_open_forwarded_tcpip(&str, u32, &str, u32);
        server_channel_open_forwarded_streamlocal(&str);
        server_channel_open_agent_forward();
        server_channel_open_session();
        server_channel_open_direct_tcpip(&str, u32, &str, u32);
        server_channel_open_direct_streamlocal(&str);
        server_channel_open_x11(&str, u32);
    }
}
