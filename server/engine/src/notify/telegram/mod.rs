//! Telegram: one channel is one chat, so that what is told there keeps its order.
//!
//! A client of our own for the few methods of the Bot API that are needed, since each call must keep to a
//! deadline, a limit on what is read, and the addresses that may be spoken to.

use super::{BuildArgs, Channel, DEADLINE, Delivery, FieldSpec, Kind, Message, Trouble, within};
use crate::check;
use bot::{Keyboard, LinkPreview, Sent, Text};
use futures::future::{BoxFuture, FutureExt};
use model::{ChannelKind, FieldError, Input};
use reqwest::Url;
use tracing::warn;

mod answer;
mod bot;
mod html;
#[cfg(test)]
mod tests;
mod updates;
mod wire;

pub use answer::{Answer, Pressable};
pub use bot::{Bot, Chat};
pub use updates::{Event, Incoming, Place, Press, Sender, Update, updates_in};
pub use wire::Me;

const TOKEN: FieldSpec = FieldSpec::secret(check::FieldSpec {
    name: "token",
    label: "channel_telegram_token",
    input: Input::Text { max_chars: 256 },
    required: true,
    default: None,
});
const CHAT: FieldSpec = FieldSpec::open(check::FieldSpec {
    name: "chat_id",
    label: "channel_telegram_chat",
    input: Input::Text { max_chars: 64 },
    required: true,
    default: None,
});
const THREAD: FieldSpec = FieldSpec::open(check::FieldSpec {
    name: "thread_id",
    label: "channel_telegram_thread",
    input: Input::Number { min: 1, max: 2_147_483_647 },
    required: false,
    default: None,
});
const SILENT: FieldSpec = FieldSpec::open(check::FieldSpec {
    name: "silent",
    label: "channel_telegram_silent",
    input: Input::Switch,
    required: false,
    default: Some("false"),
});
const API: FieldSpec = FieldSpec::open(check::FieldSpec {
    name: "api_url",
    label: "channel_telegram_api",
    input: Input::Text { max_chars: 512 },
    required: false,
    default: Some("https://api.telegram.org"),
});

pub const KIND: Kind = Kind {
    kind: ChannelKind::Telegram,
    label: "channel_telegram",
    fields: &[TOKEN, CHAT, THREAD, SILENT, API],
    build,
};

struct Telegram {
    bot: Bot,
    chat: Chat,
    thread: Option<u32>,
    is_silent: bool,
}

/// The bot that tells by a channel of these settings, to hear by it too.
pub fn bot_of(args: &BuildArgs<'_>) -> Result<Bot, FieldError> {
    let api = server(args.needed(&API)?).ok_or_else(|| {
        FieldError::new(API.place(), "error_url", "must be the address of a Bot API server")
    })?;
    Bot::new(api, args.secret(&TOKEN)?, args.tools).ok_or_else(|| {
        FieldError::new(TOKEN.place(), "error_token", "must be a token as @BotFather gives it")
    })
}

fn build(args: &BuildArgs<'_>) -> Result<Box<dyn Channel>, FieldError> {
    let chat = chat(args.needed(&CHAT)?).ok_or_else(|| {
        FieldError::new(CHAT.place(), "error_chat", "must be a chat's number, or its name with @ before it")
    })?;
    Ok(Box::new(Telegram {
        bot: bot_of(args)?,
        chat,
        thread: args.value(&THREAD)?.and_then(|text| text.parse().ok()),
        is_silent: args.is_on(&SILENT)?,
    }))
}

/// The address of a Bot API server: nothing in it but scheme, host, port and path.
pub fn server(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_plain = url.username().is_empty() && url.password().is_none();
    let fits = matches!(url.scheme(), "http" | "https") && is_plain;
    (fits && url.has_host() && url.query().is_none() && url.fragment().is_none()).then_some(url)
}

fn chat(text: &str) -> Option<Chat> {
    let is_name =
        |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    match text.strip_prefix('@') {
        Some(name) => is_name(name).then(|| Chat::Name(text.to_owned())),
        None => text.parse().ok().map(Chat::Id),
    }
}

impl Channel for Telegram {
    fn deliver<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Delivery> {
        self.deliver_with(message, &[])
    }

    fn deliver_with<'a>(&'a self, message: &'a Message, buttons: &'a [Pressable]) -> BoxFuture<'a, Delivery> {
        within(DEADLINE, self.send(message, buttons)).map(Delivery::from).boxed()
    }
}

impl Telegram {
    async fn send(&self, message: &Message, buttons: &[Pressable]) -> Result<(), Trouble> {
        let html = html::compose(message);
        let text = |chat_id| Text {
            chat_id,
            message_thread_id: self.thread,
            text: &html,
            parse_mode: "HTML",
            disable_notification: self.is_silent,
            link_preview_options: LinkPreview { is_disabled: true },
            reply_markup: Keyboard::of(buttons),
        };
        let Sent::Moved(id) = self.bot.send(&text(self.chat.clone())).await? else { return Ok(()) };
        // A group that became a supergroup has a new number, and the old one works no more.
        warn!(chat = ?self.chat, id, "the group has a new number, which should take the place of the old one");
        match self.bot.send(&text(Chat::Id(id))).await? {
            Sent::Done => Ok(()),
            Sent::Moved(_) => Err(Trouble::refused("Telegram sends us from one chat to the next")),
        }
    }
}
