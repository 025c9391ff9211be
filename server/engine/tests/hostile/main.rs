//! Routers that mean harm, as real servers against the real driver under the real schedule, in paused time.
//!
//! Each round ends with its reason, no device makes us hold more than 2 MiB, and nobody else waits for it.
//! To add a behaviour: a line in one of the tables of `cases`.

// A test's helpers fail the test, as the test itself does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cases;
mod scene;
mod ssh;
mod villain;
mod words;

use cases::{Case, cases};
use model::{DeviceId, State};
use scene::Scene;
use std::{collections::BTreeSet, time::Duration};
use tokio::sync::Mutex;
use villain::Villain;

/// Counts what this process holds.
#[global_allocator]
static HEAP: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

/// What one device may make us hold.
const HELD_BYTES_MAX: usize = 2 * 1024 * 1024;
/// How late a check may start because of others' routers.
const LATE_MAX: Duration = Duration::from_millis(100);
/// Long enough for half a dozen rounds of each.
const WATCHED_S: u32 = 40;
/// Long enough for each to hold what it can make us hold.
const HELD_FOR_S: u32 = 16;

/// What is measured of the process has to be alone in it.
static ALONE: Mutex<()> = Mutex::const_new(());

async fn villain(number: usize, case: &Case) -> Villain {
    Villain::start(u8::try_from(number).unwrap(), case.door, case.act).await
}

/// Why the case is not over as it should be, if it is not.
fn objection(case: &Case, scene: &Scene, id: i64, told: &BTreeSet<String>) -> Option<String> {
    let (name, expected) = (case.name, case.told);
    if let Some(fits) = case.fits {
        let Some(facts) = scene.fleet.facts(DeviceId(id)) else {
            return Some(format!("{name}: no facts, but {told:?}"));
        };
        let state = scene.fleet.row(DeviceId(id)).unwrap().live.state;
        let is_fine = state == State::Up && fits(&facts);
        return (!is_fine).then(|| format!("{name}: {state:?} {told:?} {facts:#?}"));
    }
    (!told.iter().any(|told| told.contains(expected)))
        .then(|| format!("{name}: {told:?} does not say {expected:?}"))
}

#[tokio::test(start_paused = true)]
async fn every_hostile_router_is_told_with_its_reason_and_nobody_else_waits_for_any() {
    let _alone = ALONE.lock().await;
    let cases = cases();
    assert!(cases.len() >= 50, "{}", cases.len());
    let mut scene = Scene::start();
    scene.watch_honest(100).await;
    let mut villains = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        villains.push(villain(number, case).await);
        scene.watch(number as i64, &villains[number]).await;
    }
    let told = scene.hear_for(WATCHED_S).await;
    let objections: Vec<_> =
        told.iter().filter_map(|(id, told)| objection(&cases[*id as usize], &scene, *id, told)).collect();
    assert!(objections.is_empty(), "{}", objections.join("\n"));
    assert_eq!(scene.slandered(), Vec::<String>::new());
    // In paused time only waiting takes any: what was late had waited for a router.
    let lateness = scene.engine.lateness();
    assert!(lateness.starts > 100 * 6 && lateness.max < LATE_MAX, "{lateness:?}");
    // A retry costs the router a line in its log: fewer than one a second, whatever it does.
    for (case, villain) in cases.iter().zip(&villains) {
        assert!(villain.visits() < WATCHED_S as usize, "{}: {} connections", case.name, villain.visits());
    }
}

#[tokio::test(start_paused = true)]
async fn no_hostile_router_makes_us_hold_more_than_two_mebibytes() {
    let _alone = ALONE.lock().await;
    let mut objections = Vec::new();
    for (number, case) in cases().iter().enumerate() {
        let scene = Scene::start();
        let villain = villain(number, case).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        HEAP.reset_peak_usage();
        let before = HEAP.current_usage();
        scene.watch(number as i64, &villain).await;
        tokio::time::sleep(Duration::from_secs(HELD_FOR_S.into())).await;
        let held = HEAP.peak_usage().saturating_sub(before);
        if held > HELD_BYTES_MAX {
            objections.push(format!("{}: {held} bytes", case.name));
        }
    }
    assert!(objections.is_empty(), "{}", objections.join("\n"));
}
