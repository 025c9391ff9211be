//! One command on a device that means harm: over in time, whatever it does, with no more in hand than was asked for.

use super::{ALONE, HEAP, endpoint, knowing, raw};
use engine::{
    Secret,
    driver::{
        resolve::Resolver,
        ssh::{Endpoint, Errand, Ran, SshError, SshLogin, errand},
    },
};
use std::time::Duration;
use tokio::time::Instant;

/// What one errand may make this process hold; the device's own side is most of it, for it queues what it says.
const HELD_BYTES_MAX: usize = 6 * 1024 * 1024;
const BYTES_MAX: usize = 64 * 1024;
const WITHIN: Duration = Duration::from_secs(30);
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// Paused time goes in steps of its own.
const GRACE: Duration = Duration::from_millis(100);

async fn run(endpoint: &Endpoint) -> Result<Ran, SshError> {
    let password = Some(Secret::new("right".to_owned()));
    let login = SshLogin { username: "admin".to_owned(), password, private_key: None };
    let errand_of = Errand {
        command: "print",
        is_confirmed: false,
        bytes_max: BYTES_MAX,
        connect_within: CONNECT_WITHIN,
        within: WITHIN,
    };
    errand(&Resolver::default(), endpoint, &login, errand_of).await
}

/// Objects to what took too long, held too much or gave more than was asked for.
async fn objection(name: &str, endpoint: &Endpoint, most: Duration) -> Option<String> {
    HEAP.reset_peak_usage();
    let (before, began) = (HEAP.current_usage(), Instant::now());
    let ran = run(endpoint).await;
    let took = began.elapsed();
    let held = HEAP.peak_usage().saturating_sub(before);
    if took > most + GRACE {
        return Some(format!("{name}: took {took:?}: {ran:?}"));
    }
    if held > HELD_BYTES_MAX {
        return Some(format!("{name}: held {held} bytes"));
    }
    let is_much = ran.is_ok_and(|ran| ran.output.len() > BYTES_MAX || ran.errors.len() > BYTES_MAX);
    is_much.then(|| format!("{name}: gave more than was asked for"))
}

#[tokio::test(start_paused = true)]
async fn an_errand_to_any_of_them_is_over_in_time_and_gives_no_more_than_was_asked_for() {
    let _alone = ALONE.lock().await;
    let mut objections = Vec::new();
    for case in raw::CASES {
        let door = raw::open(case.act).await;
        // Nobody has proved anything yet.
        objections.extend(objection(case.name, &endpoint(door.port, None), CONNECT_WITHIN).await);
    }
    for (trick, _) in knowing::TRICKS {
        let device = knowing::Device::start(*trick, 1).await;
        let endpoint = endpoint(device.port, Some(device.key.clone()));
        objections.extend(objection(&format!("{trick:?}"), &endpoint, WITHIN).await);
    }
    assert!(objections.is_empty(), "{}", objections.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn a_command_that_floods_or_never_ends_is_cut_and_one_that_never_closes_is_over_with_its_code() {
    let _alone = ALONE.lock().await;
    let ran = async |trick| {
        let device = knowing::Device::start(trick, 1).await;
        let began = Instant::now();
        (run(&endpoint(device.port, Some(device.key.clone()))).await, began.elapsed())
    };
    let (flood, _) = ran(knowing::Trick::Floods).await;
    let flood = flood.unwrap();
    assert_eq!((flood.output.len(), flood.is_cut), (BYTES_MAX, true));
    let (late, took) = ran(knowing::Trick::NeverEnds).await;
    assert_eq!(late, Ok(Ran { output: b"begun".to_vec(), is_late: true, ..Ran::default() }));
    assert!(took >= WITHIN && took < WITHIN + GRACE, "{took:?}");
    let (open, took) = ran(knowing::Trick::NeverCloses).await;
    let expected = Ran { exit_code: Some(3), ..Ran::default() };
    assert_eq!(open, Ok(expected));
    assert!(took < Duration::from_secs(7), "{took:?}");
}
