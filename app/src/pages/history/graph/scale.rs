//! Numbers and times that stand beside a graph: few, round, and in the reader's own clock.

use crate::{format, i18n::Words, pages::history::zone::Zone};
use model::{Measure, Timestamp};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Most times beside a graph; on a phone every other one is left out.
const TIMES_MAX: i64 = 8;

/// What the height of a graph means.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    pub low: f64,
    pub high: f64,
    /// From the lowest to the highest, both included.
    pub ticks: Vec<f64>,
}

impl Scale {
    /// From 0 at the bottom to 1 at the top.
    pub fn share(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }
}

/// Round numbers around `low..=high`, in at most `steps` steps of 1, 2 or 5 times a power of ten.
pub fn nice(low: f64, high: f64, steps: u32) -> Scale {
    let (low, high) = if high > low { (low, high) } else { (low, low + 1.0) };
    let mut step = round_up((high - low) / f64::from(steps.max(1)));
    // Where both ends fall between round numbers it takes one step more.
    while ((high / step).ceil() - (low / step).floor()) > f64::from(steps) + 0.5 {
        step = round_up(step * 1.01);
    }
    let (first, last) = ((low / step).floor(), (high / step).ceil());
    #[allow(clippy::cast_possible_truncation)]
    let count = (last - first).round() as i32;
    let ticks: Vec<f64> = (0..=count).map(|number| (first + f64::from(number)) * step).collect();
    Scale { low: first * step, high: last * step, ticks }
}

/// The least 1, 2 or 5 times a power of ten that is no less.
fn round_up(number: f64) -> f64 {
    let power = 10f64.powf(number.log10().floor());
    let found = [1.0, 2.0, 5.0, 10.0].into_iter().find(|digit| digit * power >= number * (1.0 - 1e-9));
    found.unwrap_or(10.0) * power
}

/// The scale of a measure: what cannot be less than nothing begins there, and a still thermometer does not look wild.
pub fn scale_of(measure: Measure, low: f64, high: f64) -> Scale {
    let widened = |least: f64| {
        let missing = (least - (high - low)).max(0.0) / 2.0;
        nice(low - missing, high + missing, 4)
    };
    match measure {
        Measure::CpuLoad | Measure::MemoryUse => nice(0.0, 100.0, 4),
        Measure::Temperature => widened(10.0),
        Measure::Voltage => widened(2.0),
        Measure::RoundTrip => nice(0.0, high.max(1.0), 4),
        Measure::RxRate | Measure::TxRate => nice(0.0, high.max(1_000.0), 4),
    }
}

/// A number with its unit, as exactly as it is known.
pub fn value(words: Words, measure: Measure, number: f32) -> String {
    match measure {
        Measure::RoundTrip => {
            let places = if number < 99.95 { 1 } else { 0 };
            format!("{}\u{a0}{}", format::decimal(words, number.into(), places), words.unit_ms())
        }
        Measure::CpuLoad | Measure::MemoryUse => format::percent(words, number),
        Measure::Temperature => format!("{}\u{202f}°C", format::decimal(words, number.into(), 1)),
        Measure::Voltage => format::volts(words, number),
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A cast ends at the range.
        Measure::RxRate | Measure::TxRate => {
            format::rate(words, number.round() as u64).replace(' ', "\u{a0}")
        }
    }
}

/// A round number beside the graph.
pub fn mark(words: Words, measure: Measure, number: f64) -> String {
    let (number, unit) = match measure {
        Measure::RoundTrip => (number, words.unit_ms()),
        Measure::CpuLoad | Measure::MemoryUse => (number, "%"),
        Measure::Temperature => (number, "°C"),
        Measure::Voltage => (number, "V"),
        Measure::RxRate | Measure::TxRate => match number {
            n if n >= 1e9 => (n / 1e9, "Gbps"),
            n if n >= 1e6 => (n / 1e6, "Mbps"),
            n if n >= 1e3 => (n / 1e3, "kbps"),
            n => (n, "bps"),
        },
    };
    format!("{}\u{a0}{unit}", format::trimmed(words, number))
}

/// A time beside the graph.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeMark {
    /// From 0 at the left edge to 1.
    pub share: f64,
    pub text: String,
    /// A new day begins there.
    pub is_day: bool,
}

/// Round times within a span, by that clock.
pub fn times(words: Words, zone: Zone, (from, to): (Timestamp, Timestamp)) -> Vec<TimeMark> {
    let length = to.since_ms(from).max(1);
    let step = step_of(length);
    let (first, last) = (zone.wall_ms(from), zone.wall_ms(to));
    let walls: Vec<i64> = match step {
        Step::Even(step) => {
            let begin = (first + step - 1).div_euclid(step);
            (begin..).map(|number| number * step).take_while(|wall| *wall <= last).collect()
        }
        Step::Months(step) => months(first, last, step),
    };
    let mark = |wall: i64| {
        let at = zone.instant(wall);
        #[allow(clippy::cast_precision_loss)]
        let share = (at.0 - from.0) as f64 / length as f64;
        let is_day = wall.rem_euclid(DAY_MS) == 0;
        let text = if is_day { zone.day(words, at) } else { zone.minute(at) };
        TimeMark { share, text, is_day }
    };
    walls.into_iter().map(mark).filter(|mark| (0.0..=1.0).contains(&mark.share)).collect()
}

enum Step {
    Even(i64),
    /// So many of them.
    Months(i64),
}

fn step_of(length: i64) -> Step {
    const EVEN: [i64; 16] = [
        MINUTE_MS,
        2 * MINUTE_MS,
        5 * MINUTE_MS,
        10 * MINUTE_MS,
        15 * MINUTE_MS,
        30 * MINUTE_MS,
        HOUR_MS,
        2 * HOUR_MS,
        3 * HOUR_MS,
        6 * HOUR_MS,
        12 * HOUR_MS,
        DAY_MS,
        2 * DAY_MS,
        3 * DAY_MS,
        5 * DAY_MS,
        10 * DAY_MS,
    ];
    let even = EVEN.into_iter().find(|step| length / step <= TIMES_MAX);
    let month = 30 * DAY_MS;
    let months = [1, 2, 3].into_iter().find(|count| length / (count * month) <= TIMES_MAX);
    even.map_or_else(|| Step::Months(months.unwrap_or(6)), Step::Even)
}

/// The first of every `step`th month.
fn months(first: i64, last: i64, step: i64) -> Vec<i64> {
    let begin = format::wall(first);
    let mut number = begin.year * 12 + begin.month - 1;
    let mut found = Vec::new();
    loop {
        let wall = format::first_ms(number.div_euclid(12), number.rem_euclid(12) + 1, 1);
        if wall > last {
            return found;
        }
        if wall >= first && number % step == 0 {
            found.push(wall);
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    const EN: Words = Words(Lang::En);

    #[test]
    fn numbers_beside_a_graph_are_round_few_and_around_what_is_drawn() {
        assert_eq!(nice(0.0, 43.0, 4).ticks, [0.0, 20.0, 40.0, 60.0]);
        assert_eq!(nice(0.0, 100.0, 4).ticks, [0.0, 50.0, 100.0]);
        assert_eq!(nice(38.0, 41.0, 4).ticks, [38.0, 39.0, 40.0, 41.0]);
        assert_eq!(nice(-3.0, 4.0, 4).ticks, [-4.0, -2.0, 0.0, 2.0, 4.0]);
        let mut low = -17.3;
        for number in 1..2_000 {
            let high = low + f64::from(number * number) / 37.0;
            for steps in 2..7 {
                let scale = nice(low, high, steps);
                let about = format!("{low} {high} {steps}: {scale:?}");
                assert!(scale.low <= low + 1e-6 && scale.high >= high - 1e-6, "{about}");
                assert!(scale.ticks.len() >= 2 && scale.ticks.len() <= steps as usize + 1, "{about}");
                let step = scale.ticks[1] - scale.ticks[0];
                let digit = step / 10f64.powf((step * 1.000_001).log10().floor());
                assert!([1.0, 2.0, 5.0].iter().any(|round| (digit - round).abs() < 1e-6), "{about}");
            }
            low += 0.37;
        }
        assert_eq!(nice(5.0, 5.0, 4).ticks.first(), Some(&5.0));
    }

    #[test]
    fn times_beside_a_graph_are_round_and_few_whatever_its_length() {
        let told = |hours: i64| {
            let from = 1_790_000_000_000;
            times(EN, Zone::Utc, (Timestamp(from), Timestamp(from + hours * HOUR_MS)))
        };
        for hours in [1, 2, 5, 12, 24, 25, 48, 100, 168, 400, 720, 2_000, 4_000, 8_784] {
            let marks = told(hours);
            assert!((3..=9).contains(&marks.len()), "{hours}: {marks:?}");
            assert!(marks.windows(2).all(|pair| pair[0].share < pair[1].share), "{hours}");
        }
        let day: Vec<_> = told(24).into_iter().map(|mark| mark.text).collect();
        assert_eq!(day, ["15:00", "18:00", "21:00", "22 Sep", "03:00", "06:00", "09:00", "12:00"]);
        let year: Vec<_> = told(8_784).into_iter().map(|mark| mark.text).collect();
        assert_eq!(year, ["1 Nov", "1 Jan", "1 Mar", "1 May", "1 Jul", "1 Sep"]);
    }

    #[test]
    fn marks_carry_their_unit() {
        assert_eq!(mark(EN, Measure::RxRate, 2_500_000.0), "2.5\u{a0}Mbps");
        assert_eq!(mark(EN, Measure::RoundTrip, 50.0), "50\u{a0}ms");
        assert_eq!(value(EN, Measure::RoundTrip, 23.14), "23.1\u{a0}ms");
    }
}
