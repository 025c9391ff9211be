//! The rows of every menu a simulated router has, shaped like recorded ones.
//!
//! Pure: a [`Snapshot`] goes in, rows come out. Version 6 and 7 differ here and nowhere else.

mod interfaces;
mod network;
mod system;

pub(super) use interfaces::monitor_traffic;

use super::columns::Columns;
use super::personality::{Hardware, Personality};
use std::time::Duration;

/// A router at one moment.
pub(super) struct Snapshot<'a> {
    pub personality: Personality,
    pub seed: u64,
    pub identity: &'a str,
    /// The CPU load, when it is scripted.
    pub busy_percent: Option<u32>,
    /// What the clock on its wall shows, in milliseconds as if it were UTC.
    pub wall_ms: i64,
    pub uptime: Duration,
    /// Since the interface counters began.
    pub counted: Duration,
}

/// The rows of a menu that the router makes itself; `None` when it has no such menu.
pub(super) fn rows(router: &Snapshot<'_>, menu: &str) -> Option<Vec<Columns>> {
    let is_chr = router.personality.hardware == Hardware::Chr;
    Some(match menu {
        "/system/resource" => vec![system::resource(router)],
        "/system/identity" => vec![Columns::new().with("name", router.identity)],
        "/system/health" => system::health(router),
        "/system/routerboard" if !is_chr => vec![system::routerboard(router)],
        "/system/package/update" => vec![system::update(router.personality)],
        "/system/clock" => vec![system::clock(router)],
        "/interface" => interfaces::interfaces(router),
        "/interface/pppoe-client" => network::pppoe_clients(router.personality),
        "/interface/lte" => network::lte(router.personality),
        "/ip/address" => network::addresses(router),
        "/ip/route" => network::routes(router),
        "/ip/dhcp-client" => network::dhcp_clients(router),
        "/ip/cloud" => vec![network::cloud(router)],
        "/ip/service" => system::services(router.personality),
        _ => return None,
    })
}
