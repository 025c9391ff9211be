//! Telegram's Bot API, as much of it as is needed: sending, asking who one is, and fetching what people wrote.

use super::{
    updates::{UPDATES_MAX, Update, read_updates},
    wire::{self, Me, Refusal, Said},
};
use crate::{
    Secret,
    notify::{
        DEADLINE, Tools, Trouble,
        guard::Reach,
        http::{ANSWER_BYTES_MAX, Answer, Http, Post, bounded, mends_itself, status_words},
        text::cut,
        within,
    },
};
use reqwest::{
    StatusCode, Url,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue},
};
use serde::{Serialize, de::IgnoredAny};
use serde_json::json;
use std::time::Duration;

/// Some updates with all that may be nested in them.
const UPDATES_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Longest wait for updates that Telegram keeps to.
const WAIT_MAX: Duration = Duration::from_secs(50);

/// Telegram's own limit for the answer to a press.
const PRESS_UNITS_MAX: usize = 200;

/// A bot, by its token, at some Bot API server.
pub struct Bot {
    http: Http,
    api: Url,
    token: Secret<String>,
}

/// Where a text goes: a chat by number or by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Chat {
    Id(i64),
    Name(String),
}

/// A call to send a text.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Text<'a> {
    pub chat_id: Chat,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_thread_id: Option<u32>,
    pub text: &'a str,
    pub parse_mode: &'static str,
    pub disable_notification: bool,
    pub link_preview_options: LinkPreview,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_markup: Option<Keyboard<'a>>,
}

/// Buttons under a text, one row.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Keyboard<'a> {
    pub inline_keyboard: [Vec<Button<'a>>; 1],
}

/// A button: what it says, and what comes back when it is pressed, at most 64 bytes.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Button<'a> {
    pub text: &'a str,
    pub callback_data: &'a str,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct LinkPreview {
    pub is_disabled: bool,
}

/// What became of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sent {
    Done,
    /// The group has become this one.
    Moved(i64),
}

/// Whether a token can be one: what else there may be in it would lead to another address.
pub(super) fn is_token(token: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '-');
    !token.is_empty() && token.chars().all(fits)
}

impl Bot {
    /// `api` is the address of a Bot API server; nothing when the token cannot be one.
    pub fn new(api: Url, token: Secret<String>, tools: &Tools) -> Option<Self> {
        is_token(token.expose()).then(|| Self { http: tools.http.clone(), api, token })
    }

    /// By which it is known here whose messages these are: the bot's number and its server, never its secret.
    pub fn name(&self) -> String {
        let token = self.token.expose();
        let number = token.split_once(':').map(|(number, _)| number).filter(|number| !number.is_empty());
        let host = self.api.host_str().unwrap_or_default();
        let port = self.api.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}@{host}{port}", number.unwrap_or_default())
    }

    /// Who the bot is, which also tells whether the token is right.
    pub async fn me(&self) -> Result<Me, Trouble> {
        let call = json!({});
        let asking = self.ask("getMe", &call, ANSWER_BYTES_MAX, wire::read);
        self.needed(within(DEADLINE, asking).await)
    }

    /// What came in from number `offset` on, a few at a time; waits up to `wait` for something to come. The
    /// highest number plus one is the next offset, and tells Telegram that the ones before may be forgotten.
    pub async fn updates(&self, offset: i64, wait: Duration) -> Result<Vec<Update>, Trouble> {
        let wait = wait.min(WAIT_MAX);
        let call = json!({
            "offset": offset,
            "limit": UPDATES_MAX,
            "timeout": wait.as_secs(),
            "allowed_updates": ["message", "callback_query"],
        });
        let asking = self.ask("getUpdates", &call, UPDATES_BYTES_MAX, read_updates);
        self.needed(within(wait + DEADLINE, asking).await)
    }

    /// Answers the press of a button, which otherwise goes on waiting, with a few words that are shown for a moment.
    pub async fn answer_press(&self, id: &str, text: &str) -> Result<(), Trouble> {
        let call = json!({ "callback_query_id": id, "text": cut(text, PRESS_UNITS_MAX, char::len_utf16) });
        let asking = self.ask("answerCallbackQuery", &call, ANSWER_BYTES_MAX, wire::read::<IgnoredAny>);
        within(DEADLINE, asking).await.map(drop).map_err(|trouble| self.told(trouble))
    }

    /// The caller sets the deadline. That there is a result is not asked for: what counts is `ok`.
    pub(super) async fn send(&self, text: &Text<'_>) -> Result<Sent, Trouble> {
        let asking = self.ask("sendMessage", text, ANSWER_BYTES_MAX, wire::read::<IgnoredAny>);
        match asking.await.map_err(|trouble| self.told(trouble))? {
            Reply::Done(_) => Ok(Sent::Done),
            Reply::Moved(id) => Ok(Sent::Moved(id)),
        }
    }

    async fn ask<T>(
        &self,
        method: &str,
        call: &impl Serialize,
        bytes_max: usize,
        read: fn(&[u8]) -> Option<Said<T>>,
    ) -> Result<Reply<T>, Trouble> {
        let answer = self.call(method, call).await?;
        let (status, retry_after) = (answer.status, answer.retry_after);
        let body = answer.read(bytes_max).await?;
        match read(&body) {
            Some(Said::Done(result)) if status.is_success() => Ok(Reply::Done(result)),
            Some(Said::Not(Refusal { migrate_to_chat_id: Some(id), .. })) => Ok(Reply::Moved(id)),
            Some(Said::Not(refusal)) => Err(refused(&refusal, status, retry_after)),
            // Not Telegram: a proxy on the way, or another server at that address.
            _ if status.is_success() || mends_itself(status) => {
                let why = format!("{} without an answer of a Bot API", status_words(status));
                Err(Trouble::Later { why, after: retry_after })
            }
            _ => Err(Trouble::refused(format!("{} from no Bot API", status_words(status)))),
        }
    }

    fn needed<T>(&self, reply: Result<Reply<T>, Trouble>) -> Result<T, Trouble> {
        match reply.map_err(|trouble| self.told(trouble))? {
            Reply::Done(Some(result)) => Ok(result),
            Reply::Done(None) | Reply::Moved(_) => Err(Trouble::later("an answer without a result")),
        }
    }

    async fn call(&self, method: &str, body: &impl Serialize) -> Result<Answer, Trouble> {
        let mut url = self.api.clone();
        let path = format!("{}/bot{}/{method}", url.path().trim_end_matches('/'), self.token.expose());
        url.set_path(&path);
        let body = serde_json::to_vec(body).map_err(|error| Trouble::refused(error.to_string()))?;
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        self.http.post(Post { url, headers, body, reach: Reach::Own }).await
    }

    /// Without the token, whole or its secret half, which an answer could repeat.
    fn told(&self, trouble: Trouble) -> Trouble {
        let token = self.token.expose().as_str();
        let half = token.split_once(':').map_or(token, |(_, half)| half);
        trouble.told(&[token, half])
    }
}

/// An answer that is one.
enum Reply<T> {
    Done(Option<T>),
    Moved(i64),
}

fn refused(refusal: &Refusal, status: StatusCode, retry_after: Option<Duration>) -> Trouble {
    let code = if (400..600).contains(&refusal.code) { refusal.code } else { status.as_u16() };
    let why = format!("Telegram answered {code}: {}", refusal.description);
    match code {
        409 => Trouble::later(format!(
            "another program or a webhook takes this bot's messages: stop it, or give Routewarden a bot of its \
             own; {why}"
        )),
        408 | 429 | 500.. => {
            Trouble::Later { why, after: refusal.retry_after_s.map(bounded).or(retry_after) }
        }
        401 | 404 => Trouble::refused(format!("the bot's token is not accepted; {why}")),
        _ => Trouble::Refused { why },
    }
}
