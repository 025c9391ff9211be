//! What happens in the simulated network: the same story again and again, one act every few seconds.

use super::network::Network;
use engine::driver::routeros::sim::Fault;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

const ACT: Duration = Duration::from_secs(15);

/// Plays until dropped.
pub async fn play(network: &mut Network) {
    let mut acts = interval(ACT);
    acts.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for act in (0_u32..12).cycle() {
        acts.tick().await;
        match act {
            // From its first minute on a newcomer sees what an outage looks like. This one is never mended.
            1 => tunnel(network, 3, false),
            2 => tunnel(network, 6, false),
            4 => router(network, 11, Fault::Refuse),
            5 => router(network, 11, Fault::Drop),
            6 => tunnel(network, 6, true),
            8 => heal(network, 11).await,
            9 => router(network, 2, Fault::Reboot),
            10 => router(network, 5, Fault::Close),
            _ => {}
        }
    }
}

fn tunnel(network: &mut Network, index: usize, is_up: bool) {
    let Some(tunnel) = network.tunnels.get_mut(index) else { return };
    if is_up { tunnel.repair() } else { tunnel.break_down() }
}

fn router(network: &Network, index: usize, fault: Fault) {
    if let Some(router) = network.routers.routers.get(index) {
        router.script(fault);
    }
}

async fn heal(network: &Network, index: usize) {
    if let Some(router) = network.routers.routers.get(index) {
        // A port that something else took meanwhile keeps the router down: drama, too.
        let _ = router.heal().await;
    }
}
