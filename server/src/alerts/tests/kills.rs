//! Kills at every step of telling.

use super::*;
use crate::store::cut_short;
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
    for id in desk.got() {
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
