//! One run: whom it asks, and what they answered so far.

use model::{
    CommandAnswer, CommandEffect, CommandObstacle, CommandOutcome, CommandRun, CommandRunId, CommandRunPart,
    CommandState, DeviceId, Timestamp, command_effect, masked_command,
};
use parking_lot::Mutex;
use std::{collections::BTreeSet, time::Duration};
use tokio_util::sync::CancellationToken;

/// Most bytes of answers that one run keeps, whatever the devices print: beyond, answers are cut and say so.
pub const RUN_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Most bytes of answers in one part of them; one answer at least.
const PART_BYTES_MAX: usize = 512 * 1024;

/// A device that is to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub device: DeviceId,
    pub name: String,
    /// Why it cannot be asked.
    pub obstacle: Option<CommandObstacle>,
}

pub struct Run {
    id: CommandRunId,
    /// As it was typed, secrets and all: never told to anybody but devices.
    command: String,
    masked: String,
    effect: CommandEffect,
    by: String,
    at: Timestamp,
    targets: Vec<Target>,
    cancelled: CancellationToken,
    answers: Mutex<Answers>,
}

#[derive(Default)]
struct Answers {
    all: Vec<CommandAnswer>,
    bytes: usize,
    is_withdrawn: bool,
    is_over: bool,
}

impl Run {
    pub(super) fn new(
        id: CommandRunId,
        (command, by): (&str, &str),
        at: Timestamp,
        targets: Vec<Target>,
    ) -> Self {
        Self {
            id,
            effect: command_effect(command),
            masked: masked_command(command),
            command: command.to_owned(),
            by: by.to_owned(),
            at,
            targets,
            cancelled: CancellationToken::new(),
            answers: Mutex::default(),
        }
    }

    pub fn id(&self) -> CommandRunId {
        self.id
    }

    pub fn at(&self) -> Timestamp {
        self.at
    }

    pub fn command(&self) -> &str {
        &self.command
    }

    pub fn masked(&self) -> &str {
        &self.masked
    }

    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    pub fn is_over(&self) -> bool {
        self.answers.lock().is_over
    }

    /// Whether there is anything to cancel.
    pub fn is_going(&self) -> bool {
        !self.is_over() && !self.cancelled.is_cancelled()
    }

    /// Of all answers that are kept.
    pub fn bytes(&self) -> usize {
        self.answers.lock().bytes
    }

    /// What the answers take in memory, by what was set aside for them.
    #[cfg(test)]
    pub fn held(&self) -> usize {
        let held = |answer: &CommandAnswer| match &answer.outcome {
            CommandOutcome::Answered { output, .. } | CommandOutcome::Failed { output, .. } => {
                output.capacity()
            }
            _ => 0,
        };
        self.answers.lock().all.iter().map(held).sum()
    }

    /// Asks nobody any more, and cuts what is under way. What a device was told it may still do; nobody waits for it.
    pub fn cancel(&self) {
        self.cancelled.cancel();
    }

    /// The same, as whoever began it must not any more.
    pub(super) fn withdraw(&self) {
        self.answers.lock().is_withdrawn = true;
        self.cancel();
    }

    /// Nothing, when it is cancelled meanwhile.
    pub(super) async fn until_cancelled<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        // What is cancelled already begins nothing.
        if self.cancelled.is_cancelled() {
            return None;
        }
        self.cancelled.run_until_cancelled(work).await
    }

    pub(super) fn take(&self, target: &Target, outcome: CommandOutcome, took: Duration) {
        let mut answers = self.answers.lock();
        let outcome = cut(outcome, RUN_BYTES_MAX.saturating_sub(answers.bytes));
        answers.bytes += bytes(&outcome);
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let (device, name) = (target.device, target.name.clone());
        answers.all.push(CommandAnswer { device, name, took_ms, outcome });
    }

    /// Of whatever has no answer by now nobody knows more than that it was cut off.
    pub(super) fn finish(&self) {
        let answered: BTreeSet<_> = self.answers.lock().all.iter().map(|answer| answer.device).collect();
        for target in self.targets.iter().filter(|target| !answered.contains(&target.device)) {
            self.take(target, CommandOutcome::Cancelled { is_begun: true }, Duration::ZERO);
        }
        self.answers.lock().is_over = true;
    }

    /// Without its answers.
    pub fn summary(&self) -> CommandRun {
        let answers = self.answers.lock();
        self.told(&answers, answers.is_over)
    }

    /// The same, as it will be once it is over.
    pub fn ending(&self) -> CommandRun {
        self.told(&self.answers.lock(), true)
    }

    fn told(&self, answers: &Answers, is_over: bool) -> CommandRun {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let is_cancelled =
            |answer: &&CommandAnswer| matches!(answer.outcome, CommandOutcome::Cancelled { .. });
        let answered = answers.all.iter().filter(|answer| answer.outcome.is_answer()).count();
        let cancelled = answers.all.iter().filter(is_cancelled).count();
        let state = match (is_over, answers.is_withdrawn, self.cancelled.is_cancelled()) {
            (false, ..) => CommandState::Running,
            (true, true, _) => CommandState::Withdrawn,
            // The last one had answered before it could be cancelled.
            (true, false, true) if cancelled > 0 || answers.all.len() < self.targets.len() => {
                CommandState::Cancelled
            }
            (true, false, _) => CommandState::Finished,
        };
        CommandRun {
            id: self.id,
            command: self.masked.clone(),
            effect: self.effect,
            by: self.by.clone(),
            at: self.at,
            state,
            asked: count(self.targets.len()),
            answered: count(answered),
            failed: count(answers.all.len().saturating_sub(answered).saturating_sub(cancelled)),
        }
    }

    /// The answers that came after the first `known`.
    pub fn part(&self, known: u32) -> CommandRunPart {
        let answers = self.answers.lock();
        let mut left = PART_BYTES_MAX;
        let mut some = Vec::new();
        for answer in answers.all.iter().skip(known as usize) {
            let bytes = bytes(&answer.outcome);
            if bytes > left && !some.is_empty() {
                break;
            }
            left = left.saturating_sub(bytes);
            some.push(answer.clone());
        }
        let next = known.saturating_add(u32::try_from(some.len()).unwrap_or(u32::MAX));
        CommandRunPart { run: self.told(&answers, answers.is_over), answers: some, next }
    }

    /// Every answer so far, by the devices' names.
    pub fn answers(&self) -> Vec<CommandAnswer> {
        let mut all = self.answers.lock().all.clone();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        all
    }
}

fn bytes(outcome: &CommandOutcome) -> usize {
    outcome.output().len()
}

/// An outcome with so many bytes of output at most.
fn cut(mut outcome: CommandOutcome, bytes_max: usize) -> CommandOutcome {
    match &mut outcome {
        CommandOutcome::Answered { output, is_cut, .. } if output.len() > bytes_max => {
            output.truncate(output.floor_char_boundary(bytes_max));
            *is_cut = true;
        }
        CommandOutcome::Failed { output, .. } => output.truncate(output.floor_char_boundary(bytes_max)),
        _ => {}
    }
    // What is kept is bounded by what it takes, not by what is seen of it.
    if let CommandOutcome::Answered { output, .. } | CommandOutcome::Failed { output, .. } = &mut outcome {
        output.shrink_to_fit();
    }
    outcome
}
