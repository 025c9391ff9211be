//! People who wait until checks have been asked.

use super::slot::SlotId;
use std::collections::HashSet;
use tokio::sync::oneshot;

/// Questions at once; one more is answered at once, its checks are asked all the same.
const WAITING_MAX: usize = 64;

#[derive(Default)]
pub(super) struct Asked {
    waiting: Vec<(HashSet<SlotId>, oneshot::Sender<()>)>,
}

impl Asked {
    /// `done` is told when all `slots` are settled.
    pub fn add(&mut self, slots: Vec<SlotId>, done: oneshot::Sender<()>) {
        self.waiting.retain(|(_, done)| !done.is_closed());
        if slots.is_empty() || self.waiting.len() >= WAITING_MAX {
            // Whoever asked may have left.
            let _ = done.send(());
        } else {
            self.waiting.push((slots.into_iter().collect(), done));
        }
    }

    /// A check answered, or its failure is confirmed, or it is gone.
    pub fn is_settled(&mut self, slot: SlotId) {
        for (slots, _) in &mut self.waiting {
            slots.remove(&slot);
        }
        for (_, done) in self.waiting.extract_if(.., |(slots, _)| slots.is_empty()) {
            let _ = done.send(());
        }
    }
}
