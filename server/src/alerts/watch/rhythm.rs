//! How often a number is measured, and after how long without one what was before is of no use.
//!
//! Pure. Not every number comes with every round: the health of a router is asked for seldom, and what costs a busy
//! one most is left out of every other round.

use engine::driver::routeros::facts::SLOW_EVERY_BUSY;
use model::{Device, Measure};

/// A number that was not measured for so long begins anew, in milliseconds, where it is not measured more seldom.
pub const GAP_MS: i64 = 15 * 60_000;

/// The longest that may lie between two times at which this is measured of a device that answers, in seconds.
pub fn round_s(measure: Measure, device: &Device) -> u32 {
    let slowest_s = device.checks.iter().map(|check| check.interval_s).max().unwrap_or(0);
    match measure {
        Measure::RoundTrip | Measure::CpuLoad | Measure::MemoryUse => slowest_s,
        // A busy router is asked for them in every other round.
        Measure::RxRate | Measure::TxRate => slowest_s.saturating_mul(2),
        // In the first round after they are due.
        Measure::Temperature | Measure::Voltage => {
            let due_s = u32::try_from(SLOW_EVERY_BUSY.as_secs()).unwrap_or(u32::MAX);
            slowest_s.saturating_add(due_s)
        }
    }
}

/// What is asked seldom is measured seldom.
pub fn gap_ms(measure: Measure, device: &Device) -> i64 {
    GAP_MS.max(3_000 * i64::from(round_s(measure, device)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Check, CheckId, CheckKind, DeviceId, DeviceKind, Settings};

    #[test]
    fn nothing_is_waited_for_shorter_than_it_takes_to_be_measured_twice_again() {
        let check = Check {
            id: CheckId(1),
            kind: CheckKind::Routeros,
            interval_s: 30,
            timeout_s: 5,
            settings: Settings::default(),
        };
        let mut device = Device::new(DeviceId(1), "edge", DeviceKind::Router, "192.0.2.1");
        device.checks = vec![check];
        for measure in Measure::ALL {
            // Half an hour lies between two questions for the health of a busy router.
            let between_s = match measure {
                Measure::Temperature | Measure::Voltage => 1_830,
                Measure::RxRate | Measure::TxRate => 60,
                Measure::RoundTrip | Measure::CpuLoad | Measure::MemoryUse => 30,
            };
            assert_eq!(round_s(measure, &device), between_s, "{measure:?}");
            assert!(gap_ms(measure, &device) > 2_000 * i64::from(between_s), "{measure:?}");
            assert!(gap_ms(measure, &device) >= GAP_MS, "{measure:?}");
        }
    }
}
