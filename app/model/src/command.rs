//! One command for many devices: what may be asked, and what came of it.

use crate::{
    CommandEffect, CommandRunId, Device, DeviceId, FieldError, Timestamp, command_effect, line,
    masked_command,
};
use serde::{Deserialize, Serialize};

/// Longest command, in characters, as it is typed and as it is written down: the audit log has room for all of it.
pub const COMMAND_CHARS_MAX: usize = 400;
/// Most devices of one run.
pub const COMMAND_DEVICES_MAX: usize = 1_000;
/// Most bytes that are kept of what one device answers.
pub const COMMAND_OUTPUT_BYTES_MAX: usize = 64 * 1024;
/// How long one device may take, from the first packet to the end of its answer, in seconds.
pub const COMMAND_SECONDS_MAX: u64 = 30;
/// Runs that are kept, and for how many hours.
pub const COMMAND_RUNS_MAX: usize = 8;
pub const COMMAND_RUN_HOURS: i64 = 24;

/// What is wrong with a command before any device was asked.
pub fn command_error(command: &str) -> Option<FieldError> {
    if command.trim().is_empty() {
        return Some(FieldError::new("command", "error_required", "is required"));
    }
    // Masking may make it longer.
    let told = masked_command(command);
    [command, told.as_str()].into_iter().find_map(|command| line("command", command, COMMAND_CHARS_MAX).err())
}

/// Why a device cannot be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandObstacle {
    /// No login is stored that SSH could be tried with.
    NoLogin,
    /// Nobody has accepted its host key yet.
    NoHostKey,
}

impl CommandObstacle {
    /// What stands in the way of asking `device`, if anything does.
    pub fn of(device: &Device) -> Option<Self> {
        let has_own = device.ssh.as_ref().is_some_and(|ssh| ssh.has_password || ssh.has_private_key);
        // The login of the RouterOS API is tried where SSH has none of its own, as in terminals.
        if !has_own && device.routeros.is_none() {
            return Some(CommandObstacle::NoLogin);
        }
        device.host_key.is_none().then_some(CommandObstacle::NoHostKey)
    }

    /// For programs and the audit log.
    pub fn why(self) -> &'static str {
        match self {
            CommandObstacle::NoLogin => "no SSH login is stored for it",
            CommandObstacle::NoHostKey => "its host key is not accepted yet: open its terminal once",
        }
    }
}

/// A command, and for whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandDraft {
    pub devices: Vec<DeviceId>,
    pub command: String,
    /// How many devices somebody said it may change. Needed where it may change any.
    pub confirmed: Option<u32>,
}

impl CommandDraft {
    /// Whether somebody said of just so many devices that it may change them.
    pub fn is_confirmed(&self) -> bool {
        self.confirmed.and_then(|count| usize::try_from(count).ok()) == Some(self.devices.len())
    }

    /// Whether it may begin. What nobody confirmed is for RouterOS alone.
    pub fn may_begin(&self) -> bool {
        self.is_confirmed() || command_effect(&self.command) == CommandEffect::Reads
    }
}

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandState {
    Running,
    Finished,
    /// Somebody ended it.
    Cancelled,
    /// Who began it is no admin any more, or has logged out.
    Withdrawn,
}

impl CommandState {
    pub fn word(self) -> &'static str {
        match self {
            CommandState::Running => "running",
            CommandState::Finished => "finished",
            CommandState::Cancelled => "cancelled",
            CommandState::Withdrawn => "withdrawn",
        }
    }
}

/// What came of a command on one device.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandOutcome {
    /// What it printed; more than was kept where it is cut. RouterOS gives no exit code.
    Answered { output: String, is_cut: bool, exit_code: Option<u32> },
    /// With what it had printed by then.
    Failed { why: String, output: String },
    /// It proves itself with another key than the accepted one: nothing was sent.
    HostKeyChanged { pinned: String, seen: String },
    /// It was not asked.
    NotReady(CommandObstacle),
    /// Cancelled before its end; where it was begun, the device may still go on with it.
    Cancelled { is_begun: bool },
}

impl CommandOutcome {
    /// Whether it did what it was asked, as far as can be told.
    pub fn is_good(&self) -> bool {
        matches!(self, CommandOutcome::Answered { exit_code: None | Some(0), .. })
    }

    /// Whether the device ran it to its end, whatever its code.
    pub fn is_answer(&self) -> bool {
        matches!(self, CommandOutcome::Answered { .. })
    }

    /// For programs: `answered`, `failed`, `host_key_changed`, `not_ready` or `cancelled`.
    pub fn word(&self) -> &'static str {
        match self {
            CommandOutcome::Answered { .. } => "answered",
            CommandOutcome::Failed { .. } => "failed",
            CommandOutcome::HostKeyChanged { .. } => "host_key_changed",
            CommandOutcome::NotReady(_) => "not_ready",
            CommandOutcome::Cancelled { .. } => "cancelled",
        }
    }

    /// In one line of English, without anything that the device printed.
    pub fn told(&self) -> String {
        match self {
            CommandOutcome::Answered { exit_code: None | Some(0), .. } => "answered".to_owned(),
            CommandOutcome::Answered { exit_code: Some(code), .. } => format!("ended with code {code}"),
            CommandOutcome::Failed { why, .. } => format!("failed: {why}"),
            CommandOutcome::HostKeyChanged { pinned, seen } => {
                format!("not asked: the host key changed, pinned {pinned}, seen {seen}")
            }
            CommandOutcome::NotReady(obstacle) => format!("not asked: {}", obstacle.why()),
            CommandOutcome::Cancelled { is_begun: true } => "cut off: it may still go on".to_owned(),
            CommandOutcome::Cancelled { is_begun: false } => "not asked: cancelled".to_owned(),
        }
    }

    /// What it printed, as far as it was kept.
    pub fn output(&self) -> &str {
        match self {
            CommandOutcome::Answered { output, .. } | CommandOutcome::Failed { output, .. } => output,
            _ => "",
        }
    }
}

/// A device's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandAnswer {
    pub device: DeviceId,
    /// As it was called when the run began.
    pub name: String,
    pub took_ms: u64,
    pub outcome: CommandOutcome,
}

/// A run without its answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandRun {
    pub id: CommandRunId,
    /// With secrets masked.
    pub command: String,
    pub effect: CommandEffect,
    /// The account's name.
    pub by: String,
    pub at: Timestamp,
    pub state: CommandState,
    pub asked: u32,
    /// Those that ran it to its end, whatever its exit code.
    pub answered: u32,
    /// Those that did not: they failed, or could not be asked.
    pub failed: u32,
}

impl CommandRun {
    /// Devices of which nothing has come yet, or will come.
    pub fn left(&self) -> u32 {
        self.asked.saturating_sub(self.answered).saturating_sub(self.failed)
    }
}

/// A run, and the answers that came after those that are known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandRunPart {
    pub run: CommandRun,
    /// In the order in which they came.
    pub answers: Vec<CommandAnswer>,
    /// What to ask on from.
    pub next: u32,
}

/// What was asked of late.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandPage {
    /// The newest first.
    pub runs: Vec<CommandRun>,
    /// The one that was asked for, while it is kept.
    pub shown: Option<CommandRunPart>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DeviceKind;

    #[test]
    fn a_command_is_one_line_of_text() {
        assert_eq!(command_error("/ip address print"), None);
        for (command, code) in [
            (" ", "error_required"),
            ("a\nb", "error_control"),
            ("a\u{202e}b", "error_control"),
            (&"x".repeat(COMMAND_CHARS_MAX + 1), "error_too_long"),
            (&"pin=x;".repeat(COMMAND_CHARS_MAX / 6), "error_too_long"),
        ] {
            assert_eq!(command_error(command).map(|error| error.code).as_deref(), Some(code), "{command:?}");
        }
    }

    #[test]
    fn what_may_change_devices_needs_their_number() {
        let draft = |command: &str, confirmed| CommandDraft {
            devices: vec![DeviceId(1), DeviceId(2)],
            command: command.to_owned(),
            confirmed,
        };
        assert!(draft("/ip address print", None).may_begin());
        assert!(!draft("/ip address print", None).is_confirmed());
        assert!(!draft("/system reboot", None).may_begin());
        assert!(!draft("/system reboot", Some(1)).may_begin());
        let confirmed = draft("/system reboot", Some(2));
        assert!(confirmed.may_begin() && confirmed.is_confirmed());
    }

    #[test]
    fn a_device_is_asked_with_a_login_and_an_accepted_key_only() {
        let mut device = Device::new(DeviceId(1), "edge", DeviceKind::Router, "192.0.2.1");
        assert_eq!(CommandObstacle::of(&device), Some(CommandObstacle::NoLogin));
        device.ssh = Some(crate::SshAccess {
            username: "admin".to_owned(),
            has_password: false,
            has_private_key: false,
            port: None,
            has_legacy: false,
            set_at: Timestamp(0),
        });
        assert_eq!(CommandObstacle::of(&device), Some(CommandObstacle::NoLogin), "a name alone is no login");
        device.ssh.iter_mut().for_each(|ssh| ssh.has_private_key = true);
        assert_eq!(CommandObstacle::of(&device), Some(CommandObstacle::NoHostKey));
        let key =
            crate::SshHostKey { algorithm: "ssh-ed25519".to_owned(), fingerprint: "SHA256:x".to_owned() };
        device.host_key =
            Some(crate::PinnedHostKey { key, pinned_at: Timestamp(0), pinned_by: "ani".to_owned() });
        assert_eq!(CommandObstacle::of(&device), None);
    }
}
