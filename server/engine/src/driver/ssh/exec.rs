//! One command on a device, with what it prints up to a bound.

use super::{
    Connection, STEP_MAX, SshError, Step,
    connect::in_time,
    shell::{Incoming, granted},
};
use russh::ChannelMsg;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// What a command printed, and how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    pub output: Vec<u8>,
    /// What it printed as errors.
    pub errors: Vec<u8>,
    /// RouterOS says none.
    pub exit_code: Option<u32>,
    /// It printed more than was kept, and was ended there.
    pub is_cut: bool,
}

impl Connection {
    /// Runs `command` to its end, for at most `within`; keeps at most `bytes_max` of what it prints.
    pub async fn run(self, command: &str, bytes_max: usize, within: Duration) -> Result<Ran, SshError> {
        let until = Instant::now() + within;
        let (mut channel, connection) = self.channel().await?;
        let mut ran = Ran::default();
        let asking = async {
            channel.exec(true, command).await?;
            granted(&mut channel, &mut ran.output).await
        };
        in_time(Step::Open, STEP_MAX, asking).await?.map_err(|error| connection.end(error))?;
        let (read, _write) = channel.split();
        let (seen, allowance) = (connection.seen.clone(), connection.allowance.clone());
        let mut incoming = Incoming { read, held: None, seen, allowance };
        ran.is_cut = ran.output.len() > bytes_max;
        ran.output.truncate(bytes_max);
        loop {
            let next = timeout_at(until, incoming.next()).await;
            let message = next.map_err(|_| SshError::Silent { step: Step::Open, after: within })??;
            let (kept, data) = match message {
                Some(ChannelMsg::Data { data }) => (&mut ran.output, data),
                Some(ChannelMsg::ExtendedData { data, .. }) => (&mut ran.errors, data),
                Some(ChannelMsg::ExitStatus { exit_status }) => {
                    ran.exit_code = Some(exit_status);
                    continue;
                }
                Some(ChannelMsg::Close) => return Ok(ran),
                None if ran.exit_code.is_some() => return Ok(ran),
                None => return Err(incoming.lost()),
                Some(_) => continue,
            };
            let room = bytes_max.saturating_sub(kept.len());
            kept.extend(data.iter().take(room));
            if data.len() > room {
                ran.is_cut = true;
                return Ok(ran);
            }
        }
    }
}
