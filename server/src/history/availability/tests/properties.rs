//! What holds for any history, however odd its clocks were, against the naive account.

use super::{naive, *};
use proptest::{collection::vec, option, prelude::*, sample::select};

/// All times of [`on_ticks`] are multiples of it, so that a walk in such steps is exact; a day ahead is 24 of it.
const TICK_MS: i64 = 60 * MINUTE_MS;
const FIRST_TICK: i64 = -60;
const LAST_TICK: i64 = 160;

#[derive(Clone, Debug)]
pub struct Case {
    pub created_at: Timestamp,
    pub transitions: Vec<Transition>,
    pub runs: Vec<Span>,
    pub maintenance: Vec<Span>,
    pub now: Timestamp,
    pub period: Span,
}

impl Case {
    pub fn history(&self) -> History<'_> {
        History {
            created_at: self.created_at,
            transitions: &self.transitions,
            runs: &self.runs,
            maintenance: &self.maintenance,
            now: self.now,
        }
    }

    /// The length of the period without what was before the device.
    fn length_ms(&self) -> i128 {
        let from = i128::from(self.period.from.max(self.created_at).0);
        (i128::from(self.period.to.0) - from).max(0)
    }
}

/// Transitions at the times of `at`, each from the state before it.
fn transitions(at: impl Strategy<Value = Vec<i64>>) -> impl Strategy<Value = Vec<Transition>> {
    let said = at.prop_flat_map(|at| {
        let each = (select(State::ALL.to_vec()), option::of(select(vec!["refused", "timeout"])));
        let count = at.len();
        (Just(at), vec(each, count))
    });
    said.prop_map(|(at, said)| {
        let mut from = State::Unknown;
        let each = at.into_iter().zip(said).map(|(at, (to, cause))| {
            let transition = Transition { at: Timestamp(at), from, to, cause: cause.map(str::to_owned) };
            from = to;
            transition
        });
        each.collect()
    })
}

/// Of the four instants: when it was created, two ends of a period, and now.
fn case(
    instants: impl Strategy<Value = [i64; 4]>,
    transitions: impl Strategy<Value = Vec<Transition>>,
    runs: impl Strategy<Value = Vec<Span>>,
    maintenance: impl Strategy<Value = Vec<Span>>,
) -> impl Strategy<Value = Case> {
    (instants, transitions, runs, maintenance).prop_map(|(instants, transitions, runs, maintenance)| {
        let [created_at, one, other, now] = instants.map(Timestamp);
        let period = Span { from: one.min(other).min(now), to: one.max(other).min(now) };
        Case { created_at, transitions, runs, maintenance, now, period }
    })
}

/// Times mostly onwards, in ticks, by a clock that now and then is set back or ahead.
fn ticking() -> impl Strategy<Value = Vec<i64>> {
    let step = prop_oneof![8 => 0..8_i64, 1 => -40..0_i64, 1 => 8..60_i64];
    (-30..20_i64, vec(step, 0..14)).prop_map(|(start, steps)| {
        let ticks = steps.into_iter().scan(start, |tick, step| {
            *tick = (*tick + step).clamp(FIRST_TICK, LAST_TICK);
            Some(*tick * TICK_MS)
        });
        ticks.collect()
    })
}

/// Spans of ticks, some of them empty or the wrong way round.
fn ticked_spans(count_max: usize) -> impl Strategy<Value = Vec<Span>> {
    let each = (-50..100_i64, -3..40_i64);
    let span =
        |(from, ticks)| Span { from: Timestamp(from * TICK_MS), to: Timestamp((from + ticks) * TICK_MS) };
    vec(each, 0..=count_max).prop_map(move |spans| spans.into_iter().map(span).collect())
}

pub fn on_ticks() -> impl Strategy<Value = Case> {
    let created_at = prop_oneof![FIRST_TICK..-40, -40..90_i64];
    let ticks = (created_at, -40..80_i64, -40..80_i64, 20..80_i64);
    let instants = ticks
        .prop_map(|(created_at, one, other, now)| [created_at, one, other, now].map(|tick| tick * TICK_MS));
    case(instants, transitions(ticking()), ticked_spans(6), ticked_spans(4))
}

/// Any instant, the outermost ones often.
fn anywhen() -> impl Strategy<Value = i64> {
    let outermost = vec![i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - AHEAD_MS_MAX, i64::MAX - 1, i64::MAX];
    prop_oneof![2 => any::<i64>(), 1 => select(outermost)]
}

fn extreme() -> impl Strategy<Value = Case> {
    let spans = || {
        let span = |(from, to)| Span { from: Timestamp(from), to: Timestamp(to) };
        let spans = vec((anywhen(), anywhen()), 0..5);
        spans.prop_map(move |spans| spans.into_iter().map(span).collect::<Vec<_>>())
    };
    let instants = [anywhen(), anywhen(), anywhen(), anywhen()];
    case(instants, transitions(vec(anywhen(), 0..8)), spans(), spans())
}

/// Every instant at which anything may change, in order and once each.
fn changes(case: &Case) -> Vec<i64> {
    let spans = case.runs.iter().chain(&case.maintenance).chain([&case.period]);
    let mut changes: Vec<i64> = spans.flat_map(|span| [span.from.0, span.to.0]).collect();
    changes.extend(naive::effective_times(&case.history()));
    changes.extend([case.created_at.0, case.now.0]);
    changes.sort_unstable();
    changes.dedup();
    changes
}

/// Compares with the naive account over `grid`.
fn agrees(case: &Case, grid: &[i64]) -> Result<(), TestCaseError> {
    let history = case.history();
    let asked = case.period.from.0..=case.period.to.0;
    let within: Vec<_> = grid.iter().copied().filter(|at| asked.contains(at)).collect();
    let [up_ms, degraded_ms, down_ms, unobserved_ms, excluded_ms] = naive::parts(&history, &within);
    let known_ms = up_ms + degraded_ms + down_ms;
    let uptime = (known_ms > 0).then(|| (up_ms + degraded_ms) as f64 / known_ms as f64);
    let expected = Availability { up_ms, degraded_ms, down_ms, unobserved_ms, excluded_ms, uptime };
    let sum = availability(&history, case.period);
    prop_assert_eq!(sum, expected);
    prop_assert_eq!(parts(&sum).into_iter().map(i128::from).sum::<i128>(), case.length_ms());
    let told = outages(&history, case.period);
    prop_assert_eq!(&told, &naive::outages(&history, case.period, grid));
    prop_assert_eq!(told.iter().map(|outage| outage.down_ms).sum::<u64>(), down_ms);
    Ok(())
}

fn parts(sum: &Availability) -> [u64; 5] {
    [sum.up_ms, sum.degraded_ms, sum.down_ms, sum.unobserved_ms, sum.excluded_ms]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3000) })]

    #[test]
    fn the_account_is_what_a_walk_in_small_steps_finds(case in on_ticks()) {
        let grid: Vec<_> = (FIRST_TICK..=LAST_TICK).map(|tick| tick * TICK_MS).collect();
        agrees(&case, &grid)?;
    }

    #[test]
    fn no_instant_is_too_early_or_too_late(case in extreme()) {
        agrees(&case, &changes(&case))?;
        let sum = availability(&case.history(), case.period);
        for target in [f64::NEG_INFINITY, 0.0, 0.999, 1.0, f64::INFINITY, f64::NAN] {
            let budget = budget(target, &sum);
            let left_ms = i128::from(budget.allowed_ms) - i128::from(budget.used_ms);
            prop_assert_eq!(i128::from(budget.left_ms), left_ms.clamp(i64::MIN.into(), i64::MAX.into()));
        }
    }

    #[test]
    fn the_parts_of_a_period_add_up_to_it(case in on_ticks(), share in 0.0..=1.0_f64) {
        let (history, Span { from, to }) = (case.history(), case.period);
        let middle = Timestamp(from.0 + ((to.0 - from.0) as f64 * share) as i64);
        let [before, after] = [Span { from, to: middle }, Span { from: middle, to }];
        let [whole_sum, before_sum, after_sum] =
            [case.period, before, after].map(|period| parts(&availability(&history, period)));
        for (whole, (before, after)) in whole_sum.iter().zip(before_sum.iter().zip(after_sum)) {
            prop_assert_eq!(*whole, before + after);
        }
        let mut joined = outages(&history, before);
        for outage in outages(&history, after) {
            match joined.last_mut().filter(|last| last.start == outage.start) {
                Some(last) => last.down_ms += outage.down_ms,
                None => joined.push(outage),
            }
        }
        prop_assert_eq!(joined, outages(&history, case.period));
    }

    #[test]
    fn the_order_of_runs_and_of_maintenance_does_not_matter(case in on_ticks()) {
        let mut turned = case.clone();
        turned.runs.reverse();
        turned.maintenance.reverse();
        turned.runs.extend(case.runs.first());
        let [one, other] = [&case, &turned].map(|case| availability(&case.history(), case.period));
        prop_assert_eq!(one, other);
    }

    #[test]
    fn transitions_take_effect_in_their_order_and_never_ahead(case in extreme()) {
        let times = effective_times(&case.transitions, case.now);
        prop_assert!(times.is_sorted() && times.last().is_none_or(|last| *last <= case.now));
    }
}
