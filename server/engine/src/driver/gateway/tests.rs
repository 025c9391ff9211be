//! Tables of routes as systems write them, and a gateway that is never heard.

use super::*;

#[test]
fn default_routes_are_found_among_others() {
    let table = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n\
        eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n\
        eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n\
        ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n\
        broken\n";
    let found: Vec<_> = v4_of(table).collect();
    let expected = if cfg!(target_endian = "little") { "192.168.1.1" } else { "1.1.168.192" };
    assert_eq!(found, [expected.parse::<Ipv4Addr>().unwrap()]);
    assert_eq!((v4_of("").count(), v4_of("x\n\u{0}\tzz\n").count()), (0, 0));
}

#[test]
fn of_the_newer_protocol_only_hops_that_can_be_asked() {
    let zero = "0".repeat(32);
    let line = |destination: &str, length: &str, hop: &str| {
        format!("{destination} {length} {zero} 00 {hop} 00000400 00000001 00000000 00000003 eth0\n")
    };
    let table = [
        line(&zero, "00", "20010db8000000000000000000000001"),
        line(&zero, "00", "fe800000000000000000000000000001"),
        line("20010db8000000000000000000000000", "40", "20010db8000000000000000000000002"),
        line(&zero, "00", &zero),
    ]
    .concat();
    assert_eq!(v6_of(&table).collect::<Vec<_>>(), ["2001:db8::1".parse::<Ipv6Addr>().unwrap()]);
}

#[tokio::test]
async fn one_that_cannot_be_asked_or_is_not_there_is_not_known() {
    for gateways in [vec![], vec![IpAddr::from([127, 0, 0, 1])]] {
        assert_eq!(ask(Pinger::default(), gateways, Arc::default()).await, Gateway::NotKnown);
    }
}
