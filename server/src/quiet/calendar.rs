//! When a plan comes true: dates and times on a wall, turned into instants.
//!
//! Pure. It begins at its time on the wall; where the clock leaves that time out, as much later as the clock jumped;
//! where the clock shows it twice, the first time. It lasts its minutes, however the clock is moved meanwhile.

use crate::history::Span;
use chrono::{
    DateTime, Datelike, Days, FixedOffset, LocalResult, Months, NaiveDate, NaiveDateTime, TimeDelta,
    TimeZone, Utc,
};
use chrono_tz::Tz;
use model::{FieldError, QuietPlan, Recurs, Timestamp, Weekday};

const MINUTE_MS: i64 = 60_000;
/// A day as it is written: `2026-12-31`.
const DAY_CHARS_MAX: usize = 10;
/// Days that are looked at for one question at most: a year and what reaches into it.
const DAYS_MAX: u32 = 800;
/// Days in which anything that comes again comes again.
const CYCLE_DAYS: u64 = 62;
/// Years that a plan may name: what lies outside is a slip of the finger.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2200;

/// A plan as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    zone: Zone,
    first: NaiveDateTime,
    minutes: u32,
    recurs: Recurs,
    last_day: Option<NaiveDate>,
}

/// Whose clock it goes by.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Zone {
    Named(Tz),
    Offset(FixedOffset),
}

impl Zone {
    /// A name such as `Asia/Jakarta`, or an offset such as `+07:00`.
    fn read(word: &str) -> Option<Self> {
        if word.starts_with(['+', '-']) {
            // What follows an offset would be passed over.
            return word.parse().ok().filter(|_| word.len() <= "+07:00".len()).map(Zone::Offset);
        }
        word.parse().ok().map(Zone::Named)
    }

    /// The instant at which this clock shows `wall`.
    fn instant(self, wall: NaiveDateTime) -> Timestamp {
        match self {
            Zone::Named(zone) => instant(zone, wall),
            Zone::Offset(offset) => instant(offset, wall),
        }
    }

    fn wall(self, at: Timestamp) -> Option<NaiveDateTime> {
        let at = DateTime::<Utc>::from_timestamp_millis(at.0)?;
        Some(match self {
            Zone::Named(zone) => at.with_timezone(&zone).naive_local(),
            Zone::Offset(offset) => at.with_timezone(&offset).naive_local(),
        })
    }
}

fn instant<Z: TimeZone>(zone: Z, wall: NaiveDateTime) -> Timestamp {
    use chrono::Offset as _;
    let ms = match zone.from_local_datetime(&wall) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.timestamp_millis(),
        LocalResult::None => {
            // By the clock as it was before it jumped; nowhere did one ever jump by more than a day.
            let before = (1..=26).find_map(|hours| {
                let earlier = wall - TimeDelta::hours(hours);
                zone.offset_from_local_datetime(&earlier).latest()
            });
            let offset_s = before.map_or(0, |offset| offset.fix().local_minus_utc());
            wall.and_utc().timestamp_millis() - i64::from(offset_s) * 1_000
        }
    };
    Timestamp(ms)
}

impl Plan {
    /// Everything that is wrong, each at its field.
    pub fn read(plan: &QuietPlan) -> Result<Plan, Vec<FieldError>> {
        let mut errors = Vec::new();
        let zone = Zone::read(&plan.zone);
        if zone.is_none() {
            let why = "must be a zone such as Asia/Jakarta, UTC or +07:00";
            errors.push(FieldError::new("zone", "error_zone", why));
        }
        let first = read_wall(&plan.starts).filter(|first| YEARS.contains(&first.year()));
        if first.is_none() {
            let why = "must be a date and time on the wall such as 2026-11-29T02:00";
            errors.push(FieldError::new("starts", "error_time", why));
        }
        // The calendar takes blanks and signs too, which the column has no room for.
        let day = |text: &str| text.parse::<NaiveDate>().ok().filter(|_| text.len() <= DAY_CHARS_MAX);
        let last_day = plan.last_day.as_deref().map(day);
        let is_before = |day: NaiveDate| first.is_some_and(|first| day < first.date());
        let is_odd =
            |day: Option<NaiveDate>| day.is_none_or(|day| is_before(day) || !YEARS.contains(&day.year()));
        if last_day.is_some_and(is_odd) {
            let why = "must be a day such as 2026-12-31, and not before the first";
            errors.push(FieldError::new("last_day", "error_time", why));
        }
        match (zone, first) {
            (Some(zone), Some(first)) if errors.is_empty() => Ok(Plan {
                zone,
                first,
                minutes: plan.minutes,
                recurs: plan.recurs.clone(),
                last_day: last_day.flatten(),
            }),
            _ => Err(errors),
        }
    }

    /// When it is in some part of `period`, in order. They may overlap where it lasts longer than it rests.
    pub fn spans(&self, period: Span) -> Vec<Span> {
        let mut spans: Vec<_> = self
            .days_from(period.from, DAYS_MAX)
            .map(|day| self.on(day))
            .skip_while(|span| span.to <= period.from)
            .take_while(|span| span.from < period.to)
            .collect();
        spans.retain(|span| !span.clipped(period).is_empty());
        spans
    }

    /// Those that are over after `now`, in order: the one that runs comes first. No further ahead than anything comes
    /// again.
    pub fn upcoming(&self, now: Timestamp) -> impl Iterator<Item = Span> + '_ {
        let days = u32::try_from(2 * CYCLE_DAYS).unwrap_or(DAYS_MAX);
        self.days_from(now, days).map(move |day| self.on(day)).filter(move |span| span.to > now)
    }

    /// When the last of it is over; nothing when it comes again for ever.
    pub fn end(&self) -> Option<Timestamp> {
        let last = match (&self.recurs, self.last_day) {
            (Recurs::Once, _) => self.first.date(),
            (_, None) => return None,
            (_, Some(last)) => {
                let back = (0..CYCLE_DAYS).filter_map(|days| last.checked_sub_days(Days::new(days)));
                match back.take_while(|day| *day >= self.first.date()).find(|day| self.fits(*day)) {
                    Some(day) => day,
                    // It never is.
                    None => return Some(Timestamp(i64::MIN)),
                }
            }
        };
        Some(self.on(last).to)
    }

    /// The days on which it begins, from the first whose time may reach to `at`.
    fn days_from(&self, at: Timestamp, count: u32) -> impl Iterator<Item = NaiveDate> + '_ {
        // Clocks differ by less than a day and a half.
        let reach = Days::new(u64::from(self.minutes / (24 * 60)) + 3);
        let start = self.zone.wall(at).and_then(|wall| wall.date().checked_sub_days(reach));
        let start = start.unwrap_or(NaiveDate::MIN).max(self.first.date());
        let end = self.last_day.unwrap_or(NaiveDate::MAX);
        // It is once, wherever that is asked from.
        let once = (self.recurs == Recurs::Once).then(|| self.first.date());
        let days = start.iter_days().take(if once.is_some() { 0 } else { count as usize });
        once.into_iter().chain(days.take_while(move |day| *day <= end).filter(move |day| self.fits(*day)))
    }

    fn fits(&self, day: NaiveDate) -> bool {
        match &self.recurs {
            Recurs::Once => day == self.first.date(),
            Recurs::Daily => true,
            Recurs::Weekly(days) => {
                let place = day.weekday().num_days_from_monday() as usize;
                Weekday::ALL.get(place).is_some_and(|word| days.contains(word))
            }
            Recurs::Monthly(wanted) => day.day() == u32::from(*wanted).min(days_in_month(day)),
        }
    }

    /// The one that begins on `day`.
    fn on(&self, day: NaiveDate) -> Span {
        let from = self.zone.instant(day.and_time(self.first.time()));
        Span { from, to: Timestamp(from.0.saturating_add(i64::from(self.minutes) * MINUTE_MS)) }
    }
}

fn days_in_month(day: NaiveDate) -> u32 {
    let next = day.with_day(1).and_then(|first| first.checked_add_months(Months::new(1)));
    next.and_then(|next| next.pred_opt()).map_or(31, |last| last.day())
}

fn read_wall(text: &str) -> Option<NaiveDateTime> {
    ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        .into_iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        // Longer than the column it is kept in is no time that anybody typed.
        .filter(|_| text.len() <= 19)
}

/// An instant as a plan in UTC writes it, to the second.
pub fn typed(at: Timestamp) -> String {
    let at = DateTime::<Utc>::from_timestamp_millis(at.0).unwrap_or_default();
    at.format("%Y-%m-%dT%H:%M:%S").to_string()
}

/// Whether a clock goes by that name.
pub fn is_zone(word: &str) -> bool {
    Zone::read(word).is_some()
}

/// The names of all clocks that have one, in the order of the alphabet.
pub fn zone_names() -> Vec<String> {
    let mut names: Vec<_> = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name().to_owned()).collect();
    names.sort();
    names
}
