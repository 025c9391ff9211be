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

#[tokio::test]
async fn a_name_service_that_hangs_holds_a_bounded_number_of_threads_and_each_name_once() {
    let resolver = Resolver::default();
    // Every place is taken by a question that never ends.
    let _taken = resolver.places.clone().acquire_many_owned(AT_ONCE_MAX as u32).await.unwrap();
    let host = Host::new("router.example");
    let late = resolver.address(&host, Duration::from_millis(10)).await;
    assert_eq!(late, Err(ResolveError::Late("router.example".into())));
    assert!(resolver.asking.lock().is_empty(), "nothing was begun");
    // And one that is under way is joined, not asked a second time.
    let found: Arc<[SocketAddr]> = [SocketAddr::from(([192, 0, 2, 1], 0))].into();
    let under_way = futures::future::ready(Ok(found)).boxed().shared();
    resolver.asking.lock().insert("edge.example".into(), under_way);
    let joined = resolver.addresses(&Host::new("edge.example"), 8728, WITHIN).await;
    assert_eq!(joined, Ok(vec!["192.0.2.1:8728".parse().unwrap()]));
}

#[tokio::test]
async fn an_answer_that_nobody_waited_for_is_remembered_from_its_own_time_on() {
    let resolver = Resolver::default();
    // Whoever asked is gone before the name service answers.
    drop(resolver.ask(&"localhost".into()).await);
    let over = async {
        while !resolver.asking.lock().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(WITHIN, over).await.expect("the question ends by itself");
    let host = Host::new("localhost");
    assert_eq!(resolver.address(&host, Duration::ZERO).await, Ok("127.0.0.1".parse().unwrap()));
    assert_eq!(resolver.last_heard(&host)[0], Ipv4Addr::LOCALHOST);
    assert!(resolver.last_heard(&Host::new("nobody.asked")).is_empty());
    assert_eq!(resolver.last_heard(&Host::new("192.0.2.9")), [IpAddr::from([192, 0, 2, 9])]);
}

#[test]
fn of_many_addresses_the_choice_is_stable_and_version_four_first() {
    let sockets = ["[2001:db8::1]:0", "192.0.2.9:0", "192.0.2.3:0"].map(|text| text.parse().unwrap());
    let sorted_ips =
        sorted(sockets.into_iter()).unwrap().iter().map(|it| it.ip().to_string()).collect::<Vec<_>>();
    assert_eq!(sorted_ips, ["192.0.2.3", "192.0.2.9", "2001:db8::1"]);
    assert_eq!(sorted(std::iter::empty()), None);
}

#[test]
fn this_machine_has_a_route_to_itself() {
    assert!(has_route(Ipv4Addr::LOCALHOST.into()));
}
