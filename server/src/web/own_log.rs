//! `/ws/logs`: the last lines of the program's own log, and every line that follows, for as long as the visitor is an
//! admin.
//!
//! Each socket comes for its lines itself and remembers only how far it is: one that is slow costs nothing, and is told
//! how many lines were gone before it came.

use super::{
    Admin, AppState,
    sockets::{End, Guarded, Knock},
};
use crate::{
    backend::{self, Purpose},
    own_log::{Batch, Mark, OwnLog},
};
use app::api::wire;
use axum::{body::Bytes, extract::State, response::Response};
use model::{FromServerLog, LogFilter, ToServerLog};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

/// Lines that come closer together than this travel together.
const GATHERING: Duration = Duration::from_millis(200);
/// Most of one message: with the time between two, as much as a page can draw.
const LINES_EACH: usize = 200;
const BYTES_EACH: usize = 48 * 1024;

/// Opens the socket for a page of ours, or for a program with a token.
pub async fn open(Admin(admin): Admin, State(state): State<AppState>, knock: Knock) -> Response {
    knock.open(&state.sockets, move |line| Listener::new(line.for_admins(), &admin).run())
}

/// Somebody who reads along.
struct Listener {
    line: Guarded,
    log: OwnLog,
    marks: watch::Receiver<Mark>,
    /// The last line that was told.
    last: u64,
    /// The last line there was at the beginning: up to it they follow without a pause.
    newest_at_hello: u64,
    /// The change of the filter that was told.
    filters: u64,
    /// When the next lines may follow.
    next_at: Instant,
}

impl Listener {
    fn new(line: Guarded, admin: &backend::Admin) -> Self {
        let line = line.with_sign_of_life(bytes(&FromServerLog::Alive));
        let log = admin.own_log().clone();
        let (marks, next_at) = (log.follow(), Instant::now());
        Self { line, log, marks, last: 0, newest_at_hello: 0, filters: 0, next_at }
    }

    async fn run(mut self) {
        let end = match self.greet().await {
            Ok(()) => self.follow().await,
            Err(end) => end,
        };
        if let End::Bye(why) = end {
            self.line.leave(bytes(&FromServerLog::Bye { why: why.to_owned() })).await;
        }
    }

    async fn greet(&mut self) -> Result<(), End> {
        let (run, after) = match wire::decode(&self.line.first().await?) {
            Some(ToServerLog::Hello { ticket, run, after })
                if self.line.viewer().redeem(&ticket, Purpose::Logs) =>
            {
                (run, after)
            }
            _ => return Err(End::REFUSED),
        };
        // What ended while nobody was listening for it yet.
        self.line.recheck().await?;
        Mark { newest: self.newest_at_hello, filters: self.filters } = *self.marks.borrow();
        self.line.send(begin(&self.log)).await?;
        if run == self.log.run() && after <= self.newest_at_hello {
            self.last = after;
            return Ok(());
        }
        // Who was not here before misses nothing that is gone.
        self.tell_lines(Batch { missed: 0, ..self.log.after(0, LINES_EACH, BYTES_EACH) }).await
    }

    async fn follow(&mut self) -> End {
        loop {
            let (last, filters, next_at) = (self.last, self.filters, self.next_at);
            let turn = tokio::select! {
                is_there = news(&mut self.marks, (last, filters), next_at) => {
                    if is_there { self.tell().await } else { Err(End::Gone) }
                }
                sign = self.line.sign() => match self.line.mind(sign).await {
                    Ok(None) => Ok(()),
                    // There is nothing more to say.
                    Ok(Some(_)) => Err(End::Gone),
                    Err(end) => Err(end),
                },
            };
            if let Err(end) = turn {
                return end;
            }
        }
    }

    async fn tell(&mut self) -> Result<(), End> {
        let Mark { filters, .. } = *self.marks.borrow();
        if filters != self.filters {
            self.filters = filters;
            self.line.send(bytes(&FromServerLog::Filter(self.log.filter()))).await?;
        }
        self.tell_lines(self.log.after(self.last, LINES_EACH, BYTES_EACH)).await
    }

    async fn tell_lines(&mut self, batch: Batch) -> Result<(), End> {
        let Batch { missed, lines } = batch;
        let Some(last) = lines.last().map(|line| line.seq) else { return Ok(()) };
        self.last = last;
        let pause = if last < self.newest_at_hello { Duration::ZERO } else { GATHERING };
        self.next_at = Instant::now() + pause;
        let lines = lines.into_iter().map(Arc::unwrap_or_clone).collect();
        self.line.send(bytes(&FromServerLog::Lines { missed, lines })).await
    }
}

/// Waits for what was not told yet, and until it may be; false when nothing comes any more. May be given up at any time:
/// what is there is looked at, not taken.
async fn news(marks: &mut watch::Receiver<Mark>, told: (u64, u64), at: Instant) -> bool {
    let is_new = |mark: &Mark| mark.newest > told.0 || mark.filters != told.1;
    let is_there = marks.wait_for(is_new).await.is_ok();
    sleep_until(at).await;
    is_there
}

fn begin(log: &OwnLog) -> Bytes {
    let filter: LogFilter = log.filter();
    bytes(&FromServerLog::Begin { run: log.run(), filter })
}

fn bytes(message: &FromServerLog) -> Bytes {
    wire::encode(message).into()
}
