//! Measured numbers with the digits that they need: mostly few, all where it is a limit that somebody typed, and as many
//! as it takes where one is beside the other.

use super::{RATES, decimal, scale};
use crate::i18n::Words;
use model::Measure;
use std::cmp::Ordering;

/// Most digits behind the mark.
const PLACES_MAX: usize = 9;
/// Most digits that people type behind it.
const TYPED_MAX: usize = 4;

/// A number with the unit of what it measures.
pub fn measured(words: Words, measure: Measure, number: f64) -> String {
    let shown = Shown::of(words, measure, number);
    shown.text(words, shown.places)
}

/// The same with every digit it has.
pub fn whole(words: Words, measure: Measure, number: f64) -> String {
    let shown = Shown::of(words, measure, number);
    shown.text(words, shown.all_places())
}

/// A number that is read beside `limit`: with as many digits as that has, and as show on which side of it it is.
pub fn beside(words: Words, measure: Measure, number: f64, limit: f64) -> String {
    let (mut shown, other) = (Shown::of(words, measure, number), Shown::of(words, measure, limit));
    if side(shown.each, other.each) == Ordering::Equal {
        shown.places = other.all_places().min(TYPED_MAX).max(shown.places);
    }
    let is_told = |places| side(rounded(shown.number, places) * shown.each, limit) == side(number, limit);
    shown.text(words, shown.first(is_told))
}

/// How a number is to a limit; what differs by what a fraction cannot hold is the same.
fn side(number: f64, limit: f64) -> Ordering {
    let is_same = (number - limit).abs() <= limit.abs() * 1e-12;
    if is_same { Ordering::Equal } else { number.total_cmp(&limit) }
}

/// A number in the unit in which it is read.
struct Shown {
    number: f64,
    /// What one of the unit is.
    each: f64,
    /// Digits behind the mark, where nothing asks for more.
    places: usize,
    unit: String,
}

impl Shown {
    fn of(words: Words, measure: Measure, number: f64) -> Self {
        let as_is = |places, unit: String| Self { number, each: 1.0, places, unit };
        match measure {
            Measure::RoundTrip => as_is(usize::from(number < 9.95), format!(" {}", words.unit_ms())),
            Measure::CpuLoad | Measure::MemoryUse => as_is(0, "\u{202f}%".to_owned()),
            Measure::Temperature => as_is(0, "\u{202f}°C".to_owned()),
            Measure::Voltage => as_is(1, "\u{202f}V".to_owned()),
            Measure::RxRate | Measure::TxRate => {
                let (number, each, places, unit) = scale(number.max(0.0), 1000.0, RATES);
                Self { number, each, places, unit: format!(" {unit}") }
            }
        }
    }

    fn text(&self, words: Words, places: usize) -> String {
        format!("{}{}", decimal(words, self.number, places), self.unit)
    }

    /// How many digits it has.
    fn all_places(&self) -> usize {
        self.first(|places| side(rounded(self.number, places), self.number) == Ordering::Equal)
    }

    /// With how few digits that holds.
    fn first(&self, holds: impl Fn(usize) -> bool) -> usize {
        (self.places..PLACES_MAX).find(|places| holds(*places)).unwrap_or(PLACES_MAX)
    }
}

/// What is read once it is written with so many digits.
fn rounded(number: f64, places: usize) -> f64 {
    format!("{number:.places$}").parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    const EN: Words = Words(Lang::En);

    #[test]
    fn a_limit_is_read_as_it_was_typed() {
        let limit = |measure, number| whole(EN, measure, number).replace('\u{202f}', " ");
        assert_eq!(limit(Measure::RoundTrip, 0.05), "0.05 ms");
        assert_eq!(limit(Measure::RoundTrip, 120.25), "120.25 ms");
        assert_eq!(limit(Measure::RoundTrip, 2.0), "2.0 ms");
        assert_eq!(limit(Measure::CpuLoad, 90.0), "90 %");
        assert_eq!(limit(Measure::CpuLoad, 97.5), "97.5 %");
        assert_eq!(limit(Measure::Voltage, 11.75), "11.75 V");
        assert_eq!(limit(Measure::RxRate, 8e7), "80.0 Mbps");
        assert_eq!(limit(Measure::RxRate, 12_345_000.0), "12.345 Mbps");
        assert_eq!(whole(Words(Lang::Ru), Measure::RoundTrip, 0.05), "0,05 мс");
    }

    #[test]
    fn what_is_beside_a_limit_is_read_on_its_side_of_it() {
        let read = |measure, number, limit| beside(EN, measure, number, limit).replace('\u{202f}', " ");
        assert_eq!(read(Measure::RoundTrip, 0.08, 0.05), "0.08 ms");
        assert_eq!(read(Measure::RoundTrip, 0.052, 0.05), "0.052 ms");
        assert_eq!(read(Measure::RoundTrip, 0.104, 0.1), "0.104 ms");
        assert_eq!(read(Measure::RoundTrip, 0.96, 0.99), "0.96 ms");
        assert_eq!(read(Measure::CpuLoad, 97.0, 90.0), "97 %");
        assert_eq!(read(Measure::CpuLoad, 90.26, 90.0), "90.3 %");
        assert_eq!(read(Measure::CpuLoad, 90.0, 90.0), "90 %");
        assert_eq!(read(Measure::RxRate, 12_300_400.0, 12_300_000.0), "12.3004 Mbps");
        assert_eq!(read(Measure::RxRate, 999_000.0, 1e6), "999 kbps");
    }
}
