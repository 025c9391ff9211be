//! The simulated routers themselves: what they say, and that nothing a client does breaks them.

use super::columns::Columns;
use super::menus::{self, Snapshot};
use super::query::select;
use super::sentence::Asked;
use super::traffic::Traffic;
use super::*;
use proptest::prelude::*;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const EVERY_KIND: [Personality; 8] = [
    Personality::V6_49,
    Personality::V6_49.by(Way::Dhcp),
    Personality::V6_49.by(Way::Lte),
    Personality::V6_49.by(Way::Static),
    Personality::V7,
    Personality::V7.by(Way::Lte),
    Personality::V7_20.by(Way::Pppoe),
    Personality::CHR,
];

fn rows(personality: Personality, menu: &str, at_s: u64) -> Option<Vec<Columns>> {
    let (uptime, counted) = (Duration::from_secs(at_s), Duration::from_secs(at_s));
    let (seed, identity, busy_percent, wall_ms) = (7, "r", None, 0);
    menus::rows(&Snapshot { personality, seed, identity, busy_percent, wall_ms, uptime, counted }, menu)
}

#[test]
fn every_kind_of_router_tells_what_the_recorded_ones_tell() {
    for kind in EVERY_KIND {
        let resource = &rows(kind, "/system/resource", 788_645).unwrap()[0];
        assert_eq!(resource.value("uptime"), Some("1w2d3h4m5s"), "{kind:?}");
        let load: u32 = resource.value("cpu-load").unwrap().parse().unwrap();
        assert!(load <= 100, "{kind:?}");
        let routes = rows(kind, "/ip/route", 1).unwrap();
        let wan = routes.iter().find(|row| row.value("dst-address") == Some("0.0.0.0/0")).unwrap();
        assert_eq!(wan.value("gateway-status").is_some(), kind.is_v6());
        assert_eq!(wan.value("immediate-gw").is_some(), !kind.is_v6());
        let interfaces = rows(kind, "/interface", 1).unwrap();
        assert!(interfaces.iter().any(|row| row.value("name") == Some(kind.wan_interface())), "{kind:?}");
        let addresses = rows(kind, "/ip/address", 1).unwrap();
        assert!(addresses.iter().any(|row| row.value("interface") == Some(kind.wan_interface())), "{kind:?}");
        assert_eq!(rows(kind, "/ip/dhcp-client", 1).unwrap().len(), usize::from(kind.way == Way::Dhcp));
    }
}

#[test]
fn health_is_one_row_in_version_6_many_in_7_and_none_in_a_virtual_machine() {
    let health = |kind| rows(kind, "/system/health", 60).unwrap();
    assert!(health(Personality::V6_49)[0].value("temperature").is_some());
    assert!(health(Personality::V7).len() > 2 && health(Personality::V7)[0].value("type") == Some("V"));
    assert!(
        health(Personality::CHR).is_empty() && rows(Personality::CHR, "/system/routerboard", 60).is_none()
    );
}

#[test]
fn a_counter_never_falls_and_is_the_sum_of_its_rate() {
    for seed in 0..50 {
        let traffic = Traffic::of(seed, 1.0);
        for at_s in 0..500 {
            let (before, after) = (traffic.bytes(f64::from(at_s)), traffic.bytes(f64::from(at_s) + 1.0));
            let rate = traffic.bits_per_s(f64::from(at_s) + 0.5) / 8;
            assert!(after >= before && (after - before).abs_diff(rate) <= rate / 20 + 2, "{seed} at {at_s}");
        }
    }
}

#[test]
fn queries_are_a_stack() {
    let rows = || {
        [("ether1", "ether", "1500"), ("ether2", "ether", "9000"), ("bridge", "bridge", "1500")]
            .map(|(name, kind, mtu)| Columns::new().with("name", name).with("type", kind).with("mtu", mtu))
    };
    for (queries, expected) in [
        (&[][..], "ether1 ether2 bridge"),
        (&["?type=ether"], "ether1 ether2"),
        (&["?=type=ether"], "ether1 ether2"),
        (&["?type=ether", "?mtu=1500"], "ether1"),
        (&["?type=bridge", "?mtu=9000", "?#|"], "ether2 bridge"),
        (&["?type=ether", "?#!"], "bridge"),
        (&["?>mtu=1500"], "ether2"),
        (&["?<mtu=9000"], "ether1 bridge"),
        (&["?-comment"], "ether1 ether2 bridge"),
        (&["?comment"], ""),
        (&["?#&&||!!"], "ether1 ether2 bridge"),
    ] {
        let words: Vec<_> =
            ["/interface/print"].iter().chain(queries).map(|word| word.as_bytes().to_vec()).collect();
        let chosen = select(rows().to_vec(), &Asked::read(&words));
        let names: Vec<_> = chosen.iter().filter_map(|row| row.value("name")).collect();
        assert_eq!(names.join(" "), expected, "{queries:?}");
    }
}

#[tokio::test]
async fn whatever_a_client_sends_the_router_lives_on() {
    let listen = "127.0.0.1:0".parse().unwrap();
    let router = SimRouter::start(Personality::V7, listen).await.unwrap();
    let logged_in = b"\x06/login\x0b=name=admin\x0f=password=admin\x00";
    let mut seed = 1u64;
    for round in 0..200 {
        let mut stream = TcpStream::connect(router.address()).await.unwrap();
        let mut bytes = if round % 2 == 0 { logged_in.to_vec() } else { Vec::new() };
        bytes.extend((0..round * 7).map(|_| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            // Short words and terminators, mostly: noise that gets somewhere.
            (seed >> 40) as u8 % if round % 3 == 0 { 255 } else { 12 }
        }));
        let _ = stream.write_all(&bytes).await;
        let _ = stream.shutdown().await;
        let _ = timeout(Duration::from_secs(5), stream.read_to_end(&mut Vec::new())).await.unwrap();
    }
    let mut stream = TcpStream::connect(router.address()).await.unwrap();
    stream.write_all(logged_in).await.unwrap();
    let mut reply = [0; 7];
    timeout(Duration::from_secs(5), stream.read_exact(&mut reply)).await.unwrap().unwrap();
    assert_eq!(&reply, b"\x05!done\x00");
}

#[tokio::test]
async fn a_fleet_spreads_over_ports_or_over_addresses() {
    let any = Spread::Ports("127.0.0.1:0".parse().unwrap());
    let fleet = SimFleet::start(20, any, SimOptions::default()).await.unwrap();
    let mut ports: Vec<_> = fleet.routers.iter().map(|router| router.address().port()).collect();
    ports.dedup();
    assert_eq!(ports.len(), 20);
    let first = "127.80.0.250".parse().unwrap();
    let own = Spread::Addresses { first, port: ports[0] };
    let fleet = SimFleet::start(20, own, SimOptions::default()).await.unwrap();
    assert_eq!(fleet.routers[19].address().ip().to_string(), "127.80.1.13");
    assert_eq!(fleet.routers[19].identity(), "sim-0020");
}

proptest! {
    #[test]
    fn any_words_are_read_as_some_command(words in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..12)) {
        let asked = Asked::read(&words);
        let _ = (asked.menu_and_verb(), select(rows(Personality::V7, "/interface", 1).unwrap(), &asked));
    }
}
