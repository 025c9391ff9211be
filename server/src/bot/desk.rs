//! What a message to a bot does, and what is answered. That it was read, and what it changes, is written at once.

use super::{
    code,
    command::{self, Command},
    limits::Limits,
};
use crate::{
    backend::{Program, Viewer},
    store::{Actor, Bound, Heard, Mark, Newcomer, Store, StoreError, Via, Which, acting, in_time},
};
use app::{
    api::ApiError,
    told::{
        bot::{self as say, Said, Short},
        summary,
    },
};
use engine::{
    Clock,
    notify::telegram::{Event, Incoming, Place, Press, Pressable, Sender, Update},
};
use model::{Incident, Role, Row, State, Timestamp};
use std::sync::Arc;

/// Where people are told the language that nobody chose.
const LANGUAGE: &str = "en";
/// Most open alerts that are looked at to choose from.
const OPEN_MAX: u64 = 200;
/// Without a plan for reports, one is of so many hours.
const SUMMARY_HOURS: u32 = 24;
/// Alerts that have a button of their own, and how much of a name fits on it.
const BUTTONS_MAX: usize = 3;
const BUTTON_CHARS: usize = 16;
const HOUR_MS: i64 = 3_600_000;
/// What waited longer at Telegram was said of other alerts than are open now.
const LATE_MS: i64 = 120_000;

/// Takes what comes to bots.
pub struct Desk {
    program: Arc<Program>,
    store: Store,
    limits: Limits,
    clock: Arc<dyn Clock>,
}

/// The bot that something came to.
#[derive(Clone, Copy, Debug)]
pub struct To<'a> {
    /// By which it is known here.
    pub bot: &'a str,
    /// By which it is known at Telegram, without the @.
    pub called: Option<&'a str>,
}

/// What is to be said, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Absent where only the press is to be answered.
    pub place: Option<Place>,
    /// The press of a button that waits for an answer.
    pub press: Option<String>,
    pub title: String,
    pub body: String,
    pub buttons: Vec<Pressable>,
}

/// Who said something, and where.
struct Speaker<'a> {
    mark: Mark<'a>,
    sender: &'a Sender,
    chat: i64,
    /// It was said so long ago that it may not mean what is open now.
    is_late: bool,
}

type Answered = Result<Option<(Said, Vec<Pressable>)>, StoreError>;

impl Desk {
    pub fn new(program: Arc<Program>, store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { program, store, limits: Limits::new(clock.clone()), clock }
    }

    /// Does what `update` asks for, once however often it comes; what is to be said about it.
    ///
    /// # Errors
    /// The database fails: nothing was done, and the update is to be taken again.
    pub async fn take(&self, to: To<'_>, update: &Update) -> Result<Option<Reply>, StoreError> {
        let mark = Mark { bot: to.bot, update: update.id };
        match &update.event {
            Some(Event::Said(message)) => self.hear(to, mark, message).await,
            Some(Event::Pressed(press)) => self.pressed(mark, press).await,
            None => self.pass(mark).await,
        }
    }

    async fn hear(
        &self,
        to: To<'_>,
        mark: Mark<'_>,
        message: &Incoming,
    ) -> Result<Option<Reply>, StoreError> {
        let command = command::parse(&message.text, to.called);
        let is_private = message.place.is_private;
        let Some(sender) = message.sender.as_ref().filter(|sender| !sender.is_bot) else {
            return self.pass(mark).await;
        };
        // In a group people speak to each other.
        let is_for_us = command.is_some() || (is_private && !message.text.is_empty());
        if !is_for_us {
            return self.pass(mark).await;
        }
        let bound = in_time(self.store.bots().bound(to.bot, sender.id)).await?;
        let is_late = message.sent_at.is_some_and(|at| self.clock.now().since_ms(at) > LATE_MS);
        let speaker = Speaker { mark, sender, chat: message.place.chat, is_late };
        let answered = match (command, bound) {
            (Some(Command::Start(Some(typed))), bound) if is_private => {
                self.start(to, &speaker, (&typed, bound)).await?
            }
            (command, Some(bound)) => {
                self.obey(&speaker, &bound, command.unwrap_or(Command::Unknown)).await?
            }
            (_, None) => {
                let is_new = in_time(self.store.bots().read(mark, None)).await?;
                // A group is not told of whom the bot knows, unless somebody asked the bot by its name.
                let is_asked = is_private || message.text.contains('@');
                let is_told = is_new && is_asked && self.limits.admits_stranger(message.place.chat);
                is_told.then(|| (say::short(LANGUAGE, Short::Stranger), Vec::new()))
            }
        };
        Ok(answered.map(|((title, body), buttons)| Reply {
            place: Some(message.place.clone()),
            press: None,
            title,
            body,
            buttons,
        }))
    }

    async fn pressed(&self, mark: Mark<'_>, press: &Press) -> Result<Option<Reply>, StoreError> {
        let bound = in_time(self.store.bots().bound(mark.bot, press.sender.id)).await?;
        let chat = press.place.as_ref().map_or(press.sender.id, |place| place.chat);
        // A button names its alert, whenever it is pressed.
        let speaker = Speaker { mark, sender: &press.sender, chat, is_late: false };
        let answered = match (command::pressed(&press.data), bound) {
            (command, Some(bound)) => {
                self.obey(&speaker, &bound, command.unwrap_or(Command::Unknown)).await?
            }
            (_, None) => {
                let is_new = in_time(self.store.bots().read(mark, None)).await?;
                let is_told = is_new && self.limits.admits_stranger(press.sender.id);
                is_told.then(|| (say::short(LANGUAGE, Short::Stranger), Vec::new()))
            }
        };
        let ((title, body), _) = answered.unwrap_or_default();
        // A press waits for an answer also where there is nothing to say.
        Ok(Some(Reply { place: None, press: Some(press.id.clone()), title, body, buttons: Vec::new() }))
    }

    /// Nothing follows from it.
    async fn pass(&self, mark: Mark<'_>) -> Result<Option<Reply>, StoreError> {
        in_time(self.store.bots().read(mark, None)).await?;
        Ok(None)
    }

    /// Somebody says a code.
    async fn start(
        &self,
        to: To<'_>,
        speaker: &Speaker<'_>,
        (typed, bound): (&str, Option<Bound>),
    ) -> Answered {
        let language = bound.as_ref().map_or(LANGUAGE, |bound| bound.language.as_str());
        let hash = if self.limits.admits_code(speaker.sender.id) { code::hash_of(typed) } else { None };
        let Some(hash) = hash else {
            let is_new = in_time(self.store.bots().read(speaker.mark, None)).await?;
            let is_told = is_new && self.limits.admits_stranger(speaker.chat);
            return Ok(is_told.then(|| (say::short(language, Short::WrongCode), Vec::new())));
        };
        let called = to.called.map(|name| format!("@{name}")).unwrap_or_default();
        let new = Newcomer { person: speaker.sender.id, called: &speaker.sender.name, bot_called: &called };
        let bots = self.store.bots();
        // The program lets in whoever says the code; who that speaks for is what is written down.
        match in_time(bots.bind(speaker.mark, &hash, new)).await? {
            Heard::Before => Ok(None),
            Heard::Refused => Ok(Some((say::short(language, Short::WrongCode), Vec::new()))),
            Heard::Done(bound) => {
                let is_admin = bound.user.role == Role::Admin;
                Ok(Some((say::help(&bound.language, Some(&bound.user.name), is_admin), Vec::new())))
            }
        }
    }

    /// What somebody says who speaks for an account.
    async fn obey(&self, speaker: &Speaker<'_>, bound: &Bound, command: Command) -> Answered {
        let language = bound.language.as_str();
        if !self.limits.admits_command(speaker.sender.id) {
            in_time(self.store.bots().read(speaker.mark, None)).await?;
            return Ok(None);
        }
        if let Command::Acknowledge(which) = command {
            return self.acknowledge(speaker, bound, which).await;
        }
        if let Command::Mute(what) = command {
            return self.mute(speaker, bound, what).await;
        }
        if !in_time(self.store.bots().read(speaker.mark, Some(bound.id))).await? {
            return Ok(None);
        }
        let viewer = self.program.viewer_of(bound);
        // What was read once is not read again: a database that fails now is said to fail.
        let said = self.look(&viewer, bound, command).await;
        let said = said.unwrap_or_else(|error| say::short(language, failure(&error)));
        Ok(Some((said, Vec::new())))
    }

    async fn look(&self, viewer: &Viewer, bound: &Bound, command: Command) -> Result<Said, ApiError> {
        let (language, now) = (bound.language.as_str(), self.clock.now());
        Ok(match command {
            Command::Start(_) | Command::Help => say::help(language, None, bound.user.role == Role::Admin),
            Command::Status => {
                let overview = viewer.see_overview(0);
                say::status(language, overview.counts, viewer.open_incidents().await?)
            }
            Command::Devices { filter, page } => {
                let rows: Vec<Row> = viewer.rows().into_iter().filter(|row| fits(row, &filter)).collect();
                let again = format!("/devices {filter} {}", page.saturating_add(1));
                say::devices(language, &rows, (page, &again.replace("  ", " ")), now)
            }
            Command::Down => {
                let mut rows = viewer.rows();
                rows.retain(|row| row.live.state == State::Down);
                rows.sort_by_key(|row| row.live.since);
                match rows.is_empty() {
                    true => say::short(language, Short::NothingDown),
                    false => say::down(language, &rows, now),
                }
            }
            Command::Summary => {
                let hours = viewer.report_plan().await?.hours;
                let hours = if hours == 0 { SUMMARY_HOURS } else { hours };
                summary::summary(language, &viewer.summary(i64::from(hours) * HOUR_MS).await?, None)
            }
            Command::Acknowledge(_) | Command::Mute(_) | Command::Unknown => {
                say::short(language, Short::Unknown)
            }
        })
    }

    async fn acknowledge(&self, speaker: &Speaker<'_>, bound: &Bound, which: Option<Which>) -> Answered {
        let (language, bots) = (bound.language.as_str(), self.store.bots());
        if bound.user.role != Role::Admin {
            let is_new = in_time(bots.read(speaker.mark, Some(bound.id))).await?;
            return Ok(is_new.then(|| (say::short(language, Short::NotAllowed), Vec::new())));
        }
        // A number names the same alert for ever.
        if speaker.is_late && !matches!(which, Some(Which::One(_))) {
            let is_new = in_time(bots.read(speaker.mark, Some(bound.id))).await?;
            return Ok(is_new.then(|| (say::short(language, Short::Late), Vec::new())));
        }
        let which = match which {
            Some(which) => which,
            None => {
                let unseen = self.unseen().await?;
                match unseen.as_slice() {
                    [one] => Which::One(one.id),
                    [] | [_, ..] => {
                        let is_new = in_time(bots.read(speaker.mark, Some(bound.id))).await?;
                        return Ok(is_new.then(|| self.choice(language, &unseen)));
                    }
                }
            }
        };
        let acknowledging = bots.acknowledge(speaker.mark, bound, (&which, speaker.chat));
        let done = in_time(acting(actor(bound), acknowledging)).await?;
        Ok(match done {
            Heard::Before => None,
            Heard::Refused => Some((say::short(language, Short::NotAllowed), Vec::new())),
            Heard::Done(devices) if devices.is_empty() => {
                Some((say::short(language, Short::NothingToAcknowledge), Vec::new()))
            }
            Heard::Done(devices) => Some((say::acknowledged(language, &devices), Vec::new())),
        })
    }

    /// A silence from now on.
    async fn mute(
        &self,
        speaker: &Speaker<'_>,
        bound: &Bound,
        what: Option<(u32, Option<String>)>,
    ) -> Answered {
        let (language, bots) = (bound.language.as_str(), self.store.bots());
        let is_admin = bound.user.role == Role::Admin;
        // It would begin now, and was wanted then.
        let is_done = is_admin && !speaker.is_late;
        let viewer = self.program.viewer_of(bound);
        let unknown = what.as_ref().and_then(|(_, device)| device.as_ref());
        let unknown = unknown.filter(|name| viewer.device_named(name).is_err());
        let (Some((minutes, device)), true, None) = (&what, is_done, unknown) else {
            let is_new = in_time(bots.read(speaker.mark, Some(bound.id))).await?;
            let said = match unknown {
                _ if !is_admin => say::short(language, Short::NotAllowed),
                _ if speaker.is_late => say::short(language, Short::Late),
                Some(name) => say::no_device(language, name),
                None => say::short(language, Short::HowLong),
            };
            return Ok(is_new.then_some((said, Vec::new())));
        };
        let until = Timestamp(self.clock.now().0.saturating_add(i64::from(*minutes) * 60_000));
        let muting = bots.mute(speaker.mark, bound, (*minutes, device.as_deref()));
        let heard = in_time(acting(actor(bound), muting)).await?;
        self.program.look_at_quiets();
        Ok(match heard {
            Heard::Before => None,
            Heard::Refused => Some((say::short(language, Short::NotAllowed), Vec::new())),
            Heard::Done(()) => Some((say::muted(language, device.as_deref(), until), Vec::new())),
        })
    }

    /// Open alerts that nobody sees to.
    async fn unseen(&self) -> Result<Vec<Incident>, StoreError> {
        let listed = in_time(self.store.incidents().list(true, (0, OPEN_MAX))).await?;
        Ok(listed.incidents.into_iter().filter(|one| one.acknowledged.is_none()).collect())
    }

    fn choice(&self, language: &str, unseen: &[Incident]) -> (Said, Vec<Pressable>) {
        match unseen {
            [] => (say::short(language, Short::NothingToAcknowledge), Vec::new()),
            some => {
                let button = |one: &Incident| Pressable {
                    text: format!("#{} {}", one.id, one.name.chars().take(BUTTON_CHARS).collect::<String>()),
                    data: format!("ack {}", one.id),
                };
                let buttons = some.iter().take(BUTTONS_MAX).map(button).collect();
                (say::which(language, some, self.clock.now()), buttons)
            }
        }
    }
}

/// Every word must be somewhere in what is known of it.
fn fits(row: &Row, filter: &str) -> bool {
    let known = format!("{} {} {}", row.name, row.address, row.location.as_deref().unwrap_or_default());
    let known = known.to_lowercase();
    filter.split_whitespace().all(|word| known.contains(word))
}

fn failure(error: &ApiError) -> Short {
    tracing::warn!(?error, "a command from Telegram could not be answered");
    Short::Failed
}

/// In whose name things are changed.
fn actor(bound: &Bound) -> Arc<Actor> {
    let (user, name) = (Some(bound.user.id), bound.user.name.clone());
    Arc::new(Actor { user, name, via: Via::Telegram, address: None })
}
