//! An open terminal: what is typed goes to the device and what it sends to the page, each as fast as the other end takes
//! it and its recording does. The one place through which output ([`Relay::draw`]), sizes ([`Relay::resize`]) and the end
//! pass: they are recorded here.
//!
//! A key that stops a flood must not wait behind it, and what was sent before it took effect is still drawn. Between the
//! device's program and the screen there wait at most 212 KiB, beside the device's own buffers:
//!
//! * 64 KiB on the line: the window of the channel (`WINDOW_BYTES` of the SSH driver), which grows only as messages are
//!   taken from the line;
//! * 20 KiB in the driver: two messages of 4 KiB in the channel (`MESSAGES_WAITING`), one that waits for room in it,
//!   one that is being read, and one that did not fit to those that were handed on together. Nothing more is read meanwhile;
//! * 128 KiB at the page: sent, and not drawn yet ([`TERMINAL_AHEAD_MAX`]). The rest of the way holds nothing: what comes
//!   out of the channel, up to [`CHUNK_BYTES_MAX`] at once, is in one message of the socket before more is taken.
//!
//! While its recording has no room the device waits as well ([`super::hold`]), and at most 256 KiB more wait here.
//!
//! What is typed has a way of its own past all of that: while nothing may be drawn the page is heard all the same, and in
//! the driver a key comes in between any two messages, of which some are taken for it while the recording has no room.
//! Only a page that draws nothing at all holds it up, as the driver's one task then waits for room in the channel.

use super::{
    hold::{Hold, Stand},
    outlet::Outlet,
    page::{End, Event, Heard},
    session::Session,
    typing::Typing,
};
use crate::recordings::{AT_ONCE_BYTES_MAX, Recorder};
use axum::body::Bytes;
use engine::driver::ssh::{Output, Shell, ShellOutput, Size, SshError};
use model::{FromTerminal, RecordingEnd, TERMINAL_AHEAD_MAX, TerminalEnd, ToTerminal};
use std::{future::pending, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

/// Most bytes that are drawn at once.
const CHUNK_BYTES_MAX: u32 = AT_ONCE_BYTES_MAX as u32;
/// How long before the end of an idle terminal its page is told.
const WARNING: Duration = Duration::from_secs(60);

pub struct Relay<'a> {
    session: &'a mut Session,
    outlet: Outlet<ShellOutput>,
    typing: Typing,
    recorder: Recorder,
    /// Changes when there may be room in the recording.
    growth: watch::Receiver<()>,
    hold: Hold,
    /// Output waits for its recording.
    is_held: bool,
    /// How many others look on.
    watched: watch::Receiver<u32>,
    /// Bytes that the page has not drawn yet.
    ahead: u32,
    typed_at: Instant,
    is_warned: bool,
    /// The page knows that its recording is full.
    is_told_full: bool,
}

/// What a turn begins with.
enum Turn {
    Output(Result<Output, SshError>),
    Page(Event),
    /// So many bytes of what was typed are in the driver.
    Typed(Result<usize, SshError>),
    Watched(u32),
    /// From now on nothing is recorded, or something is again.
    Unrecorded(bool),
    /// There may be room in the recording, or it is no longer waited for.
    Look,
    Idle,
}

impl<'a> Relay<'a> {
    /// `size` is what the terminal was opened with.
    pub fn new(session: &'a mut Session, shell: Shell, size: Size, recorder: Recorder) -> Self {
        let Shell { input, output } = shell;
        let (typing, has_changed) = (Typing::new(input), session.size != size);
        let (watched, growth) = (recorder.watched(), recorder.growth());
        let mut relay = Self {
            session,
            outlet: Outlet::new(output),
            typing,
            recorder,
            growth,
            hold: Hold::default(),
            is_held: false,
            watched,
            ahead: 0,
            typed_at: Instant::now(),
            is_warned: false,
            is_told_full: false,
        };
        // It may have changed on the way.
        if has_changed {
            relay.resize(relay.session.size);
        }
        relay
    }

    /// Draws what the device said before the login, and relays until either end has enough. `end_of` says what a
    /// failure of the device's end means.
    pub async fn run(mut self, banner: &str, end_of: impl Fn(SshError) -> TerminalEnd) -> End {
        let end = self.relay(banner, end_of).await;
        self.recorder.end(recorded(&end));
        end
    }

    async fn relay(&mut self, banner: &str, end_of: impl Fn(SshError) -> TerminalEnd) -> End {
        let recording = Some(self.recorder.id().0);
        if let Err(end) = self.session.page.say(&ToTerminal::Open { recording }).await {
            return end;
        }
        if !banner.is_empty()
            && let Err(end) = self.draw(banner.as_bytes().to_vec()).await
        {
            return end;
        }
        loop {
            let done = match self.turn().await {
                Turn::Output(Ok(Output::Bytes(bytes))) => self.draw(bytes).await,
                Turn::Output(Ok(Output::Ended { exit_code })) => {
                    Err(End::Told(TerminalEnd::Closed { exit_code }))
                }
                // It is drawn to its end, which says why.
                Turn::Typed(Err(_)) if self.outlet.has_ended() => Ok(()),
                Turn::Output(Err(error)) | Turn::Typed(Err(error)) => Err(End::Told(end_of(error))),
                Turn::Typed(Ok(bytes)) => {
                    if self.is_held && bytes > 0 {
                        self.outlet.let_pass();
                    }
                    Ok(())
                }
                Turn::Page(event) => self.hear(event).await,
                Turn::Watched(by) => self.session.page.say(&ToTerminal::Watched { by }).await,
                Turn::Unrecorded(is_now) => self.session.page.say(&ToTerminal::Unrecorded { is_now }).await,
                Turn::Look => Ok(()),
                Turn::Idle => self.idle().await,
            };
            if let Err(end) = done {
                return end;
            }
        }
    }

    async fn turn(&mut self) -> Turn {
        // First, so that what is written while it is looked for is not slept through.
        self.growth.borrow_and_update();
        let stand = self.hold.stand(self.recorder.has_room(), Instant::now());
        if let Some(is_now) = self.hold.news(stand) {
            return Turn::Unrecorded(is_now);
        }
        let held_until = match stand {
            Stand::Held { until } => Some(until),
            Stand::Recorded | Stand::Unrecorded => None,
        };
        self.is_held = held_until.is_some();
        let may_draw = !self.is_held && self.ahead.saturating_add(CHUNK_BYTES_MAX) <= TERMINAL_AHEAD_MAX;
        // While nothing may be drawn the page must be heard: only it can say that it drew, or stop what is not drawn.
        let may_hear = self.typing.has_room() || !may_draw;
        let idle = self.session.page.admin().terminal_idle();
        let idle_at = self.typed_at + if self.is_warned { idle } else { idle.saturating_sub(WARNING) };
        tokio::select! {
            output = self.outlet.next(may_draw) => Turn::Output(output),
            event = self.session.page.event(may_hear) => Turn::Page(event),
            typed = self.typing.advance() => Turn::Typed(typed),
            by = others(&mut self.watched) => Turn::Watched(by),
            () = grown(&mut self.growth), if stand != Stand::Recorded => Turn::Look,
            () = passed(held_until) => Turn::Look,
            () = sleep_until(idle_at) => Turn::Idle,
        }
    }

    async fn draw(&mut self, bytes: Vec<u8>) -> Result<(), End> {
        self.recorder.output(&bytes);
        self.ahead = self.ahead.saturating_add(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        self.session.page.draw(bytes).await?;
        if self.is_told_full || !self.recorder.is_cut() {
            return Ok(());
        }
        self.is_told_full = true;
        self.session.page.say(&ToTerminal::RecordingFull).await
    }

    async fn hear(&mut self, event: Event) -> Result<(), End> {
        match self.session.page.take(event).await? {
            None => {}
            Some(Heard::Bytes(bytes)) => {
                self.somebody_is_there();
                self.type_in(bytes)?;
            }
            Some(Heard::Answer(bytes)) => self.type_in(bytes)?,
            Some(Heard::Word(FromTerminal::Drawn { bytes })) => self.ahead = self.ahead.saturating_sub(bytes),
            Some(Heard::Word(FromTerminal::Resize { columns, rows })) => self.resize(Size { columns, rows }),
            Some(Heard::Word(FromTerminal::Stay)) => self.somebody_is_there(),
            // An answer or a trust that came too late for its question.
            Some(Heard::Word(FromTerminal::Answers(_) | FromTerminal::Trust { .. })) => {}
            Some(Heard::Word(FromTerminal::GiveUp)) => return Err(End::GivenUp),
            // A second hello.
            Some(Heard::Word(FromTerminal::Hello { .. })) => return Err(End::Gone),
        }
        Ok(())
    }

    fn type_in(&mut self, bytes: Bytes) -> Result<(), End> {
        if self.is_held {
            self.outlet.make_way();
        }
        if self.typing.push(bytes) {
            return Ok(());
        }
        let why = "the device does not take what was typed".to_owned();
        Err(End::Told(TerminalEnd::Lost { why }))
    }

    fn resize(&mut self, size: Size) {
        self.recorder.resize(size.columns, size.rows);
        self.typing.resize(size);
    }

    fn somebody_is_there(&mut self) {
        self.typed_at = Instant::now();
        self.is_warned = false;
    }

    async fn idle(&mut self) -> Result<(), End> {
        if self.is_warned {
            return Err(End::Told(TerminalEnd::Idle));
        }
        self.is_warned = true;
        let seconds_left = u32::try_from(WARNING.as_secs()).unwrap_or(u32::MAX);
        self.session.page.say(&ToTerminal::Idle { seconds_left }).await
    }
}

/// How many look on, once that changes.
async fn others(watched: &mut watch::Receiver<u32>) -> u32 {
    match watched.changed().await {
        Ok(()) => *watched.borrow_and_update(),
        Err(_) => pending().await,
    }
}

/// Ends once something happened to the recording.
async fn grown(growth: &mut watch::Receiver<()>) {
    if growth.changed().await.is_err() {
        pending().await
    }
}

/// Ends then; never without a time.
async fn passed(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => pending().await,
    }
}

/// Why a terminal ended, for its recording.
fn recorded(end: &End) -> RecordingEnd {
    match end {
        End::Gone | End::GivenUp => RecordingEnd::Left,
        End::Told(TerminalEnd::Closed { .. }) => RecordingEnd::Closed,
        End::Told(TerminalEnd::Idle) => RecordingEnd::Idle,
        End::Told(TerminalEnd::NotAllowed | TerminalEnd::NoTicket) => RecordingEnd::NotAllowed,
        End::Told(TerminalEnd::Stopping) => RecordingEnd::Stopping,
        End::Told(TerminalEnd::Removed) => RecordingEnd::Removed,
        End::Told(TerminalEnd::Changed | TerminalEnd::KeyReplaced) => RecordingEnd::Changed,
        End::Told(_) => RecordingEnd::Lost,
    }
}

/// Why a terminal ended, for the audit log.
pub fn told(end: &End) -> String {
    match end {
        End::Gone => "the page was closed".to_owned(),
        End::GivenUp => "somebody gave it up".to_owned(),
        End::Told(end) => match end {
            TerminalEnd::Closed { exit_code: Some(code) } => format!("the device ended it with {code}"),
            TerminalEnd::Closed { exit_code: None } => "the device ended it".to_owned(),
            TerminalEnd::Idle => "nothing was typed for too long".to_owned(),
            TerminalEnd::NoTicket => "no ticket".to_owned(),
            TerminalEnd::NotAllowed => "the right to it ended".to_owned(),
            TerminalEnd::LoginRefused => "the login was refused".to_owned(),
            TerminalEnd::HostKeyChanged { pinned, seen, .. } => {
                format!("another host key: pinned {}, seen {}", pinned.fingerprint, seen.fingerprint)
            }
            TerminalEnd::HostKeyNotConfirmed => "the host key was not confirmed".to_owned(),
            TerminalEnd::NoCommonAlgorithm { needs } => format!("no common algorithm: it needs {needs}"),
            TerminalEnd::Lost { why } => why.clone(),
            TerminalEnd::Stopping => "the server stopped".to_owned(),
            TerminalEnd::Removed => "the device was removed".to_owned(),
            TerminalEnd::Changed => "its address or its login was changed".to_owned(),
            TerminalEnd::KeyReplaced => "another host key was accepted".to_owned(),
            TerminalEnd::Unreached { host, why } => format!("no connection to {host}: {why}"),
        },
    }
}
