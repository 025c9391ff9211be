//! Writes each change down once, however many sockets send it.

use app::api::wire;
use axum::body::Bytes;
use model::{FromServer, LiveEvent};
use parking_lot::Mutex;
use std::{collections::BTreeMap, sync::Arc};

/// Changes kept; whoever is further behind writes them again for itself.
const KEPT_MAX: usize = 512;

/// The last changes in bytes.
#[derive(Clone, Default)]
pub struct Encoder(Arc<Mutex<BTreeMap<u64, Bytes>>>);

impl Encoder {
    /// The change as every socket sends it.
    pub fn event(&self, event: &Arc<LiveEvent>) -> Bytes {
        let mut kept = self.0.lock();
        if let Some(bytes) = kept.get(&event.seq) {
            return bytes.clone();
        }
        let bytes = bytes(&FromServer::Event(LiveEvent::clone(event)));
        kept.insert(event.seq, bytes.clone());
        while kept.len() > KEPT_MAX {
            kept.pop_first();
        }
        bytes
    }
}

/// A message as it travels.
pub fn bytes(message: &FromServer) -> Bytes {
    wire::encode(message).into()
}
