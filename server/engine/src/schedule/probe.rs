//! One try of one check, from start to end: it always ends, and never with an error.

use super::{Check, slot::SlotId};
use crate::{Observation, Verdict, limit::HostKey};
use futures::FutureExt;
use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

/// A check keeps its own deadline; this is for one that does not.
const GRACE: Duration = Duration::from_millis(500);

pub(super) struct Probed {
    pub slot: SlotId,
    /// The host whose politeness counted this try.
    pub host: Option<HostKey>,
    pub observation: Observation,
}

pub(super) async fn probe(
    check: Arc<dyn Check>,
    slot: SlotId,
    host: Option<HostKey>,
    timeout: Duration,
) -> Probed {
    // In a block, so that a panic before the first await is caught too.
    let asked = AssertUnwindSafe(async { check.probe(timeout).await }).catch_unwind();
    let observation = match tokio::time::timeout(timeout + GRACE, asked).await {
        Ok(Ok(observation)) => observation,
        Ok(Err(_)) => Verdict::Unknown { why: "this check failed inside the program".to_owned() }.into(),
        Err(_) => Verdict::Down { why: crate::check::no_answer(timeout) }.into(),
    };
    Probed { slot, host, observation }
}
