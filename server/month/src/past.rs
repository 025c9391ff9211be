//! Makes up the past of a small network that ends at a given time, for looking at the pages of history: states,
//! outages with their causes, a night in which the program did not run, round trips, traffic and a router's health.

use crate::generate::{Dice, RoundTrips};
use anyhow::{Context, Result};
use engine::{Clock, Fleet, Outcome, Transition};
use model::*;
use server::{
    history::Recorder,
    journal::{Ledger, Sampled},
    store::Store,
};
use std::sync::Arc;

const STEP_S: i64 = 300;
const DAYS: i64 = 30;
const ROUNDS: i64 = DAYS * 86_400 / STEP_S;
/// Rounds that are written at once.
const BATCH: i64 = 48;
const INTERFACES: [&str; 3] = ["ether1-wan", "bridge-lan", "wlan-guests"];
const CAUSES: [&str; 4] = [
    "TCP 8291: connection refused",
    "no answer to ping within 5 s",
    "RouterOS: login timed out after 5 s",
    "TCP 443: no route to host",
];

/// The devices: name, kind, site, outages in a hundred days.
const DEVICES: [(&str, DeviceKind, &str, f64); 11] = [
    ("edge-bandung", DeviceKind::Router, "Bandung", 12.0),
    ("edge-jakarta", DeviceKind::Router, "Jakarta", 40.0),
    ("CIKARANG", DeviceKind::Tunnel, "Cikarang", 25.0),
    ("SUKATANI ALL", DeviceKind::Tunnel, "Sukatani", 180.0),
    ("core-switch-1", DeviceKind::Switch, "Jakarta", 0.0),
    ("ap-lobby", DeviceKind::WifiAp, "Jakarta", 60.0),
    ("ap-warehouse-with-a-rather-long-name", DeviceKind::WifiAp, "Surabaya, gudang utara lantai dua", 90.0),
    ("nas-archive", DeviceKind::Server, "Bandung", 5.0),
    ("firewall-hq", DeviceKind::Firewall, "Jakarta", 0.0),
    ("tunnel-surabaya", DeviceKind::Tunnel, "Surabaya", 20.0),
    ("old-router", DeviceKind::Router, "Bandung", 0.0),
];

/// A clock that stands.
pub struct Standing(pub i64);

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        Timestamp(self.0)
    }
}

pub fn begin_ms(end_ms: i64) -> i64 {
    end_ms - ROUNDS * STEP_S * 1_000
}

pub async fn write(store: &Store, vault: &server::vault::Vault, end_ms: i64) -> Result<()> {
    let begin = begin_ms(end_ms);
    let clock: Arc<dyn Clock> = Arc::new(Standing(begin));
    let recorder = Recorder::open(store.clone(), Fleet::new(clock.clone()), clock, Arc::default()).await?;
    // The program did not run for some hours of the fourth day from the end.
    let night = end_ms - 4 * 86_400_000;
    for (from, to) in [(begin, night), (night + 5 * 3_600_000, end_ms)] {
        let run = store.runs().begin(Timestamp(from)).await?;
        store.runs().see(run, Timestamp(to)).await?;
    }
    let mut watched = Vec::new();
    for (number, (name, kind, site, outages)) in DEVICES.into_iter().enumerate() {
        let device = store.devices().create(draft(name, kind, site, number), vault).await?;
        watched.push(Watched::new(device.id, kind, number as u64, outages));
    }
    for first in (0..ROUNDS).step_by(BATCH as usize) {
        let (mut samples, mut outcomes) = (Vec::new(), Vec::new());
        for round in first..first + BATCH {
            let at = begin + round * STEP_S * 1_000;
            if (night..night + 5 * 3_600_000).contains(&at) {
                continue;
            }
            for watched in &mut watched {
                watched.round(Timestamp(at), &mut samples, &mut outcomes);
            }
        }
        recorder.append(&outcomes, &samples).await.context("while writing rounds")?;
        while recorder.tidy().await? {}
    }
    Ok(())
}

fn draft(name: &str, kind: DeviceKind, site: &str, number: usize) -> DeviceDraft {
    DeviceDraft {
        location: Some(site.to_owned()),
        enabled: name != "old-router",
        checks: Some(checks(kind)),
        ..DeviceDraft::new(name, kind, format!("127.0.1.{}", number + 1))
    }
}

fn checks(kind: DeviceKind) -> Vec<CheckDraft> {
    let draft = |kind, settings: &[(&str, &str)]| CheckDraft {
        kind,
        interval_s: None,
        timeout_s: None,
        settings: settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    };
    let ping = draft(CheckKind::Icmp, &[]);
    if kind == DeviceKind::Tunnel {
        vec![draft(CheckKind::Tcp, &[("port", "8291")]), ping]
    } else {
        vec![ping]
    }
}

struct Watched {
    device: DeviceId,
    kind: DeviceKind,
    dice: Dice,
    trips: [RoundTrips; 2],
    /// By chance in one round.
    risk: f64,
    state: State,
    /// Rounds for which it stays so.
    left: u32,
    load: [f64; 4],
}

impl Watched {
    fn new(device: DeviceId, kind: DeviceKind, seed: u64, outages: f64) -> Self {
        Self {
            device,
            kind,
            dice: Dice::new(seed + 77),
            trips: [RoundTrips::new(seed), RoundTrips::new(seed + 50)],
            risk: outages / (100.0 * 86_400.0 / STEP_S as f64),
            state: State::Unknown,
            left: 0,
            load: [0.3; 4],
        }
    }

    fn round(&mut self, at: Timestamp, samples: &mut Vec<Sampled>, outcomes: &mut Vec<Outcome>) {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 && self.state != State::Up {
            self.change(State::Up, at, outcomes);
        } else if self.state == State::Up && self.dice.share() < self.risk {
            let is_down = self.kind == DeviceKind::Tunnel || self.dice.share() < 0.6;
            self.left = 1 + (self.dice.share().powi(3) * 48.0) as u32;
            self.change(if is_down { State::Down } else { State::Degraded }, at, outcomes);
        }
        let is_out = self.state == State::Down;
        let mut push = |measure, subject: &str, value| {
            let sample = Sample { measure, subject: subject.to_owned(), value };
            samples.push(Sampled { device: self.device, at, sample });
        };
        let checks: &[&str] = if self.kind == DeviceKind::Tunnel { &["tcp:8291", "icmp"] } else { &["icmp"] };
        for (check, trips) in checks.iter().zip(&mut self.trips) {
            let ms = trips.next_ms().filter(|_| !is_out);
            push(Measure::RoundTrip, check, ms.map_or(Reading::NoAnswer, Reading::Number));
        }
        if self.kind != DeviceKind::Router || is_out {
            return;
        }
        // Days are busier than nights.
        let day = (at.0 as f64 / 86_400_000.0 * std::f64::consts::TAU).sin() * 0.5 + 0.5;
        for load in &mut self.load {
            *load = (*load * 0.9 + 0.1 * self.dice.share()).clamp(0.0, 1.0);
        }
        let [cpu, memory, rx, tx] = self.load;
        push(Measure::CpuLoad, "", Reading::Number(8.0 + 60.0 * cpu * (0.4 + day)));
        push(Measure::MemoryUse, "", Reading::Number(41.0 + 6.0 * memory));
        push(Measure::Temperature, "", Reading::Number(38.0 + 9.0 * day + 3.0 * cpu));
        push(Measure::Voltage, "", Reading::Number(24.1 + 0.2 * memory));
        for (place, interface) in INTERFACES.iter().enumerate() {
            let share = 1.0 / f64::from(1 + place as u32);
            push(Measure::RxRate, interface, Reading::Number(9e7 * share * rx * (0.15 + day)));
            push(Measure::TxRate, interface, Reading::Number(2.4e7 * share * tx * (0.2 + day)));
        }
    }

    fn change(&mut self, to: State, at: Timestamp, outcomes: &mut Vec<Outcome>) {
        let place = (self.dice.share() * CAUSES.len() as f64) as usize;
        let cause = (to != State::Up).then(|| CAUSES.get(place).copied().unwrap_or_default().to_owned());
        let transition = Some(Transition { from: self.state, to, at, cause });
        outcomes.push(Outcome { device: self.device, at, transition, ..Outcome::default() });
        self.state = to;
    }
}
