//! Writes each change down once, however many sockets send it.

use axum::extract::ws::Utf8Bytes;
use model::{FromServer, LiveEvent};
use parking_lot::Mutex;
use std::{collections::BTreeMap, sync::Arc};

/// Changes kept; whoever is further behind writes them again for itself.
const KEPT_MAX: usize = 512;

/// The last changes as text.
#[derive(Clone, Default)]
pub struct Encoder(Arc<Mutex<BTreeMap<u64, Utf8Bytes>>>);

impl Encoder {
    /// The change as every socket sends it.
    pub fn event(&self, event: &Arc<LiveEvent>) -> Utf8Bytes {
        let mut kept = self.0.lock();
        if let Some(text) = kept.get(&event.seq) {
            return text.clone();
        }
        let text = text(&FromServer::Event(LiveEvent::clone(event)));
        kept.insert(event.seq, text.clone());
        while kept.len() > KEPT_MAX {
            kept.pop_first();
        }
        text
    }
}

/// A message as text. What cannot be written (which no message of ours is) becomes an empty one.
pub fn text(message: &FromServer) -> Utf8Bytes {
    serde_json::to_string(message).unwrap_or_default().into()
}
