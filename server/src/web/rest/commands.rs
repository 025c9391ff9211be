//! `/api/commands`: one command for many devices.

use super::{
    Body, Named,
    attached::{CSV, attached, harmless, line},
    rfc3339,
};
use crate::web::{
    Admin,
    error::{ErrorBody, Failure},
};
use axum::{Json, http::StatusCode, response::Response};
use model::{CommandAnswer, CommandDraft, CommandOutcome, CommandRun, CommandRunId, DeviceId};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandWish {
    /// Ids of devices, 1 to 1000, each once.
    devices: Vec<i64>,
    /// One line, as it would be typed on the device, of 400 characters at most.
    #[schema(example = "/system resource print")]
    command: String,
    /// How many devices it may change, which is how many are named: needed for everything that does not surely only
    /// look, and for devices that are not RouterOS. What only looks begins with `/`.
    confirm: Option<u32>,
}

#[derive(Serialize, ToSchema)]
pub struct RunAnswer {
    success: bool,
    run: RunBody,
}

#[derive(Serialize, ToSchema)]
pub struct RunList {
    success: bool,
    /// The newest first; eight of the last day at most, since the program was started.
    runs: Vec<RunBody>,
    total: usize,
}

#[derive(Serialize, ToSchema)]
pub struct RunBody {
    id: i64,
    /// With secrets masked.
    command: String,
    /// `reads` or `changes` (it may).
    effect: &'static str,
    /// Whose account it was begun with.
    by: String,
    /// RFC 3339 in UTC.
    at: String,
    /// `running`, `finished`, `cancelled`, or `withdrawn` when whoever began it is no admin any more.
    state: &'static str,
    asked: u32,
    /// How many ran it to its end, whatever its exit code.
    answered: u32,
    /// How many failed, or could not be asked.
    failed: u32,
    /// By the devices' names; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<Vec<AnswerBody>>,
}

#[derive(Serialize, ToSchema)]
pub struct AnswerBody {
    device_id: i64,
    name: String,
    took_ms: u64,
    /// `answered`, `failed`, `host_key_changed`, `not_ready` or `cancelled`.
    outcome: &'static str,
    /// What came of it, in words.
    told: String,
    /// What it printed as plain text, 64 KiB at most.
    output: String,
    /// It printed more.
    cut: bool,
    /// RouterOS gives none.
    exit_code: Option<u32>,
}

/// Begins to ask devices; what they answer is fetched from the run.
#[utoipa::path(post, path = "/api/commands", tag = "Commands", request_body = CommandWish, responses(
    (status = 202, body = RunAnswer),
    (status = 400, description = "Something is wrong with the values, or the number was not confirmed", body = ErrorBody),
    (status = 429, description = "As many commands are being run as may be at once", body = ErrorBody),
))]
pub async fn start(
    Admin(admin): Admin,
    Body(wish): Body<CommandWish>,
) -> Result<(StatusCode, Json<RunAnswer>), Failure> {
    let CommandWish { devices, command, confirm } = wish;
    let devices = devices.into_iter().map(DeviceId).collect();
    let run = admin.sure()?.begin_command(CommandDraft { devices, command, confirmed: confirm }).await?;
    Ok((StatusCode::ACCEPTED, Json(RunAnswer { success: true, run: RunBody::of(run, None) })))
}

/// The last runs.
#[utoipa::path(get, path = "/api/commands", tag = "Commands", responses((status = 200, body = RunList)))]
pub async fn list(Admin(admin): Admin) -> Json<RunList> {
    let runs: Vec<_> = admin.command_runs().into_iter().map(|run| RunBody::of(run, None)).collect();
    let total = runs.len();
    Json(RunList { success: true, runs, total })
}

/// A run, and what was answered so far: by HTTPS only, as terminals are. Who begins to look is written down.
#[utoipa::path(get, path = "/api/commands/{id}", tag = "Commands", params(("id" = i64, Path)), responses(
    (status = 200, body = RunAnswer),
    (status = 403, description = "The password was given too long ago", body = ErrorBody),
    (status = 404, description = "There is no such run, or not any more", body = ErrorBody),
))]
pub async fn show(Admin(admin): Admin, Named(id): Named) -> Result<Json<RunAnswer>, Failure> {
    let (run, answers) = admin.command_answers(number(&id)?).await?;
    Ok(Json(RunAnswer { success: true, run: RunBody::of(run, Some(answers)) }))
}

/// Asks no device any more, and cuts what is under way. What a device was told already it may still do.
#[utoipa::path(delete, path = "/api/commands/{id}", tag = "Commands", params(("id" = i64, Path)), responses(
    (status = 202, body = RunAnswer),
    (status = 404, description = "There is no such run, or not any more", body = ErrorBody),
))]
pub async fn cancel(Admin(admin): Admin, Named(id): Named) -> Result<(StatusCode, Json<RunAnswer>), Failure> {
    let run = admin.stop_command(number(&id)?).await?;
    Ok((StatusCode::ACCEPTED, Json(RunAnswer { success: true, run: RunBody::of(run, None) })))
}

/// The answers so far as CSV, by the devices' names.
#[utoipa::path(get, path = "/api/commands/{id}/answers.csv", tag = "Commands", params(("id" = i64, Path)), responses(
    (status = 200, content_type = "text/csv", body = String),
    (status = 403, description = "The password was given too long ago", body = ErrorBody),
    (status = 404, description = "There is no such run, or not any more", body = ErrorBody),
))]
pub async fn csv(Admin(admin): Admin, Named(id): Named) -> Result<Response, Failure> {
    let id = number(&id)?;
    let (_, answers) = admin.filed_answers(id).await?;
    let head = ["device", "outcome", "told", "seconds", "exit_code", "cut", "output"].map(str::to_owned);
    let mut file = line(&head)?.to_vec();
    for answer in answers.into_iter().map(AnswerBody::from) {
        file.extend_from_slice(&line(&[
            harmless(&answer.name),
            answer.outcome.to_owned(),
            harmless(&answer.told),
            format!("{}.{:03}", answer.took_ms / 1_000, answer.took_ms % 1_000),
            answer.exit_code.map(|code| code.to_string()).unwrap_or_default(),
            answer.cut.to_string(),
            harmless(&answer.output),
        ])?);
    }
    Ok(attached(file.into(), CSV, &format!("command-{id}.csv")))
}

/// The answers so far as text to be read, by the devices' names, each of their lines behind `| `.
#[utoipa::path(get, path = "/api/commands/{id}/answers.txt", tag = "Commands", params(("id" = i64, Path)), responses(
    (status = 200, content_type = "text/plain", body = String),
    (status = 403, description = "The password was given too long ago", body = ErrorBody),
    (status = 404, description = "There is no such run, or not any more", body = ErrorBody),
))]
pub async fn text(Admin(admin): Admin, Named(id): Named) -> Result<Response, Failure> {
    let id = number(&id)?;
    let (run, answers) = admin.filed_answers(id).await?;
    let mut text = format!("# {}\n# {}, {}, {}\n", run.command, run.by, rfc3339(run.at), run.state.word());
    for answer in answers.into_iter().map(AnswerBody::from) {
        let cut = if answer.cut { ", cut" } else { "" };
        // Writing into a string never fails.
        let _ = write!(text, "\n## {} ({}{cut})\n", answer.name, answer.told);
        // Behind a mark, or one device could print another's answer.
        for line in answer.output.split(['\n', '\u{2028}', '\u{2029}']).filter(|_| !answer.output.is_empty())
        {
            let _ = writeln!(text, "| {line}");
        }
    }
    Ok(attached(text.into(), "text/plain; charset=utf-8", &format!("command-{id}.txt")))
}

/// What is no number names nothing.
fn number(id: &str) -> Result<CommandRunId, Failure> {
    id.parse().map_err(|_| Failure::not_found())
}

impl RunBody {
    fn of(run: CommandRun, answers: Option<Vec<CommandAnswer>>) -> Self {
        Self {
            id: run.id.0,
            command: run.command,
            effect: run.effect.word(),
            by: run.by,
            at: rfc3339(run.at),
            state: run.state.word(),
            asked: run.asked,
            answered: run.answered,
            failed: run.failed,
            answers: answers.map(|answers| answers.into_iter().map(AnswerBody::from).collect()),
        }
    }
}

impl From<CommandAnswer> for AnswerBody {
    fn from(answer: CommandAnswer) -> Self {
        let CommandAnswer { device, name, took_ms, outcome } = answer;
        let (outcome_word, told) = (outcome.word(), outcome.told());
        let (output, cut, exit_code) = match outcome {
            CommandOutcome::Answered { output, is_cut, exit_code } => (output, is_cut, exit_code),
            CommandOutcome::Failed { output, .. } => (output, false, None),
            _ => (String::new(), false, None),
        };
        Self { device_id: device.0, name, took_ms, outcome: outcome_word, told, output, cut, exit_code }
    }
}
