//! What happens in the simulated network: the same story again and again, one act every few seconds.

use super::network::Network;
use engine::driver::routeros::sim::Fault;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

const ACT: Duration = Duration::from_secs(15);

/// What routers write into their logs, act by act: which one, about what, and the line.
const CHATTER: [(usize, &str, &str); 12] = [
    (0, "dhcp,info", "dhcp1 assigned 10.20.0.31 for 02:00:5E:10:00:1F kasir-2"),
    (3, "interface,info", "ether4 link down"),
    (3, "interface,info", "ether4 link up (speed 1G, full duplex)"),
    (1, "system,error,critical", "login failure for user root from 203.0.113.9 via ssh"),
    (1, "system,error,critical", "login failure for user admin from 203.0.113.9 via ssh"),
    (4, "wireless,info", "02:00:5E:10:00:2A@wlan1: disconnected, extensive data loss"),
    (0, "dhcp,warning", "dhcp1 offering lease 10.20.0.77 without success"),
    (
        7,
        "firewall,info",
        "drop input: in:ether1 out:(unknown 0), proto TCP (SYN), 198.51.100.4:40211->192.0.2.10:23, len 40",
    ),
    (5, "script,warning", "backup: 41 days since the last copy"),
    (6, "l2tp,ppp,info", "l2tp-out1: connected"),
    (8, "system,info,account", "user tina logged in from 10.20.0.5 via winbox"),
    (8, "system,info", "filter rule changed by tina"),
];

/// Plays until dropped.
pub async fn play(network: &mut Network) {
    let mut acts = interval(ACT);
    acts.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for act in (0_u32..12).cycle() {
        acts.tick().await;
        if let Some((index, topics, message)) = CHATTER.get(act as usize) {
            log(network, *index, topics, message);
        }
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

fn log(network: &Network, index: usize, topics: &str, message: &str) {
    if let Some(router) = network.routers.routers.get(index) {
        router.log(topics, message);
    }
}

async fn heal(network: &Network, index: usize) {
    if let Some(router) = network.routers.routers.get(index) {
        // A port that something else took meanwhile keeps the router down: drama, too.
        let _ = router.heal().await;
    }
}
