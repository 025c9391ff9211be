//! Times as routers write them, on their own clocks: no zone, often no date, now and then no year.
//!
//! Version 6 writes `10:00:00` today, `sep/11 10:00:00` this year, `sep/11/2023 10:00:00` before that; version 7 writes
//! `2023-09-11 10:00:00` (since 7.10), its terminal `09-11 10:00:00`.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime};

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAY_MS: i64 = 24 * 3_600 * 1_000;
/// How far ahead of the router's clock a line may be before its missing date is taken for an earlier one.
const AHEAD_MS: i64 = 2 * 60 * 1_000;

/// What a clock on the wall beside the router shows, in milliseconds as if it were UTC; `now` is the same of this
/// moment, by which missing dates and years are found.
pub fn wall_ms(text: &str, now: i64) -> Option<i64> {
    let text = text.trim();
    let (date, time) = match text.rsplit_once([' ', 'T']) {
        Some((date, time)) => (Some(date.trim()), time),
        None => (None, text),
    };
    let time = time_ms(time)?;
    let today = DateTime::from_timestamp_millis(now)?.date_naive();
    let Some(date) = date else {
        let at = midnight_ms(today) + time;
        return Some(if at > now + AHEAD_MS { at - DAY_MS } else { at });
    };
    let (year, month, day) = date_parts(date)?;
    if let Some(year) = year {
        return Some(midnight_ms(NaiveDate::from_ymd_opt(year, month, day)?) + time);
    }
    // The twenty-ninth of February is of the last year that had one.
    let found = (0..8).find_map(|back| {
        let at = midnight_ms(NaiveDate::from_ymd_opt(today.year().checked_sub(back)?, month, day)?) + time;
        (at <= now + AHEAD_MS).then_some(at)
    });
    found.or_else(|| Some(midnight_ms(NaiveDate::from_ymd_opt(today.year(), month, day)?) + time))
}

/// Minutes and seconds of a time, which stay when a line grows a date and when summer time begins.
pub(super) fn minute_and_second(text: &str) -> Option<(u8, u8)> {
    let time = text.trim().rsplit([' ', 'T']).next()?;
    let mut parts = time.splitn(3, ':').skip(1);
    let minute = parts.next()?.parse().ok()?;
    let second = parts.next()?.split('.').next()?.parse().ok()?;
    Some((minute, second))
}

fn time_ms(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let time = NaiveTime::parse_from_str(whole, "%H:%M:%S").ok()?;
    let fraction = fraction.get(..fraction.len().min(3))?;
    let ms: i64 = if fraction.is_empty() { 0 } else { format!("{fraction:0<3}").parse().ok()? };
    let since = time.signed_duration_since(NaiveTime::MIN).num_milliseconds();
    (0..1_000).contains(&ms).then_some(since + ms)
}

/// Year (unless it is left out), month and day.
fn date_parts(text: &str) -> Option<(Option<i32>, u32, u32)> {
    if let Some((month, rest)) = text.split_once('/') {
        let month = MONTHS.iter().position(|name| month.eq_ignore_ascii_case(name))?;
        let (day, year) = rest.split_once('/').map_or((rest, None), |(day, year)| (day, Some(year)));
        let year = year.map(str::parse::<i32>).transpose().ok()?;
        return Some((year, u32::try_from(month).ok()? + 1, day.parse().ok()?));
    }
    let parts: Vec<&str> = text.splitn(4, '-').collect();
    match parts.as_slice() {
        [year, month, day] => Some((Some(year.parse().ok()?), month.parse().ok()?, day.parse().ok()?)),
        [month, day] => Some((None, month.parse().ok()?, day.parse().ok()?)),
        _ => None,
    }
}

fn midnight_ms(date: NaiveDate) -> i64 {
    date.and_time(NaiveTime::MIN).and_utc().timestamp_millis()
}
