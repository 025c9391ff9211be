//! Devices that mean harm by SSH: raw ones before the keys are exchanged, and after it ones that know the protocol, and
//! others that break it.
//!
//! Each visit ends in bounded time, holds a bounded amount, and says why.

mod breaking;
mod errands;
mod hand;
mod knowing;
mod raw;

use super::{ALONE, HEAP};
use engine::{
    Secret,
    driver::{
        resolve::Resolver,
        ssh::{Connection, Endpoint, NobodyToAsk, Output, Size, SshError, SshLogin, connect},
    },
};
use model::SshHostKey;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// What one visit may make this process hold, the device's own side included.
const HELD_BYTES_MAX: usize = 4 * 1024 * 1024;
/// What a terminal may hold that nobody reads, the device's own side included.
const UNREAD_BYTES_MAX: usize = 1024 * 1024;
/// No visit takes longer: what is typed and not taken is given up after five minutes.
const VISIT_MAX: Duration = Duration::from_secs(400);
/// Nobody reads on for ever.
const READ_BYTES_MAX: usize = 1024 * 1024;

fn endpoint(port: u16, pinned: Option<SshHostKey>) -> Endpoint {
    Endpoint { host: "127.0.0.1".to_owned(), port, pinned, has_legacy: false }
}

async fn sign_in(endpoint: &Endpoint) -> Result<Connection, SshError> {
    let mut connection = connect(&Resolver::default(), endpoint).await?;
    let password = Some(Secret::new("right".to_owned()));
    let login = SshLogin { username: "admin".to_owned(), password, private_key: None };
    connection.sign_in(&login, &mut NobodyToAsk).await?;
    Ok(connection)
}

/// Does what a person does: signs in, types a line, and reads until it ends. How it ended, in words for people.
async fn visit(endpoint: &Endpoint) -> String {
    let visiting = async {
        let connection = sign_in(endpoint).await?;
        let banner = connection.banner().len();
        let mut shell = connection.shell(Size { columns: 80, rows: 24 }).await?;
        shell.input.write(&[b'x'; 100]).await?;
        let mut read = 0;
        while read < READ_BYTES_MAX {
            match shell.output.next().await? {
                Output::Bytes(bytes) => read += bytes.len(),
                Output::Ended { exit_code } => {
                    return Ok(format!("ended with {exit_code:?}, banner {banner}"));
                }
            }
        }
        Ok(format!("read enough, banner {banner}"))
    };
    let ended: Result<String, SshError> = visiting.await;
    ended.unwrap_or_else(|error| error.to_string())
}

/// Visits, and objects to what took too long, held too much or said something else.
async fn objection(name: &str, endpoint: &Endpoint, expected: &str) -> Option<String> {
    HEAP.reset_peak_usage();
    let (before, began) = (HEAP.current_usage(), Instant::now());
    let Ok(told) = timeout(VISIT_MAX, visit(endpoint)).await else {
        return Some(format!("{name}: did not end in {} s", VISIT_MAX.as_secs()));
    };
    let held = HEAP.peak_usage().saturating_sub(before);
    if held > HELD_BYTES_MAX {
        return Some(format!("{name}: held {held} bytes"));
    }
    let is_tame = !told.chars().any(char::is_control) && told.len() < 600;
    (!told.contains(expected) || !is_tame)
        .then(|| format!("{name}: {told:?} after {:?} does not say {expected:?}", began.elapsed()))
}

#[tokio::test(start_paused = true)]
async fn whatever_a_device_does_before_the_keys_are_exchanged_ends_in_time_and_says_why() {
    let _alone = ALONE.lock().await;
    let mut objections = Vec::new();
    for case in raw::CASES {
        let door = raw::open(case.act).await;
        objections.extend(objection(case.name, &endpoint(door.port, None), case.told).await);
    }
    assert!(objections.is_empty(), "{}", objections.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn whatever_a_device_does_that_knows_the_protocol_ends_in_time_and_says_why() {
    let _alone = ALONE.lock().await;
    let mut objections = Vec::new();
    for (trick, expected) in knowing::TRICKS {
        let device = knowing::Device::start(*trick, 1).await;
        let endpoint = endpoint(device.port, Some(device.key.clone()));
        objections.extend(objection(&format!("{trick:?}"), &endpoint, expected).await);
    }
    assert!(objections.is_empty(), "{}", objections.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn whatever_a_device_does_that_breaks_the_protocol_behind_the_keys_ends_in_time_and_says_why() {
    let _alone = ALONE.lock().await;
    let mut objections = Vec::new();
    for (breach, expected) in breaking::BREACHES {
        let device = breaking::Device::start(*breach).await;
        let endpoint = endpoint(device.port, Some(device.key.clone()));
        objections.extend(objection(&format!("{breach:?}"), &endpoint, expected).await);
    }
    assert!(objections.is_empty(), "{}", objections.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn what_came_before_a_breach_is_drawn_before_it_is_told() {
    let _alone = ALONE.lock().await;
    let device = breaking::Device::start(breaking::Breach::MoreThanAPacketBehindText).await;
    let connection = sign_in(&endpoint(device.port, Some(device.key.clone()))).await.unwrap();
    let mut shell = connection.shell(Size { columns: 80, rows: 24 }).await.unwrap();
    // Meanwhile both have come.
    sleep(Duration::from_secs(1)).await;
    let text = vec![b'x'; breaking::TEXT_BYTES];
    assert_eq!(shell.output.next().await, Ok(Output::Bytes(text)));
    let told = shell.output.next().await.unwrap_err().to_string();
    assert!(told.contains("it sends more at once than was agreed"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn an_unknown_or_changed_host_key_ends_it_before_anything_is_said() {
    let _alone = ALONE.lock().await;
    let device = knowing::Device::start(knowing::Trick::Honest, 1).await;
    let unknown = connect(&Resolver::default(), &endpoint(device.port, None)).await.err();
    assert_eq!(unknown, Some(SshError::HostKeyUnknown(device.key.clone())));
    let other = knowing::Device::start(knowing::Trick::Honest, 2).await;
    let changed = connect(&Resolver::default(), &endpoint(device.port, Some(other.key.clone()))).await.err();
    let (pinned, seen) = (other.key.clone(), device.key.clone());
    assert_eq!(changed, Some(SshError::HostKeyChanged { pinned, seen }));
    assert_eq!(device.logins(), 0);
}

#[tokio::test(start_paused = true)]
async fn old_algorithms_are_used_only_where_the_device_s_switch_allows_them() {
    let _alone = ALONE.lock().await;
    let device = knowing::Device::start(knowing::Trick::OnlyOld, 1).await;
    let safe = endpoint(device.port, Some(device.key.clone()));
    let refused = connect(&Resolver::default(), &safe).await.err();
    let Some(SshError::NoCommonAlgorithm { needs }) = refused else { panic!("{refused:?}") };
    assert_eq!(needs, "key exchange diffie-hellman-group14-sha1");
    assert_eq!(visit(&Endpoint { has_legacy: true, ..safe }).await, "ended with Some(0), banner 0");
}

#[tokio::test(start_paused = true)]
async fn a_flood_that_nobody_reads_waits_at_the_device() {
    let _alone = ALONE.lock().await;
    for trick in [knowing::Trick::Floods, knowing::Trick::FloodsAsErrors, knowing::Trick::FloodsElsewhere] {
        let device = knowing::Device::start(trick, 1).await;
        let before = HEAP.current_usage();
        let connection = sign_in(&endpoint(device.port, Some(device.key.clone()))).await.unwrap();
        let mut shell = connection.shell(Size { columns: 80, rows: 24 }).await.unwrap();
        HEAP.reset_peak_usage();
        sleep(Duration::from_secs(60)).await;
        let held = HEAP.peak_usage().saturating_sub(before);
        println!("{trick:?}: {held} bytes");
        assert!(held < UNREAD_BYTES_MAX, "{trick:?}: {held} bytes");
        // It is still there, and more than the window of it.
        let mut read = 0;
        while trick != knowing::Trick::FloodsElsewhere && read < 4 * 64 * 1024 {
            match shell.output.next().await {
                Ok(Output::Bytes(bytes)) => read += bytes.len(),
                other => panic!("{trick:?}: {other:?}"),
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_stops_waiting_leaves_no_connection_behind() {
    let _alone = ALONE.lock().await;
    let door = raw::open(raw::GREETS_AND_WAITS).await;
    let endpoint = endpoint(door.port, None);
    let resolver = Resolver::default();
    assert!(timeout(Duration::from_secs(1), connect(&resolver, &endpoint)).await.is_err());
    // The device sees the end of the line, although the key exchange was under way.
    timeout(Duration::from_secs(1), door.left()).await.unwrap();
}
