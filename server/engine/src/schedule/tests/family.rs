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
