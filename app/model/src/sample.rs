//! A sample is one measured number of one series; what it measures says in which unit, and how finely it is kept.

use serde::{Deserialize, Serialize};

/// What a series measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// How long a check took to be answered, in milliseconds. The subject is the check: `icmp`, `tcp:443`, `routeros`.
    RoundTrip,
    /// The load of a router's processors, in percent.
    CpuLoad,
    /// The used share of a router's memory, in percent.
    MemoryUse,
    /// In degrees Celsius.
    Temperature,
    /// In volts.
    Voltage,
    /// What an interface receives, in bits per second. The subject is the interface.
    RxRate,
    /// What an interface sends, in bits per second. The subject is the interface.
    TxRate,
}

/// How a number becomes a whole one. What is lost is far below what any device measures truly.
#[derive(Clone, Copy)]
enum Grain {
    /// So many steps make one unit.
    Steps(f64),
    /// Nine binary digits, the first of which is always one: a fifth of a percent at most is lost.
    Digits,
}

/// A round that was asked and not answered, among the numbers of [`Measure::RoundTrip`].
const NO_ANSWER: i32 = -1;
/// The binary digits that are kept of a rate besides the first.
const DIGITS: u32 = 8;

impl Measure {
    pub const ALL: [Measure; 7] = [
        Measure::RoundTrip,
        Measure::CpuLoad,
        Measure::MemoryUse,
        Measure::Temperature,
        Measure::Voltage,
        Measure::RxRate,
        Measure::TxRate,
    ];

    /// The word of the API.
    pub fn word(self) -> &'static str {
        match self {
            Measure::RoundTrip => "round_trip",
            Measure::CpuLoad => "cpu_load",
            Measure::MemoryUse => "memory_use",
            Measure::Temperature => "temperature",
            Measure::Voltage => "voltage",
            Measure::RxRate => "rx_rate",
            Measure::TxRate => "tx_rate",
        }
    }

    /// The reverse of [`Measure::word`].
    pub fn from_word(word: &str) -> Option<Measure> {
        Measure::ALL.into_iter().find(|measure| measure.word() == word)
    }

    /// Its number in the database, which never changes its meaning.
    pub fn code(self) -> i32 {
        match self {
            Measure::RoundTrip => 101,
            Measure::CpuLoad => 201,
            Measure::MemoryUse => 202,
            Measure::Temperature => 203,
            Measure::Voltage => 204,
            Measure::RxRate => 301,
            Measure::TxRate => 302,
        }
    }

    /// The reverse of [`Measure::code`].
    pub fn from_code(code: i32) -> Option<Measure> {
        Measure::ALL.into_iter().find(|measure| measure.code() == code)
    }

    /// Between which numbers it can be, in its unit, as far as a rule may say: what no device measures is a slip.
    pub fn range(self) -> (f64, f64) {
        match self {
            // An hour: no check waits for so long.
            Measure::RoundTrip => (0.0, 3_600_000.0),
            Measure::CpuLoad | Measure::MemoryUse => (0.0, 100.0),
            Measure::Temperature => (-100.0, 1_000.0),
            Measure::Voltage => (0.0, 1_000.0),
            // Far beyond the fastest ports, which are of 800 Gbit/s.
            Measure::RxRate | Measure::TxRate => (0.0, 1e14),
        }
    }

    fn grain(self) -> Grain {
        match self {
            Measure::RoundTrip | Measure::MemoryUse | Measure::Temperature => Grain::Steps(10.0),
            Measure::CpuLoad => Grain::Steps(1.0),
            Measure::Voltage => Grain::Steps(100.0),
            Measure::RxRate | Measure::TxRate => Grain::Digits,
        }
    }

    /// Whether what is kept counts equal steps, so that a mean can be kept finer.
    pub fn is_in_steps(self) -> bool {
        matches!(self.grain(), Grain::Steps(_))
    }

    /// The whole number that is kept; beyond what fits, the nearest that does.
    pub fn kept(self, value: Reading) -> i32 {
        let Reading::Number(value) = value else { return NO_ANSWER };
        match self.grain() {
            // A cast of a float ends at the range of the whole numbers, and makes nothing of what is no number.
            Grain::Steps(steps) if self == Measure::RoundTrip => ((value * steps).round() as i32).max(0),
            Grain::Steps(steps) => (value * steps).round() as i32,
            Grain::Digits => shortened(value.round() as u64),
        }
    }

    /// What a kept number says.
    pub fn read(self, kept: i32) -> Reading {
        match self.grain() {
            Grain::Steps(_) if self == Measure::RoundTrip && kept < 0 => Reading::NoAnswer,
            Grain::Steps(steps) => Reading::Number(f64::from(kept) / steps),
            Grain::Digits => Reading::Number(lengthened(kept)),
        }
    }
}

/// What a sample says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reading {
    Number(f64),
    /// It was asked, and did not answer.
    NoAnswer,
}

impl Reading {
    pub fn number(self) -> Option<f64> {
        match self {
            Reading::Number(number) => Some(number),
            Reading::NoAnswer => None,
        }
    }
}

/// A number's place in the row of those that have [`DIGITS`] binary digits behind the first.
fn shortened(number: u64) -> i32 {
    let digits = u64::BITS - number.leading_zeros();
    let dropped = digits.saturating_sub(DIGITS + 1);
    // To the nearest; rounding up may need one more digit, whose place follows by itself.
    let rest = if dropped == 0 { number } else { (number >> dropped) + ((number >> (dropped - 1)) & 1) };
    let place = (u64::from(dropped) << DIGITS) + rest;
    i32::try_from(place).unwrap_or(i32::MAX)
}

/// The number in this place of that row.
fn lengthened(place: i32) -> f64 {
    let place = place.max(0).unsigned_abs();
    let dropped = (place >> DIGITS).saturating_sub(1);
    let rest = place - (dropped << DIGITS);
    f64::from(rest) * 2f64.powi(i32::try_from(dropped).unwrap_or(i32::MAX))
}

/// One measured number of one series of a device; when is said beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    pub measure: Measure,
    /// Which of several: a check, an interface. Empty where there is but one.
    pub subject: String,
    pub value: Reading,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_a_number_says_the_same_again() {
        for measure in Measure::ALL {
            assert_eq!(Measure::from_code(measure.code()), Some(measure));
            assert_eq!(Measure::from_word(measure.word()), Some(measure));
            for value in [0.0, 1.0, 23.0, 59.8] {
                let kept = measure.kept(Reading::Number(value));
                let read = measure.read(kept).number().unwrap();
                assert!((read - value).abs() <= 0.5, "{measure:?} {value} {read}");
                assert_eq!(measure.kept(Reading::Number(read)), kept, "once cut, it stays");
            }
            for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1e300, 1e300] {
                let kept = measure.kept(Reading::Number(odd));
                assert!(measure.read(kept).number().is_some_and(f64::is_finite), "{measure:?} {odd}");
            }
        }
        assert_eq!(Measure::RoundTrip.read(Measure::RoundTrip.kept(Reading::NoAnswer)), Reading::NoAnswer);
        assert_eq!(Measure::Temperature.read(-5), Reading::Number(-0.5));
    }

    #[test]
    fn a_rate_loses_a_fifth_of_a_percent_at_most_and_keeps_its_place_among_others() {
        let mut last = -1;
        let mut rate = 0u64;
        while rate < 400_000_000_000 {
            let kept = Measure::RxRate.kept(Reading::Number(rate as f64));
            let read = Measure::RxRate.read(kept).number().unwrap();
            assert!((read - rate as f64).abs() <= rate as f64 * 0.002, "{rate} {read}");
            assert!(kept >= last, "{rate}");
            last = kept;
            rate = rate * 101 / 100 + 1;
        }
    }
}
