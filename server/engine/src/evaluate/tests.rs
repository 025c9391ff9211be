//! Judging by letters: what was seen goes in, what is news comes out.

use super::*;
use proptest::prelude::*;

fn verdict(letter: char) -> Verdict {
    match letter {
        '+' => Verdict::Up { time_ms: 1.0 },
        '-' => Verdict::Down { why: "silence".into() },
        '?' => Verdict::Unknown { why: "no permission".into() },
        other => panic!("no such verdict: {other}"),
    }
}

fn letter(state: State) -> char {
    match state {
        State::Down => 'D',
        State::Degraded => 'd',
        State::Unknown => '?',
        State::Up => 'U',
        State::Paused => 'p',
    }
}

/// Tries in (`+` answers, `-` fails, `?` cannot be asked), statuses out.
fn check(tries: &str, expected: &str) {
    let mut standing = Standing::default();
    let told: String = tries
        .chars()
        .zip(1..)
        .map(|(letter, at)| {
            standing = standing.after(Timestamp(at), &verdict(letter));
            match standing.status() {
                CheckStatus::Pending => '.',
                CheckStatus::Ok => 'o',
                CheckStatus::Failing => 'f',
                CheckStatus::Failed => 'F',
                CheckStatus::NeverAnswered => 'n',
                CheckStatus::Unknown => 'u',
            }
        })
        .collect();
    assert_eq!(told, expected, "after {tries}");
}

/// One line of tries per deciding check, all at the same times; a space is no try. Device states out.
fn check_device(was: State, lines: &[&str], expected: &str) {
    let (told, _) = device(was, lines);
    assert_eq!(told, expected, "after {lines:?}");
}

fn device(was: State, lines: &[&str]) -> (String, Vec<Option<i64>>) {
    let answered = was != State::Unknown;
    let mut checks = vec![Standing::remembered(answered, was, Timestamp(0)); lines.len()];
    let (mut state, mut told, mut starts) = (was, String::new(), Vec::new());
    for at in 0..lines[0].len() {
        for (standing, line) in checks.iter_mut().zip(lines) {
            match line.as_bytes()[at] {
                b' ' => {}
                seen => *standing = standing.after(Timestamp(at as i64 + 1), &verdict(seen.into())),
            }
        }
        let judgement = judge(state, checks.iter());
        state = judgement.state;
        told.push(letter(state));
        starts.push(judgement.since.map(|since| since.0));
    }
    (told, starts)
}

#[test]
fn a_check_is_down_after_three_failures_in_a_row_and_up_at_once() {
    check("+---+", "offFo");
    check("+--+--+---", "offoffoffF");
}

#[test]
fn a_check_that_never_answered_is_shown_as_that_and_then_counts() {
    check("----+-", "nnnnof");
}

#[test]
fn what_could_not_be_asked_is_no_failure() {
    check("+--?--?", "offuffu");
    check("+---?-+", "offFuFo");
    check("???", "uuu");
}

#[test]
fn a_device_is_down_when_all_its_checks_are_and_degraded_when_some_are() {
    check_device(State::Unknown, &["+---+"], "UUUDU");
    check_device(State::Unknown, &["+---+", "+++++"], "UUUdU");
    check_device(State::Unknown, &["+----+", "++---+"], "UUUdDU");
}

#[test]
fn a_check_that_never_answered_does_not_count() {
    check_device(State::Unknown, &["----"], "????");
    check_device(State::Unknown, &["++++", "----"], "UUUU");
    check_device(State::Unknown, &["+---", "----"], "UUUD");
}

#[test]
fn a_device_that_cannot_be_asked_is_unknown_but_an_outage_goes_on_until_an_answer() {
    check_device(State::Unknown, &["+?+"], "U?U");
    check_device(State::Unknown, &["+---??+"], "UUUDDDU");
    check_device(State::Unknown, &["+---????-", "++++????-"], "UUUdddddd");
    check_device(State::Unknown, &["+---", "????"], "UUUD");
}

#[test]
fn what_a_check_said_before_it_could_no_longer_be_asked_is_no_word_against_those_that_fail() {
    check_device(State::Unknown, &["++++---", "+??????"], "UUUUUUD");
    check_device(State::Unknown, &["++++---", "+?????+"], "UUUUUUd");
    check_device(State::Unknown, &["++++---+", "+???????"], "UUUUUUDU");
    let (_, starts) = device(State::Unknown, &["++++---", "+-?????"]);
    assert_eq!(starts[6], Some(5), "since the first failed try of what is asked");
}

#[test]
fn after_a_restart_a_device_stays_what_it_was_until_its_checks_say_otherwise() {
    check_device(State::Down, &["  --+"], "DDDDU");
    check_device(State::Up, &["  ---"], "UUUUD");
    check_device(State::Degraded, &["  +  ", "    +"], "ddddU");
    check_device(State::Degraded, &["  +   ", "   ---"], "dddddd");
    check_device(State::Up, &["----", "    "], "UUUU");
}

#[test]
fn an_outage_starts_at_the_first_failed_try_after_the_last_answer_of_any_check() {
    let start = |lines: &[&str]| device(State::Unknown, lines).1.last().copied().flatten();
    assert_eq!(start(&["++---"]), Some(3));
    assert_eq!(start(&["+---  ", "+  ---"]), Some(2), "the second check only found it later");
    assert_eq!(start(&["+-----", "+ +---"]), Some(4), "it answered in between");
    assert_eq!(start(&["+-----", "++++++"]), Some(2), "degraded since its first failed try");
}

#[test]
fn a_target_long_down_is_asked_less_often_and_a_failure_is_confirmed_soon() {
    let after = |tries: &str| {
        let fold = |standing: Standing, letter| standing.after(Timestamp(1), &verdict(letter));
        tries.chars().fold(Standing::default(), fold).next(5)
    };
    assert_eq!(after("+"), Next::Round { intervals: 1 });
    assert_eq!(after("+-"), Next::Confirm);
    assert_eq!(after("+--"), Next::Confirm);
    assert_eq!(after("+---"), Next::Round { intervals: 1 });
    assert_eq!(after("+----"), Next::Round { intervals: 2 });
    assert_eq!(after(&format!("+{}", "-".repeat(50))), Next::Round { intervals: 5 });
    assert_eq!(after("-"), Next::Round { intervals: 1 }, "what never answered is not confirmed");
    assert_eq!(after("+-?"), Next::Round { intervals: 1 });
}

#[test]
fn a_child_is_not_blamed_for_its_parent() {
    use State::{Degraded, Down, Unknown, Up};
    for parent in [Parent::Fine, Parent::Unsettled, Parent::Back, Parent::Down] {
        for own in [Up, Degraded, Unknown] {
            assert_eq!(behind(parent, own, Up), Some(own), "what answers is not hidden");
        }
        assert_eq!(behind(parent, Down, Down), Some(Down), "what was told stays told");
    }
    assert_eq!(behind(Parent::Fine, Down, Up), Some(Down));
    assert_eq!(behind(Parent::Unsettled, Down, Up), None);
    assert_eq!(behind(Parent::Back, Down, Unknown), None);
    assert_eq!(behind(Parent::Down, Down, Up), Some(Unknown));
}

proptest! {
    #[test]
    fn no_device_is_down_without_three_failures_of_every_check_that_counts(
        rounds in prop::collection::vec((0..3usize, prop::sample::select(vec!['+', '-', '-', '?'])), 1..60),
    ) {
        let mut checks = vec![Standing::default(); 3];
        let mut rows = [0; 3];
        let mut state = State::Unknown;
        for (at, (which, letter)) in rounds.into_iter().enumerate() {
            let before = state;
            checks[which] = checks[which].after(Timestamp(at as i64), &verdict(letter));
            let judgement = judge(before, checks.iter());
            state = judgement.state;
            rows[which] = match letter { '-' => rows[which] + 1, '+' => 0, _ => rows[which] };
            if state == State::Down {
                let is_silenced = |i: usize| checks[i].held == Held::Up && checks[i].last == Last::Unknown;
                let counted = (0..3).filter(|i| checks[*i].has_answered && checks[*i].held != Held::Undetermined);
                let counted = counted.filter(|i| !is_silenced(*i));
                prop_assert!(counted.clone().all(|i| rows[i] >= 3), "{rows:?}");
                prop_assert!(judgement.since.is_some_and(|since| since <= Timestamp(at as i64)));
            }
            if letter == '?' && before != State::Down {
                prop_assert_ne!(state, State::Down, "our own failure took a device down");
            }
            if letter == '+' {
                prop_assert!(matches!(state, State::Up | State::Degraded), "up is immediate");
            }
        }
    }
}
