//! Names: found, kept for a while, and never blamed on a device.

use super::*;

const WITHIN: Duration = Duration::from_secs(5);

#[tokio::test]
async fn addresses_need_no_name_service_and_names_are_case_blind() {
    let resolver = Resolver::default();
    let host = Host::new("192.0.2.7");
    assert_eq!(resolver.address(&host, Duration::ZERO).await, Ok("192.0.2.7".parse().unwrap()));
    assert_eq!(Host::new("LocalHost"), Host::new("localhost"));
    assert_eq!(resolver.address(&Host::new("localhost"), WITHIN).await, Ok("127.0.0.1".parse().unwrap()));
}

#[tokio::test]
async fn a_name_without_an_address_is_said_with_the_name_and_asked_once() {
    let resolver = Resolver::default();
    let host = Host::new("no-such-host.invalid");
    let first = resolver.address(&host, WITHIN).await.unwrap_err();
    assert!(first.to_string().contains("no-such-host.invalid"), "{first}");
    assert_eq!(resolver.address(&host, Duration::ZERO).await, Err(first), "from memory, without waiting");
}

#[test]
fn of_many_addresses_the_choice_is_stable_and_version_four_first() {
    let sockets = ["[2001:db8::1]:0", "192.0.2.9:0", "192.0.2.3:0"].map(|text| text.parse().unwrap());
    assert_eq!(preferred(sockets.into_iter()), Some("192.0.2.3".parse().unwrap()));
    assert_eq!(preferred(std::iter::empty()), None);
}

#[test]
fn this_machine_has_a_route_to_itself() {
    assert!(has_route(Ipv4Addr::LOCALHOST.into()));
}
