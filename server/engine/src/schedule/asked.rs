//! People who wait until checks have been asked.

use super::slot::SlotId;
use std::collections::HashSet;
use tokio::sync::oneshot;

/// Questions at once; whoever asks one more is not told when it is done, its checks are asked all the same.
const WAITING_MAX: usize = 64;

#[derive(Default)]
pub(super) struct Asked {
    waiting: Vec<(HashSet<SlotId>, oneshot::Sender<()>)>,
}

impl Asked {
    /// `done` is told when all `slots` are settled.
    pub fn add(&mut self, slots: Vec<SlotId>, done: oneshot::Sender<()>) {
        self.waiting.retain(|(_, done)| !done.is_closed());
        if slots.is_empty() {
            // Whoever asked may have left.
            let _ = done.send(());
        } else if self.waiting.len() < WAITING_MAX {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_that_nobody_can_wait_for_is_not_called_done() {
        let mut asked = Asked::default();
        let mut ask = || {
            let (done, is_done) = oneshot::channel();
            asked.add(vec![SlotId::default()], done);
            is_done
        };
        let waiting: Vec<_> = (0..WAITING_MAX).map(|_| ask()).collect();
        assert!(ask().try_recv().is_err());
        asked.is_settled(SlotId::default());
        assert!(waiting.into_iter().all(|mut is_done| is_done.try_recv().is_ok()));
    }
}
