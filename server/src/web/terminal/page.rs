//! The page at the other end of a terminal's socket: what it says, what it is told, and whether its device is still what
//! it was.

use super::TYPING;
use crate::{
    backend::{Admin, Footing, Sure},
    web::sockets::{self, Guarded, Sign},
};
use app::api::wire;
use axum::body::Bytes;
use model::{FromTerminal, TERMINAL_ANSWER, TERMINAL_BYTES, TERMINAL_WORD, TerminalEnd, ToTerminal};
use std::{future::pending, time::Duration};
use tokio_util::sync::CancellationToken;

/// How long one message may take to leave.
const SENDING: Duration = Duration::from_secs(30);

/// Why a terminal ends.
#[derive(Debug)]
pub enum End {
    /// The page is gone: there is nobody to tell.
    Gone,
    /// Somebody gave it up, and knows.
    GivenUp,
    Told(TerminalEnd),
}

impl From<sockets::End> for End {
    fn from(end: sockets::End) -> Self {
        match end {
            sockets::End::Gone => End::Gone,
            sockets::End::SESSION => End::Told(TerminalEnd::NotAllowed),
            sockets::End::TOO_MUCH => {
                End::Told(TerminalEnd::Lost { why: "more was sent than a terminal takes".to_owned() })
            }
            sockets::End::Bye(why) => End::Told(TerminalEnd::Lost { why: why.to_owned() }),
        }
    }
}

/// What a page said; passwords among it.
pub enum Heard {
    Bytes(Bytes),
    /// What the screen says to the device, and nobody typed.
    Answer(Bytes),
    Word(FromTerminal),
}

/// Something happened at the page's end, or to the device; [`Page::take`] sees to it.
pub enum Event {
    Line(Sign),
    Lost(TerminalEnd),
    Stop,
}

pub struct Page {
    line: Guarded,
    admin: Sure<Admin>,
    stop: CancellationToken,
    /// Once it is known where the terminal leads.
    footing: Option<Footing>,
}

impl Page {
    pub fn new(line: Guarded, admin: Sure<Admin>, stop: CancellationToken) -> Self {
        let line = line.for_admins().with_rate(TYPING, SENDING);
        Self { line, admin, stop, footing: None }
    }

    pub fn admin(&self) -> &Sure<Admin> {
        &self.admin
    }

    /// From now on it ends with what the device is known by.
    pub fn stand_on(&mut self, footing: Footing) {
        self.footing = Some(footing);
    }

    pub fn footing(&mut self) -> Option<&mut Footing> {
        self.footing.as_mut()
    }

    /// What happens next. Loses nothing when dropped half-way. Without `hears` the page's words wait where they are.
    pub async fn event(&mut self, hears: bool) -> Event {
        tokio::select! {
            sign = self.line.sign_if(hears) => Event::Line(sign),
            why = lost(&mut self.footing) => Event::Lost(why),
            () = self.stop.cancelled() => Event::Stop,
        }
    }

    /// Sees to what happened; what the page said, if it was that.
    pub async fn take(&mut self, event: Event) -> Result<Option<Heard>, End> {
        let sign = match event {
            Event::Line(sign) => sign,
            Event::Lost(why) => return Err(End::Told(why)),
            Event::Stop => return Err(End::Told(TerminalEnd::Stopping)),
        };
        if let (Sign::Recheck, Some(footing)) = (&sign, &mut self.footing) {
            footing.doubt();
        }
        match self.line.mind(sign).await? {
            Some(said) => heard(&said),
            None => Ok(None),
        }
    }

    /// Ends what nobody has a right to any more.
    pub async fn recheck(&mut self) -> Result<(), End> {
        Ok(self.line.recheck().await?)
    }

    pub async fn say(&mut self, word: &ToTerminal) -> Result<(), End> {
        self.deliver(message(TERMINAL_WORD, wire::encode(word))).await
    }

    pub async fn draw(&mut self, bytes: Vec<u8>) -> Result<(), End> {
        self.deliver(message(TERMINAL_BYTES, bytes)).await
    }

    /// Best effort: who is told to leave may be gone already.
    pub async fn leave(self, end: &TerminalEnd) {
        self.line.leave(message(TERMINAL_WORD, wire::encode(&ToTerminal::Ended(end.clone())))).await;
    }

    /// A page that reads slowly keeps nothing open that is to end.
    async fn deliver(&mut self, message: Bytes) -> Result<(), End> {
        tokio::select! {
            sent = self.line.send(message) => Ok(sent?),
            why = lost(&mut self.footing) => Err(End::Told(why)),
            () = self.stop.cancelled() => Err(End::Told(TerminalEnd::Stopping)),
        }
    }
}

async fn lost(footing: &mut Option<Footing>) -> TerminalEnd {
    match footing {
        Some(footing) => footing.lost().await,
        None => pending().await,
    }
}

fn heard(bytes: &Bytes) -> Result<Option<Heard>, End> {
    match bytes.split_first() {
        None => Ok(None),
        Some((&TERMINAL_BYTES, _)) => Ok(Some(Heard::Bytes(bytes.slice(1..)))),
        Some((&TERMINAL_ANSWER, _)) => Ok(Some(Heard::Answer(bytes.slice(1..)))),
        Some((&TERMINAL_WORD, word)) => match wire::decode(word) {
            Some(word) => Ok(Some(Heard::Word(word))),
            None => Err(End::Gone),
        },
        // Words of another version.
        Some(_) => Err(End::Gone),
    }
}

/// In the same memory: of a flood each terminal holds one copy here.
fn message(kind: u8, mut rest: Vec<u8>) -> Bytes {
    rest.reserve_exact(1);
    rest.insert(0, kind);
    rest.into()
}
