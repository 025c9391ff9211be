//! What a Bot API server says, read without trusting it.

use serde::{Deserialize, de::DeserializeOwned};

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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn no_bytes_bring_the_reader_down(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            read::<Me>(&bytes);
        }

        #[test]
        fn no_json_brings_the_reader_down(inner in crate::notify::telegram::updates::json(), ok in any::<bool>()) {
            for said in [inner.clone(), format!(r#"{{"ok":{ok},"result":{inner},"parameters":{inner}}}"#)] {
                read::<Me>(said.as_bytes());
            }
        }
    }
}
