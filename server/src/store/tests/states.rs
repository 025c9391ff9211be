//! What the journal writes, and what a restart finds.

use super::*;
use engine::{Outcome, Remembered, Transition};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

fn change(device: DeviceId, from: State, to: State, at: i64) -> Outcome {
    let cause = (to == State::Down).then(|| "connection refused".to_owned());
    let transition = Some(Transition { from, to, at: Timestamp(at), cause });
    Outcome { device, at: Timestamp(at + 5), transition, ..Outcome::default() }
}

async fn remembered(temp: &Temp, id: DeviceId) -> Remembered {
    temp.devices().watched_one(id, &temp.vault).await.unwrap().1
}

/// Every change that was written down, in a few words each.
async fn history(store: &Store, id: DeviceId) -> Vec<String> {
    use entity::transition::{Column, Entity};
    let rows = Entity::find().filter(Column::DeviceId.eq(id.0)).order_by_asc(Column::Id);
    let rows = rows.all(store.reader()).await.unwrap();
    rows.into_iter().map(|row| format!("{} {} {}", row.state_from, row.state_to, row.at)).collect()
}

#[tokio::test]
async fn what_became_of_a_device_is_remembered_across_a_restart() {
    let temp = Store::open_temp().await;
    let device = temp.devices().create(router("edge"), &temp.vault).await.unwrap();
    let id = device.id;
    assert_eq!(remembered(&temp, id).await, Remembered::default());
    let ping = device.checks[0].id;
    let reconnects = Outcome { device: id, reconnects: Some(50), answered: Some(ping), ..Outcome::default() };
    let batch =
        [change(id, State::Unknown, State::Up, 1_000), reconnects, change(id, State::Up, State::Down, 2_000)];
    temp.states().record(&batch).await.unwrap();
    temp.store.close().await.unwrap();

    let again = temp.again(Origin::Server).await;
    let (_, remembered) = again.devices().watched(&temp.vault).await.unwrap().remove(0);
    let expected = Remembered {
        state: State::Down,
        since: Timestamp(2_000),
        cause: Some("connection refused".to_owned()),
        reconnects: 50,
        answered: vec![ping],
    };
    assert_eq!(remembered, expected);
    assert_eq!(history(&again, id).await, ["unknown up 1000", "up down 2000"]);
}

#[tokio::test]
async fn an_outcome_changes_only_what_it_speaks_of() {
    let temp = Store::open_temp().await;
    let id = temp.devices().create(router("edge"), &temp.vault).await.unwrap().id;
    let lost = |reconnects| Outcome { device: id, reconnects: Some(reconnects), ..Outcome::default() };
    temp.states().record(&[change(id, State::Up, State::Down, 1_000)]).await.unwrap();
    temp.states().record(&[lost(3)]).await.unwrap();
    let after = remembered(&temp, id).await;
    assert_eq!((after.state, after.since, after.reconnects), (State::Down, Timestamp(1_000), 3));
    temp.states().record(&[change(id, State::Down, State::Up, 2_000)]).await.unwrap();
    let after = remembered(&temp, id).await;
    assert_eq!((after.state, after.cause, after.reconnects), (State::Up, None, 3));
    temp.states().record(&[]).await.unwrap();
}

#[tokio::test]
async fn a_device_removed_meanwhile_does_not_cost_the_others_their_record() {
    let temp = Store::open_temp().await;
    let gone = temp.devices().create(server("gone"), &temp.vault).await.unwrap().id;
    let here = temp.devices().create(server("here"), &temp.vault).await.unwrap().id;
    temp.devices().remove(gone).await.unwrap();
    let batch = [change(gone, State::Up, State::Down, 1), change(here, State::Up, State::Down, 2)];
    temp.states().record(&batch).await.unwrap();
    assert_eq!(remembered(&temp, here).await.state, State::Down);
}

#[tokio::test]
async fn a_cause_may_hold_whatever_a_device_said() {
    let temp = Store::open_temp().await;
    let id = temp.devices().create(server("s"), &temp.vault).await.unwrap().id;
    let mut outcome = change(id, State::Up, State::Down, 1);
    let said = format!("a\0b'; DROP TABLE devices; -- \u{1f4a5}{}", "x".repeat(100_000));
    outcome.transition.as_mut().unwrap().cause = Some(said);
    temp.states().record(&[outcome]).await.unwrap();
    let cause = remembered(&temp, id).await.cause.unwrap();
    assert!(cause.starts_with("ab'; DROP TABLE devices; -- \u{1f4a5}xx"), "{cause}");
    assert_eq!(cause.chars().count(), 1000);
}

#[tokio::test]
async fn a_database_that_is_gone_is_an_error_of_ours_and_changes_no_state() {
    let temp = Store::open_temp().await;
    let id = temp.devices().create(server("s"), &temp.vault).await.unwrap().id;
    temp.store.close().await.unwrap();
    let result = temp.states().record(&[change(id, State::Up, State::Down, 1)]).await;
    assert!(matches!(result, Err(StoreError::Unavailable(_))), "{result:?}");
    assert!(matches!(temp.ping().await, Err(StoreError::Unavailable(_))));
    assert!(history(&temp.again(Origin::Server).await, id).await.is_empty());
}
