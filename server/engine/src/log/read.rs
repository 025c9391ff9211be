//! Asks a router for its log, over the session that its checks keep open, one command at a time.
//!
//! Opens no connection by itself: where there is no session, the router's check will have one, or will say why not.
//! Takes no place from others either: what is asked for here begins only while one more place is left.

use super::{
    Line, MESSAGE_CHARS_MAX,
    follow::{Ask, Follower, Heard, Taken},
    shown, topics_of,
    wall::wall_ms,
};
use crate::{
    Clock,
    driver::routeros::{AskError, Bell, Command, Row, Session, Stage},
};
use model::{LogTrouble, Timestamp};
use std::{net::IpAddr, time::Duration};
use tokio::time::Instant;

/// Longest wait for a turn: longer than a router may take to end what was cancelled before.
const TURN_MAX: Duration = Duration::from_secs(6);
/// Longest time for one answer: shorter than what a check waits for its turn and its answer.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long a router's clock is believed to go as it went.
const CLOCK_FOR: Duration = Duration::from_secs(900);
/// Two looks at a clock that shows seconds differ by so much without anything having changed.
const SAME_CLOCK_MS: u64 = 2_000;
/// An older line was written before the router's clock was set.
const OLDEST_MS: i64 = 400 * 24 * 3_600 * 1_000;
/// Longest reason of a router that is kept.
const REASON_CHARS_MAX: usize = 256;

/// Where one router's log was read to. Keep the old one until what was read is written down: then nothing is lost when
/// it cannot be.
#[derive(Clone, Debug, Default)]
pub struct LogReader {
    follower: Follower,
    clock: Option<RouterClock>,
    /// The time of the last line.
    last_at: i64,
}

#[derive(Clone, Copy, Debug)]
struct RouterClock {
    /// How far the clock on the router's wall is ahead of ours in UTC: its zone, and how wrong it is.
    ahead_ms: i64,
    looked_at: Instant,
}

/// What one reading brought.
#[derive(Debug)]
pub struct Reading {
    /// In the router's order.
    pub lines: Vec<Line>,
    /// One of each line, by which it is known again: whoever writes down some lines only goes on after these
    /// ([`LogReader::after`]), with what was known before them.
    pub marks: Vec<u64>,
    /// Where to go on.
    pub reader: LogReader,
    /// What it cost the router.
    pub took: Duration,
    /// It sends everything every time: to be asked seldom.
    pub is_costly: bool,
}

impl LogReader {
    /// Goes on after these lines ([`LogReader::known`]), the newest last.
    pub fn after(known: impl IntoIterator<Item = u64>) -> Self {
        Self { follower: Follower::after(known), ..Self::default() }
    }

    /// The newest lines, by which it is known where to go on: for [`LogReader::after`], some time.
    pub fn known(&self) -> Vec<u64> {
        self.follower.known()
    }

    pub(crate) async fn read(mut self, session: &Session, clock: &dyn Clock) -> Result<Reading, LogTrouble> {
        if !session.is_open() {
            return Err(LogTrouble::NotConnected);
        }
        let (rows, is_after_gap, mut took) = self.new_rows(session).await?;
        if !rows.is_empty() {
            took += self.look_at_clock(session, clock).await?;
        }
        let is_costly = self.follower.is_costly();
        let marks = rows.iter().map(Heard::identity).collect();
        let mut lines = self.lines(rows, clock.now());
        if let Some(first) = lines.first_mut() {
            first.is_after_gap = is_after_gap;
        }
        Ok(Reading { lines, marks, reader: self, took, is_costly })
    }

    /// Rings whenever the router writes a line, until it does not let us hear: why.
    pub(crate) async fn hear(session: &Session, bell: Bell) -> LogTrouble {
        if !session.is_open() {
            return LogTrouble::NotConnected;
        }
        trouble(session.listen(Command::new("/log/listen").proplist(&[".id"]), bell).await)
    }

    /// What is new, whether something may be missing before it, and what that cost the router.
    async fn new_rows(&mut self, session: &Session) -> Result<(Vec<Heard>, bool, Duration), LogTrouble> {
        let mut took = Duration::ZERO;
        loop {
            let ask = self.follower.ask();
            let columns = &[".id", "time", "topics", "message"];
            let command = Command::new("/log/print").proplist(columns);
            let command = match &ask {
                Ask::Whole => command,
                Ask::Since(id) => command.query(&format!(">.id={id}")),
            };
            let (answer, cost) = session.ask_modestly(command, TURN_MAX, PATIENCE).await.map_err(trouble)?;
            took += cost;
            let (own, from) = (session.login_name(), session.our_address());
            let rows = answer.rows.iter().map(heard).filter(|row| !is_own_visit(&row.message, own, from));
            match self.follower.take(rows.collect()) {
                Taken::New { rows, is_after_gap } => return Ok((rows, is_after_gap, took)),
                // Not a second time: after this, everything is asked for.
                Taken::Unproven => {}
            }
        }
    }

    /// A router that does not tell its time writes lines of now. What it cost the router.
    async fn look_at_clock(&mut self, session: &Session, clock: &dyn Clock) -> Result<Duration, LogTrouble> {
        if self.clock.is_some_and(|known| known.looked_at.elapsed() < CLOCK_FOR) {
            return Ok(Duration::ZERO);
        }
        let command = Command::new("/system/clock/print").proplist(&["date", "time"]);
        let (answer, cost) = match session.ask_modestly(command, TURN_MAX, PATIENCE).await {
            Err(error) if error.is_about_the_session() => return Err(trouble(error)),
            answer => answer.unwrap_or_default(),
        };
        let now = clock.now().0;
        let shown = answer.rows.first().and_then(|row| {
            let (date, time) = (row.text("date")?, row.text("time")?);
            wall_ms(&format!("{date} {time}"), now)
        });
        let Some(shown) = shown else { return Ok(cost) };
        let ahead_ms = shown.saturating_sub(now);
        let is_same = |known: &RouterClock| known.ahead_ms.abs_diff(ahead_ms) <= SAME_CLOCK_MS;
        let ahead_ms = self.clock.filter(is_same).map_or(ahead_ms, |known| known.ahead_ms);
        self.clock = Some(RouterClock { ahead_ms, looked_at: Instant::now() });
        Ok(cost)
    }

    fn lines(&mut self, rows: Vec<Heard>, now: Timestamp) -> Vec<Line> {
        let at = |row: &Heard| {
            let ahead_ms = self.clock?.ahead_ms;
            let wall = wall_ms(&row.time, now.0.saturating_add(ahead_ms))?;
            let at = wall.saturating_sub(ahead_ms).min(now.0);
            (at >= now.0.saturating_sub(OLDEST_MS)).then_some(at)
        };
        let mut times: Vec<Option<i64>> = rows.iter().map(at).collect();
        // What was written before the clock was set, was written before the next line that knows its time.
        let mut next = now.0;
        for time in times.iter_mut().rev() {
            next = *time.get_or_insert(next);
        }
        // A clock that was set back does not turn the order of lines around; nor does one that shows seconds only.
        let first = times.first().copied().flatten().unwrap_or(now.0);
        let is_near = self.last_at.abs_diff(first) <= 2 * SAME_CLOCK_MS;
        let mut last = if is_near { self.last_at } else { i64::MIN };
        let line = |(row, time): (Heard, Option<i64>)| {
            last = last.max(time.unwrap_or(now.0));
            let (level, topics) = topics_of(&row.topics);
            Line {
                at: Timestamp(last),
                level,
                topics,
                message: shown(&row.message, MESSAGE_CHARS_MAX),
                is_after_gap: false,
            }
        };
        let lines: Vec<Line> = rows.into_iter().zip(times).map(line).collect();
        self.last_at = lines.last().map_or(self.last_at, |line| line.at.0);
        lines
    }
}

fn heard(row: &Row) -> Heard {
    let text = |key: &str| row.text(key).unwrap_or_default().into_owned();
    Heard { id: text(".id"), time: text("time"), topics: text("topics"), message: text("message") }
}

/// Our own coming and going is no news; that of anybody else who has our password is.
fn is_own_visit(message: &str, own: &str, our_address: Option<IpAddr>) -> bool {
    let rest = message.strip_prefix("user ").and_then(|rest| rest.strip_prefix(own));
    let rest = rest.and_then(|rest| {
        rest.strip_prefix(" logged in from ").or_else(|| rest.strip_prefix(" logged out from "))
    });
    let from = rest.and_then(|rest| rest.strip_suffix(" via api"));
    let from = from.and_then(|from| from.parse::<IpAddr>().ok());
    from.is_some_and(|from| our_address == Some(from.to_canonical()))
}

pub(super) fn trouble(error: AskError) -> LogTrouble {
    match error {
        error if error.is_no_permission() => LogTrouble::NoPermission,
        AskError::TooLarge(_) => LogTrouble::TooLarge,
        // It is connected and has more to say than it manages in that time: asked at once again, it would do nothing else.
        error @ AskError::Timeout { stage: Stage::Command, .. } => {
            LogTrouble::Refused(shown(&error.to_string(), REASON_CHARS_MAX))
        }
        error if error.is_about_the_session() => LogTrouble::NotConnected,
        error => LogTrouble::Refused(shown(&error.to_string(), REASON_CHARS_MAX)),
    }
}
