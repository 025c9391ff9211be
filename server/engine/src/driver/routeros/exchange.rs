//! One connection's life after the login: commands out, replies in, matched by tag.
//!
//! At most [`IN_FLIGHT_MAX`] commands run at once: a router has two to four API threads, and is not ours alone.

use super::actor::Request;
use super::cause::{AskError, Disconnect, Stage};
use super::command::Command;
use super::connect::Link;
use super::running::{CANCEL_MAX, Drain, MUTE_MAX, Running, left};
use super::wire::{Kind, REPLY_BYTES_MAX, Reply, WireError};
use std::{collections::VecDeque, time::Duration};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// Commands running at once on one router.
pub(super) const IN_FLIGHT_MAX: usize = 2;
/// Sentences without a command of ours that are overlooked, before the router is held to talk nonsense.
const STRAYS_MAX: u32 = 64;
/// A command sent after this much silence may have crossed the router's closing of the idle session.
const IDLE_MIN: Duration = Duration::from_secs(1);
/// A session that nobody used for this long is not kept alive.
const KEEP_ALIVE_WORTH: Duration = Duration::from_secs(600);

enum Event {
    Received(Result<Reply, Disconnect>),
    Asked(Option<Request>),
    /// The caller of the command in this place left.
    Left(usize),
    Overdue,
}

pub(super) struct Exchange {
    link: Link,
    running: Vec<Running>,
    carried: Vec<Request>,
    /// What waits until nothing else runs, the oldest first; not more than there are callers.
    modest: VecDeque<Request>,
    tag: u32,
    strays: u32,
    /// Words about cancels that the router may still say.
    cancel_words: u32,
    /// How often an unused session is kept alive, if at all.
    keep_alive: Option<Duration>,
    /// The last sentence in or out.
    active_at: Instant,
    /// The silence before the command that ended it.
    silence: Duration,
    /// The last sentence in.
    heard_at: Instant,
    /// The last command of a caller.
    used_at: Instant,
}

impl Exchange {
    pub fn new(link: Link, carried: Vec<Request>, keep_alive: Option<Duration>) -> Self {
        let now = Instant::now();
        let running = Vec::with_capacity(IN_FLIGHT_MAX);
        Self {
            link,
            running,
            carried,
            modest: VecDeque::new(),
            tag: 0,
            strays: 0,
            cancel_words: 0,
            keep_alive,
            active_at: now,
            silence: Duration::ZERO,
            heard_at: now,
            used_at: now,
        }
    }

    /// Runs until the connection ends; `None` when no handle is left to serve.
    pub async fn run(&mut self, requests: &mut mpsc::Receiver<Request>) -> Option<Disconnect> {
        while let Some(request) = self.carried.pop() {
            if let Err(why) = self.send(request).await {
                return Some(self.judge_close(why));
            }
        }
        loop {
            if let Some(request) = self.next_modest() {
                if let Err(why) = self.send(request).await {
                    return Some(self.judge_close(why));
                }
                continue;
            }
            let done = match self.event(requests).await {
                Event::Received(reply) => self.received(reply).await,
                Event::Asked(None) => return None,
                Event::Asked(Some(request)) => self.send(request).await,
                Event::Left(at) => self.cancel(at).await,
                Event::Overdue => self.overdue().await,
            };
            if let Err(why) = done {
                return Some(self.judge_close(why));
            }
        }
    }

    /// How long nothing was said when the router closed the idle session. The command that a close crossed
    /// was no end of the silence: for the router it came too late.
    pub fn idle(&self) -> Duration {
        if self.is_idle() { self.active_at.elapsed() } else { self.silence }
    }

    /// Ends every command with the cause; gives back those worth sending again.
    pub fn into_carried(self, why: Disconnect) -> Vec<Request> {
        let mut carried = self.carried;
        for mut request in self.modest {
            // It was never said, and is not worth a new session.
            request.answer(Err(why.clone().into()));
        }
        // Debris of an earlier reply, not of this command, broke the session.
        let has_debris = self.running.iter().any(|running| running.drain.is_some());
        let was_dead = why == Disconnect::IdleClosed || has_debris;
        for mut running in self.running {
            if was_dead && running.may_repeat() {
                running.request.was_retried = true;
                carried.push(running.request);
            } else {
                running.request.answer(Err(why.clone().into()));
            }
        }
        carried
    }

    async fn event(&mut self, requests: &mut mpsc::Receiver<Request>) -> Event {
        let has_room = self.running.len() < IN_FLIGHT_MAX;
        let overdue_at = self.overdue_at();
        let running = &mut self.running;
        tokio::select! {
            reply = self.link.receive() => Event::Received(reply),
            request = requests.recv(), if has_room => Event::Asked(request),
            at = left(running) => Event::Left(at),
            () = sleep_until(overdue_at.unwrap_or_else(Instant::now)), if overdue_at.is_some() => Event::Overdue,
        }
    }

    async fn send(&mut self, request: Request) -> Result<(), Disconnect> {
        if request.is_abandoned() {
            return Ok(());
        }
        if request.is_modest && self.running.len() >= IN_FLIGHT_MAX - 1 {
            self.modest.retain(|waiting| !waiting.is_abandoned());
            self.modest.push_back(request);
            return Ok(());
        }
        self.used_at = Instant::now();
        self.transmit(request).await
    }

    /// What may begin now, as there are places enough for others.
    fn next_modest(&mut self) -> Option<Request> {
        if self.running.len() >= IN_FLIGHT_MAX - 1 {
            return None;
        }
        self.modest.pop_front()
    }

    async fn transmit(&mut self, mut request: Request) -> Result<(), Disconnect> {
        if let Some(begun) = request.begun.take() {
            // A caller that left needs not know.
            let _ = begun.send(());
        }
        self.tag = self.tag.wrapping_add(1);
        let bytes = request.command.encode(self.tag);
        let was_idle = self.is_idle();
        if was_idle {
            self.silence = self.active_at.elapsed();
        }
        let was_first_after_idle = was_idle && self.tag > 1 && self.silence >= IDLE_MIN;
        self.running.push(Running::new(self.tag, request, was_first_after_idle));
        self.active_at = Instant::now();
        self.link.send(&bytes).await
    }

    async fn cancel(&mut self, at: usize) -> Result<(), Disconnect> {
        let Some(running) = self.running.get_mut(at) else { return Ok(()) };
        let was_heard = self.heard_at > running.sent_at;
        running.give_up(Drain::begin(if was_heard { CANCEL_MAX } else { MUTE_MAX }));
        let cancel = Command::new("/cancel").attribute("tag", &running.tag.to_string());
        // Tag 0 is the cancel's own; what answers it, a trap and its end at most, means nothing.
        self.cancel_words += 2;
        self.link.send(&cancel.encode(0)).await
    }

    async fn received(&mut self, reply: Result<Reply, Disconnect>) -> Result<(), Disconnect> {
        let reply = reply?;
        self.heard_at = Instant::now();
        self.active_at = self.heard_at;
        if reply.kind == Kind::Fatal {
            return Err(Disconnect::Fatal(reply.message()));
        }
        let Some(at) = self.running.iter().position(|running| Some(running.tag) == reply.tag) else {
            return self.stray(&reply);
        };
        self.running[at].was_first_after_idle = false;
        if reply.kind == Kind::Row && self.running[at].request.bell.is_some() {
            return self.ring(at, &reply).await;
        }
        self.running[at].answer.bytes += reply.row.wire_bytes() as u64;
        self.running[at].counted += reply.row.size() as u64;
        if self.running[at].counted > REPLY_BYTES_MAX {
            return Err(WireError::ReplyTooLong.into());
        }
        match reply.kind {
            Kind::Row => self.row(at, reply).await,
            Kind::Done => {
                self.running.swap_remove(at).finish(&reply);
                Ok(())
            }
            Kind::Trap => {
                self.running[at].trapped(&reply);
                Ok(())
            }
            Kind::Empty | Kind::Unknown | Kind::Fatal => Ok(()),
        }
    }

    async fn row(&mut self, at: usize, reply: Reply) -> Result<(), Disconnect> {
        let held: usize = self.running.iter().map(|running| running.held).sum();
        let held = held + self.link.held() + reply.row.size();
        match self.running[at].take_row(reply, held) {
            Ok(()) => Ok(()),
            Err(error) => {
                self.running[at].request.answer(Err(error));
                self.cancel(at).await
            }
        }
    }

    /// A row of what is listened to. However long that goes on, it does not go on for ever.
    async fn ring(&mut self, at: usize, reply: &Reply) -> Result<(), Disconnect> {
        let running = &mut self.running[at];
        if running.drain.is_some() {
            return Ok(());
        }
        running.counted += reply.row.size() as u64;
        if running.counted > REPLY_BYTES_MAX {
            running.request.answer(Err(AskError::TooLarge("over 8 MiB were listened to")));
            return self.cancel(at).await;
        }
        if let Some(bell) = &running.request.bell {
            bell();
        }
        Ok(())
    }

    fn stray(&mut self, reply: &Reply) -> Result<(), Disconnect> {
        if reply.tag == Some(0) && reply.kind != Kind::Row && self.cancel_words > 0 {
            self.cancel_words -= 1;
            return Ok(());
        }
        self.strays += 1;
        if self.strays > STRAYS_MAX { Err(WireError::Strays.into()) } else { Ok(()) }
    }

    /// A router may close a session that nobody uses; that is its right, not a loss.
    fn judge_close(&self, why: Disconnect) -> Disconnect {
        let asked = || self.running.iter().filter(|running| running.request.bell.is_none());
        let has_crossed = asked().all(|running| running.was_first_after_idle);
        match why {
            Disconnect::Closed if has_crossed => Disconnect::IdleClosed,
            Disconnect::Reset if has_crossed && asked().next().is_some() => Disconnect::IdleClosed,
            other => other,
        }
    }

    /// Nothing is asked; listening is no asking.
    fn is_idle(&self) -> bool {
        self.running.iter().all(|running| running.request.bell.is_some() && running.drain.is_none())
    }

    fn overdue_at(&self) -> Option<Instant> {
        let drained = self.running.iter().filter_map(|running| running.drain).map(|drain| drain.until);
        let is_worth = self.is_idle() && self.used_at.elapsed() < KEEP_ALIVE_WORTH;
        let alive = self.keep_alive.filter(|_| is_worth).map(|every| self.active_at + every);
        drained.chain(alive).min()
    }

    async fn overdue(&mut self) -> Result<(), Disconnect> {
        let now = Instant::now();
        let is_due = |running: &Running| running.drain.is_some_and(|drain| drain.until <= now);
        let due = self.running.iter().position(is_due);
        if let Some((at, drain)) = due.and_then(|at| Some((at, self.running[at].drain?))) {
            if drain.is_over {
                self.running.swap_remove(at);
                return Ok(());
            }
            let after = drain.within;
            return Err(match self.heard_at.elapsed() < after {
                true => Disconnect::Unheeded { after },
                false => Disconnect::Silent { stage: Stage::Command, after },
            });
        }
        if self.is_idle() {
            self.keep_alive().await?;
        }
        Ok(())
    }

    /// The cheapest question there is; nobody waits for it, but the router has to answer.
    async fn keep_alive(&mut self) -> Result<(), Disconnect> {
        let command = Command::new("/system/identity/print").proplist(&["name"]);
        let request = Request { was_retried: true, ..Request::new(command) };
        self.transmit(request).await?;
        if let Some(running) = self.running.last_mut() {
            running.give_up(Drain::begin(CANCEL_MAX));
        }
        Ok(())
    }
}
