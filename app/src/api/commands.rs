//! One command for many devices.

use super::{ApiError, wire::Wire};
use leptos::prelude::*;
use model::{CommandDraft, CommandPage, CommandRun, CommandRunId, CommandRunPart};

#[server(endpoint = "start_command", protocol = Wire)]
pub async fn start_command(draft: CommandDraft) -> Result<CommandRun, ApiError> {
    super::port::sure_admin()?.start_command(draft).await
}

#[server(endpoint = "load_commands", protocol = Wire)]
pub async fn load_commands(shown: Option<CommandRunId>) -> Result<CommandPage, ApiError> {
    super::port::admin()?.command_page(shown).await
}

/// A run, and the answers after the first `known`.
#[server(endpoint = "load_command_part", protocol = Wire)]
pub async fn load_command_part(id: CommandRunId, known: u32) -> Result<CommandRunPart, ApiError> {
    super::port::admin()?.command_part(id, known).await
}

#[server(endpoint = "cancel_command", protocol = Wire)]
pub async fn cancel_command(id: CommandRunId) -> Result<CommandRun, ApiError> {
    super::port::admin()?.cancel_command(id).await
}
