//! Asks one router a round of questions over its session, never more than two at once, and never for longer
//! than the round may take.

use super::super::{AskError, Session};
use super::memory::{Heard, Memory};
use super::question::{Question, RESOURCE, ROUND_MAX};
use crate::Facts;
use futures::{StreamExt, stream};
use parking_lot::Mutex;
use std::{
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    time::Duration,
};
use tokio::time::Instant;

/// A router handles few API commands at once, and not only ours.
const IN_FLIGHT_MAX: usize = 2;
/// A try shorter than this only wants to know whether the router is there …
const HURRIED: Duration = Duration::from_secs(3);
/// … but only the tries of a confirmation come so many in a row; a check may be that short by choice.
const HURRIED_IN_A_ROW: u32 = 2;
/// What a round leaves over of its time, so that it is told before its caller stops waiting.
const MARGIN: Duration = Duration::from_millis(100);

/// Gathers the facts of one router, round after round.
pub struct Gatherer {
    session: Session,
    /// How people reach the router: the host of WebFig's address.
    host: String,
    memory: Mutex<Memory>,
    /// Hurried rounds since the last one that was not treated so.
    hurried: AtomicU32,
}

/// A round that the router answered.
#[derive(Debug)]
pub struct Round {
    pub facts: Facts,
    /// How long the first answer took.
    pub time: Duration,
}

impl Gatherer {
    pub fn new(session: Session, host: &str) -> Self {
        Self { session, host: host.to_owned(), memory: Mutex::default(), hurried: AtomicU32::new(0) }
    }

    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Asks what is due. Fails only when the router does not answer at all: a refusal is an answer.
    pub async fn round(&self, timeout: Duration) -> Result<Round, AskError> {
        let within = timeout.min(ROUND_MAX);
        let deadline = Instant::now() + within.saturating_sub(MARGIN);
        self.memory.lock().begin();
        let first = ask(&self.session, &RESOURCE, within).await;
        let time = first.took;
        match &first.result {
            Err(lost) if lost.is_about_the_session() => return Err(lost.clone()),
            _ => self.memory.lock().learn(first, Instant::now()),
        }
        let is_hurried = timeout < HURRIED && self.hurried.load(Relaxed) < HURRIED_IN_A_ROW;
        self.hurried.store(if is_hurried { self.hurried.load(Relaxed) + 1 } else { 0 }, Relaxed);
        let plan = self.memory.lock().plan(Instant::now(), is_hurried);
        let asked: Vec<_> =
            plan.into_iter().map(|question| ask_before(deadline, &self.session, question)).collect();
        let mut answers = stream::iter(asked).buffer_unordered(IN_FLIGHT_MAX);
        while let Some(heard) = answers.next().await {
            let is_lost = matches!(heard.result, Err(AskError::Disconnected(_)));
            self.memory.lock().learn(heard, Instant::now());
            if is_lost || Instant::now() >= deadline {
                break;
            }
        }
        drop(answers);
        Ok(Round { facts: self.memory.lock().facts(&self.host), time })
    }
}

/// One question, within its own patience and what is left of the round.
async fn ask_before(deadline: Instant, session: &Session, question: &'static Question) -> Heard {
    let left = deadline.saturating_duration_since(Instant::now());
    ask(session, question, question.patience.min(left)).await
}

async fn ask(session: &Session, question: &'static Question, within: Duration) -> Heard {
    let started = Instant::now();
    let answer = session.ask(question.command(), within).await;
    let bytes = answer.as_ref().map_or(0, |answer| answer.bytes);
    Heard { question, result: answer.map(|answer| answer.rows), bytes, took: started.elapsed() }
}
