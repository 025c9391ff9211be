//! One open socket: hello, snapshot, changes; and, while a device page is open, its facts and rates.

use super::feed::{Feed, News, bytes};
use crate::{
    backend::Purpose,
    logs::Look,
    web::sockets::{End, Guarded},
};
use app::api::wire;
use engine::Rate;
use model::{DeviceId, FromBrowser, FromServer};
use std::future;
use tokio::sync::{
    broadcast::{self, error::RecvError},
    mpsc,
};

/// A socket and what it is fed from.
pub struct Socket {
    line: Guarded,
    feed: Feed,
    /// From the first snapshot on: nothing is put together for whoever shows no ticket.
    news: Option<broadcast::Receiver<News>>,
    /// While a device is watched.
    facts: Option<broadcast::Receiver<DeviceId>>,
    watched: Option<DeviceId>,
    /// The interface that was asked for; none is the WAN, whichever that is.
    interface: Option<String>,
    rates: Option<mpsc::Receiver<Rate>>,
    /// While logs are looked at.
    logs: Option<Look>,
}

impl Socket {
    pub fn new(line: Guarded, feed: Feed) -> Self {
        let line = line.with_sign_of_life(bytes(&FromServer::Alive));
        Self { line, feed, news: None, facts: None, watched: None, interface: None, rates: None, logs: None }
    }

    /// Serves the socket to its end.
    pub async fn run(mut self) {
        let end = match self.greet().await {
            Ok(()) => self.feed().await,
            Err(end) => end,
        };
        if let End::Bye(why) = end {
            self.line.leave(bytes(&FromServer::Bye { why: why.to_owned() })).await;
        }
    }

    async fn greet(&mut self) -> Result<(), End> {
        match wire::decode(&self.line.first().await?) {
            Some(FromBrowser::Hello { ticket }) if self.line.viewer().redeem(&ticket, Purpose::Live) => {
                self.snapshot().await?;
            }
            _ => return Err(End::REFUSED),
        }
        // What ended while nobody was listening for it yet.
        self.line.recheck().await
    }

    /// The whole fleet, in parts; what changes from now on follows without a gap.
    async fn snapshot(&mut self) -> Result<(), End> {
        // Followed first: what changes while the rows are read is told again, and dropped there.
        self.news = Some(self.feed.follow());
        // Held as it travels while a slow browser takes it: a tenth of what the rows themselves take.
        let parts = self.feed.whole(self.line.viewer());
        for part in &*parts {
            self.line.send(part.clone()).await?;
        }
        Ok(())
    }

    async fn feed(&mut self) -> End {
        loop {
            let turn = tokio::select! {
                news = heard(&mut self.news) => self.tell(news).await,
                facts = heard(&mut self.facts) => self.tell_facts(facts.ok()).await,
                has_news = stirred(&mut self.logs) => self.tell_logs(has_news).await,
                rate = next(&mut self.rates) => self.tell_rate(rate).await,
                sign = self.line.sign() => match self.line.mind(sign).await {
                    Ok(Some(said)) => self.hear(&said).await,
                    Ok(None) => Ok(()),
                    Err(end) => Err(end),
                },
            };
            if let Err(end) = turn {
                return end;
            }
        }
    }

    async fn tell(&mut self, news: Result<News, RecvError>) -> Result<(), End> {
        match news {
            Ok(News::Changes(bytes) | News::Beside(bytes)) => self.line.send(bytes).await,
            // Too slow for the changes: the browser begins again with the whole.
            Ok(News::Gap) | Err(RecvError::Lagged(_)) => self.snapshot().await,
            Err(RecvError::Closed) => Err(End::Gone),
        }
    }

    /// The facts of the device whose page is open, when it is this one.
    async fn tell_facts(&mut self, id: Option<DeviceId>) -> Result<(), End> {
        let Some(id) = id.filter(|id| Some(*id) == self.watched) else { return Ok(()) };
        let Some(facts) = self.line.viewer().facts(id) else { return Ok(()) };
        // The WAN was not known before, or the router got another login: the wish still stands.
        if self.rates.is_none() {
            self.rates = self.line.viewer().rates(id, self.interface.clone()).await;
        }
        let (metrics, interfaces) = (Box::new(facts.metrics.clone()), facts.interfaces.clone());
        self.line.send(bytes(&FromServer::Facts { id, metrics, interfaces })).await
    }

    async fn tell_rate(&mut self, rate: Option<Rate>) -> Result<(), End> {
        let (Some(id), Some(rate)) = (self.watched, rate) else {
            self.rates = None;
            return Ok(());
        };
        let Rate { interface, rx_bps, tx_bps, at } = rate;
        self.line.send(bytes(&FromServer::Rate { id, interface, rx_bps, tx_bps, at })).await
    }

    async fn tell_logs(&mut self, has_news: bool) -> Result<(), End> {
        if !has_news {
            self.logs = None;
            return Ok(());
        }
        self.line.send(bytes(&FromServer::Logs)).await
    }

    async fn hear(&mut self, said: &[u8]) -> Result<(), End> {
        match wire::decode(said) {
            Some(FromBrowser::Watch { id, interface }) => self.watch(id, interface).await,
            Some(FromBrowser::WatchLogs(scope)) => {
                self.logs = scope.map(|scope| self.line.viewer().look_at_logs(scope));
                Ok(())
            }
            // A second hello, or words of another version.
            _ => Err(End::Gone),
        }
    }

    async fn watch(&mut self, id: Option<DeviceId>, interface: Option<String>) -> Result<(), End> {
        (self.watched, self.interface) = (id, interface);
        // The old one is let go first: a router is measured for one page at a time.
        self.rates = None;
        self.facts = id.map(|_| self.line.viewer().follow_facts());
        if let Some(id) = id {
            self.rates = self.line.viewer().rates(id, self.interface.clone()).await;
        }
        self.tell_facts(id).await
    }
}

/// What is heard next, or never where nobody listens.
async fn heard<T: Clone>(source: &mut Option<broadcast::Receiver<T>>) -> Result<T, RecvError> {
    match source {
        Some(source) => source.recv().await,
        None => future::pending().await,
    }
}

/// The next rate, or never while none is measured.
async fn next(rates: &mut Option<mpsc::Receiver<Rate>>) -> Option<Rate> {
    match rates {
        Some(rates) => rates.recv().await,
        None => future::pending().await,
    }
}

/// Whether there are new lines of logs, or never while nobody looks at any.
async fn stirred(logs: &mut Option<Look>) -> bool {
    match logs {
        Some(look) => look.has_news().await,
        None => future::pending().await,
    }
}
