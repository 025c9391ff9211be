//! What a round measured: the numbers that are kept for the history.
//!
//! Pure. Only what this round brought: a number that was not asked again is no second measurement.

use crate::{Facts, Verdict};
use model::{Check, Interface, Measure, Reading, Sample};

/// Longest name of a subject that is kept, in characters.
const SUBJECT_CHARS_MAX: usize = 64;
/// Most interfaces of a router whose rates are kept.
const INTERFACES_MAX: usize = 48;
/// Interfaces that come and go with a customer's session begin with these words.
const PASSING: [&str; 7] = ["pppoe-in", "ppp-in", "pptp-in", "l2tp-in", "sstp-in", "ovpn-in", "ipsec-in"];

/// The samples of one round of `check`.
pub(super) fn samples(check: &Check, verdict: &Verdict, facts: Option<&Facts>) -> Vec<Sample> {
    let value = match verdict {
        Verdict::Up { time_ms } => Reading::Number((*time_ms).into()),
        Verdict::Down { .. } => Reading::NoAnswer,
        // It is not known whether it would have answered.
        Verdict::Unknown { .. } => return Vec::new(),
    };
    let mut samples = vec![Sample { measure: Measure::RoundTrip, subject: check.subject(), value }];
    if let Some(facts) = facts {
        router(facts, &mut samples);
    }
    samples
}

fn router(facts: &Facts, samples: &mut Vec<Sample>) {
    let metrics = &facts.metrics;
    let mut keep = |measure, number: Option<f32>| {
        let value = number.map(|number| Reading::Number(number.into()));
        samples.extend(value.map(|value| Sample { measure, subject: String::new(), value }));
    };
    if facts.fresh.load {
        keep(Measure::CpuLoad, metrics.cpu_percent);
        keep(Measure::MemoryUse, metrics.memory_percent);
    }
    if facts.fresh.health {
        keep(Measure::Temperature, metrics.temperature_celsius);
        keep(Measure::Voltage, metrics.voltage_volts);
    }
    if facts.fresh.interfaces {
        let wan = metrics.wan.as_ref().map(|wan| wan.interface.as_str());
        let is_kept = |interface: &&Interface| {
            Some(interface.name.as_str()) == wan
                || (!interface.is_disabled && !PASSING.contains(&interface.kind.as_str()))
        };
        // The WAN first, for it is to be among them.
        let (first, others): (Vec<_>, Vec<_>) = facts
            .interfaces
            .iter()
            .filter(is_kept)
            .partition(|interface| Some(interface.name.as_str()) == wan);
        for interface in first.into_iter().chain(others).take(INTERFACES_MAX) {
            rate(interface, Measure::RxRate, interface.rx_bps, samples);
            rate(interface, Measure::TxRate, interface.tx_bps, samples);
        }
    }
}

#[allow(clippy::cast_precision_loss)] // No rate comes near 2^52.
fn rate(interface: &Interface, measure: Measure, bps: Option<u64>, samples: &mut Vec<Sample>) {
    let name = interface.name.chars().filter(|char| !char.is_control());
    // Of two names that differ in blanks at their end some databases think as of one.
    let subject = name.take(SUBJECT_CHARS_MAX).collect::<String>().trim().to_owned();
    let value = bps.map(|bps| Reading::Number(bps as f64));
    samples.extend(value.map(|value| Sample { measure, subject, value }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Fresh;
    use model::{CheckId, CheckKind, Metrics, Wan};

    fn check(kind: CheckKind, settings: &[(&str, &str)]) -> Check {
        let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Check { id: CheckId(1), kind, interval_s: 30, timeout_s: 5, settings: settings.collect() }
    }

    fn told(samples: &[Sample]) -> Vec<String> {
        let told = |sample: &Sample| format!("{} {}", sample.measure.word(), sample.subject);
        samples.iter().map(|sample| told(sample).trim_end().to_owned()).collect()
    }

    #[test]
    fn a_round_that_was_not_answered_is_kept_as_that_and_one_that_could_not_be_asked_is_not() {
        let tcp = check(CheckKind::Tcp, &[("port", "80")]);
        let up = samples(&tcp, &Verdict::Up { time_ms: 12.34 }, None);
        assert!(up[0].value.number().is_some_and(|ms| (ms - 12.34).abs() < 0.001));
        let down = samples(&tcp, &Verdict::Down { why: "refused".to_owned() }, None);
        assert_eq!(down[0].value, Reading::NoAnswer);
        assert!(samples(&tcp, &Verdict::Unknown { why: "no route".to_owned() }, None).is_empty());
    }

    #[test]
    fn a_router_gives_what_this_round_brought_and_no_interface_of_a_customer() {
        let interface = |name: &str, kind: &str| Interface {
            name: name.to_owned(),
            kind: kind.to_owned(),
            rx_bps: Some(1_000),
            tx_bps: (name != "mute").then_some(2_000),
            ..Interface::default()
        };
        let mut facts = Facts {
            metrics: Metrics {
                cpu_percent: Some(7.0),
                temperature_celsius: Some(40.0),
                ..Metrics::default()
            },
            interfaces: vec![
                interface("ether1", "ether"),
                interface("<pppoe-anna>", "pppoe-in"),
                interface("mute", "vlan"),
                interface("wan", "pppoe-out"),
                Interface { is_disabled: true, ..interface("ether5", "ether") },
            ],
            fresh: Fresh { load: true, health: false, interfaces: true },
            ..Facts::default()
        };
        facts.metrics.wan = Some(Wan {
            interface: "wan".to_owned(),
            kind: None,
            address: None,
            gateway: None,
            rx_bps: None,
            tx_bps: None,
        });
        let routeros = check(CheckKind::Routeros, &[]);
        let got = samples(&routeros, &Verdict::Up { time_ms: 3.0 }, Some(&facts));
        let expected = [
            "round_trip routeros",
            "cpu_load",
            "rx_rate wan",
            "tx_rate wan",
            "rx_rate ether1",
            "tx_rate ether1",
            "rx_rate mute",
        ];
        assert_eq!(told(&got), expected);
        facts.interfaces = (0..500).map(|number| interface(&format!("vlan{number}\u{0}"), "vlan")).collect();
        let got = samples(&routeros, &Verdict::Up { time_ms: 3.0 }, Some(&facts));
        assert_eq!(got.len(), 2 + 2 * INTERFACES_MAX);
        assert!(got.iter().all(|sample| !sample.subject.contains('\0')));
    }
}
