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
fn a_confirmation_goes_first_then_what_a_person_asks_and_all_of_them_wait_for_their_second() {
    let now = Instant::now();
    let line = [
        ("stale", Urgency::Urgent),
        ("r", Urgency::Regular),
        ("p", Urgency::Asked),
        ("q", Urgency::Asked),
        ("u", Urgency::Urgent),
    ];
    let mut polite = polite(&line, now);
    for (second, probe) in ["u", "p", "q", "r"].into_iter().enumerate() {
        let at = now + DELAY * second as u32;
        assert_eq!(turn(&mut polite, HOST, at), Turn::Go(probe));
        assert!(!matches!(turn(&mut polite, HOST, at), Turn::Go(_)), "one a second");
        polite.leave(HOST);
    }
}

#[test]
fn hosts_that_are_seen_no_more_are_forgotten() {
    let mut now = Instant::now();
    let mut polite = Politeness::new(3, DELAY);
    for host in 0..100_000 {
        polite.line_up(HostKey(host), "a", Urgency::Regular, now);
        assert_eq!(turn(&mut polite, HostKey(host), now), Turn::Go("a"));
        // It ends at once, so that nobody asks for a turn when the second is over.
        polite.leave(HostKey(host));
        now += Duration::from_millis(2);
    }
    assert!(polite.hosts.len() <= 2 * CROWD_MIN, "{}", polite.hosts.len());
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
