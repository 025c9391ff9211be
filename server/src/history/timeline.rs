//! A device's states as stretches of time: what is drawn of a past.

use super::availability::{History, Span};
use model::{Segment, State, Timestamp};

/// The states of `period` one after the other, without holes, as far as the device lived.
pub fn timeline(history: &History<'_>, period: Span) -> Vec<Segment> {
    let lived = history.lived(period);
    let observed = history.observed(period).spans;
    let mut seen = observed.iter().peekable();
    let mut told = Told { segments: Vec::new(), at: lived.from };
    for (transition, stay) in history.stays() {
        let stay = stay.clipped(lived);
        while let Some(span) = seen.peek() {
            let part = span.clipped(stay);
            if !part.is_empty() {
                told.fill(part.from);
                told.push(part, transition.to, true, transition.cause.as_deref());
            }
            // What reaches beyond this stay belongs to the next one too.
            if span.to > stay.to {
                break;
            }
            seen.next();
        }
    }
    told.fill(lived.to);
    told.segments
}

struct Told {
    segments: Vec<Segment>,
    /// Up to where they reach.
    at: Timestamp,
}

impl Told {
    /// Nothing is known up to here.
    fn fill(&mut self, to: Timestamp) {
        let hole = Span { from: self.at, to };
        if !hole.is_empty() {
            self.push(hole, State::Unknown, false, None);
        }
    }

    fn push(&mut self, span: Span, state: State, is_observed: bool, cause: Option<&str>) {
        self.at = span.to;
        match self.segments.last_mut() {
            Some(last) if (last.state, last.is_observed) == (state, is_observed) => {
                last.to = span.to;
                if last.cause.is_none() {
                    last.cause = cause.map(str::to_owned);
                }
            }
            _ => self.segments.push(Segment {
                from: span.from,
                to: span.to,
                state,
                is_observed,
                cause: cause.map(str::to_owned),
            }),
        }
    }
}

/// At most `most` segments: where there are more, those that fall together are told by the worst of them.
pub fn thinned(segments: Vec<Segment>, period: Span, most: usize) -> Vec<Segment> {
    if segments.len() <= most {
        return segments;
    }
    // A part that reaches over the device's beginning, or ahead of now, tells of neither.
    let whole = Span {
        from: segments.first().map_or(period.from, |first| first.from),
        to: segments.last().map_or(period.to, |last| last.to),
    };
    let mut told = Told { segments: Vec::with_capacity(most), at: period.from };
    for (cell, worst) in cells(&segments, period, most) {
        if let Some(worst) = worst {
            told.push(cell.clipped(whole), worst.state, worst.is_observed, worst.cause.as_deref());
        }
    }
    told.segments
}

/// `count` equal parts of a period, each with what was the worst in it; nothing where the device did not live.
pub fn cells(segments: &[Segment], period: Span, count: usize) -> Vec<(Span, Option<&Segment>)> {
    let count = i64::try_from(count.max(1)).unwrap_or(i64::MAX);
    let length = period.to.since_ms(period.from);
    let edge = |number: i64| {
        let part = i128::from(length) * i128::from(number) / i128::from(count);
        Timestamp(period.from.0.saturating_add(i64::try_from(part).unwrap_or(i64::MAX)))
    };
    let mut first = 0;
    let mut told = Vec::new();
    for number in 0..count {
        let cell = Span { from: edge(number), to: edge(number + 1) };
        while segments.get(first).is_some_and(|segment| segment.to <= cell.from) {
            first += 1;
        }
        let within = segments.iter().skip(first).take_while(|segment| segment.from < cell.to);
        let worst = within.max_by_key(|segment| (gravity(segment), length_in(segment, cell)));
        told.push((cell, worst));
    }
    told
}

/// Trouble is shown however short it was; of what else there was, the longest.
fn gravity(segment: &Segment) -> u8 {
    match segment.state {
        State::Down if segment.is_observed => 2,
        State::Degraded if segment.is_observed => 1,
        _ => 0,
    }
}

fn length_in(segment: &Segment, cell: Span) -> u64 {
    Span { from: segment.from, to: segment.to }.clipped(cell).length_ms()
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::Transition;

    fn changes(told: &[(i64, State)]) -> Vec<Transition> {
        let change = |(at, to): &(i64, State)| Transition {
            from: State::Unknown,
            to: *to,
            at: Timestamp(*at),
            cause: (*to == State::Down).then(|| "refused".to_owned()),
        };
        told.iter().map(change).collect()
    }

    fn span(from: i64, to: i64) -> Span {
        Span { from: Timestamp(from), to: Timestamp(to) }
    }

    /// Each state's first letter and where it begins; `-` where nothing was observed.
    fn drawn(segments: &[Segment]) -> String {
        let letter = |segment: &Segment| match (segment.is_observed, segment.state) {
            (false, _) => '-',
            (_, State::Up) => 'u',
            (_, State::Down) => 'd',
            (_, State::Degraded) => 'g',
            (_, State::Unknown) => '?',
            (_, State::Paused) => 'p',
        };
        let told = segments.iter().map(|segment| format!("{}{}", segment.from.0, letter(segment)));
        told.collect::<Vec<_>>().join(" ")
    }

    fn history<'a>(transitions: &'a [Transition], runs: &'a [Span]) -> History<'a> {
        History { created_at: Timestamp(0), transitions, runs, maintenance: &[], now: Timestamp(100) }
    }

    #[test]
    fn states_follow_each_other_without_holes_and_what_nobody_watched_is_not_known() {
        let transitions = changes(&[(5, State::Up), (40, State::Down), (60, State::Up)]);
        let runs = [span(0, 20), span(30, 100)];
        let told = timeline(&history(&transitions, &runs), span(-50, 200));
        assert_eq!(drawn(&told), "0- 5u 20- 30u 40d 60u");
        assert_eq!(told[4].cause.as_deref(), Some("refused"));
        assert_eq!(told.last().map(|segment| segment.to), Some(Timestamp(100)));
        assert_eq!(drawn(&timeline(&history(&transitions, &runs), span(45, 50))), "45d");
        assert_eq!(drawn(&timeline(&history(&[], &runs), span(0, 50))), "0-");
    }

    #[test]
    fn what_is_ahead_of_now_is_nothing_and_not_unobserved() {
        let transitions = changes(&[(0, State::Up), (60, State::Down), (80, State::Up)]);
        // What was written down last of a run may be ahead of a clock that was set back.
        let runs = [span(0, 90), span(95, 500)];
        let history = history(&transitions, &runs);
        let told = timeline(&history, span(50, 400));
        assert_eq!(drawn(&told), "50u 60d 80u 90- 95u");
        assert_eq!(told.last().map(|segment| segment.to), Some(Timestamp(100)));
        let thinned = thinned(told, span(50, 400), 4);
        assert_eq!(drawn(&thinned), "50d");
        assert_eq!(thinned.last().map(|segment| segment.to), Some(Timestamp(100)));
        assert!(timeline(&history, span(150, 400)).is_empty());
    }

    #[test]
    fn trouble_is_never_thinned_away() {
        let transitions = changes(&[(0, State::Up), (51, State::Down), (52, State::Up), (70, State::Paused)]);
        let runs = [span(0, 100)];
        let told = timeline(&history(&transitions, &runs), span(0, 100));
        assert_eq!(told.len(), 4);
        assert_eq!(drawn(&thinned(told.clone(), span(0, 100), 3)), "0u 33d 66p");
        let few: String = cells(&told, span(-100, 100), 4)
            .iter()
            .map(|(_, worst)| worst.map_or(".".to_owned(), |worst| worst.state.word().to_owned()))
            .collect::<Vec<_>>()
            .join(" ");
        assert_eq!(few, ". . up down");
    }
}
