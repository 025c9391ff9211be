//! Kills at every step of telling.

use super::*;
use crate::store::cut_short;
use engine::Clock as _;
use proptest::prelude::*;

/// What happens while things are to be told.
#[derive(Clone, Debug)]
enum Event {
    Flips {
        device: usize,
    },
    /// Telling is cut short after so many steps, by a kill.
    Killed {
        steps: usize,
    },
    Fails {
        times: u32,
    },
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        4 => (0usize..3).prop_map(|device| Event::Flips { device }),
        4 => (0usize..120).prop_map(|steps| Event::Killed { steps }),
        1 => (1u32..3).prop_map(|times| Event::Fails { times }),
    ];
    prop::collection::vec(event, 1..16)
}

/// What was told, one by one, also where one message told several.
fn each(desk: &Desk) -> Vec<String> {
    let bodies = desk.receiver.bodies.lock();
    let told = |body: &Value| match body["events"].as_array() {
        Some(events) => events.clone(),
        None => vec![body.clone()],
    };
    bodies.iter().flat_map(told).map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

async fn play(events: Vec<Event>) {
    let mut desk = Desk::open(3, Severity::Info).await;
    let mut is_down = [false; 3];
    let mut expected = Vec::new();
    let mut open = [0; 3];
    for (second, event) in events.into_iter().enumerate() {
        let second = i64::try_from(second).unwrap();
        match event {
            Event::Flips { device } => {
                let (from, to) =
                    if is_down[device] { (State::Down, State::Up) } else { (State::Up, State::Down) };
                desk.record(&[goes(desk.devices[device], from, to, second)]).await;
                if !is_down[device] {
                    open[device] = 1 + expected.iter().filter(|id: &&String| id.ends_with("opened")).count();
                }
                let word = if is_down[device] { "closed" } else { "opened" };
                expected.push(format!("incident-{}-{word}", open[device]));
                is_down[device] = !is_down[device];
            }
            Event::Killed { steps } => {
                cut_short(steps, desk.courier.deliver(desk.channel)).await;
                // Another process knows only what was written down.
                desk.courier = courier(&desk.temp);
            }
            Event::Fails { times } => *desk.receiver.fails.lock() = times,
        }
    }
    desk.tell_all().await;
    let mut first = Vec::new();
    for id in each(&desk) {
        if !first.contains(&id) {
            first.push(id);
        }
    }
    assert_eq!(first, expected, "everything is told, in order, repetitions aside");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn wherever_it_is_killed_everything_is_told_in_order(events in events()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(events));
    }
}

#[tokio::test]
async fn what_was_told_in_one_message_ends_in_one_and_what_begins_meanwhile_does_not_wait() {
    let desk = Desk::open(7, Severity::Info).await;
    let fall = |second| {
        let fallen = desk.devices[..6].iter().map(|id| goes(*id, State::Up, State::Down, second));
        fallen.collect::<Vec<_>>()
    };
    desk.record(&fall(0)).await;
    desk.tell_all().await;
    assert_eq!(desk.got().len(), 1);
    // They come back one after the other.
    for (second, id) in (60..).zip(&desk.devices[..5]) {
        desk.record(&[goes(*id, State::Down, State::Up, second)]).await;
        desk.courier.deliver(desk.channel).await.unwrap();
        desk.temp.clock.forward(1_000);
    }
    assert_eq!(desk.got().len(), 1, "the last of them may be back in a moment");
    desk.record(&[goes(desk.devices[5], State::Down, State::Up, 66)]).await;
    desk.tell_all().await;
    let titles: Vec<Value> = desk.receiver.bodies.lock().iter().map(|body| body["title"].clone()).collect();
    assert_eq!(titles, ["🔴 6 outages", "🟢 6 outages are over"]);
    assert_eq!(each(&desk).len(), 12, "each of them is in it");

    desk.record(&fall(100)).await;
    desk.tell_all().await;
    desk.record(&[goes(desk.devices[0], State::Down, State::Up, 160)]).await;
    desk.courier.deliver(desk.channel).await.unwrap();
    assert_eq!(desk.got().len(), 3, "it waits for the others");
    desk.record(&[goes(desk.devices[6], State::Up, State::Down, 161)]).await;
    let due = desk.temp.outbox().due().await.unwrap();
    assert!(due.iter().all(|(_, at)| *at <= desk.temp.clock.now()), "{due:?}");
    for _ in 0..2 {
        desk.courier.deliver(desk.channel).await.unwrap();
    }
    let got = desk.got();
    assert!(got.len() == 5 && got[3].ends_with("-closed") && got[4].ends_with("-opened"), "{got:?}");
}
