//! The last writing of all, when the program stops: each recording gets its share of the time, and none takes another's.

use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};

/// How long all of it may take: what those that stop before leave of the program's stop, and a second less.
pub const CLOSING_MAX: Duration = Duration::from_secs(3);
/// No share is less: of many recordings each would be given up before the database had time to answer for it.
const SHARE_MIN: Duration = Duration::from_millis(250);
/// What failed is not tried again sooner.
const AGAIN_AFTER: Duration = Duration::from_millis(100);

/// Does `write` for each, one after the other and each for no longer than an equal share of what is left until `until`,
/// or [`SHARE_MIN`] where that is more. What failed, or took longer, has another turn while there is time. Those that are
/// left at the end.
pub async fn in_shares<T: Clone, F: Future<Output = bool>>(
    all: Vec<T>,
    until: Instant,
    write: impl Fn(T) -> F,
) -> Vec<T> {
    let mut left = all;
    loop {
        let mut again = Vec::new();
        let mut waiting = u32::try_from(left.len()).unwrap_or(u32::MAX);
        for one in left {
            let rest = until.saturating_duration_since(Instant::now());
            let share = (rest / waiting.max(1)).max(SHARE_MIN).min(rest);
            waiting = waiting.saturating_sub(1);
            if timeout(share, write(one.clone())).await != Ok(true) {
                again.push(one);
            }
        }
        let next = Instant::now() + AGAIN_AFTER;
        if again.is_empty() || next >= until {
            return again;
        }
        sleep_until(next).await;
        left = again;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parking_lot::Mutex;
    use std::future::pending;
    use tokio::time::sleep;

    #[tokio::test(start_paused = true)]
    async fn one_that_hangs_takes_no_time_of_the_others_and_has_another_turn() {
        let (began, tries) = (Instant::now(), Mutex::new(Vec::new()));
        let write = |one: u32| {
            let is_second = tries.lock().contains(&one);
            tries.lock().push(one);
            async move {
                match one {
                    // Whatever held it is gone by the second time.
                    0 if !is_second => pending().await,
                    1 => pending().await,
                    2 if !is_second => false,
                    _ => {
                        sleep(Duration::from_millis(200)).await;
                        true
                    }
                }
            }
        };
        let left = in_shares(vec![0, 1, 2, 3, 4], began + CLOSING_MAX, write).await;
        assert_eq!(left, [1], "all that can be written is");
        assert_eq!(began.elapsed(), CLOSING_MAX);
        assert_eq!(tries.into_inner()[..8], [0, 1, 2, 3, 4, 0, 1, 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn of_more_than_there_is_time_for_as_many_are_written_as_fit_into_it() {
        let (began, each) = (Instant::now(), Duration::from_millis(20));
        let write = |_: u32| async move {
            sleep(each).await;
            true
        };
        let left = in_shares((0..200).collect(), began + CLOSING_MAX, write).await;
        assert!((50..=51).contains(&left.len()), "{left:?}");
        assert!(began.elapsed() <= CLOSING_MAX, "{:?}", began.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn what_fails_for_ever_ends_in_time_and_nothing_to_do_takes_none() {
        let began = Instant::now();
        assert_eq!(in_shares(vec![7], began + CLOSING_MAX, |_| async { false }).await, [7]);
        assert!(began.elapsed() <= CLOSING_MAX && began.elapsed() > CLOSING_MAX / 2);
        let began = Instant::now();
        assert!(in_shares(Vec::<u32>::new(), began + CLOSING_MAX, |_| async { false }).await.is_empty());
        assert_eq!(began.elapsed(), Duration::ZERO);
    }
}
