//! Devices behind a device that fails.

use super::*;

/// A router (1) and a tunnel (2) that is reached through it, both up for a while.
async fn parent_and_child(parent_interval_s: u32) -> Scene {
    let scene = Scene::start();
    let mut parent = tunnel(1);
    parent.checks[0].interval_s = parent_interval_s;
    scene.add(parent).await;
    scene.add(child()).await;
    scene.until(2, State::Up).await;
    seconds(601).await;
    scene
}

fn child() -> model::Device {
    model::Device { parent: Some(DeviceId(1)), ..tunnel(2) }
}

fn cause(scene: &Scene, device: i64) -> String {
    scene.fleet.row(DeviceId(device)).unwrap().live.cause.unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn a_child_of_a_dead_parent_is_unknown_and_names_it() {
    for answer in [Answer::Refuse, Answer::Silence] {
        // The parent's own turn may be minutes away: it is asked when its child fails.
        let scene = parent_and_child(600).await;
        let broken = Instant::now();
        scene.world.set(1, answer);
        scene.world.set(2, answer);
        seconds(60).await;
        assert_eq!((scene.state(1), scene.state(2)), (State::Down, State::Unknown));
        assert_eq!(cause(&scene, 2), "behind tunnel-1, which is down");
        assert!(scene.world.told(2, State::Down, broken).is_none(), "nobody was told that it is down");
    }
}

#[tokio::test(start_paused = true)]
async fn a_child_that_fails_alone_is_told_as_soon_as_any_other() {
    let scene = parent_and_child(600).await;
    let broken = Instant::now();
    scene.world.set(2, Answer::Silence);
    scene.until(2, State::Down).await;
    assert!(broken.elapsed() <= Duration::from_millis(39_100), "{:?}", broken.elapsed());
    assert_eq!(scene.state(1), State::Up);
}

#[tokio::test(start_paused = true)]
async fn a_slow_parent_that_is_suspected_has_all_its_time_to_answer() {
    let scene = parent_and_child(600).await;
    let broken = Instant::now();
    scene.world.set(1, Answer::Slow(Duration::from_secs(3)));
    scene.world.set(2, Answer::Refuse);
    scene.until(2, State::Down).await;
    seconds(60).await;
    assert!(scene.world.told(1, State::Down, broken).is_none(), "it answered every time");
    assert_eq!((scene.state(1), scene.state(2)), (State::Up, State::Down));
}

#[tokio::test(start_paused = true)]
async fn when_the_parent_comes_back_its_children_are_asked_and_told_for_what_they_are() {
    for (answer, state) in [(Answer::Yes, State::Up), (Answer::Refuse, State::Down)] {
        let scene = parent_and_child(30).await;
        scene.world.set(1, Answer::Refuse);
        scene.world.set(2, Answer::Refuse);
        seconds(600).await;
        assert_eq!(scene.state(2), State::Unknown);
        scene.world.set(2, answer);
        scene.world.set(1, Answer::Yes);
        scene.until(1, State::Up).await;
        let back = Instant::now();
        scene.until(2, state).await;
        assert!(back.elapsed() <= Duration::from_secs(12), "{:?}", back.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_child_waits_for_its_parents_verdict_ten_seconds_at_most() {
    let scene = Scene::start();
    let mut patient = tunnel(1);
    (patient.checks[0].interval_s, patient.checks[0].timeout_s) = (600, 60);
    scene.add(patient).await;
    scene.add(child()).await;
    scene.until(2, State::Up).await;
    seconds(601).await;
    // A minute goes by before the parent's try says anything.
    scene.world.set(1, Answer::Silence);
    let asking = scene.engine.clone();
    scene.workers.tracker().spawn(async move { asking.check_now(Some(DeviceId(1))).await });
    seconds(1).await;
    scene.world.set(2, Answer::Refuse);
    let waited = scene.until(2, State::Down).await;
    assert!((Duration::from_secs(14)..Duration::from_secs(34 + 11)).contains(&waited), "{waited:?}");
    assert_eq!(scene.state(1), State::Up, "not confirmed yet");
}

#[tokio::test(start_paused = true)]
async fn grandchildren_name_the_one_that_is_to_blame() {
    let scene = parent_and_child(30).await;
    scene.add(model::Device { parent: Some(DeviceId(2)), ..tunnel(3) }).await;
    scene.until(3, State::Up).await;
    seconds(60).await;
    (1..=3).for_each(|id| scene.world.set(id, Answer::Refuse));
    scene.until(1, State::Down).await;
    seconds(60).await;
    assert_eq!((scene.state(2), scene.state(3)), (State::Unknown, State::Unknown));
    assert_eq!(cause(&scene, 3), "behind tunnel-1, which is down");
}

#[tokio::test(start_paused = true)]
async fn parents_in_a_circle_or_paused_or_missing_do_no_harm() {
    let scene = Scene::start();
    scene.add(model::Device { parent: Some(DeviceId(2)), ..tunnel(1) }).await;
    scene.add(child()).await;
    scene.add(model::Device { parent: Some(DeviceId(77)), ..tunnel(3) }).await;
    scene.add(model::Device { enabled: false, ..tunnel(4) }).await;
    scene.add(model::Device { parent: Some(DeviceId(4)), ..tunnel(5) }).await;
    scene.until(5, State::Up).await;
    seconds(60).await;
    (1..=5).for_each(|id| scene.world.set(id, Answer::Refuse));
    seconds(100).await;
    assert!([1, 2].iter().any(|id| scene.state(*id) == State::Down), "one of the circle is to blame");
    assert_eq!((scene.state(3), scene.state(5)), (State::Down, State::Down));
}

/// A parent (1) and many children, all up for a while.
async fn parent_and_children(count: i64, address: impl Fn(i64) -> String) -> Scene {
    let scene = Scene::start();
    let child = |id| model::Device { parent: Some(DeviceId(1)), address: address(id), ..tunnel(id) };
    let devices = std::iter::once(tunnel(1)).chain((2..count + 2).map(child));
    scene.engine.replace(devices.map(|device| (watched(device), Remembered::default())).collect()).await;
    seconds(120).await;
    scene
}

/// Who was told to be down since then.
fn told_down(scene: &Scene, count: i64, since: Instant) -> Vec<i64> {
    (2..count + 2).filter(|id| scene.world.told(*id, State::Down, since).is_some()).collect()
}

#[tokio::test(start_paused = true)]
async fn children_that_come_back_with_their_parent_are_never_down_however_many_they_are() {
    for (count, has_one_host) in [(40, true), (2_500, false)] {
        let address = |id: i64| {
            if has_one_host { "10.3.0.1".to_owned() } else { format!("10.3.{}.{}", id / 256, id % 256) }
        };
        let scene = parent_and_children(count, address).await;
        let broken = Instant::now();
        (1..count + 2).for_each(|id| scene.world.set(id, Answer::Refuse));
        seconds(900).await;
        assert!((2..count + 2).all(|id| scene.state(id) == State::Unknown));
        (1..count + 2).for_each(|id| scene.world.set(id, Answer::Yes));
        // The parent is the first to be seen again.
        assert!(scene.engine.check_now(Some(DeviceId(1))).await);
        seconds(300).await;
        assert_eq!(told_down(&scene, count, broken), [] as [i64; 0]);
        assert!((1..count + 2).all(|id| scene.state(id) == State::Up));
    }
}

#[tokio::test(start_paused = true)]
async fn a_child_that_is_just_being_asked_when_its_parent_comes_back_is_asked_once_more() {
    let count = 40;
    let scene = parent_and_children(count, |id| format!("10.3.0.{id}")).await;
    let broken = Instant::now();
    (1..count + 2).for_each(|id| scene.world.set(id, Answer::Silence));
    seconds(900).await;
    // With forty of them, some are waited for at any moment.
    let is_under_way = |tried: &Try| tried.ended.is_none() && tried.device != DeviceId(1);
    while scene.world.tries.lock().iter().filter(|tried| is_under_way(tried)).count() < 2 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    (1..count + 2).for_each(|id| scene.world.set(id, Answer::Yes));
    let asking = scene.engine.clone();
    scene.workers.tracker().spawn(async move { asking.check_now(Some(DeviceId(1))).await });
    scene.until(1, State::Up).await;
    seconds(20).await;
    assert_eq!(told_down(&scene, count, broken), [] as [i64; 0]);
    assert!((1..count + 2).all(|id| scene.state(id) == State::Up));
}

#[tokio::test(start_paused = true)]
async fn children_that_stay_away_are_told_once_each_was_asked_again() {
    let count = 40;
    let scene = parent_and_children(count, |_| "10.3.0.1".to_owned()).await;
    (1..count + 2).for_each(|id| scene.world.set(id, Answer::Refuse));
    seconds(900).await;
    scene.world.set(1, Answer::Yes);
    scene.until(1, State::Up).await;
    let back = Instant::now();
    seconds(120).await;
    for id in 2..count + 2 {
        let (at, _) = scene.world.told(id, State::Down, back).expect("it is down by itself");
        let asked = scene.tries_since(back).into_iter().find(|tried| tried.device == DeviceId(id)).unwrap();
        assert!(asked.began <= at, "{id}");
    }
}

#[tokio::test(start_paused = true)]
async fn many_failing_children_do_not_hammer_their_parent() {
    let count = 500;
    let scene = parent_and_children(count, |id| format!("10.3.{}.{}", id / 256, id % 256)).await;
    let mut router = tunnel(1);
    (router.kind, router.checks) = (DeviceKind::Router, vec![check(1, CheckKind::Routeros)]);
    scene.add(router).await;
    seconds(60).await;
    let broken = Instant::now();
    (2..count + 2).for_each(|id| scene.world.set(id, Answer::Refuse));
    seconds(60).await;
    let asked = scene.tries_since(broken).into_iter().filter(|tried| tried.device == DeviceId(1)).count();
    assert!((10..=62).contains(&asked), "once a second at most: {asked}");
}
