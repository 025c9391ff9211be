//! Plans against a walk through every minute, which knows nothing of how they are computed.

use super::*;
use crate::history::Span;
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use model::{
    DeviceId, QuietAbout, QuietDraft, QuietId, QuietKind, QuietPlan, Recurs, RuleScope, Timestamp, Weekday,
};
use proptest::prelude::*;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// Zones whose clocks jump by an hour, by half of one, by a day once, and not at all.
const ZONES: [&str; 6] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Jakarta",
    "America/Sao_Paulo",
];

fn plan(zone: &str, starts: &str, minutes: u32, recurs: Recurs) -> QuietPlan {
    QuietPlan { zone: zone.to_owned(), starts: starts.to_owned(), minutes, recurs, last_day: None }
}

fn at(text: &str) -> Timestamp {
    Timestamp(DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis())
}

/// What the clock of a zone shows.
fn shown(zone: Tz, ms: i64) -> NaiveDateTime {
    DateTime::<Utc>::from_timestamp_millis(ms).unwrap().with_timezone(&zone).naive_local()
}

/// When a clock first shows this time of that day; where it never does, as much later as it jumped. Found by looking
/// at the clock minute by minute.
fn first_shown(zone: Tz, wall: NaiveDateTime) -> i64 {
    let around = wall.and_utc().timestamp_millis();
    let minutes = || (-36 * 60..36 * 60).map(move |minute| around + minute * MINUTE_MS);
    if let Some(found) = minutes().find(|ms| shown(zone, *ms) == wall) {
        return found;
    }
    let jump = minutes().find(|ms| shown(zone, *ms) > wall).unwrap();
    let missed = shown(zone, jump) - shown(zone, jump - MINUTE_MS) - chrono::TimeDelta::minutes(1);
    minutes().find(|ms| shown(zone, *ms) == wall + missed).unwrap()
}

fn naive_fits(recurs: &Recurs, first: NaiveDate, day: NaiveDate) -> bool {
    let last_of_month = day.succ_opt().unwrap().month() != day.month();
    day >= first
        && match recurs {
            Recurs::Once => day == first,
            Recurs::Daily => true,
            Recurs::Weekly(days) => days.iter().any(|word| {
                let short = format!("{:?}", day.weekday()).to_lowercase();
                short == word.word()
            }),
            Recurs::Monthly(wanted) => {
                u32::from(*wanted) == day.day() || last_of_month && u32::from(*wanted) > day.day()
            }
        }
}

fn recurring() -> impl Strategy<Value = Recurs> {
    let day = prop::sample::select(Weekday::ALL.to_vec());
    prop_oneof![
        Just(Recurs::Once),
        Just(Recurs::Daily),
        prop::collection::vec(day, 1..4).prop_map(Recurs::Weekly),
        (1u8..=31).prop_map(Recurs::Monthly),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn each_one_begins_when_the_clock_on_the_wall_first_shows_it_and_lasts_its_minutes(
        zone in prop::sample::select(ZONES.to_vec()),
        // From 2011, when Apia left a day out, and the springs and autumns of some years.
        day in (0u64..1200).prop_map(|day| NaiveDate::from_ymd_opt(2011, 11, 1).unwrap() + chrono::Days::new(day)),
        quarter in 0u32..96,
        minutes in 1u32..3000,
        recurs in recurring(),
        ahead in 0i64..40,
        length in 1i64..20,
    ) {
        let time = NaiveTime::from_num_seconds_from_midnight_opt(quarter * 900, 0).unwrap();
        let first = day.and_time(time);
        let starts = first.format("%Y-%m-%dT%H:%M").to_string();
        let read = Plan::read(&plan(zone, &starts, minutes, recurs.clone())).unwrap();
        let from = first.and_utc().timestamp_millis() + (ahead - 5) * DAY_MS;
        let period = Span { from: Timestamp(from), to: Timestamp(from + length * DAY_MS) };
        let clock: Tz = zone.parse().unwrap();
        let mut expected = Vec::new();
        for number in -5i64..22 {
            let date = shown(clock, from).date() + chrono::TimeDelta::days(number);
            if naive_fits(&recurs, day, date) {
                let begin = first_shown(clock, date.and_time(time));
                let span = Span { from: Timestamp(begin), to: Timestamp(begin + i64::from(minutes) * MINUTE_MS) };
                if span.to > period.from && span.from < period.to {
                    expected.push(span);
                }
            }
        }
        prop_assert_eq!(read.spans(period), expected.clone());
        if let Some(next) = expected.first().filter(|next| next.from >= period.from) {
            prop_assert_eq!(read.upcoming(period.from).next(), Some(*next));
        }
    }

    #[test]
    fn the_last_day_is_the_last_on_which_it_begins(
        recurs in recurring(),
        days in 0u64..100,
        minutes in 1u32..2000,
    ) {
        let first = NaiveDate::from_ymd_opt(2026, 1, 31).unwrap();
        let last = first + chrono::Days::new(days);
        let mut asked = plan("Europe/Berlin", "2026-01-31T22:00", minutes, recurs.clone());
        asked.last_day = Some(last.to_string());
        let read = Plan::read(&asked).unwrap();
        let all = Span { from: at("2026-01-01T00:00:00Z"), to: at("2026-09-01T00:00:00Z") };
        let spans = read.spans(all);
        let end = spans.last().map(|span| span.to);
        prop_assert_eq!(read.end(), Some(end.unwrap_or(Timestamp(i64::MIN))));
        let count = first.iter_days().take_while(|day| *day <= last).filter(|day| naive_fits(&recurs, first, *day));
        prop_assert_eq!(spans.len(), count.count());
    }
}

#[test]
fn a_time_that_the_clock_leaves_out_is_later_and_of_two_the_first_is_meant() {
    let of = |zone: &str, starts: &str| {
        let read = Plan::read(&plan(zone, starts, 30, Recurs::Once)).unwrap();
        read.upcoming(Timestamp(0)).next().unwrap().from
    };
    assert_eq!(of("Europe/Berlin", "2026-03-29T02:30"), at("2026-03-29T03:30:00+02:00"));
    assert_eq!(of("Europe/Berlin", "2026-10-25T02:30"), at("2026-10-25T02:30:00+02:00"));
    assert_eq!(of("Pacific/Apia", "2011-12-30T12:00"), at("2011-12-31T12:00:00+14:00"));
    assert_eq!(of("+05:45", "2026-03-29T02:30"), at("2026-03-29T02:30:00+05:45"));
    assert_eq!(of("UTC", "2026-03-29T02:30:17"), at("2026-03-29T02:30:17Z"));
}

#[test]
fn what_is_no_plan_is_refused_at_its_field() {
    let check = |zone: &str, starts: &str, last_day: Option<&str>, expected: &[&str]| {
        let mut asked = plan(zone, starts, 30, Recurs::Daily);
        asked.last_day = last_day.map(str::to_owned);
        let refused = Plan::read(&asked).err().unwrap_or_default();
        let fields: Vec<_> = refused.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, expected, "{zone} {starts} {last_day:?}");
    };
    check("Asia/Jakarta", "2026-11-29T02:00", Some("2026-11-29"), &[]);
    check("Mars/Olympus", "2026-11-29T02:00", None, &["zone"]);
    check("+25:00", "2026-11-29T02:00", None, &["zone"]);
    check("", "2026-11-29", None, &["zone", "starts"]);
    check("UTC", "2026-13-29T02:00", None, &["starts"]);
    check("UTC", "9999-11-29T02:00", None, &["starts"]);
    check("UTC", "2026-11-29T02:00:00.000000", None, &["starts"]);
    check("UTC", "2026-11-29T02:00", Some("2026-11-28"), &["last_day"]);
    check("UTC", "2026-11-29T02:00", Some("tomorrow"), &["last_day"]);
    check("UTC", "2026-11-29T02:00", Some("2026-12- 31"), &["last_day"]);
    check("UTC", "2026-11-29T02:00", Some("+2026-12-31"), &["last_day"]);
}

fn window(valid: Span) -> Window {
    let plan = plan("UTC", "2026-01-01T10:00", 120, Recurs::Daily);
    Window {
        id: QuietId(1),
        plan: Plan::read(&plan).unwrap(),
        draft: QuietDraft {
            kind: QuietKind::Maintenance,
            title: "upgrade".to_owned(),
            about: QuietAbout::Devices(RuleScope::default()),
            plan,
        },
        made_by: "ani".to_owned(),
        made_at: valid.from,
        valid,
    }
}

#[test]
fn a_window_counts_only_while_it_was_in_force_and_a_device_only_while_it_belonged() {
    let valid = Span { from: at("2026-01-02T11:00:00Z"), to: at("2026-01-04T10:30:00Z") };
    let window = window(valid);
    let all = Span { from: at("2026-01-01T00:00:00Z"), to: at("2026-02-01T00:00:00Z") };
    let span = |from, to| Span { from: at(from), to: at(to) };
    let expected = [
        span("2026-01-02T11:00:00Z", "2026-01-02T12:00:00Z"),
        span("2026-01-03T10:00:00Z", "2026-01-03T12:00:00Z"),
        span("2026-01-04T10:00:00Z", "2026-01-04T10:30:00Z"),
    ];
    assert_eq!(window.spans(all), expected);
    assert_eq!(window.current(at("2026-01-02T11:30:00Z")), Some(expected[0]));
    assert_eq!(window.current(at("2026-01-02T12:00:00Z")), None);
    assert_eq!(window.current(at("2026-01-04T10:30:00Z")), None);

    let member =
        |device, from, to| Member { quiet: QuietId(1), device: DeviceId(device), valid: span(from, to) };
    let members = vec![
        member(1, "2026-01-02T11:30:00Z", "2026-01-03T11:00:00Z"),
        member(1, "2026-01-04T00:00:00Z", "2027-01-01T00:00:00Z"),
    ];
    let maintenance = Maintenance::of_period(&[window], members, all);
    let spans: Vec<_> = maintenance.of(DeviceId(1)).into_iter().map(|(span, _)| span).collect();
    assert_eq!(
        spans,
        [
            span("2026-01-02T11:30:00Z", "2026-01-02T12:00:00Z"),
            span("2026-01-03T10:00:00Z", "2026-01-03T11:00:00Z"),
            span("2026-01-04T10:00:00Z", "2026-01-04T10:30:00Z"),
        ]
    );
    assert!(maintenance.of(DeviceId(2)).is_empty());
}
