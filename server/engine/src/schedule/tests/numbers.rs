//! The numbers that are promised: how soon an outage is told, how politely and how evenly hosts are asked.

use super::*;

/// How long it takes to tell, after all targets fail at one moment: mean and maximum, in seconds.
async fn time_to_tell(answer: Answer, devices: Vec<model::Device>) -> (f64, f64) {
    // The network is there: what is silent is so by itself.
    let scene = Scene::with(Options { asks_gateway: true, ..Options::default() }, 1024);
    *scene.world.gateway.lock() = Some(crate::driver::gateway::Gateway::Answers);
    let count = devices.len();
    let ids: Vec<_> = devices.iter().map(|device| device.id.0).collect();
    scene
        .engine
        .replace(devices.into_iter().map(|device| (watched(device), Remembered::default())).collect())
        .await;
    seconds(120).await;
    let broken = Instant::now();
    ids.iter().for_each(|id| scene.world.set(*id, answer));
    seconds(60).await;
    let times = ids.iter().map(|id| {
        let (at, _) =
            scene.world.told(*id, State::Down, broken).unwrap_or_else(|| panic!("{id} was not told"));
        (at - broken).as_secs_f64()
    });
    let times: Vec<_> = times.collect();
    (times.iter().sum::<f64>() / count as f64, times.iter().fold(0.0, |max: f64, time| max.max(*time)))
}

/// `hosts` hosts with `each` targets.
fn targets(hosts: i64, each: i64) -> Vec<model::Device> {
    let at = |id: i64| model::Device {
        address: format!("10.2.{}.{}", id / each / 256, id / each % 256),
        ..tunnel(id)
    };
    (each..each * (hosts + 1)).map(at).collect()
}

#[tokio::test(start_paused = true)]
async fn a_refused_connection_is_told_after_19_seconds_in_the_mean_and_34_at_most() {
    for devices in [targets(600, 1), targets(200, 3)] {
        let (mean, max) = time_to_tell(Answer::Refuse, devices).await;
        // Those that share a host are asked at once when one of them is down.
        assert!(mean < 20.0 && max <= 34.1, "mean {mean}, max {max}");
    }
}

#[tokio::test(start_paused = true)]
async fn silence_is_told_after_24_seconds_in_the_mean_and_39_at_most() {
    for devices in [targets(600, 1), targets(200, 3)] {
        let (mean, max) = time_to_tell(Answer::Silence, devices).await;
        assert!(mean < 25.0 && max <= 39.1, "mean {mean}, max {max}");
    }
}

#[tokio::test(start_paused = true)]
async fn nine_targets_on_one_host_take_at_most_15_seconds_longer() {
    let (_, refused) = time_to_tell(Answer::Refuse, targets(60, 9)).await;
    let (_, silent) = time_to_tell(Answer::Silence, targets(60, 9)).await;
    assert!(refused <= 49.1 && silent <= 54.1, "{refused} {silent}");
}

/// Every third target is a router with a session.
fn mixed(hosts: i64, each: i64) -> Vec<model::Device> {
    let mut devices = targets(hosts, each);
    for device in devices.iter_mut().step_by(3) {
        device.kind = DeviceKind::Router;
        device.checks = vec![check(device.id.0, CheckKind::Routeros)];
    }
    devices
}

#[tokio::test(start_paused = true)]
async fn a_host_gets_at_most_one_connection_a_second_and_three_at_once_whatever_happens() {
    let scene = Scene::start();
    let devices = mixed(5, 9).into_iter().map(|device| (watched(device), Remembered::default())).collect();
    scene.engine.replace(devices).await;
    for (turn, answer) in [Answer::Yes, Answer::Silence, Answer::Refuse, Answer::Yes].into_iter().enumerate()
    {
        (9..54).filter(|id| (id + turn as i64) % 4 > 0).for_each(|id| scene.world.set(id, answer));
        for _ in 0..5 {
            seconds(19).await;
            // Who waits for the answer may wait long; what is asked is asked all the same.
            scene.engine.check_now(None).await;
        }
    }
    let mut hosts: HashMap<HostKey, Vec<Try>> = HashMap::new();
    for tried in scene.world.tries.lock().iter().filter(|tried| tried.connects) {
        hosts.entry(tried.host).or_default().push(*tried);
    }
    assert_eq!(hosts.len(), 5);
    for tries in hosts.values() {
        assert!(tries.windows(2).all(|pair| pair[1].began - pair[0].began >= Duration::from_secs(1)));
        assert!(at_once_max(tries) <= 3 && tries.len() > 100);
    }
}

#[tokio::test(start_paused = true)]
async fn fifty_routers_behind_one_address_are_logged_in_to_one_by_one_and_then_asked_freely() {
    let scene = Scene::start();
    let began = Instant::now();
    let at = |id: i64| model::Device {
        kind: DeviceKind::Router,
        address: "10.2.0.1".into(),
        checks: vec![check(id, CheckKind::Routeros)],
        ..tunnel(id)
    };
    scene.engine.replace((1..=50).map(|id| (watched(at(id)), Remembered::default())).collect()).await;
    seconds(90).await;
    let tries = scene.tries_since(began);
    let connecting: Vec<_> = tries.iter().filter(|tried| tried.connects).collect();
    assert_eq!(connecting.len(), 50, "each once");
    assert!(connecting.windows(2).all(|pair| pair[1].began - pair[0].began >= Duration::from_secs(1)));
    let asked = Instant::now();
    assert!(scene.engine.check_now(None).await);
    assert!(asked.elapsed() < Duration::from_secs(1), "open sessions wait for no turn");
    let mut per_second = [0; 30];
    let rounds = Instant::now();
    seconds(30).await;
    for tried in scene.tries_since(rounds) {
        per_second[(tried.began - rounds).as_secs() as usize % 30] += 1;
    }
    assert!(per_second.iter().all(|count| *count <= 6), "no herd: {per_second:?}");
}

#[tokio::test(start_paused = true)]
async fn starts_are_spread_over_the_interval_from_the_beginning() {
    let scene = Scene::start();
    let devices = targets(3000, 1).into_iter().map(|device| (watched(device), Remembered::default()));
    let began = Instant::now();
    scene.engine.replace(devices.collect()).await;
    seconds(120).await;
    let mut per_second = [0; 120];
    for tried in scene.world.tries.lock().iter() {
        per_second[(tried.began - began).as_secs() as usize] += 1;
    }
    assert!(per_second.iter().all(|count| *count < 160), "100 a second are even: {per_second:?}");
    assert!(per_second[60..].iter().all(|count| *count > 60), "{per_second:?}");
    let each = scene.world.tries.lock().len() as f64 / 3000.0;
    assert!((3.9..5.1).contains(&each), "{each} tries each in two minutes");
}

#[tokio::test(start_paused = true)]
async fn what_is_long_down_is_asked_less_often_and_at_once_when_its_neighbour_comes_back() {
    let scene = Scene::start();
    let checks = vec![check(1, CheckKind::Icmp), check(2, CheckKind::Tcp)];
    scene.add(model::Device { kind: DeviceKind::Server, checks, ..tunnel(1) }).await;
    scene.until(1, State::Up).await;
    scene.world.set(1, Answer::Refuse);
    seconds(1000).await;
    let slow = Instant::now();
    seconds(600).await;
    let tries = scene.tries_since(slow).len();
    assert!((7..=9).contains(&tries), "each check every 150 s: {tries}");
    scene.world.set(1, Answer::Yes);
    assert!(scene.until(1, State::Up).await <= Duration::from_secs(152));
    seconds(2).await;
    let row = scene.fleet.row(DeviceId(1)).unwrap();
    assert!(row.live.checks.iter().all(|check| check.status == CheckStatus::Ok), "{row:?}");
}

#[tokio::test(start_paused = true)]
async fn a_thousand_dead_hosts_do_not_make_a_living_one_wait() {
    let scene = Scene::start();
    let mut devices = targets(1000, 1);
    devices.push(tunnel(5000));
    scene
        .engine
        .replace(devices.into_iter().map(|device| (watched(device), Remembered::default())).collect())
        .await;
    seconds(60).await;
    (1..=1000).for_each(|id| scene.world.set(id, Answer::Silence));
    seconds(600).await;
    let lateness = scene.engine.lateness();
    assert!(lateness.late == 0 && lateness.p99 < Duration::from_millis(100), "{lateness:?}");
    let tries = scene.tries_since(Instant::now() - Duration::from_secs(300));
    let living = tries.iter().filter(|tried| tried.device == DeviceId(5000)).count();
    assert!((9..=11).contains(&living), "{living}");
}
