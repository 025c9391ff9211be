//! What a bot says to somebody who spoke to it.

use super::{
    bot::{Bot, Button, Chat, Keyboard, LinkPreview, Sent, Text},
    html,
    updates::Place,
};
use crate::notify::{DEADLINE, Trouble, within};

/// An answer in words: whatever is in them stays text, and what does not fit is cut.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// One line, in bold; empty for none.
    pub title: &'a str,
    /// Lines end with \n.
    pub body: &'a str,
    pub buttons: &'a [Pressable],
}

/// A button: what it says, and what comes back when it is pressed, at most 64 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pressable {
    pub text: String,
    pub data: String,
}

impl<'a> Keyboard<'a> {
    /// None where there is nothing to press.
    pub(super) fn of(buttons: &'a [Pressable]) -> Option<Self> {
        let button = |one: &'a Pressable| Button { text: &one.text, callback_data: &one.data };
        (!buttons.is_empty()).then(|| Keyboard { inline_keyboard: [buttons.iter().map(button).collect()] })
    }
}

impl Bot {
    /// Says it where it was asked for, within [`DEADLINE`].
    pub async fn say(&self, place: &Place, answer: &Answer<'_>) -> Result<(), Trouble> {
        let html = html::text(answer.title, answer.body, None);
        let text = Text {
            chat_id: Chat::Id(place.chat),
            message_thread_id: place.thread,
            text: &html,
            parse_mode: "HTML",
            disable_notification: false,
            link_preview_options: LinkPreview { is_disabled: true },
            reply_markup: Keyboard::of(answer.buttons),
        };
        match within(DEADLINE, self.send(&text)).await? {
            Sent::Done => Ok(()),
            Sent::Moved(_) => Err(Trouble::refused("the group has another number")),
        }
    }
}
