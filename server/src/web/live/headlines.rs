//! New incidents for whoever has a page open: told once, to those who look at that moment. Whoever comes later finds
//! them on the pages. And that somebody said something of one, for pages that show it.

use super::feed::{Feed, bytes};
use crate::store::{Result, Store, in_time};
use app::told::{News, alert};
use engine::{Duty, Fleet};
use model::{FromServer, Headline, Incident, IncidentId};
use std::time::Duration;
use tokio::{
    sync::broadcast::error::RecvError,
    time::{Instant, sleep, sleep_until, timeout_at},
};

/// In the order of the texts of a [`Headline`].
const LANGUAGES: [&str; 3] = ["en", "id", "ru"];
/// Incidents are looked for when the fleet changes, and every so often besides: not all of them are about states.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Between two looks.
const REST: Duration = Duration::from_millis(500);
/// Between two words that alerts are others now: pages ask afresh for each.
const STIR_REST: Duration = Duration::from_millis(250);
/// Most that are told of at once; the others are on the page.
const TOLD_MAX: usize = 3;
const LOOKED_AT_MAX: u64 = 100;

/// Tells until told to stop.
pub async fn tell(store: Store, fleet: &Fleet, feed: &Feed, duty: Duty) -> anyhow::Result<()> {
    let stirring = async {
        duty.stop.run_until_cancelled(stir(&store, feed)).await;
        Ok(())
    };
    tokio::try_join!(stirring, tell_new(&store, fleet, feed, &duty)).map(|_| ())
}

/// Says at once that alerts are others now. What comes meanwhile is one word more.
async fn stir(store: &Store, feed: &Feed) {
    let mut changes = store.follow_alerts();
    while changes.changed().await.is_ok() {
        feed.announce(bytes(&FromServer::Alerts));
        sleep(STIR_REST).await;
    }
}

async fn tell_new(store: &Store, fleet: &Fleet, feed: &Feed, duty: &Duty) -> anyhow::Result<()> {
    let mut changes = fleet.changes();
    let mut last = in_time(store.incidents().last()).await?;
    let mut next = Instant::now() + LOOK_EVERY;
    loop {
        let waiting = async {
            let rested = Instant::now() + REST;
            // A change or the time; what was missed of the changes does not matter.
            if let Ok(Err(RecvError::Closed)) = timeout_at(next, changes.recv()).await {
                sleep_until(next).await;
            }
            sleep_until(rested).await;
        };
        if duty.stop.run_until_cancelled(waiting).await.is_none() {
            return Ok(());
        }
        next = Instant::now() + LOOK_EVERY;
        match look(store, feed, last).await {
            Ok(now) => {
                last = now;
                duty.ran();
            }
            Err(error) => duty.failed(error.to_string()),
        }
        // All that came meanwhile is answered by this look.
        changes = changes.resubscribe();
    }
}

/// Tells of what is newer than `last`; the newest there is.
async fn look(store: &Store, feed: &Feed, last: Option<IncidentId>) -> Result<Option<IncidentId>> {
    if !feed.is_heard() {
        return in_time(store.incidents().last()).await;
    }
    let new = in_time(store.incidents().since(last, LOOKED_AT_MAX)).await?;
    // What is kept quiet is for nobody to start at.
    let is_told = |incident: &&Incident| incident.closed_at.is_none() && incident.hushed.is_none();
    let mut open: Vec<_> = new.iter().filter(is_told).collect();
    open.sort_by_key(|incident| incident.severity);
    let headlines: Vec<Headline> = open.into_iter().take(TOLD_MAX).map(headline).collect();
    if !headlines.is_empty() {
        feed.announce(bytes(&FromServer::Headlines(headlines)));
    }
    Ok(new.last().map(|incident| incident.id).or(last))
}

fn headline(incident: &Incident) -> Headline {
    let news = News { incident, is_over: false, is_partly: false, late_s: None, affected_named_max: 0 };
    let path = incident.device.map_or_else(|| "/alerts".to_owned(), |device| format!("/devices/{device}"));
    let titles = LANGUAGES.map(|language| alert(language, &news).0).into();
    Headline { incident: incident.id, path, titles }
}
