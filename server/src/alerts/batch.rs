//! How much of what waits for a channel its next message tells: the first alone, or several together.
//!
//! Pure. What is told together is always the beginning of the line, so that the order stays.

use super::courier::is_due;
use crate::store::{Company, Delivery, Told};
use model::Timestamp;

/// Most messages that one takes the place of; so much of a line is looked at.
pub const TOGETHER_MAX: u64 = 500;
/// From so many outages within a minute on they are told together …
const STORM: usize = 20;
/// … once the first of them has waited so long for company.
const STORM_WAIT_MS: i64 = 5_000;
/// From so many messages within a minute on, those that are in line at the same time are told together at once …
const BURST: usize = 5;
/// … where there are so many of them.
const IN_LINE: usize = 3;
/// What was told to begin in one message ends in one, as far as it ends within so long.
const ENDING_WAIT_MS: i64 = 15_000;
/// So often it is looked whether all of it has ended.
const ENDING_LOOK_MS: i64 = 2_000;

/// What is to be done with a line.
#[derive(Debug, PartialEq)]
pub enum Turn<'a> {
    Tell(&'a [Delivery]),
    /// The first waits for company until then.
    Wait(Timestamp),
}

/// Whether anything of the line is to be told now. The first decides; only an end that waits for company makes way for
/// what begins.
pub fn is_ready(waiting: &[Delivery], now: Timestamp) -> bool {
    waiting.first().is_some_and(|first| is_due(first.due_at, now)) || is_pressed(waiting, now)
}

/// What a message tells of a line that is ready, where so many outages were told `lately`, within a minute; `company` is
/// what the first was told together with, if it is an end.
pub fn turn(waiting: &[Delivery], lately: usize, company: Company, now: Timestamp) -> Option<Turn<'_>> {
    let first = waiting.first()?;
    // Tried again it is the same message under the same id: the far end may have it.
    if first.attempts > 0 {
        return Some(Turn::Tell(beginning(waiting, |one| one.attempts == first.attempts)));
    }
    let is_pressed = is_pressed(waiting, now);
    let until = |wait_ms: i64| {
        let is_early = !is_pressed && now.since_ms(first.created_at) < wait_ms;
        is_early.then(|| Timestamp(first.created_at.0.saturating_add(wait_ms)))
    };
    let outages = waiting.iter().filter(|one| one.told == Told::Opened).count();
    if (outages > 0 && lately + outages >= STORM) || waiting.len() >= STORM {
        return Some(until(STORM_WAIT_MS).map_or(Turn::Tell(waiting), Turn::Wait));
    }
    if first.told == Told::Closed && company.told > 1 {
        let ends = beginning(waiting, |one| one.told == Told::Closed && one.attempts == 0);
        let look_at = Timestamp(now.0.saturating_add(ENDING_LOOK_MS));
        let wait = until(ENDING_WAIT_MS).filter(|_| company.goes_on).map(|at| at.min(look_at));
        return Some(wait.map_or(Turn::Tell(ends), Turn::Wait));
    }
    let due = beginning(waiting, |one| is_due(one.due_at, now) && one.attempts == 0);
    let is_burst = due.len() >= IN_LINE && lately + due.len() >= BURST;
    Some(Turn::Tell(if is_burst { due } else { std::slice::from_ref(first) }))
}

/// The first is an end that was not tried yet, and behind it something waits that has begun, or may: the line is longer
/// than what is seen of it.
fn is_pressed(waiting: &[Delivery], now: Timestamp) -> bool {
    let is_end = waiting.first().is_some_and(|first| first.told == Told::Closed && first.attempts == 0);
    let is_begun = |one: &Delivery| one.told == Told::Opened && is_due(one.due_at, now);
    is_end && (waiting.len() as u64 >= TOGETHER_MAX || waiting.iter().any(is_begun))
}

fn beginning(waiting: &[Delivery], is_part: impl Fn(&Delivery) -> bool) -> &[Delivery] {
    let len = waiting.iter().take_while(|one| is_part(one)).count();
    waiting.get(..len).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::DeliveryId;
    use app::told::own::outage;
    use model::IncidentId;

    const NOW: Timestamp = Timestamp(1_000_000);
    const ALONE: Company = Company { told: 1, goes_on: false };

    /// `o` begins, `c` is over; all of it since now.
    fn line(letters: &str) -> Vec<Delivery> {
        let delivery = |(letter, id): (char, i64)| Delivery {
            id: DeliveryId(id),
            told: if letter == 'o' { Told::Opened } else { Told::Closed },
            incident: outage(IncidentId(id), NOW),
            created_at: NOW,
            due_at: NOW,
            attempts: 0,
        };
        letters.chars().zip(1..).map(delivery).collect()
    }

    /// How many the next message tells; nothing where it waits.
    fn told(line: &[Delivery], lately: usize, company: Company) -> Option<usize> {
        match turn(line, lately, company, NOW)? {
            Turn::Tell(batch) => Some(batch.len()),
            Turn::Wait(_) => None,
        }
    }

    #[test]
    fn a_few_are_told_alone_and_from_the_fifth_of_a_minute_on_what_is_in_line_together() {
        for (letters, lately, expected) in [
            ("o", 0, Some(1)),
            ("oooo", 0, Some(1)),
            ("ooooo", 0, Some(5)),
            ("ooo", 2, Some(3)),
            ("ooo", 1, Some(1)),
            // Two are told as soon one after the other.
            ("oo", 10, Some(1)),
            ("ccccc", 0, Some(5)),
            // A storm waits for company.
            ("o", 19, None),
            ("oooooooooooooooooooo", 0, None),
        ] {
            assert_eq!(told(&line(letters), lately, ALONE), expected, "{letters} {lately}");
        }
    }

    #[test]
    fn what_was_tried_together_is_tried_together_again_and_with_nothing_else() {
        let mut line = line("oooooooooooooooooooooooo");
        line[..3].iter_mut().for_each(|one| one.attempts = 2);
        assert_eq!(told(&line, 30, ALONE), Some(3));
    }

    #[test]
    fn the_end_of_what_was_told_together_waits_for_the_rest_of_it_but_not_before_what_begins() {
        let (goes_on, over) = (Company { told: 4, goes_on: true }, Company { told: 4, goes_on: false });
        assert_eq!(told(&line("c"), 0, goes_on), None);
        assert_eq!(told(&line("c"), 0, ALONE), Some(1));
        assert_eq!(told(&line("cc"), 0, over), Some(2));
        let mut later = line("cco");
        later[0].due_at = Timestamp(NOW.0 + 2_000);
        assert!(is_ready(&later, NOW) && !is_ready(&later[..2], NOW));
        assert_eq!(told(&later, 0, goes_on), Some(2));
        let mut old = line("cc");
        old[0].created_at = Timestamp(NOW.0 - ENDING_WAIT_MS);
        assert_eq!(told(&old, 0, goes_on), Some(2), "it has waited for long enough");
    }
}
