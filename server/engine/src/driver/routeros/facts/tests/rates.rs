//! Interfaces and their rates: over the measured interval, 64 bits wide, and never a spike.

use super::super::interfaces::{Counters, INTERFACES_MAX, read};
use super::row;
use model::Interface;
use proptest::prelude::*;
use std::time::Duration;
use tokio::time::Instant;

fn ether1(rx: u64, tx: u64) -> Interface {
    Interface { name: "ether1".into(), rx_bytes: Some(rx), tx_bytes: Some(tx), ..Interface::default() }
}

/// Feeds readings (milliseconds, bytes in, bytes out) to the counters; the rates after the last one.
fn rates(readings: &[(u64, u64, u64)]) -> Option<(u64, u64)> {
    let start = Instant::now();
    let mut counters = Counters::default();
    let mut interfaces = Vec::new();
    for (at_ms, rx, tx) in readings {
        interfaces = vec![ether1(*rx, *tx)];
        counters.measure(start + Duration::from_millis(*at_ms), &mut interfaces);
    }
    interfaces[0].rx_bps.zip(interfaces[0].tx_bps)
}

#[test]
fn a_rate_is_bits_over_the_measured_interval() {
    assert_eq!(rates(&[(0, 100, 100)]), None, "one reading is no rate");
    assert_eq!(rates(&[(0, 0, 0), (30_000, 30_000_000, 15_000_000)]), Some((8_000_000, 4_000_000)));
    assert_eq!(
        rates(&[(0, 0, 0), (41_300, 41_300, 0)]),
        Some((8_000, 0)),
        "the interval that was, not that was wished"
    );
    assert_eq!(rates(&[(0, 0, 0), (60_000, 0, 0)]), Some((0, 0)));
}

#[test]
fn counters_beyond_32_bits_do_not_wrap() {
    let base = u64::from(u32::MAX) * 1000;
    assert_eq!(rates(&[(0, base, 0), (10_000, base + 12_500_000_000, 0)]), Some((10_000_000_000, 0)));
    assert_eq!(rates(&[(0, 0, 0), (1_000, u64::MAX, 0)]), None, "faster than a number can say");
}

#[test]
fn a_counter_that_went_back_is_a_gap_and_then_goes_on() {
    assert_eq!(rates(&[(0, 5_000_000, 5_000_000), (30_000, 100, 6_000_000)]), None);
    assert_eq!(rates(&[(0, 5_000_000, 0), (30_000, 0, 0), (60_000, 30_000, 0)]), Some((8_000, 0)));
}

#[test]
fn two_readings_in_one_second_keep_the_last_rate() {
    let steady = [(0, 0, 0), (30_000, 30_000, 0), (30_200, 30_000, 0)];
    assert_eq!(rates(&steady), Some((8_000, 0)));
    let and_on = [(0, 0, 0), (30_000, 30_000, 0), (30_200, 30_000, 0), (60_000, 60_000, 0)];
    assert_eq!(rates(&and_on), Some((8_000, 0)), "measured from the last reading that counted");
}

#[test]
fn an_interface_that_was_away_starts_anew() {
    let start = Instant::now();
    let mut counters = Counters::default();
    counters.measure(start, &mut [ether1(0, 0)]);
    counters.measure(start + Duration::from_secs(30), &mut []);
    let mut back = [ether1(1_000_000_000, 0)];
    counters.measure(start + Duration::from_secs(60), &mut back);
    assert_eq!(back[0].rx_bps, None);
}

proptest! {
    #[test]
    fn no_pair_of_readings_makes_a_rate_above_what_was_counted(
        before in any::<u64>(), after in any::<u64>(), elapsed_ms in 1u64..100_000_000
    ) {
        let rate = rates(&[(0, before, 0), (elapsed_ms, after, 0)]).map(|(rx, _)| rx);
        if after < before || elapsed_ms < 1_000 {
            prop_assert_eq!(rate, None);
        } else {
            let exact = u128::from(after - before) * 8_000 / u128::from(elapsed_ms);
            prop_assert_eq!(rate.map(u128::from), u64::try_from(exact).ok().map(u128::from));
        }
    }
}

#[test]
fn an_interface_row_is_read_whole_and_a_nameless_one_not_at_all() {
    let rows = [
        row(&[
            ("name", "ether1_wan"),
            ("type", "ether"),
            ("comment", "to the ISP"),
            ("mac-address", "D4:CA:6D:00:00:01"),
            ("actual-mtu", "1500"),
            ("mtu", "auto"),
            ("running", "true"),
            ("rx-byte", "81503891969"),
            ("tx-byte", "19794355191"),
            ("link-downs", "83"),
        ]),
        row(&[("type", "ether")]),
    ];
    let expected = Interface {
        name: "ether1_wan".into(),
        kind: "ether".into(),
        comment: Some("to the ISP".into()),
        mac: Some("D4:CA:6D:00:00:01".into()),
        mtu: Some(1500),
        is_running: true,
        rx_bytes: Some(81_503_891_969),
        tx_bytes: Some(19_794_355_191),
        link_downs: Some(83),
        ..Interface::default()
    };
    assert_eq!(read(&rows), [expected]);
}

#[test]
fn a_router_with_too_many_interfaces_is_cut_short() {
    let rows: Vec<_> = (0..INTERFACES_MAX + 10).map(|n| row(&[("name", &format!("pppoe-{n}"))])).collect();
    assert_eq!(read(&rows).len(), INTERFACES_MAX);
}
