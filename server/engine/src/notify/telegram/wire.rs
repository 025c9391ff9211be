//! What a Bot API server says, read without trusting it.

use serde::{Deserialize, de::DeserializeOwned};

/// Updates taken from one answer.
pub const UPDATES_MAX: usize = 5;
/// Telegram's own limit for a text.
const TEXT_CHARS_MAX: usize = 4096;

/// An answer to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said<T> {
    /// Done, with what was asked for, if anything came.
    Done(Option<T>),
    Not(Refusal),
}

/// Why a call was not done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// In the manner of HTTP.
    pub code: u16,
    pub description: String,
    pub retry_after_s: Option<u64>,
    /// The group became another with this number.
    pub migrate_to_chat_id: Option<i64>,
}

/// Who the bot is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Me {
    pub id: i64,
    #[serde(default)]
    pub username: Option<String>,
}

/// Something that happened. What is no message is kept as its number alone, so that the next call can go past it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    pub id: i64,
    pub message: Option<Incoming>,
}

/// A message that somebody sent to the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    pub chat: i64,
    /// Absent when it was sent in a channel's or a group's name.
    pub user: Option<i64>,
    /// At most as long as Telegram lets it be; empty for pictures and the like.
    pub text: String,
}

#[derive(Deserialize)]
struct Envelope<T> {
    ok: bool,
    #[serde(default = "Option::default")]
    result: Option<T>,
    #[serde(default)]
    error_code: Option<u16>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    parameters: Option<Parameters>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Parameters {
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<i64>,
}

#[derive(Deserialize)]
struct RawUpdate {
    update_id: i64,
    #[serde(default)]
    message: Option<RawMessage>,
}

#[derive(Deserialize)]
struct RawMessage {
    chat: Numbered,
    #[serde(default)]
    from: Option<Numbered>,
    #[serde(default)]
    text: Option<String>,
}

#[derive(Deserialize)]
struct Numbered {
    id: i64,
}

/// The answer in these bytes, if they are one.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<Said<T>> {
    let envelope: Envelope<T> = serde_json::from_slice(bytes).ok()?;
    if envelope.ok {
        return Some(Said::Done(envelope.result));
    }
    let parameters = envelope.parameters.unwrap_or_default();
    Some(Said::Not(Refusal {
        code: envelope.error_code.unwrap_or_default(),
        description: envelope.description.unwrap_or_default(),
        retry_after_s: parameters.retry_after,
        migrate_to_chat_id: parameters.migrate_to_chat_id,
    }))
}

/// The same for updates: no more than were asked for.
pub(crate) fn read_updates(bytes: &[u8]) -> Option<Said<Vec<Update>>> {
    let updates = |raw: Vec<RawUpdate>| raw.into_iter().take(UPDATES_MAX).map(Update::from).collect();
    Some(match read::<Vec<RawUpdate>>(bytes)? {
        Said::Done(raw) => Said::Done(raw.map(updates)),
        Said::Not(refusal) => Said::Not(refusal),
    })
}

impl From<RawUpdate> for Update {
    fn from(raw: RawUpdate) -> Self {
        let message = raw.message.map(|message| Incoming {
            chat: message.chat.id,
            user: message.from.map(|user| user.id),
            text: message.text.unwrap_or_default().chars().take(TEXT_CHARS_MAX).collect(),
        });
        Self { id: raw.update_id, message }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn messages_are_taken_and_other_updates_keep_their_number() {
        let said = br#"{"ok":true,"result":[
            {"update_id":7,"message":{"message_id":1,"from":{"id":42,"is_bot":false,"first_name":"A"},
             "chat":{"id":-1001,"type":"supergroup"},"date":1,"text":"/status \u0435"}},
            {"update_id":8,"edited_message":{"chat":{"id":1}}},
            {"update_id":9,"message":{"chat":{"id":5},"photo":[]}}]}"#;
        let message = |chat, user, text: &str| Some(Incoming { chat, user, text: text.into() });
        let expected = vec![
            Update { id: 7, message: message(-1001, Some(42), "/status е") },
            Update { id: 8, message: None },
            Update { id: 9, message: message(5, None, "") },
        ];
        assert_eq!(read_updates(said), Some(Said::Done(Some(expected))));
    }

    #[test]
    fn more_or_longer_than_was_asked_for_is_left_behind() {
        let one =
            format!(r#"{{"update_id":1,"message":{{"chat":{{"id":1}},"text":"{}"}}}}"#, "ы".repeat(9000));
        let said = format!(r#"{{"ok":true,"result":[{}]}}"#, [one.as_str(); 40].join(","));
        let Some(Said::Done(Some(updates))) = read_updates(said.as_bytes()) else { panic!() };
        assert_eq!(updates.len(), UPDATES_MAX);
        assert_eq!(updates[0].message.as_ref().unwrap().text.chars().count(), TEXT_CHARS_MAX);
    }

    #[test]
    fn a_refusal_tells_how_long_to_wait_and_where_a_group_went() {
        let said = br#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 5",
            "parameters":{"retry_after":5}}"#;
        let Some(Said::Not(refusal)) = read::<Me>(said) else { panic!() };
        assert_eq!((refusal.code, refusal.retry_after_s), (429, Some(5)));
        let said = br#"{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a
            supergroup chat","parameters":{"migrate_to_chat_id":-100123}}"#;
        assert_eq!(read::<Me>(said), None, "a raw line break is no JSON");
        let said = br#"{"ok":false,"error_code":400,"parameters":{"migrate_to_chat_id":-100123}}"#;
        let Some(Said::Not(refusal)) = read::<Me>(said) else { panic!() };
        assert_eq!((refusal.code, refusal.migrate_to_chat_id), (400, Some(-100_123)));
    }

    #[test]
    fn what_is_no_answer_is_none() {
        for said in
            ["", "<html>", "{}", "[]", r#"{"ok":"yes"}"#, r#"{"ok":true,"result":{}}"#, &"[".repeat(9000)]
        {
            assert_eq!(read::<Me>(said.as_bytes()), None, "{said}");
        }
    }

    /// JSON of the right words in wrong places.
    fn json() -> impl Strategy<Value = String> {
        let word = prop::sample::select(vec![
            "ok",
            "result",
            "update_id",
            "message",
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
        fn no_bytes_bring_the_reader_down(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            read::<Me>(&bytes);
            read_updates(&bytes);
        }

        #[test]
        fn no_json_brings_the_reader_down(inner in json(), ok in any::<bool>()) {
            for said in [inner.clone(), format!(r#"{{"ok":{ok},"result":{inner},"parameters":{inner}}}"#)] {
                read::<Me>(said.as_bytes());
                if let Some(Said::Done(Some(updates))) = read_updates(said.as_bytes()) {
                    prop_assert!(updates.len() <= UPDATES_MAX);
                }
            }
        }
    }
}
