//! One command on a device, with what it prints up to a bound.

use super::{
    Connection, STEP_MAX, SshError, Step,
    connect::in_time,
    shell::{FAREWELL, Incoming, granted},
};
use russh::ChannelMsg;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// The exit code of a command that was killed, as OpenSSH's client has it.
const KILLED: u32 = 255;

/// What is done once a command has printed as much as is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beyond {
    /// It is ended there: nothing is lost when it only reads.
    Cut,
    /// It goes on to its end, and what it prints is thrown away: ended in the middle, nobody knows what it did.
    ThrowAway,
}

/// What a command printed, and how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    pub output: Vec<u8>,
    /// What it printed as errors.
    pub errors: Vec<u8>,
    /// RouterOS says none.
    pub exit_code: Option<u32>,
    /// It printed more than was kept.
    pub is_cut: bool,
    /// It had not ended in time, and was ended there.
    pub is_late: bool,
}

impl Connection {
    /// Runs `command` to its end, for at most `within`; keeps at most `bytes_max` of what it prints
    /// on each of its two ways out. Of what has not ended by then there is what it printed so far.
    pub async fn run(
        self,
        command: &str,
        (bytes_max, beyond): (usize, Beyond),
        within: Duration,
    ) -> Result<Ran, SshError> {
        let mut until = Instant::now() + within;
        let opened = timeout_at(until, self.channel()).await;
        let (mut channel, connection) =
            opened.map_err(|_| SshError::Silent { step: Step::Run, after: within })??;
        let mut ran = Ran::default();
        let asking = async {
            channel.exec(true, command).await?;
            granted(&mut channel, &mut ran.output).await
        };
        let begun =
            in_time(Step::Run, STEP_MAX.min(until.saturating_duration_since(Instant::now())), asking).await?;
        begun.map_err(|error| match connection.end(error) {
            SshError::NoTerminal => SshError::NoCommand,
            error => error,
        })?;
        let (read, _write) = channel.split();
        let (seen, allowance) = (connection.seen.clone(), connection.allowance.clone());
        let mut incoming = Incoming { read, held: None, seen, allowance };
        ran.is_cut = ran.output.len() > bytes_max;
        ran.output.truncate(bytes_max);
        let mut has_ended = false;
        loop {
            let Ok(next) = timeout_at(until, incoming.next()).await else {
                // What it left behind may keep the channel open.
                ran.is_late = !has_ended;
                return Ok(ran);
            };
            let (kept, data) = match next? {
                Some(ChannelMsg::Data { data }) => (&mut ran.output, data),
                Some(ChannelMsg::ExtendedData { data, .. }) => (&mut ran.errors, data),
                Some(
                    end @ (ChannelMsg::ExitStatus { .. } | ChannelMsg::ExitSignal { .. } | ChannelMsg::Eof),
                ) => {
                    ran.exit_code = code_of(&end).or(ran.exit_code);
                    has_ended = true;
                    until = until.min(Instant::now() + FAREWELL);
                    continue;
                }
                Some(ChannelMsg::Close) => return Ok(ran),
                None if has_ended => return Ok(ran),
                None => return Err(incoming.lost()),
                Some(_) => continue,
            };
            let room = bytes_max.saturating_sub(kept.len());
            kept.extend(data.iter().take(room));
            if data.len() > room {
                ran.is_cut = true;
                if beyond == Beyond::Cut {
                    return Ok(ran);
                }
                // What is always there is never late.
                if Instant::now() >= until {
                    ran.is_late = !has_ended;
                    return Ok(ran);
                }
            }
        }
    }
}

/// The exit code that a message tells, if it tells one.
fn code_of(end: &ChannelMsg) -> Option<u32> {
    match end {
        ChannelMsg::ExitStatus { exit_status } => Some(*exit_status),
        ChannelMsg::ExitSignal { .. } => Some(KILLED),
        _ => None,
    }
}
