//! Politeness towards one host, in paused time.

use super::*;

const HOST: HostKey = HostKey(1);
const DELAY: Duration = Duration::from_secs(1);

fn polite(waiting: &[(&'static str, Urgency)], now: Instant) -> Politeness<&'static str> {
    let mut polite = Politeness::new(3, DELAY);
    for (probe, urgency) in waiting {
        polite.line_up(HOST, *probe, *urgency, now);
    }
    polite
}

fn turn(polite: &mut Politeness<&'static str>, host: HostKey, now: Instant) -> Turn<&'static str> {
    polite.turn(host, now, |probe| *probe != "stale")
}

#[test]
fn a_host_gets_one_new_connection_a_second_and_three_at_once() {
    let now = Instant::now();
    let mut polite = polite(&["a", "b", "c", "d"].map(|probe| (probe, Urgency::Regular)), now);
    for (second, probe) in ["a", "b", "c"].into_iter().enumerate() {
        let at = now + DELAY * second as u32;
        assert_eq!(turn(&mut polite, HOST, at), Turn::Go(probe));
        let next = if second < 2 { Turn::At(at + DELAY) } else { Turn::Idle };
        assert_eq!(turn(&mut polite, HOST, at), next);
    }
    let late = now + DELAY * 60;
    assert_eq!(turn(&mut polite, HOST, late), Turn::Idle, "three are open");
    polite.leave(HOST);
    assert_eq!(turn(&mut polite, HOST, late), Turn::Go("d"));
}

#[test]
fn a_confirmation_goes_before_a_regular_try_and_what_a_person_asks_waits_only_for_a_place() {
    let now = Instant::now();
    let line = [
        ("stale", Urgency::Urgent),
        ("r", Urgency::Regular),
        ("u", Urgency::Urgent),
        ("p", Urgency::Asked),
        ("q", Urgency::Asked),
    ];
    let mut polite = polite(&line, now);
    assert_eq!(turn(&mut polite, HOST, now), Turn::Go("p"));
    assert_eq!(turn(&mut polite, HOST, now), Turn::Go("q"));
    assert_eq!(turn(&mut polite, HOST, now), Turn::At(now + DELAY));
    assert_eq!(turn(&mut polite, HOST, now + DELAY), Turn::Go("u"));
    polite.leave(HOST);
    assert_eq!(turn(&mut polite, HOST, now + DELAY * 2), Turn::Go("r"));
}

#[test]
fn hosts_do_not_wait_for_each_other_and_a_host_at_rest_costs_nothing() {
    let now = Instant::now();
    let mut polite = polite(&[("a", Urgency::Regular)], now);
    polite.line_up(HostKey(2), "b", Urgency::Regular, now);
    assert_eq!(turn(&mut polite, HOST, now), Turn::Go("a"));
    assert_eq!(turn(&mut polite, HostKey(2), now), Turn::Go("b"));
    for host in [HOST, HostKey(2)] {
        polite.leave(host);
        assert_eq!(turn(&mut polite, host, now + DELAY), Turn::Idle);
    }
    assert!(polite.hosts.is_empty());
}
