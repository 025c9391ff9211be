//! The monitor is cut off, or only seems to be.

use super::*;
use crate::{Reach, driver::gateway::Gateway};
use model::{CheckKind, Device};

/// So many tunnels on hosts of their own, up for a while; the gateway is asked where it says something.
async fn fleet(devices: i64, gateway: Option<Gateway>) -> Scene {
    let scene = Scene::with(Options { asks_gateway: gateway.is_some(), ..Options::default() }, 1024);
    *scene.world.gateway.lock() = gateway;
    for id in 1..=devices {
        scene.add(tunnel(id)).await;
    }
    for id in 1..=devices {
        scene.until(id, State::Up).await;
    }
    seconds(90).await;
    scene
}

fn silence(scene: &Scene, devices: std::ops::RangeInclusive<i64>) {
    devices.for_each(|id| scene.world.set(id, Answer::Silence));
}

fn reaches(scene: &Scene) -> Vec<Reach> {
    scene.world.news.lock().iter().filter_map(|(_, outcome)| outcome.reach).collect()
}

fn was_told_down(scene: &Scene, since: Instant) -> bool {
    let news = scene.world.news.lock();
    let mut changes =
        news.iter().filter(|(at, _)| *at >= since).filter_map(|(_, news)| news.transition.as_ref());
    changes.any(|change| change.to == State::Down)
}

#[tokio::test(start_paused = true)]
async fn when_nothing_answers_not_even_the_gateway_it_is_said_once_and_of_no_device() {
    for (devices, gateway) in [(2, Some(Gateway::Silent)), (12, Some(Gateway::Silent)), (7, None)] {
        let scene = fleet(devices, gateway.map(|_| Gateway::Answers)).await;
        let broken = Instant::now();
        *scene.world.gateway.lock() = gateway;
        silence(&scene, 1..=devices);
        seconds(120).await;
        assert!(matches!(reaches(&scene)[..], [Reach::CutOff { .. }]), "{devices}: {:?}", reaches(&scene));
        assert!(!was_told_down(&scene, broken));
        assert!((1..=devices).all(|id| scene.state(id) == State::Unknown));
        let row = scene.fleet.row(DeviceId(1)).unwrap();
        assert_eq!(row.live.cause.as_deref(), Some("the monitor is cut off: nothing answers"));
        let since = scene.fleet.cut_off_since().expect("everybody sees it");

        // It comes back, all but one.
        *scene.world.gateway.lock() = gateway.map(|_| Gateway::Answers);
        (2..=devices).for_each(|id| scene.world.set(id, Answer::Yes));
        scene.until(2, State::Up).await;
        assert_eq!((reaches(&scene).len(), scene.fleet.cut_off_since()), (2, None));
        let (_, back) = scene.world.told(2, State::Up, broken).unwrap();
        assert!(back.at.since_ms(since) > 60_000, "what was between is not known");
        scene.until(1, State::Down).await;
        let (_, down) = scene.world.told(1, State::Down, broken).unwrap();
        assert!(down.at >= back.at || down.at.since_ms(since) > 60_000, "its outage begins when it is seen");
    }
}

#[tokio::test(start_paused = true)]
async fn a_fleet_that_breaks_while_the_gateway_answers_is_told_as_it_is_and_in_time() {
    for devices in [1, 3, 9] {
        let scene = fleet(devices, Some(Gateway::Answers)).await;
        let broken = Instant::now();
        silence(&scene, 1..=devices);
        for id in 1..=devices {
            scene.until(id, State::Down).await;
        }
        assert!(broken.elapsed() <= Duration::from_millis(39_100), "{:?}", broken.elapsed());
        assert!(reaches(&scene).is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_is_heard_is_enough_and_so_is_one_that_refuses() {
    for word in [Answer::Yes, Answer::Refuse] {
        let scene = fleet(12, Some(Gateway::Answers)).await;
        let broken = Instant::now();
        *scene.world.gateway.lock() = Some(Gateway::Silent);
        silence(&scene, 1..=11);
        scene.world.set(12, word);
        for id in 1..=11 {
            scene.until(id, State::Down).await;
        }
        assert!(broken.elapsed() <= Duration::from_secs(60), "{:?}", broken.elapsed());
        assert!(reaches(&scene).is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn few_devices_without_a_gateway_and_devices_of_this_machine_say_nothing_of_the_network() {
    let scene = fleet(4, None).await;
    silence(&scene, 1..=4);
    for id in 1..=4 {
        scene.until(id, State::Down).await;
    }
    let scene = Scene::start();
    for id in 1..=9 {
        scene.add(Device { address: format!("127.0.0.{id}"), ..tunnel(id) }).await;
        scene.until(id, State::Up).await;
    }
    silence(&scene, 1..=9);
    for id in 1..=9 {
        scene.until(id, State::Down).await;
    }
    assert!(reaches(&scene).is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_was_down_before_stays_down_and_what_is_paused_stays_paused() {
    let scene = fleet(4, Some(Gateway::Answers)).await;
    silence(&scene, 1..=1);
    scene.until(1, State::Down).await;
    scene.add(Device { enabled: false, ..tunnel(2) }).await;
    *scene.world.gateway.lock() = Some(Gateway::Silent);
    silence(&scene, 3..=4);
    scene.until(4, State::Unknown).await;
    assert_eq!(
        (scene.state(1), scene.state(2), scene.state(3)),
        (State::Down, State::Paused, State::Unknown)
    );
}

/// Nine tunnels on one host and one elsewhere.
async fn shared() -> Scene {
    let scene = Scene::start();
    for id in 1..=9 {
        let mut tunnel = Device { address: "10.9.9.9".to_owned(), ..tunnel(id) };
        tunnel.checks[0].settings = [("port".to_owned(), (440 + id).to_string())].into();
        scene.add(tunnel).await;
    }
    scene.add(Device { checks: vec![check(10, CheckKind::Icmp)], ..tunnel(10) }).await;
    for id in 1..=10 {
        scene.until(id, State::Up).await;
    }
    seconds(90).await;
    scene
}

#[tokio::test(start_paused = true)]
async fn devices_on_one_host_are_asked_when_one_of_them_fails_and_when_one_comes_back() {
    let scene = shared().await;
    let broken = Instant::now();
    (1..=9).for_each(|id| scene.world.set(id, Answer::Refuse));
    let mut first = None;
    for id in 1..=9 {
        scene.until(id, State::Down).await;
    }
    for id in 1..=9 {
        let (at, _) = scene.world.told(id, State::Down, broken).unwrap();
        first = Some(first.map_or(at, |before: Instant| before.min(at)));
    }
    let last = first.unwrap() + Duration::from_secs(45);
    assert!(Instant::now() <= last, "nine tunnels at three tries each, a second apart");
    (1..=9).for_each(|id| scene.world.set(id, Answer::Yes));
    let back = Instant::now();
    scene.until(1, State::Up).await;
    for id in 2..=9 {
        scene.until(id, State::Up).await;
    }
    assert!(back.elapsed() <= Duration::from_secs(170), "{:?}", back.elapsed());
}
