//! Runs of commands on devices that are made up.

use super::*;
use crate::commands::run::RUN_BYTES_MAX;
use engine::RuntimeClock;
use futures::future::{BoxFuture, pending};
use model::{CommandAnswer, CommandObstacle, CommandOutcome, CommandState, DeviceId};
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::time::{Instant, sleep};

/// Devices that answer after a while; the one with the number `silent` never does.
struct Made {
    each: Duration,
    silent: Option<i64>,
    /// When whoever began it loses the right to.
    entitled: Option<Duration>,
    asked: AtomicUsize,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
    noted: Mutex<Vec<String>>,
}

impl Made {
    fn up(each: Duration) -> Self {
        Self {
            each,
            silent: None,
            entitled: None,
            asked: AtomicUsize::new(0),
            at_once: AtomicUsize::new(0),
            most_at_once: AtomicUsize::new(0),
            noted: Mutex::default(),
        }
    }
}

impl Remote for Made {
    fn ask<'a>(&'a self, target: &'a Target, command: &'a str) -> BoxFuture<'a, CommandOutcome> {
        Box::pin(async move {
            self.asked.fetch_add(1, Ordering::Relaxed);
            let now = self.at_once.fetch_add(1, Ordering::Relaxed) + 1;
            self.most_at_once.fetch_max(now, Ordering::Relaxed);
            sleep(if self.silent == Some(target.device.0) { ANSWER_MAX * 10 } else { self.each }).await;
            self.at_once.fetch_sub(1, Ordering::Relaxed);
            CommandOutcome::Answered { output: command.to_owned(), is_cut: false, exit_code: Some(0) }
        })
    }

    fn note<'a>(&'a self, _: &'a Run, target: &'a Target, outcome: &'a CommandOutcome) -> BoxFuture<'a, ()> {
        self.noted.lock().push(format!("{} {}", target.name, outcome.word()));
        Box::pin(async {})
    }

    fn end<'a>(&'a self, run: &'a Run) -> BoxFuture<'a, ()> {
        let told = run.summary();
        self.noted.lock().push(format!("end: {} of {}", told.answered, told.asked));
        Box::pin(async {})
    }

    fn unentitled(&self) -> BoxFuture<'_, ()> {
        match self.entitled {
            Some(after) => Box::pin(sleep(after)),
            None => Box::pin(pending()),
        }
    }
}

fn targets(count: i64) -> Vec<Target> {
    let target = |number| Target { device: DeviceId(number), name: format!("r{number}"), obstacle: None };
    (1..=count).map(target).collect()
}

fn commands() -> Commands {
    Commands::new(Arc::new(RuntimeClock::starting_at(Timestamp(1_000_000))))
}

/// A run of its own, as the worker has it.
fn run(targets: Vec<Target>) -> Arc<Run> {
    let words = ("/system resource print", "ani");
    Arc::new(Run::new(CommandRunId(1), words, Timestamp(1_000_000), targets))
}

async fn worked(run: &Arc<Run>, made: &Made) {
    work(run, made, &Semaphore::new(AT_ONCE_MAX)).await;
}

/// All parts of a run's answers.
fn answers(run: &Run) -> Vec<CommandAnswer> {
    let mut all: Vec<CommandAnswer> = Vec::new();
    loop {
        let part = run.part(u32::try_from(all.len()).unwrap());
        if part.answers.is_empty() {
            return all;
        }
        all.extend(part.answers);
        assert_eq!(part.next as usize, all.len());
    }
}

#[tokio::test(start_paused = true)]
async fn a_few_are_asked_at_once_and_all_of_them_answer_and_are_written_down() {
    let (run, made) = (run(targets(40)), Made::up(Duration::from_secs(1)));
    assert_eq!(run.summary().state, CommandState::Running);
    let began = Instant::now();
    worked(&run, &made).await;
    assert_eq!(began.elapsed(), Duration::from_secs(3), "40 of them, 16 at once");
    assert_eq!(made.most_at_once.load(Ordering::Relaxed), AT_ONCE_MAX);
    let summary = run.summary();
    assert_eq!((summary.state, summary.asked, summary.answered), (CommandState::Finished, 40, 40));
    let noted = made.noted.lock().clone();
    assert_eq!((answers(&run).len(), noted.len()), (40, 41));
    assert_eq!(noted.last().map(String::as_str), Some("end: 40 of 40"));
}

#[tokio::test(start_paused = true)]
async fn several_runs_share_the_turns() {
    let made = Made::up(Duration::from_secs(1));
    let (one, other, turns) = (run(targets(16)), run(targets(16)), Semaphore::new(AT_ONCE_MAX));
    tokio::join!(work(&one, &made, &turns), work(&other, &made, &turns));
    assert_eq!(made.most_at_once.load(Ordering::Relaxed), AT_ONCE_MAX);
    assert_eq!((one.summary().answered, other.summary().answered), (16, 16));
}

#[tokio::test(start_paused = true)]
async fn a_device_that_never_ends_holds_up_no_other_and_is_a_failure() {
    let (run, mut made) = (run(targets(60)), Made::up(Duration::from_secs(1)));
    made.silent = Some(1);
    let began = Instant::now();
    worked(&run, &made).await;
    assert_eq!(began.elapsed(), Duration::from_secs(40), "its own end, and some for the database");
    assert_eq!((run.summary().answered, run.summary().failed), (59, 1));
    let last = answers(&run).pop().unwrap();
    assert!(matches!(&last.outcome, CommandOutcome::Failed { why, .. } if why.contains("40 s")), "{last:?}");
}

#[tokio::test(start_paused = true)]
async fn who_cancels_a_run_ends_it_at_once_and_those_left_are_not_asked() {
    let (run, made) = (run(targets(40)), Made::up(Duration::from_secs(1)));
    let cancelling = async {
        sleep(Duration::from_millis(1_500)).await;
        run.cancel();
    };
    let began = Instant::now();
    tokio::join!(worked(&run, &made), cancelling);
    assert_eq!(began.elapsed(), Duration::from_millis(1_500));
    assert_eq!(made.asked.load(Ordering::Relaxed), 32);
    let summary = run.summary();
    assert_eq!((summary.state, summary.answered, summary.failed), (CommandState::Cancelled, 16, 0));
    assert_eq!(summary.left(), 24);
    let all = answers(&run);
    let count = |outcome: CommandOutcome| all.iter().filter(|answer| answer.outcome == outcome).count();
    assert_eq!(count(CommandOutcome::Cancelled { is_begun: true }), 16);
    assert_eq!(count(CommandOutcome::Cancelled { is_begun: false }), 8, "each has an outcome");
    // Those that were never asked are in the count at the end only.
    assert_eq!(made.noted.lock().len(), 16 + 16 + 1);
}

#[tokio::test(start_paused = true)]
async fn a_run_ends_with_the_right_of_whoever_began_it() {
    let (run, mut made) = (run(targets(40)), Made::up(Duration::from_secs(1)));
    made.entitled = Some(Duration::from_millis(1_500));
    let began = Instant::now();
    worked(&run, &made).await;
    assert_eq!(began.elapsed(), Duration::from_millis(1_500));
    assert_eq!((run.summary().state, run.summary().answered), (CommandState::Withdrawn, 16));
}

#[tokio::test(start_paused = true)]
async fn a_device_that_cannot_be_asked_is_not_and_says_why() {
    let mut targets = targets(2);
    targets[0].obstacle = Some(CommandObstacle::NoHostKey);
    let (run, made) = (run(targets), Made::up(Duration::from_secs(1)));
    worked(&run, &made).await;
    assert_eq!(made.asked.load(Ordering::Relaxed), 1);
    let summary = run.summary();
    assert_eq!((summary.state, summary.answered, summary.failed), (CommandState::Finished, 1, 1));
    assert_eq!(answers(&run)[0].outcome, CommandOutcome::NotReady(CommandObstacle::NoHostKey));
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_is_bounded_by_number_by_age_and_by_what_goes_on() {
    let (commands, done) = (commands(), Made::up(Duration::ZERO));
    for number in 1..=10 {
        let begun = commands.begin(&number.to_string(), "ani", Vec::new()).unwrap();
        let run = commands.get(begun.run().id()).unwrap();
        begun.hand_over(Box::new(Made::up(Duration::ZERO)), None).unwrap_or_else(|_| run.clone());
        worked(&run, &done).await;
        // Nobody takes what was handed over here.
        commands.0.waiting.lock().await.try_recv().unwrap();
    }
    let all = commands.all();
    let (last, kept) = (all[0].id.0, all.into_iter().map(|run| run.command).collect::<Vec<_>>());
    assert_eq!(kept, ["10", "9", "8", "7", "6", "5", "4", "3"]);
    assert!(commands.get(CommandRunId(last)).is_some() && commands.get(CommandRunId(last - 9)).is_none());
    sleep(Duration::from_secs(24 * 3_600)).await;
    assert_eq!(commands.all().len(), 0);

    let going: Vec<_> = (0..GOING_MAX).map(|_| commands.begin("x", "ani", targets(1)).unwrap()).collect();
    assert!(commands.begin("x", "ani", targets(1)).is_err());
    sleep(Duration::from_secs(24 * 3_600)).await;
    assert_eq!(commands.all().len(), GOING_MAX, "what goes on is not forgotten");
    // What was never begun was never there.
    drop(going);
    assert_eq!(commands.all().len(), 0);
    assert!(commands.begin("x", "ani", targets(1)).is_ok());
}

#[tokio::test(start_paused = true)]
async fn what_devices_print_is_kept_up_to_a_bound_and_says_so() {
    let run = run(targets(200));
    for target in targets(200) {
        let outcome =
            CommandOutcome::Answered {
                output: roomy("я".repeat(32 * 1024)), is_cut: false, exit_code: None
            };
        run.take(&target, outcome, Duration::ZERO);
    }
    let all = answers(&run);
    assert_eq!(all.len(), 200);
    let is_cut =
        |answer: &&CommandAnswer| matches!(answer.outcome, CommandOutcome::Answered { is_cut: true, .. });
    assert_eq!(all.iter().filter(is_cut).count(), 200 - RUN_BYTES_MAX / (64 * 1024));
    assert_eq!(run.bytes(), RUN_BYTES_MAX);
    assert!(run.part(0).answers.len() < 10, "a part is no more than one message carries");
    assert!(run.held() <= RUN_BYTES_MAX + 200, "{}", run.held());
}

/// With room for as much again.
fn roomy(text: String) -> String {
    let mut roomy = String::with_capacity(text.len() * 2);
    roomy.push_str(&text);
    roomy
}

#[tokio::test(start_paused = true)]
async fn what_has_no_answer_when_all_is_over_was_cut_off() {
    let run = run(targets(3));
    let outcome = CommandOutcome::Answered { output: String::new(), is_cut: false, exit_code: None };
    run.take(&targets(3)[1], outcome, Duration::ZERO);
    assert!(run.is_going());
    run.finish();
    assert!(!run.is_going());
    let words: Vec<_> =
        answers(&run).into_iter().map(|answer| (answer.device.0, answer.outcome.word())).collect();
    assert_eq!(words, [(2, "answered"), (1, "cancelled"), (3, "cancelled")]);
}

#[tokio::test(start_paused = true)]
async fn a_number_of_a_run_from_before_a_restart_is_no_other_run() {
    let clock = Arc::new(RuntimeClock::starting_at(Timestamp(1_000_000)));
    let before = Commands::new(clock.clone());
    let numbers = |commands: &Commands| {
        let two: Vec<_> = (0..2).map(|_| commands.begin("x", "ani", Vec::new()).unwrap()).collect();
        two.iter().map(|begun| begun.run().id().0).collect::<Vec<_>>()
    };
    assert_eq!(numbers(&before), [1_000_000, 1_000_001]);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(numbers(&Commands::new(clock)), [1_001_000, 1_001_001]);
}

#[tokio::test(start_paused = true)]
async fn large_answers_of_old_runs_go_for_a_new_one() {
    let commands = commands();
    for _ in 0..3 {
        let begun = commands.begin("x", "ani", targets(200)).unwrap();
        let run =
            begun.hand_over(Box::new(Made::up(Duration::ZERO)), None).unwrap_or_else(|_| panic!("busy"));
        for target in targets(200) {
            let outcome =
                CommandOutcome::Answered { output: "x".repeat(64 * 1024), is_cut: false, exit_code: None };
            run.take(&target, outcome, Duration::ZERO);
        }
        run.finish();
        commands.0.waiting.lock().await.try_recv().unwrap();
    }
    let _begun = commands.begin("x", "ani", targets(1)).unwrap();
    assert_eq!(commands.all().len(), 1 + BYTES_MAX / RUN_BYTES_MAX);
}

#[test]
fn secrets_in_a_command_are_told_to_devices_only() {
    let words = ("/user set admin password=hunter2", "ani");
    let run = Run::new(CommandRunId(1), words, Timestamp(0), Vec::new());
    assert_eq!(run.command(), "/user set admin password=hunter2");
    assert_eq!(
        (run.masked(), run.summary().command.as_str()),
        ("/user set admin password=***", run.masked())
    );
}
