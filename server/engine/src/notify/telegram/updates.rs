//! What people write to a bot, and which of its buttons they press, read without trusting it.

use super::wire::{Said, read};
use model::Timestamp;
use serde::Deserialize;

/// Updates taken from one answer.
pub const UPDATES_MAX: usize = 10;
/// Telegram's own limit for a text.
const TEXT_CHARS_MAX: usize = 4096;
/// Longest that is kept of what a person or a chat calls itself.
const NAME_CHARS_MAX: usize = 64;
/// Telegram's own limit for what a button says.
const DATA_BYTES_MAX: usize = 64;

/// Something that happened. What is of no use is kept as its number alone, so that the next call can go past it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    pub id: i64,
    pub event: Option<Event>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Said(Incoming),
    Pressed(Press),
}

/// A message that somebody sent to the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    pub place: Place,
    /// Absent when it was sent in a channel's or a group's name.
    pub sender: Option<Sender>,
    /// When Telegram took it, by its clock and to the second; it may have waited since.
    pub sent_at: Option<Timestamp>,
    /// At most as long as Telegram lets it be; empty for pictures and the like.
    pub text: String,
}

/// A button under one of the bot's messages, pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Press {
    /// By which the press is answered.
    pub id: String,
    pub sender: Sender,
    /// Where the button is; absent for very old messages.
    pub place: Option<Place>,
    pub data: String,
}

/// Where something was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub chat: i64,
    /// A chat with one person, and not a group or a channel.
    pub is_private: bool,
    /// A group's topic.
    pub thread: Option<u32>,
}

/// A person, or a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    pub id: i64,
    pub is_bot: bool,
    /// What it calls itself: `@name` where it has one.
    pub name: String,
}

#[derive(Deserialize)]
struct RawUpdate {
    update_id: i64,
    #[serde(default)]
    message: Option<RawMessage>,
    #[serde(default)]
    callback_query: Option<RawPress>,
}

#[derive(Deserialize)]
struct RawMessage {
    chat: RawChat,
    #[serde(default)]
    from: Option<RawSender>,
    #[serde(default)]
    text: Option<String>,
    /// In seconds since 1970.
    #[serde(default)]
    date: Option<i64>,
    #[serde(default)]
    message_thread_id: Option<u32>,
}

#[derive(Deserialize)]
struct RawPress {
    id: String,
    from: RawSender,
    #[serde(default)]
    message: Option<RawMessage>,
    #[serde(default)]
    data: Option<String>,
}

#[derive(Deserialize)]
struct RawChat {
    id: i64,
    #[serde(default, rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct RawSender {
    id: i64,
    #[serde(default)]
    is_bot: bool,
    #[serde(default)]
    first_name: Option<String>,
    #[serde(default)]
    username: Option<String>,
}

/// Updates, no more than were asked for.
pub(crate) fn read_updates(bytes: &[u8]) -> Option<Said<Vec<Update>>> {
    // One that is not as it should be costs itself, unless not even its number can be read.
    let update = |raw: serde_json::Value| {
        let id = raw.get("update_id")?.as_i64()?;
        let read = serde_json::from_value::<RawUpdate>(raw).ok();
        Some(read.map_or(Update { id, event: None }, Update::from))
    };
    let updates =
        |raw: Vec<serde_json::Value>| raw.into_iter().take(UPDATES_MAX).filter_map(update).collect();
    Some(match read::<Vec<serde_json::Value>>(bytes)? {
        Said::Done(raw) => Said::Done(raw.map(updates)),
        Said::Not(refusal) => Said::Not(refusal),
    })
}

/// The updates in an answer of a Bot API; nothing where it is none.
pub fn updates_in(bytes: &[u8]) -> Option<Vec<Update>> {
    match read_updates(bytes)? {
        Said::Done(updates) => updates,
        Said::Not(_) => None,
    }
}

impl From<RawUpdate> for Update {
    fn from(raw: RawUpdate) -> Self {
        let said = raw.message.map(|message| Event::Said(Incoming::from(message)));
        let pressed = || {
            let press = raw.callback_query?;
            // Longer than any of ours: none of ours.
            let is_short = press.id.len() <= DATA_BYTES_MAX;
            let data = press.data.filter(|data| is_short && data.len() <= DATA_BYTES_MAX)?;
            let place = press.message.map(|message| message.place());
            Some(Event::Pressed(Press { id: press.id, sender: press.from.into(), place, data }))
        };
        Self { id: raw.update_id, event: said.or_else(pressed) }
    }
}

impl RawMessage {
    fn place(&self) -> Place {
        Place {
            chat: self.chat.id,
            is_private: self.chat.kind.as_deref() == Some("private"),
            thread: self.message_thread_id,
        }
    }
}

impl From<RawMessage> for Incoming {
    fn from(raw: RawMessage) -> Self {
        Self {
            place: raw.place(),
            sender: raw.from.map(Sender::from),
            sent_at: raw.date.map(|date_s| Timestamp(date_s.saturating_mul(1_000))),
            text: raw.text.unwrap_or_default().chars().take(TEXT_CHARS_MAX).collect(),
        }
    }
}

impl From<RawSender> for Sender {
    fn from(raw: RawSender) -> Self {
        let own = raw.username.map(|name| format!("@{name}")).or(raw.first_name).unwrap_or_default();
        let name = crate::notify::text::line(&own).chars().take(NAME_CHARS_MAX).collect();
        Self { id: raw.id, is_bot: raw.is_bot, name }
    }
}

#[cfg(test)]
pub use tests::json;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place(chat: i64, is_private: bool) -> Place {
        Place { chat, is_private, thread: None }
    }

    #[test]
    fn messages_and_presses_are_taken_and_other_updates_keep_their_number() {
        let said = br#"{"ok":true,"result":[
            {"update_id":7,"message":{"message_id":1,"from":{"id":42,"is_bot":false,"first_name":"A\nb"},
             "chat":{"id":-1001,"type":"supergroup"},"message_thread_id":3,"date":1,"text":"/status \u0435"}},
            {"update_id":8,"edited_message":{"chat":{"id":1}}},
            {"update_id":9,"message":{"chat":{"id":5,"type":"private"},"photo":[]}},
            {"update_id":10,"message":{"chat":"nonsense"}},
            {"update_id":"x"},
            {"update_id":11,"callback_query":{"id":"77","from":{"id":42,"username":"ani"},
             "message":{"chat":{"id":42,"type":"private"}},"data":"ack 5"}}]}"#;
        let sender = |name: &str| Sender { id: 42, is_bot: false, name: name.into() };
        let in_group = Incoming {
            place: Place { thread: Some(3), ..place(-1001, false) },
            sender: Some(sender("A b")),
            sent_at: Some(Timestamp(1_000)),
            text: "/status е".into(),
        };
        let picture = Incoming { place: place(5, true), sender: None, sent_at: None, text: String::new() };
        let press = Press {
            id: "77".into(),
            sender: sender("@ani"),
            place: Some(place(42, true)),
            data: "ack 5".into(),
        };
        let nothing = |id| Update { id, event: None };
        let expected = vec![
            Update { id: 7, event: Some(Event::Said(in_group)) },
            nothing(8),
            Update { id: 9, event: Some(Event::Said(picture)) },
            nothing(10),
            Update { id: 11, event: Some(Event::Pressed(press)) },
        ];
        assert_eq!(updates_in(said), Some(expected));
    }

    #[test]
    fn more_or_longer_than_was_asked_for_is_left_behind() {
        let one =
            format!(r#"{{"update_id":1,"message":{{"chat":{{"id":1}},"text":"{}"}}}}"#, "ы".repeat(9000));
        let said = format!(r#"{{"ok":true,"result":[{}]}}"#, [one.as_str(); 40].join(","));
        let updates = updates_in(said.as_bytes()).unwrap();
        assert_eq!(updates.len(), UPDATES_MAX);
        let Some(Event::Said(message)) = &updates[0].event else { panic!() };
        assert_eq!(message.text.chars().count(), TEXT_CHARS_MAX);
        let long = format!(
            r#"{{"ok":true,"result":[{{"update_id":1,"callback_query":{{"id":"1","from":{{"id":1}},"data":"{}"}}}}]}}"#,
            "x".repeat(65)
        );
        assert_eq!(updates_in(long.as_bytes()), Some(vec![Update { id: 1, event: None }]));
    }

    /// JSON of the right words in wrong places.
    pub fn json() -> impl Strategy<Value = String> {
        let word = prop::sample::select(vec![
            "ok",
            "result",
            "update_id",
            "message",
            "callback_query",
            "data",
            "type",
            "chat",
            "id",
            "from",
            "text",
            "parameters",
            "retry_after",
            "error_code",
            "description",
            "migrate_to_chat_id",
        ]);
        let leaf = prop_oneof![
            Just("true".to_owned()),
            Just("null".to_owned()),
            any::<i64>().prop_map(|number| number.to_string()),
            any::<f64>().prop_map(|number| number.to_string()),
            ".{0,9}".prop_map(|text| serde_json::to_string(&text).unwrap()),
        ];
        leaf.prop_recursive(5, 60, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(|all| format!("[{}]", all.join(","))),
                prop::collection::vec((word.clone(), inner), 0..6).prop_map(|all| {
                    let all: Vec<_> = all.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                    format!("{{{}}}", all.join(","))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_json_brings_the_reader_down(inner in json(), bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            updates_in(&bytes);
            for said in [inner.clone(), format!(r#"{{"ok":true,"result":{inner}}}"#)] {
                if let Some(updates) = updates_in(said.as_bytes()) {
                    prop_assert!(updates.len() <= UPDATES_MAX);
                }
            }
        }
    }
}
