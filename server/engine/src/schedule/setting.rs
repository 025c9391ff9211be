//! What the schedule is given: its commands, and what it works with.

use super::{Histogram, Roster};
use crate::{
    Fleet, Options, Outcome,
    check::{BuildArgs, Check, Tools},
    driver::gateway::{AskGateway, of_this_machine},
    rates::Rates,
    tally::Tally,
};
use model::{DeviceId, FieldError};
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// What the schedule is told.
pub(crate) enum Command {
    /// The roster says something new about a device (or about any, with `None`).
    Changed { device: Option<DeviceId>, done: oneshot::Sender<()> },
    /// A person wants to know now.
    Ask { device: Option<DeviceId>, done: oneshot::Sender<()> },
}

pub(crate) type Build = Arc<dyn Fn(&BuildArgs<'_>) -> Result<Box<dyn Check>, FieldError> + Send + Sync>;

/// What the schedule works with; outlives it when it has to be started again.
#[derive(Clone)]
pub(crate) struct Setting {
    pub fleet: Arc<Fleet>,
    pub outcomes: mpsc::Sender<Outcome>,
    pub tools: Tools,
    /// How a check is made from its settings.
    pub build: Build,
    /// How the gateway is asked, where it is.
    pub gateway: Option<AskGateway>,
    pub options: Options,
    pub roster: Roster,
    pub lateness: Arc<Mutex<Histogram>>,
    pub rates: Rates,
    pub tally: Tally,
}

impl Setting {
    pub fn new(
        fleet: Arc<Fleet>,
        outcomes: mpsc::Sender<Outcome>,
        tools: Tools,
        (build, options): (Build, Options),
    ) -> Self {
        let (roster, lateness, rates, tally) = Default::default();
        let gateway = options.asks_gateway.then(|| of_this_machine(tools.pinger.clone()));
        Self { fleet, outcomes, tools, build, gateway, options, roster, lateness, rates, tally }
    }
}
