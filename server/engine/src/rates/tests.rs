//! Second-by-second rates of a simulated router, shared and stopped.

use super::*;
use crate::{
    EngineHandle, Remembered,
    check::tests::watched,
    driver::routeros::sim::{Personality, SimRouter},
    engine::tests::{Running, start},
};
use model::{CheckKind, DeviceKind, State};
use tokio::time::timeout;

const DEADLINE: Duration = Duration::from_secs(10);
const ROUTER: DeviceId = DeviceId(1);

/// A watched simulated router whose facts are known.
async fn scene() -> (SimRouter, Running) {
    let router = SimRouter::start(Personality::V7, "127.0.0.1:0".parse().unwrap()).await.unwrap();
    let running = start();
    let mut device = watched("127.0.0.1", CheckKind::Routeros, Default::default());
    device.device.kind = DeviceKind::Router;
    device.routeros = Some(router.login());
    running.engine.put(device, Remembered::default()).await;
    running.until(State::Up).await;
    (router, running)
}

async fn next(rates: &mut mpsc::Receiver<Rate>) -> Option<Rate> {
    timeout(DEADLINE, rates.recv()).await.expect("a rate within the deadline")
}

async fn watch(engine: &EngineHandle, interface: Option<&str>) -> mpsc::Receiver<Rate> {
    engine.rates(ROUTER, interface.map(str::to_owned)).await.expect("a router that can be asked")
}

#[tokio::test]
async fn two_who_look_at_the_wan_share_one_question_a_second_and_it_ends_with_them() {
    let (router, running) = scene().await;
    let mut first = watch(&running.engine, None).await;
    let mut second = watch(&running.engine, None).await;
    let asked = router.commands();
    let (a, b) = (next(&mut first).await.unwrap(), next(&mut second).await.unwrap());
    assert_eq!(a, b);
    let wan = running.fleet.facts(ROUTER).unwrap().metrics.wan.clone().unwrap().interface;
    assert_eq!(a.interface, wan);
    next(&mut first).await.unwrap();
    let questions = router.commands() - asked;
    let more = std::iter::from_fn(|| first.try_recv().ok()).count() as u64;
    // However slow this machine is: one question for each rate, and the next may be on its way.
    assert!(questions <= 2 + more + 1, "one a second, not one each: {questions}");

    drop(first);
    next(&mut second).await.unwrap();
    drop(second);
    let ended = async {
        while running.engine.is_measuring() {
            tokio::task::yield_now().await;
        }
    };
    timeout(DEADLINE, ended).await.expect("nobody looks, nothing is asked");
}

#[tokio::test]
async fn rates_end_when_the_router_is_removed_and_there_are_none_of_what_is_no_router() {
    let (_router, running) = scene().await;
    let mut rates = watch(&running.engine, Some("ether1")).await;
    next(&mut rates).await.unwrap();
    running.engine.remove(ROUTER).await;
    let end = async { while rates.recv().await.is_some() {} };
    timeout(DEADLINE, end).await.expect("the last rate");
    assert!(running.engine.rates(ROUTER, Some("ether1".into())).await.is_none());
}

#[tokio::test]
async fn whoever_looks_after_a_new_login_is_not_sent_away_by_the_end_of_the_old_measuring() {
    let (router, running) = scene().await;
    let mut before = watch(&running.engine, Some("ether1")).await;
    next(&mut before).await.unwrap();
    let mut device = watched("127.0.0.1", CheckKind::Routeros, Default::default());
    device.device.kind = DeviceKind::Router;
    device.device.checks[0].id = model::CheckId(77);
    device.routeros = Some(router.login());
    running.engine.put(device, Remembered::default()).await;
    let mut after = watch(&running.engine, Some("ether1")).await;
    let end = async { while before.recv().await.is_some() {} };
    timeout(DEADLINE, end).await.expect("the old measuring ends");
    next(&mut after).await.expect("the new one goes on");
    next(&mut after).await.expect("the new one goes on");
}
