//! A command-line change, followed.

use super::*;
use crate::store::Origin;

#[tokio::test]
async fn a_change_that_could_not_be_taken_over_is_tried_again_and_then_not_any_more() {
    let here = Store::open_temp().await;
    let changes = Changes::from_now(here.store.clone()).await.unwrap();
    let mut tries = 0;
    changes.follow(async || panic!("nothing has changed")).await.unwrap();
    here.again(Origin::CommandLine).await.settings().set("timeout", "7").await.unwrap();
    let failed = changes.follow(async || anyhow::bail!("the database is away")).await;
    assert!(failed.is_err());
    for _ in 0..2 {
        let count = async || {
            tries += 1;
            Ok(())
        };
        changes.follow(count).await.unwrap();
    }
    assert_eq!(tries, 1);
}
