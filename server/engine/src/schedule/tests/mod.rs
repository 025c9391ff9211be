//! The schedule in paused time: minutes of watching in milliseconds.

use super::*;
use crate::{Options, Outcome, Remembered};
use model::{CheckId, CheckKind, CheckStatus, DeviceKind, State, Timestamp};
use world::*;

mod family;
mod numbers;
mod sight;
mod world;

#[tokio::test(start_paused = true)]
async fn a_new_device_is_asked_at_once_and_lives_through_an_outage() {
    let scene = Scene::start();
    let began = Instant::now();
    scene.add(tunnel(1)).await;
    assert!(scene.until(1, State::Up).await < Duration::from_millis(100));
    scene.world.set(1, Answer::Refuse);
    scene.until(1, State::Down).await;
    let row = scene.fleet.row(DeviceId(1)).unwrap();
    assert_eq!(row.live.cause.as_deref(), Some("connection refused"));
    assert_eq!(row.live.checks[0].status, CheckStatus::Failed);
    let (_, down) = scene.world.told(1, State::Down, began).unwrap();
    let first_failed = scene.tries_since(began)[scene.tries_since(began).len() - 3].began;
    assert_eq!(
        down.at.0 - 1_000_000,
        (first_failed - began).as_millis() as i64,
        "since its first failed try"
    );
    scene.world.set(1, Answer::Yes);
    scene.until(1, State::Up).await;
    assert_eq!(scene.fleet.row(DeviceId(1)).unwrap().live.cause, None);
}

#[tokio::test(start_paused = true)]
async fn the_first_answer_is_told_once_so_that_it_can_be_remembered() {
    let scene = Scene::start();
    scene.world.set(1, Answer::Refuse);
    scene.add(tunnel(1)).await;
    seconds(100).await;
    let row = scene.fleet.row(DeviceId(1)).unwrap();
    assert_eq!((row.live.state, row.live.checks[0].status), (State::Unknown, CheckStatus::NeverAnswered));
    assert!(scene.world.news.lock().is_empty(), "nothing is known of it");
    scene.world.set(1, Answer::Yes);
    scene.until(1, State::Up).await;
    seconds(100).await;
    let answered: Vec<_> =
        scene.world.news.lock().iter().filter_map(|(_, outcome)| outcome.answered).collect();
    assert_eq!(answered, [CheckId(1)]);
}

#[tokio::test(start_paused = true)]
async fn an_outage_goes_on_over_a_restart_without_being_told_again() {
    let scene = Scene::start();
    let remembered = Remembered {
        state: State::Down,
        since: Timestamp(500),
        answered: vec![CheckId(1)],
        ..Default::default()
    };
    scene.world.set(1, Answer::Refuse);
    scene.engine.put(watched(tunnel(1)), remembered).await;
    seconds(120).await;
    let row = scene.fleet.row(DeviceId(1)).unwrap();
    assert_eq!((row.live.state, row.live.since), (State::Down, Timestamp(500)));
    assert!(scene.world.news.lock().is_empty());
    scene.world.set(1, Answer::Yes);
    scene.until(1, State::Up).await;
}

#[tokio::test(start_paused = true)]
async fn an_edit_that_changes_no_question_disturbs_nothing() {
    let scene = Scene::start();
    scene.add(tunnel(1)).await;
    scene.until(1, State::Up).await;
    scene.world.set(1, Answer::Refuse);
    scene.until(1, State::Down).await;
    let (edited, before) = (Instant::now(), scene.world.news.lock().len());
    scene.add(model::Device { name: "renamed".into(), location: Some("roof".into()), ..tunnel(1) }).await;
    assert_eq!(scene.fleet.id_of("renamed"), Some(DeviceId(1)));
    seconds(10).await;
    assert_eq!((scene.state(1), scene.world.news.lock().len()), (State::Down, before));
    assert!(scene.tries_since(edited).is_empty(), "no try before its time");
    // Another address is another question: what was seen before does not count any more.
    scene.add(model::Device { address: "10.9.9.9".into(), ..tunnel(1) }).await;
    scene.until(1, State::Unknown).await;
    assert_eq!(scene.fleet.row(DeviceId(1)).unwrap().live.checks[0].status, CheckStatus::NeverAnswered);
}

#[tokio::test(start_paused = true)]
async fn a_paused_or_removed_device_is_not_asked_and_comes_back_when_enabled() {
    let scene = Scene::start();
    scene.add(tunnel(1)).await;
    scene.until(1, State::Up).await;
    scene.add(model::Device { enabled: false, ..tunnel(1) }).await;
    scene.until(1, State::Paused).await;
    let paused = Instant::now();
    seconds(100).await;
    assert!(scene.tries_since(paused).is_empty());
    scene.add(tunnel(1)).await;
    scene.until(1, State::Up).await;
    scene.engine.remove(DeviceId(1)).await;
    let removed = Instant::now();
    seconds(100).await;
    assert!(scene.tries_since(removed).is_empty());
    assert_eq!(scene.fleet.row(DeviceId(1)), None);
}

#[tokio::test(start_paused = true)]
async fn a_whole_new_configuration_is_taken_over_at_once() {
    let scene = Scene::start();
    for id in 1..=3 {
        scene.add(tunnel(id)).await;
    }
    let wanted = [2, 3, 4].map(|id| (watched(tunnel(id)), Remembered::default()));
    scene.engine.replace(wanted.into()).await;
    let ids: Vec<_> = scene.fleet.devices().iter().map(|device| device.id.0).collect();
    assert_eq!(ids, [2, 3, 4]);
    scene.until(4, State::Up).await;
}

#[tokio::test(start_paused = true)]
async fn a_check_that_panics_is_our_failure_and_the_others_go_on() {
    let scene = Scene::start();
    for id in 1..=2 {
        scene.add(tunnel(id)).await;
        scene.until(id, State::Up).await;
    }
    scene.world.set(1, Answer::Panic);
    scene.until(1, State::Unknown).await;
    scene.world.set(2, Answer::Refuse);
    scene.until(2, State::Down).await;
    scene.world.set(1, Answer::Yes);
    scene.until(1, State::Up).await;
}

#[tokio::test(start_paused = true)]
async fn a_schedule_that_panics_is_started_again_and_watches_the_same() {
    let scene = Scene::start();
    scene.add(tunnel(1)).await;
    scene.until(1, State::Up).await;
    scene.world.set(1, Answer::Refuse);
    scene.until(1, State::Down).await;
    let told = scene.world.news.lock().len();
    *scene.world.is_trap_set.lock() = true;
    scene.add(tunnel(2)).await;
    scene.until(2, State::Up).await;
    seconds(100).await;
    assert_eq!(scene.state(1), State::Down);
    let again: Vec<_> = scene.world.news.lock().split_off(told);
    assert!(again.iter().all(|(_, outcome)| outcome.device == DeviceId(2)), "{again:?}");
    let report = scene.workers.reports().into_iter().find(|report| report.name == "schedule").unwrap();
    assert_eq!(report.restarts, 1);
    scene.world.set(1, Answer::Yes);
    scene.until(1, State::Up).await;
}

#[tokio::test(start_paused = true)]
async fn while_the_journal_has_no_room_nothing_new_starts_and_nothing_is_lost() {
    let (scene, mut outcomes) = Scene::without_journal(Options::default(), 1);
    let devices = (1..=20).map(|id| (watched(tunnel(id)), Remembered::default())).collect();
    scene.engine.replace(devices).await;
    seconds(5).await;
    let full = Instant::now();
    seconds(300).await;
    assert!(scene.tries_since(full).is_empty());
    let mut answered = std::collections::HashSet::new();
    while answered.len() < 20 {
        let outcome: Outcome =
            tokio::time::timeout(Duration::from_secs(60), outcomes.recv()).await.unwrap().unwrap();
        scene.fleet.confirm(&outcome);
        answered.extend(outcome.answered);
    }
    scene.until(20, State::Up).await;
}

#[tokio::test(start_paused = true)]
async fn stopping_waits_for_answers_under_way_and_hands_over_what_is_news() {
    let scene = Scene::start();
    scene.add(tunnel(1)).await;
    while scene.world.tries.lock().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    scene.stop.cancel();
    scene.until(1, State::Up).await;
    let stopped = Instant::now();
    let report = || scene.workers.reports().into_iter().find(|report| report.name == "schedule").unwrap();
    while report().state == model::WorkerState::Running {
        seconds(1).await;
    }
    assert!(stopped.elapsed() <= DRAIN_MAX);
}

#[tokio::test(start_paused = true)]
async fn asking_now_answers_when_everything_is_settled_and_stays_polite() {
    let scene = Scene::start();
    let at_one_host = |id| model::Device { address: "10.0.0.1".into(), ..tunnel(id) };
    for id in 1..=6 {
        scene.add(at_one_host(id)).await;
        scene.until(id, State::Up).await;
    }
    let asked = Instant::now();
    assert!(scene.engine.check_now(None).await);
    assert!((5..8).contains(&asked.elapsed().as_secs()), "one a second: {:?}", asked.elapsed());
    assert_eq!(*scene.world.hurried.lock(), 0, "what was put off for its own sake stays so");
    let tries = scene.tries_since(asked);
    assert!(tries.len() >= 6 && at_once_max(&tries) <= 3, "{tries:?}");
    seconds(60).await;

    scene.world.set(1, Answer::Refuse);
    let asked = Instant::now();
    assert!(scene.engine.check_now(Some(DeviceId(1))).await);
    assert_eq!(scene.fleet.row(DeviceId(1)).unwrap().live.checks[0].status, CheckStatus::Failed);
    assert!((4..6).contains(&asked.elapsed().as_secs()), "confirmed as ever: {:?}", asked.elapsed());
    assert!(scene.engine.check_now(Some(DeviceId(99))).await, "nobody is to be waited for");
}

#[tokio::test(start_paused = true)]
async fn asking_again_and_again_confirms_nothing_sooner() {
    let scene = Scene::start();
    scene.add(tunnel(1)).await;
    scene.until(1, State::Up).await;
    seconds(60).await;
    scene.world.set(1, Answer::Refuse);
    let asked = Instant::now();
    let asking: Vec<_> = (0..5)
        .map(|turn| {
            let engine = scene.engine.clone();
            async move {
                tokio::time::sleep(Duration::from_millis(turn * 700)).await;
                engine.check_now(None).await
            }
        })
        .collect();
    assert!(futures::future::join_all(asking).await.into_iter().all(|is_done| is_done));
    let tries: Vec<_> = scene.tries_since(asked).iter().map(|tried| tried.began - asked).collect();
    assert!(tries[2] >= CONFIRM * 2, "three tries, two seconds apart: {tries:?}");
    assert_eq!(scene.state(1), State::Down);
}

#[tokio::test(start_paused = true)]
async fn stopping_starts_nothing_and_makes_nothing_unknown() {
    let scene = Scene::start();
    let at_one_host = |id| model::Device { address: "10.0.0.1".into(), ..tunnel(id) };
    for id in 1..=9 {
        scene.add(at_one_host(id)).await;
        scene.until(id, State::Up).await;
    }
    seconds(60).await;
    // What a session says of itself when the engine stops.
    (1..=9).for_each(|id| scene.world.set(id, Answer::UnknownAfter(Duration::from_millis(500))));
    let asking = scene.engine.clone();
    scene.workers.tracker().spawn(async move { asking.check_now(None).await });
    let begun = Instant::now();
    while scene.tries_since(begun).is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let told = scene.world.news.lock().len();
    let stopped = Instant::now();
    scene.stop.cancel();
    seconds(10).await;
    assert!(scene.tries_since(stopped + Duration::from_millis(1)).is_empty());
    assert_eq!(scene.world.news.lock().len(), told);
    assert!((1..=9).all(|id| scene.state(id) == State::Up));
}

#[tokio::test(start_paused = true)]
async fn beats_tell_of_rounds_and_ping_does_not_decide_about_a_tunnel() {
    let scene = Scene::start();
    let checks = vec![check(1, CheckKind::Tcp), check(2, CheckKind::Icmp)];
    scene.world.set_check(2, Answer::Silence);
    scene.add(model::Device { checks, ..tunnel(1) }).await;
    scene.until(1, State::Up).await;
    seconds(95).await;
    scene.world.set_check(1, Answer::Refuse);
    scene.until(1, State::Down).await;
    let row = scene.fleet.row(DeviceId(1)).unwrap();
    assert_eq!(row.live.checks[1].status, CheckStatus::NeverAnswered);
    assert!((4..=6).contains(&row.beats.len()), "{:?}", row.beats);
    assert_eq!(
        row.beats.iter().filter(|beat| **beat == model::Beat::Failed).count(),
        1,
        "a round, not its tries"
    );
}

#[tokio::test(start_paused = true)]
async fn a_server_with_one_of_two_checks_failing_is_degraded_and_says_which() {
    let scene = Scene::start();
    let checks = vec![check(1, CheckKind::Icmp), check(2, CheckKind::Tcp)];
    scene.add(model::Device { kind: DeviceKind::Server, checks, ..tunnel(1) }).await;
    scene.until(1, State::Up).await;
    seconds(60).await;
    scene.world.set_check(2, Answer::Refuse);
    scene.until(1, State::Degraded).await;
    let cause = scene.fleet.row(DeviceId(1)).unwrap().live.cause;
    assert_eq!(cause.as_deref(), Some("TCP 443: connection refused"));
    scene.world.set_check(1, Answer::Unknown);
    seconds(120).await;
    assert_eq!(scene.state(1), State::Degraded, "what cannot be asked takes nothing down");
}

/// Most tries at one moment.
pub fn at_once_max(tries: &[Try]) -> usize {
    let under_way = |at: Instant| {
        tries.iter().filter(|tried| tried.began <= at && tried.ended.is_none_or(|ended| ended > at)).count()
    };
    tries.iter().map(|tried| under_way(tried.began)).max().unwrap_or(0)
}

#[tokio::test(start_paused = true)]
async fn a_check_that_can_no_longer_be_made_is_unknown_and_never_stays_green() {
    for takes_s in [0, 3] {
        let scene = Scene::start();
        scene.add(tunnel(1)).await;
        scene.until(1, State::Up).await;
        // Once between two tries, once while one is under way.
        scene.world.set(1, Answer::Slow(Duration::from_secs(takes_s)));
        let asking = scene.engine.clone();
        scene.workers.tracker().spawn(async move { asking.check_now(Some(DeviceId(1))).await });
        seconds(1).await;
        *scene.world.refuses_settings.lock() = true;
        let with_login = crate::Watched { routeros: Some(login()), ..watched(tunnel(1)) };
        scene.engine.put(with_login, Remembered::default()).await;
        seconds(60).await;
        let check = &scene.fleet.row(DeviceId(1)).unwrap().live.checks[0];
        assert_eq!(check.status, CheckStatus::Unknown);
        assert!(check.why.as_deref().is_some_and(|why| why.contains("login")), "{:?}", check.why);
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_that_went_while_the_schedule_was_down_is_not_left_behind() {
    let scene = Scene::start();
    scene.add(tunnel(1)).await;
    scene.add(tunnel(2)).await;
    *scene.world.is_trap_set.lock() = true;
    scene.add(tunnel(3)).await;
    scene.engine.replace(vec![(watched(tunnel(2)), Remembered::default())]).await;
    seconds(60).await;
    let rows: Vec<_> = scene.fleet.rows().1.iter().map(|row| row.id.0).collect();
    assert_eq!(rows, [2]);
}

fn login() -> crate::Login {
    let password = crate::Secret::new("look-only".to_owned());
    crate::Login { username: "monitor".into(), password, port: None, tls: true, pinned: None }
}
