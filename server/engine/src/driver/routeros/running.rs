//! One command that was sent, until the router said its last word about it.

use super::actor::Request;
use super::cause::AskError;
use super::session::Answer;
use super::wire::{HELD_BYTES_MAX, Reply};
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;
use tokio::time::Instant;

/// How long a router may take to end a command that was cancelled; one that does not is gone.
pub(super) const CANCEL_MAX: Duration = Duration::from_secs(5);
/// The same where nothing at all was heard since the command was sent: most likely the connection is dead, and
/// the next try shall not wait for it.
pub(super) const MUTE_MAX: Duration = Duration::from_secs(1);

/// A command that was sent.
pub(super) struct Running {
    pub tag: u32,
    pub request: Request,
    pub answer: Answer,
    pub held: usize,
    /// All that came, kept or not, as it would be held.
    pub counted: u64,
    pub sent_at: Instant,
    /// Nobody waits any more; the router owes its `!done` until then.
    pub drain: Option<Drain>,
    /// It was sent after the session had been idle, so a close may have crossed it.
    pub was_first_after_idle: bool,
}

#[derive(Clone, Copy)]
pub(super) struct Drain {
    pub until: Instant,
    /// How long that was from its beginning.
    pub within: Duration,
    /// After a trap the command is over anyway: a missing `!done` is forgiven.
    pub is_over: bool,
}

impl Drain {
    pub fn begin(within: Duration) -> Self {
        Self { until: Instant::now() + within, within, is_over: false }
    }

    fn after_trap() -> Self {
        Self { is_over: true, ..Self::begin(CANCEL_MAX) }
    }
}

impl Running {
    pub fn new(tag: u32, request: Request, was_first_after_idle: bool) -> Self {
        let answer = Answer::default();
        let sent_at = Instant::now();
        Self { tag, request, answer, held: 0, counted: 0, sent_at, drain: None, was_first_after_idle }
    }

    pub fn finish(mut self, reply: &Reply) {
        let answer = Answer { ret: reply.ret(), ..std::mem::take(&mut self.answer) };
        self.request.answer(Ok(answer));
    }

    pub fn trapped(&mut self, reply: &Reply) {
        let trap = AskError::Trap { category: reply.category(), message: reply.message() };
        self.request.answer(Err(trap));
        if self.drain.is_none() {
            self.give_up(Drain::after_trap());
        }
    }

    /// Frees what the command held; what still arrives for it is thrown away.
    pub fn give_up(&mut self, drain: Drain) {
        self.request.answered = None;
        self.answer.rows = Vec::new();
        self.held = 0;
        self.drain = Some(drain);
    }

    /// `held` is what the session would hold with this row.
    pub fn take_row(&mut self, reply: Reply, held: usize) -> Result<(), AskError> {
        if self.drain.is_some() {
            return Ok(());
        }
        if held > HELD_BYTES_MAX {
            return Err(AskError::TooLarge("over 768 KiB held at once"));
        }
        self.held += reply.row.size();
        self.answer.rows.push(reply.row);
        Ok(())
    }

    /// Nothing was said to it yet, and asking again changes nothing.
    pub fn may_repeat(&self) -> bool {
        self.drain.is_none()
            && self.answer.bytes == 0
            && !self.request.was_retried
            && self.request.command.is_repeatable()
    }
}

/// The place of a command whose caller no longer waits.
pub(super) async fn left(running: &mut [Running]) -> usize {
    poll_fn(|context| {
        for (at, running) in running.iter_mut().enumerate() {
            if let Some(answered) = &mut running.request.answered
                && answered.poll_closed(context).is_ready()
            {
                return Poll::Ready(at);
            }
        }
        Poll::Pending
    })
    .await
}
