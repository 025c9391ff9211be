//! One command for many devices: judged, begun, watched, and written down device by device.

use super::{Admin, Sure, api_error, recordings::Seen};
use crate::{
    commands::{ANSWER_MAX, Busy, GOING_MAX, Remote, Run, Target, plain},
    store::{acting_now, in_time},
};
use app::api::ApiError;
use engine::driver::ssh::{Errand, Ran, SshError};
use futures::future::BoxFuture;
use model::{
    Act, COMMAND_DEVICES_MAX, COMMAND_OUTPUT_BYTES_MAX, CommandAnswer, CommandDraft, CommandObstacle,
    CommandOutcome, CommandPage, CommandRun, CommandRunId, CommandRunPart, DeviceId, FieldError,
    command_error,
};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::time::sleep;

/// How long a device may take until it has proved who it is.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// Between two looks at whoever began a run, besides those at every change of accounts.
const RECHECK: Duration = Duration::from_secs(60);
/// When to try again while as many run as may.
const RETRY_AFTER_S: u64 = ANSWER_MAX.as_secs();

impl Sure<Admin> {
    /// Begins to ask; what is answered is read from the run. Whoever may have no terminal may not do this either.
    pub async fn begin_command(&self, draft: CommandDraft) -> Result<CommandRun, ApiError> {
        self.viewer().may_have_terminal()?;
        let draft = CommandDraft { command: draft.command.trim().to_owned(), ..draft };
        if let Some(error) = command_error(&draft.command) {
            return Err(error.into());
        }
        let targets = self.targets(&draft.devices)?;
        if !draft.may_begin() {
            let count = draft.devices.len();
            let on = counted(count);
            let why = format!("it may change something on {on}: confirm it with the number {count}");
            return Err(FieldError::new("confirm", "error_command_confirm", why).into());
        }
        let (viewer, names) = (self.viewer(), names(&targets));
        let commands = &viewer.program.commands;
        let begun = commands.begin(&draft.command, &viewer.user.name, targets).map_err(busy)?;
        // What cannot be written down must not happen.
        let detail = format!("{}: {}: {names}", named(begun.run()), counted(draft.devices.len()));
        let audit = viewer.program.store.audit();
        in_time(audit.note(Act::CommandStarted, None, Some(&detail))).await.map_err(api_error)?;
        let remote = Devices { admin: self.clone(), is_confirmed: draft.is_confirmed() };
        let run = begun.hand_over(Box::new(remote), acting_now()).map_err(busy)?;
        // That they look at what they begin is said by that.
        viewer.program.looks.add(&viewer.credential, Seen::Command(run.id()), viewer.program.clock.now());
        Ok(run.summary())
    }

    /// Each once, by the names they have now.
    fn targets(&self, devices: &[DeviceId]) -> Result<Vec<Target>, ApiError> {
        let refuse = |code, why: String| Err(FieldError::new("devices", code, why).into());
        if devices.is_empty() {
            return refuse("error_required", "is required".to_owned());
        }
        if devices.len() > COMMAND_DEVICES_MAX {
            return refuse("error_too_many", format!("must be at most {COMMAND_DEVICES_MAX}"));
        }
        if devices.iter().collect::<BTreeSet<_>>().len() < devices.len() {
            return refuse("error_choice", "must name each device once".to_owned());
        }
        let target = |id: &DeviceId| {
            let device = self.viewer().device(*id).map_err(|error| match error {
                ApiError::NotFound => {
                    let why = format!("there is no device {id}");
                    ApiError::from(FieldError::new("devices", "error_no_device", why))
                }
                error => error,
            })?;
            let obstacle = CommandObstacle::of(&device);
            Ok(Target { device: *id, name: device.name.clone(), obstacle })
        };
        devices.iter().map(target).collect()
    }
}

fn busy(_: Busy) -> ApiError {
    let going = u32::try_from(GOING_MAX).unwrap_or(u32::MAX);
    ApiError::Busy { going, retry_after_s: RETRY_AFTER_S }
}

fn counted(devices: usize) -> String {
    format!("{devices} device{}", if devices == 1 { "" } else { "s" })
}

fn names(targets: &[Target]) -> String {
    targets.iter().map(|target| target.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// A run as the audit log names it. The command comes before what a device said, for which there may be no room.
fn named(run: &Run) -> String {
    format!("run {}: {}", run.id(), run.masked())
}

impl Admin {
    /// What was asked of late, and the run that is looked at, while it is kept.
    pub async fn see_commands(&self, shown: Option<CommandRunId>) -> Result<CommandPage, ApiError> {
        let shown = match shown.and_then(|id| self.command(id).ok()) {
            Some(run) => Some(match self.look_at(&run).await {
                Ok(()) => run.part(0),
                // The page asks for the password, and then for the answers.
                Err(ApiError::PasswordNeeded) => {
                    CommandRunPart { run: run.summary(), answers: Vec::new(), next: 0 }
                }
                Err(error) => return Err(error),
            }),
            None => None,
        };
        Ok(CommandPage { runs: self.command_runs(), shown })
    }

    /// The runs that are kept, the newest first.
    pub fn command_runs(&self) -> Vec<CommandRun> {
        self.viewer().program.commands.all()
    }

    /// A run, and the answers after the first `known`.
    pub async fn command_part(&self, id: CommandRunId, known: u32) -> Result<CommandRunPart, ApiError> {
        let run = self.command(id)?;
        self.look_at(&run).await?;
        Ok(run.part(known))
    }

    /// A run with every answer so far, by the devices' names.
    pub async fn command_answers(
        &self,
        id: CommandRunId,
    ) -> Result<(CommandRun, Vec<CommandAnswer>), ApiError> {
        let run = self.command(id)?;
        self.look_at(&run).await?;
        Ok((run.summary(), run.answers()))
    }

    /// The same, for a file.
    pub async fn filed_answers(
        &self,
        id: CommandRunId,
    ) -> Result<(CommandRun, Vec<CommandAnswer>), ApiError> {
        let run = self.command(id)?;
        self.viewer().may_have_terminal()?;
        self.note_look_at(&run, "file").await?;
        Ok((run.summary(), run.answers()))
    }

    /// Ends what goes on, whoever began it.
    pub async fn stop_command(&self, id: CommandRunId) -> Result<CommandRun, ApiError> {
        let run = self.command(id)?;
        if run.is_going() {
            // First: it must end also while the database fails.
            run.cancel();
            self.write_down_command(Act::CommandCancelled, None, &named(&run)).await;
        }
        Ok(run.summary())
    }

    /// Answers hold what terminals show, and are read with the same right. Whoever begins to is written down.
    async fn look_at(&self, run: &Run) -> Result<(), ApiError> {
        let viewer = self.viewer();
        viewer.may_have_terminal()?;
        let (program, now, seen) = (&viewer.program, viewer.program.clock.now(), Seen::Command(run.id()));
        if !program.looks.holds(&viewer.credential, seen, now) {
            self.note_look_at(run, "answers").await?;
            program.looks.add(&viewer.credential, seen, now);
        }
        Ok(())
    }

    async fn note_look_at(&self, run: &Run, how: &str) -> Result<(), ApiError> {
        let detail = format!("{}: {how}", named(run));
        let audit = self.viewer().program.store.audit();
        in_time(audit.note(Act::CommandSeen, None, Some(&detail))).await.map_err(api_error)
    }

    /// It is done; a database in trouble may be the very reason for it.
    async fn write_down_command(&self, act: Act, subject: Option<&str>, detail: &str) {
        let audit = self.viewer().program.store.audit();
        if let Err(error) = in_time(audit.note(act, subject, Some(detail))).await {
            tracing::warn!(act = act.word(), subject, %error, "an act could not be written down");
        }
    }

    fn command(&self, id: CommandRunId) -> Result<Arc<Run>, ApiError> {
        self.viewer().program.commands.get(id).ok_or(ApiError::NotFound)
    }
}

/// Devices, asked by SSH in the name of somebody who may.
struct Devices {
    admin: Sure<Admin>,
    is_confirmed: bool,
}

impl Remote for Devices {
    fn ask<'a>(&'a self, target: &'a Target, command: &'a str) -> BoxFuture<'a, CommandOutcome> {
        Box::pin(self.errand(target.device, command))
    }

    fn note<'a>(
        &'a self,
        run: &'a Run,
        target: &'a Target,
        outcome: &'a CommandOutcome,
    ) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let detail = format!("{}: {}", named(run), outcome.told());
            self.admin.write_down_command(Act::CommandRun, Some(&target.name), &detail).await;
        })
    }

    fn end<'a>(&'a self, run: &'a Run) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let told = run.ending();
            let (asked, answered, failed, left) = (told.asked, told.answered, told.failed, told.left());
            let detail = format!(
                "run {} {}: {}: {answered} of {asked} answered, {failed} failed, {left} cancelled",
                run.id(),
                told.state.word(),
                run.masked()
            );
            self.admin.write_down_command(Act::CommandEnded, None, &detail).await;
        })
    }

    fn unentitled(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let mut accounts = self.admin.viewer().account_changes();
            while self.admin.is_still_admin().await {
                tokio::select! {
                    () = sleep(RECHECK) => {}
                    changed = accounts.changed() => {
                        if changed.is_err() {
                            return;
                        }
                    }
                }
            }
        })
    }
}

impl Devices {
    async fn errand(&self, id: DeviceId, command: &str) -> CommandOutcome {
        let Ok(target) = self.admin.terminal_target(id).await else {
            return failed("what is stored of it cannot be read", String::new());
        };
        if target.endpoint.pinned.is_none() {
            return CommandOutcome::NotReady(CommandObstacle::NoHostKey);
        }
        let Some(login) = target.login else { return CommandOutcome::NotReady(CommandObstacle::NoLogin) };
        let errand = Errand {
            command,
            is_confirmed: self.is_confirmed,
            bytes_max: COMMAND_OUTPUT_BYTES_MAX,
            connect_within: CONNECT_MAX,
            within: ANSWER_MAX,
        };
        let program = &self.admin.viewer().program;
        let ran = program.engine.ssh_errand(&target.endpoint, &login, errand).await;
        program.mind_host_key(id, &target.endpoint, ran.as_ref().err()).await;
        match ran {
            Ok(ran) => answered(&ran),
            Err(SshError::HostKeyChanged { pinned, seen }) => {
                CommandOutcome::HostKeyChanged { pinned: pinned.fingerprint, seen: seen.fingerprint }
            }
            Err(error) => failed(error.to_string(), String::new()),
        }
    }
}

fn failed(why: impl Into<String>, output: String) -> CommandOutcome {
    CommandOutcome::Failed { why: why.into(), output }
}

/// What it printed, as text, its errors last.
fn answered(ran: &Ran) -> CommandOutcome {
    let mut bytes = [ran.output.as_slice(), ran.errors.as_slice()].concat();
    let is_long = bytes.len() > COMMAND_OUTPUT_BYTES_MAX;
    bytes.truncate(COMMAND_OUTPUT_BYTES_MAX);
    let mut output = plain(&bytes);
    // What is no UTF-8 grows when it is shown.
    let is_cut = ran.is_cut || is_long || output.len() > COMMAND_OUTPUT_BYTES_MAX;
    output.truncate(output.floor_char_boundary(COMMAND_OUTPUT_BYTES_MAX));
    if ran.is_late {
        return failed(format!("it did not end within {} s, and was cut off", ANSWER_MAX.as_secs()), output);
    }
    CommandOutcome::Answered { output, is_cut, exit_code: ran.exit_code }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_printed_is_text_with_the_errors_last_and_no_longer_than_is_kept() {
        let ran = Ran { output: b"\x1b[1mout\r\n".to_vec(), errors: b"err\r\n".to_vec(), ..Ran::default() };
        let expected =
            CommandOutcome::Answered { output: "out\nerr".to_owned(), is_cut: false, exit_code: None };
        assert_eq!(answered(&ran), expected);

        let half = vec![0xff; COMMAND_OUTPUT_BYTES_MAX / 2 + 1];
        let CommandOutcome::Answered { output, is_cut, .. } =
            answered(&Ran { output: half.clone(), errors: half, ..Ran::default() })
        else {
            panic!("no answer")
        };
        assert!(is_cut && output.len() <= COMMAND_OUTPUT_BYTES_MAX, "{}", output.len());

        let late = answered(&Ran { output: b"so far".to_vec(), is_late: true, ..Ran::default() });
        assert!(!late.is_good() && late.output() == "so far", "{late:?}");
    }
}
