//! A rule tried out on what is remembered, before anybody is told by it.

use super::{Admin, Series, Viewer, api_error};
use crate::{
    alerts::{self, Past, gap_ms, round_s},
    history::{STEPS_S, Span, means},
    store::in_time,
};
use app::api::ApiError;
use model::*;
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// Most numbers of one answer, and longest time that is spent on them.
const SERIES_MAX: usize = 500;
const SPENT_MAX: Duration = Duration::from_secs(8);
/// Up to so many days of numbers are judged sample by sample, and more by means of five minutes: about a million of
/// either.
const FINE_DAYS_MAX: usize = 350;
/// Most firings of one answer; the others are counted.
const FIRINGS_MAX: usize = 500;
/// Most incidents that are looked at where something is remembered by these alone.
const INCIDENTS_MAX: u64 = 5_000;
const DAY_MS: i64 = 24 * 3_600 * 1_000;

impl Admin {
    /// When `draft` would have fired in the last days, as far as it is remembered.
    ///
    /// # Errors
    /// The draft is refused, or the days are not 1 to [`REPLAY_DAYS_MAX`].
    pub async fn replay_rule(&self, draft: RuleDraft, days: u32) -> Result<Replay, ApiError> {
        let mut errors = draft.errors();
        // It needs no name yet.
        errors.retain(|error| error.field != "name");
        if !(1..=REPLAY_DAYS_MAX).contains(&days) {
            let why = format!("must be 1 to {REPLAY_DAYS_MAX}");
            errors.push(FieldError::new("days", "error_out_of_range", why));
        }
        if !errors.is_empty() {
            return Err(errors.into());
        }
        let viewer = self.viewer();
        let period = viewer.last(i64::from(days) * DAY_MS);
        let mut devices = viewer.all_devices();
        devices.retain(|device| draft.scope.holds(device));
        let mut replay = match &draft.about {
            About::Number(condition) => viewer.replay_numbers((&draft, condition), &devices, period).await?,
            About::State(event) => viewer.replay_states(&draft, *event, (&devices, period)).await?,
        };
        newest(&mut replay.firings);
        Ok(replay)
    }
}

impl Viewer {
    async fn replay_numbers(
        &self,
        (draft, condition): (&RuleDraft, &Condition),
        devices: &[Arc<Device>],
        period: Span,
    ) -> Result<Replay, ApiError> {
        let series: Vec<(&Arc<Device>, Series)> = devices
            .iter()
            .flat_map(|device| self.series(device.id).into_iter().map(move |series| (device, series)))
            .filter(|(_, (_, key))| condition.is_about(key.measure, &key.subject))
            .collect();
        let days = usize::try_from(period.to.since_ms(period.from) / DAY_MS).unwrap_or(1);
        let is_coarse = series.len().min(SERIES_MAX).saturating_mul(days) > FINE_DAYS_MAX;
        let mut replay = Replay { is_coarse, ..blank(period) };
        let starts = self.starts(period).await?;
        let begun = Instant::now();
        for (device, series) in series.iter().take(SERIES_MAX) {
            if begun.elapsed() > SPENT_MAX {
                break;
            }
            let fired =
                self.replay_one((draft, condition), (device, series), (period, is_coarse, &starts)).await?;
            replay.looked_at += 1;
            let firings = fired.into_iter().map(|fired| Firing {
                device: device.id,
                name: device.name.clone(),
                since: fired.crossing.since,
                until: fired.until,
                crossing: Some(fired.crossing),
            });
            add(&mut replay, firings);
        }
        let all = u32::try_from(series.len()).unwrap_or(u32::MAX);
        replay.left_out = all.saturating_sub(replay.looked_at);
        Ok(replay)
    }

    /// When the program began to run in this time.
    async fn starts(&self, period: Span) -> Result<Vec<Timestamp>, ApiError> {
        let runs = self.program.reading(self.program.store.runs().since(period.from)).await?;
        let mut starts: Vec<_> = runs.into_iter().map(|(began, _)| began).collect();
        starts.retain(|start| *start > period.from);
        starts.sort_unstable();
        Ok(starts)
    }

    async fn replay_one(
        &self,
        (draft, condition): (&RuleDraft, &Condition),
        (device, series): (&Arc<Device>, &Series),
        (period, is_coarse, starts): (Span, bool, &[Timestamp]),
    ) -> Result<Vec<alerts::Fired>, ApiError> {
        let [five_s, hour_s] = STEPS_S;
        let earlier = |from_ms: i64, to_ms: i64| Span {
            from: Timestamp(period.from.0.saturating_sub(from_ms)),
            to: Timestamp(period.from.0.saturating_sub(to_ms)),
        };
        let mut before = Vec::new();
        if condition.wants_usual() {
            // What began before is judged by what was usual then.
            let hours = earlier(alerts::HOURS_MS, alerts::FIVES_MS);
            before = within(means(&self.steps(series, hour_s, hours).await?), hours);
            let fives = earlier(alerts::FIVES_MS, 1);
            before.extend(within(means(&self.steps(series, five_s, fives).await?), fives));
        }
        let points: Vec<(Timestamp, f64)> = if is_coarse {
            means(&self.steps(series, five_s, period).await?)
        } else {
            let points = self.points(series, period).await?;
            points.into_iter().filter_map(|(at, value)| Some((at, value.number()?))).collect()
        };
        let round_s = round_s(condition.measure, device);
        let step_ms = if is_coarse { i64::from(five_s) * 1_000 } else { 0 };
        let gap_ms = gap_ms(condition.measure, device).max(2 * step_ms);
        let is_missed = condition.side == Side::Missing;
        let mut answered = Vec::new();
        if is_missed || has_hole(&points, gap_ms, period.to) {
            let mut reports = self.reports(std::slice::from_ref(device), period).await?;
            let segments = reports.pop().map(|report| report.segments).unwrap_or_default();
            let is_seen = |state: State| state == State::Up || (is_missed && state == State::Degraded);
            answered = stretches(segments, is_seen);
        }
        let past = Past {
            subject: &series.1.subject,
            gap_ms,
            round_s: if is_coarse { round_s.max(five_s.unsigned_abs()) } else { round_s },
            before: &before,
            points: &points,
            answered: &answered,
            starts,
            end: period.to,
        };
        Ok(alerts::replay(draft, condition, &past))
    }

    async fn replay_states(
        &self,
        draft: &RuleDraft,
        event: Event,
        (devices, period): (&[Arc<Device>], Span),
    ) -> Result<Replay, ApiError> {
        let looked_at = u32::try_from(devices.len()).unwrap_or(u32::MAX);
        let mut replay = Replay { looked_at, ..blank(period) };
        let state = match event.state {
            IncidentKind::Down => State::Down,
            IncidentKind::Degraded => State::Degraded,
            // Nothing else is kept of these than what was told.
            _ => {
                replay.is_kept = false;
                add(&mut replay, self.told_before(event, (devices, period)).await?);
                return Ok(replay);
            }
        };
        for report in self.reports(devices, period).await? {
            let name = &report.device.name;
            let spans = stretches(report.segments, |own| own == state);
            let is_long = |span: &Span| span.to.since_ms(span.from) >= i64::from(draft.for_s) * 1_000;
            let firings = spans.into_iter().filter(is_long).map(|span| Firing {
                device: report.device.id,
                name: name.clone(),
                since: span.from,
                until: (span.to < period.to).then_some(span.to),
                crossing: None,
            });
            add(&mut replay, firings);
        }
        Ok(replay)
    }

    async fn told_before(
        &self,
        event: Event,
        (devices, period): (&[Arc<Device>], Span),
    ) -> Result<Vec<Firing>, ApiError> {
        let incidents = self.program.store.incidents();
        let told = in_time(incidents.lasted(event.state, period.from, INCIDENTS_MAX)).await;
        let told = told.map_err(api_error)?.into_iter();
        let firings = told.filter_map(|one| {
            let device = devices.iter().find(|device| device.id == one.device)?;
            let name = device.name.clone();
            Some(Firing { device: one.device, name, since: one.from, until: one.until, crossing: None })
        });
        Ok(firings.collect())
    }
}

/// Counts all of them, and keeps no more than twice the newest that are shown.
fn add(replay: &mut Replay, firings: impl IntoIterator<Item = Firing>) {
    for firing in firings {
        replay.total = replay.total.saturating_add(1);
        replay.firings.push(firing);
        if replay.firings.len() >= 2 * FIRINGS_MAX {
            newest(&mut replay.firings);
        }
    }
}

fn newest(firings: &mut Vec<Firing>) {
    firings.sort_by_key(|firing| std::cmp::Reverse(firing.since));
    firings.truncate(FIRINGS_MAX);
}

fn blank(period: Span) -> Replay {
    Replay {
        from: period.from,
        to: period.to,
        firings: Vec::new(),
        total: 0,
        looked_at: 0,
        left_out: 0,
        is_coarse: false,
        is_kept: true,
    }
}

/// Whether it was not measured for longer than `gap_ms` after one of the points.
fn has_hole(points: &[(Timestamp, f64)], gap_ms: i64, end: Timestamp) -> bool {
    let next = points.iter().skip(1).map(|(at, _)| *at).chain([end]);
    points.iter().zip(next).any(|((at, _), next)| next.since_ms(*at) > gap_ms)
}

/// Those that begin in a span.
fn within(means: Vec<(Timestamp, f64)>, span: Span) -> Vec<(Timestamp, f64)> {
    means.into_iter().filter(|(at, _)| *at >= span.from && *at < span.to).collect()
}

/// The stretches of observed time in which the state is one of these; those that follow upon each other are one.
fn stretches(segments: Vec<Segment>, is: impl Fn(State) -> bool) -> Vec<Span> {
    let mut spans = Vec::<Span>::new();
    for segment in segments.into_iter().filter(|segment| segment.is_observed && is(segment.state)) {
        match spans.last_mut().filter(|last| last.to == segment.from) {
            Some(last) => last.to = segment.to,
            None => spans.push(Span { from: segment.from, to: segment.to }),
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_firings_all_are_counted_and_the_newest_are_kept() {
        let span = Span { from: Timestamp(0), to: Timestamp(9_999) };
        let firing = |at| Firing {
            device: DeviceId(1),
            name: "edge".to_owned(),
            since: Timestamp(at),
            until: None,
            crossing: None,
        };
        let mut replay = blank(span);
        add(&mut replay, (0..2_300).map(firing));
        assert!(replay.firings.len() < 2 * FIRINGS_MAX);
        newest(&mut replay.firings);
        let kept: Vec<_> = replay.firings.iter().map(|firing| firing.since.0).collect();
        let expected: Vec<i64> = (1_800..2_300).rev().collect();
        assert_eq!((replay.total, kept), (2_300, expected));
    }

    #[test]
    fn a_hole_is_between_two_points_or_behind_the_last() {
        let points = [0, 10, 20].map(|at| (Timestamp(at), 1.0));
        assert!(!has_hole(&points, 10, Timestamp(30)));
        assert!(has_hole(&points, 9, Timestamp(20)));
        assert!(has_hole(&points, 10, Timestamp(31)));
        assert!(!has_hole(&[], 10, Timestamp(99)));
    }

    #[test]
    fn stretches_of_the_same_are_one_and_unobserved_time_is_none() {
        let segment = |from, to, state, is_observed| Segment {
            from: Timestamp(from),
            to: Timestamp(to),
            state,
            is_observed,
            cause: None,
        };
        let segments = vec![
            segment(0, 5, State::Up, true),
            segment(5, 8, State::Degraded, true),
            segment(8, 9, State::Down, true),
            segment(9, 12, State::Up, false),
            segment(12, 20, State::Up, true),
        ];
        let spans = stretches(segments, |state| matches!(state, State::Up | State::Degraded));
        let spans: Vec<_> = spans.into_iter().map(|span| (span.from.0, span.to.0)).collect();
        assert_eq!(spans, [(0, 8), (12, 20)]);
    }
}
