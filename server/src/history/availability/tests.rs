//! Stories drawn as strings, one character a minute; what holds for any history is in `properties`.

use super::super::outages::{Outage, outages};
use super::*;

mod naive;
mod properties;
mod script;

const MINUTE_MS: i64 = 60_000;
const DAY: i64 = 24 * 60;

fn minute(minute: i64) -> Timestamp {
    Timestamp(minute * MINUTE_MS)
}

fn span(from: i64, to: i64) -> Span {
    Span { from: minute(from), to: minute(to) }
}

fn to(at: i64, to: State) -> Transition {
    Transition { at: minute(at), from: State::Unknown, to, cause: None }
}

fn state(letter: char) -> State {
    match letter {
        'u' => State::Up,
        'g' => State::Degraded,
        'd' => State::Down,
        '?' => State::Unknown,
        'p' => State::Paused,
        _ => panic!("{letter} is no state"),
    }
}

/// A transition wherever the letter changes.
fn transitions(states: &str) -> Vec<Transition> {
    let mut drawn: Vec<Transition> = Vec::new();
    for (at, letter) in (0..).zip(states.chars()) {
        let from = drawn.last().map_or(State::Unknown, |last| last.to);
        if drawn.is_empty() || from != state(letter) {
            drawn.push(Transition { from, ..to(at, state(letter)) });
        }
    }
    drawn
}

/// A span for each stretch of `#`.
fn spans(drawn: &str) -> Vec<Span> {
    let marked = (0..).zip(drawn.chars()).filter(|(_, letter)| *letter == '#');
    marked.map(|(at, _)| span(at, at + 1)).collect()
}

fn minutes(ms: u64) -> u64 {
    ms / MINUTE_MS.unsigned_abs()
}

/// The minutes up, degraded, down, unobserved and excluded; then each outage.
fn told(history: &History<'_>, period: Span) -> String {
    let sum = availability(history, period);
    let parts = [sum.up_ms, sum.degraded_ms, sum.down_ms, sum.unobserved_ms, sum.excluded_ms].map(minutes);
    let mut told = parts.map(|part| part.to_string()).join(" ");
    for outage in outages(history, period) {
        let end = outage.end.map_or(String::new(), |end| (end.0 / MINUTE_MS).to_string());
        let Outage { start, down_ms, .. } = outage;
        told += &format!(" | {}-{end}: {}", start.0 / MINUTE_MS, minutes(down_ms));
    }
    told
}

/// States, runs, maintenance and the period (`[`, `)`, or the whole) in; the account out. Now is where the states end.
fn check(states: &str, runs: &str, maintenance: &str, period: &str, expected: &str) {
    let end = i64::try_from(states.len()).unwrap();
    let at = |letter| period.find(letter).and_then(|place| i64::try_from(place).ok());
    let (transitions, runs, maintenance) = (transitions(states), spans(runs), spans(maintenance));
    let history = History {
        created_at: minute(0),
        transitions: &transitions,
        runs: &runs,
        maintenance: &maintenance,
        now: minute(end),
    };
    let period = span(at('[').unwrap_or(0), at(')').unwrap_or(end));
    assert_eq!(told(&history, period), expected);
}

/// What `transitions` come to in the first 100 minutes, when it is minute 100.
fn check_clock(transitions: &[Transition], expected: &str) {
    let runs = [span(0, 100)];
    let history =
        History { created_at: minute(0), transitions, runs: &runs, maintenance: &[], now: minute(100) };
    assert_eq!(told(&history, span(0, 100)), expected);
}

#[test]
fn time_is_told_by_state_and_degraded_is_an_end_of_an_outage() {
    check("uuuddgguud", "##########", "", "", "5 2 3 0 0 | 3-5: 2 | 9-: 1");
}

#[test]
fn what_the_monitor_did_not_see_is_neither_up_nor_down() {
    check("uuuuuddddd", "##     ###", "", "", "2 0 3 5 0 | 5-: 3");
}

#[test]
fn an_outage_goes_on_while_the_monitor_cannot_tell_and_over_a_restart() {
    check("uudd??dduu", "##########", "", "", "4 0 4 2 0 | 2-8: 4");
    check("uudd??uuuu", "##########", "", "", "6 0 2 2 0 | 2-6: 2");
    check("uudd??????", "##########", "", "", "2 0 2 6 0 | 2-: 2");
    check("uudd??dduu", "####  ####", "", "", "4 0 4 2 0 | 2-8: 4");
}

#[test]
fn a_pause_ends_an_outage() {
    check("uuddppdduu", "##########", "", "", "4 0 4 2 0 | 2-4: 2 | 6-8: 2");
    check("uudd?pdduu", "##########", "", "", "4 0 4 2 0 | 2-5: 2 | 6-8: 2");
}

#[test]
fn maintenance_wins_over_every_other_state() {
    check("uudddd??uu", "#### #####", " #### ##  ", "", "3 0 1 0 6 | 2-8: 1");
}

#[test]
fn an_outage_that_reaches_over_the_period_is_told_with_its_own_start_and_end() {
    check("uudddddduu", "##########", "", "    [ )", "0 0 2 0 0 | 2-8: 2");
    check("uudddddddd", "##########", "", "    [ )", "0 0 2 0 0 | 2-: 2");
}

#[test]
fn an_outage_that_only_touches_the_period_is_not_told() {
    check("uudddduuuu", "##########", "", "      [ )", "2 0 0 0 0");
    check("uuuuuudddd", "##########", "", "    [ )", "2 0 0 0 0");
}

#[test]
fn time_before_the_device_is_not_counted_and_before_its_first_transition_not_known() {
    let (runs, transitions) = ([span(0, 100)], [to(50, State::Up)]);
    let history = History {
        created_at: minute(40),
        transitions: &transitions,
        runs: &runs,
        maintenance: &[],
        now: minute(100),
    };
    assert_eq!(told(&history, span(0, 100)), "50 0 0 10 0");
    assert_eq!(told(&history, span(0, 30)), "0 0 0 0 0");
    assert_eq!(told(&history, span(90, 200)), "10 0 0 0 0");
}

#[test]
fn what_is_ahead_of_now_is_not_unobserved() {
    let (runs, transitions) = ([span(0, 60), span(80, 300)], [to(0, State::Up), to(90, State::Down)]);
    let history = History {
        created_at: minute(0),
        transitions: &transitions,
        runs: &runs,
        maintenance: &[span(95, 200)],
        now: minute(100),
    };
    assert_eq!(told(&history, span(50, 400)), "20 0 5 20 5 | 90-: 5");
    assert_eq!(told(&history, span(150, 400)), "0 0 0 0 0");
}

#[test]
fn nothing_known_and_no_time_at_all_give_no_uptime() {
    let empty =
        History { created_at: minute(0), transitions: &[], runs: &[], maintenance: &[], now: minute(10) };
    let nothing = Availability { unobserved_ms: 10 * 60_000, ..Availability::default() };
    assert_eq!(availability(&empty, span(0, 10)), nothing);
    assert_eq!(availability(&empty, span(5, 5)), Availability::default());
    assert_eq!(availability(&empty, span(7, 5)), Availability::default());
}

#[test]
fn uptime_counts_degraded_as_up_and_leaves_out_what_was_not_observed() {
    let transitions = transitions("ugd?");
    let runs = [span(0, 4)];
    let history = History {
        created_at: minute(0),
        transitions: &transitions,
        runs: &runs,
        maintenance: &[],
        now: minute(4),
    };
    assert_eq!(availability(&history, span(0, 4)).uptime, Some(2.0 / 3.0));
}

#[test]
fn a_clock_that_was_set_back_makes_time_stand_still() {
    let set_back = [to(0, State::Up), to(60, State::Down), to(30, State::Up), to(80, State::Down)];
    check_clock(&set_back, "80 0 20 0 0 | 80-: 20");
}

#[test]
fn a_transition_a_little_ahead_takes_effect_no_later_than_now() {
    check_clock(&[to(0, State::Up), to(70, State::Down), to(110, State::Up)], "70 0 30 0 0 | 70-100: 30");
    check_clock(&[to(0, State::Up), to(110, State::Down)], "100 0 0 0 0");
}

#[test]
fn a_transition_far_ahead_takes_effect_with_the_next_and_holds_nothing_up() {
    let ahead = 100 + DAY + 1;
    check_clock(&[to(0, State::Up), to(ahead, State::Down)], "100 0 0 0 0");
    let corrected = [to(0, State::Up), to(ahead, State::Down), to(40, State::Up), to(60, State::Down)];
    check_clock(&corrected, "60 0 40 0 0 | 60-: 40");
    let at_the_limit = [to(0, State::Up), to(100 + DAY, State::Down), to(40, State::Up), to(60, State::Down)];
    check_clock(&at_the_limit, "100 0 0 0 0");
}

#[test]
fn an_outage_keeps_the_first_cause_that_was_told() {
    let mut transitions = transitions("ud?d?du");
    for (place, cause) in [(3, "refused"), (5, "timeout")] {
        transitions[place].cause = Some(cause.to_owned());
    }
    let runs = [span(0, 7)];
    let history = History {
        created_at: minute(0),
        transitions: &transitions,
        runs: &runs,
        maintenance: &[],
        now: minute(7),
    };
    let told = outages(&history, span(0, 7));
    let cause = Some("refused".to_owned());
    let down_ms = 3 * MINUTE_MS.unsigned_abs();
    assert_eq!(told, [Outage { start: minute(1), end: Some(minute(6)), cause, down_ms }]);
}

#[test]
fn a_budget_is_exact_to_the_millisecond_and_can_be_overdrawn() {
    let month_ms = 30 * 24 * 3_600_000;
    let spent = |down_ms| Availability { up_ms: month_ms - down_ms, down_ms, ..Availability::default() };
    let of = |allowed_ms, used_ms, left_ms| Budget { allowed_ms, used_ms, left_ms };
    assert_eq!(budget(0.999, &spent(0)), of(2_592_000, 0, 2_592_000));
    assert_eq!(budget(0.9999, &spent(300_000)), of(259_200, 300_000, -40_800));
    assert_eq!(budget(1.0, &spent(7)), of(0, 7, -7));
    assert_eq!(budget(f64::NAN, &spent(7)), of(0, 7, -7));
    assert_eq!(budget(7.0, &spent(7)), of(0, 7, -7));
    assert_eq!(budget(-1.0, &spent(7)), of(month_ms, 7, 2_591_999_993));
    assert_eq!(budget(0.999, &Availability::default()), of(0, 0, 0));
    let forever = Availability { up_ms: u64::MAX, degraded_ms: 0, down_ms: u64::MAX, ..spent(0) };
    assert_eq!(budget(0.0, &forever), of(u64::MAX, u64::MAX, 0));
    assert_eq!(budget(1.0, &forever), of(0, u64::MAX, i64::MIN));
}

#[test]
fn a_long_history_is_counted_in_one_pass() {
    const COUNT: i64 = 300_000;
    let transitions: Vec<_> =
        (0..COUNT).map(|at| to(at, if at % 2 == 0 { State::Up } else { State::Down })).collect();
    let runs: Vec<_> = (0..COUNT).rev().map(|at| span(at, at + 1)).collect();
    let maintenance: Vec<_> =
        (0..COUNT / 100).rev().map(|window| span(window * 100, window * 100 + 10)).collect();
    let history = History {
        created_at: minute(0),
        transitions: &transitions,
        runs: &runs,
        maintenance: &maintenance,
        now: minute(COUNT),
    };
    let sum = availability(&history, span(0, COUNT));
    assert_eq!([sum.up_ms, sum.down_ms, sum.excluded_ms].map(minutes), [135_000, 135_000, 30_000]);
    assert_eq!(outages(&history, span(0, COUNT)).len(), 150_000);
}
