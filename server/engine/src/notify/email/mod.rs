//! People are told by mail, through a mail server that takes it on (RFC 6409).

use super::{
    BuildArgs, Channel, Delivery, FieldSpec, Kind, Message, Tools, Trouble,
    text::{WHY_CHARS_MAX, cut, why},
    within,
};
use crate::{Secret, check};
use futures::future::{BoxFuture, FutureExt};
use lettre::{Address, message::Mailbox};
use model::{ChannelKind, FieldError, Input};
use parking_lot::Mutex;
use relay::{Login, Relay, Security};
use std::{net::IpAddr, time::Duration};

mod letter;
mod relay;
#[cfg(test)]
mod sim;
mod talk;
#[cfg(test)]
mod tests;

/// Mail servers greet late on purpose, and read a letter through before they accept it.
pub const DEADLINE: Duration = Duration::from_secs(30);
const RECIPIENTS_MAX: usize = 10;

const TO: FieldSpec = FieldSpec::open(text("to", "channel_email_to", 2000, None));
const FROM: FieldSpec = FieldSpec::open(text("from", "channel_email_from", 320, None));
const HOST: FieldSpec = FieldSpec::open(text("host", "channel_email_host", 253, None));
const PORT: FieldSpec = FieldSpec::open(check::FieldSpec {
    name: "port",
    label: "channel_email_port",
    input: Input::Number { min: 1, max: 65_535 },
    required: true,
    default: Some("587"),
});
const SECURITY: FieldSpec = FieldSpec::one_of(
    text("security", "channel_email_security", 16, Some("starttls")),
    &["starttls", "tls", "none"],
);
const USERNAME: FieldSpec = FieldSpec::open(check::FieldSpec {
    required: false,
    ..text("username", "channel_email_username", 320, None)
});
const PASSWORD: FieldSpec = FieldSpec::secret(check::FieldSpec {
    required: false,
    ..text("password", "channel_email_password", 512, None)
});

const fn text(
    name: &'static str,
    label: &'static str,
    max_chars: u32,
    default: Option<&'static str>,
) -> check::FieldSpec {
    check::FieldSpec { name, label, input: Input::Text { max_chars }, required: true, default }
}

pub const KIND: Kind = Kind {
    kind: ChannelKind::Email,
    label: "channel_email",
    fields: &[TO, FROM, HOST, PORT, SECURITY, USERNAME, PASSWORD],
    build,
};

struct Email {
    from: Mailbox,
    to: Vec<Address>,
    relay: Relay,
    tools: Tools,
    progress: Mutex<Progress>,
}

/// Who has the last message already, or never will: another try is for the others only.
#[derive(Default)]
struct Progress {
    id: String,
    reached: Vec<Address>,
    /// With the server's reasons.
    refused: Vec<(Address, String)>,
}

/// What became of one recipient.
pub(super) enum Taken {
    Yes,
    /// The server's word, which it may change.
    Later(String),
    No(String),
}

impl Taken {
    /// Without the secrets that the server could repeat.
    fn told(self, secrets: &[&str]) -> Self {
        match self {
            Taken::Yes => Taken::Yes,
            Taken::Later(said) => Taken::Later(why(&said, secrets)),
            Taken::No(said) => Taken::No(why(&said, secrets)),
        }
    }
}

fn build(args: &BuildArgs<'_>) -> Result<Box<dyn Channel>, FieldError> {
    let refuse = |field: &FieldSpec, code: &str, why: &str| FieldError::new(field.place(), code, why);
    let to = recipients(args.needed(&TO)?).ok_or_else(|| {
        refuse(&TO, "error_email", "must be one to ten e-mail addresses with commas between them")
    })?;
    let from = sender(args.needed(&FROM)?)
        .ok_or_else(|| refuse(&FROM, "error_email", "must be an e-mail address, or a name and <address>"))?;
    let host = args.needed(&HOST)?;
    model::address(host).map_err(|error| refuse(&HOST, &error.code, &error.message))?;
    let security = Security::from_word(args.needed(&SECURITY)?)
        .ok_or_else(|| refuse(&SECURITY, "error_choice", "must be starttls, tls or none"))?;
    let login = login(args)?;
    if login.is_some() && security == Security::None && !is_this_machine(host) {
        let why = "sends no password without encryption to another machine";
        return Err(refuse(&SECURITY, "error_needs_encryption", why));
    }
    let port = args.needed(&PORT)?.parse().map_err(|_| refuse(&PORT, "error_port", "must be a port"))?;
    let relay = Relay { host: host.to_owned(), port, security, login };
    Ok(Box::new(Email { from, to, relay, tools: args.tools.clone(), progress: Mutex::default() }))
}

fn login(args: &BuildArgs<'_>) -> Result<Option<Login>, FieldError> {
    let required = |field: &FieldSpec| FieldError::new(field.place(), "error_required", "is required");
    match (args.value(&USERNAME)?, args.value(&PASSWORD)?) {
        (None, None) => Ok(None),
        (Some(username), Some(password)) => {
            let password = Secret::new(password.to_owned());
            Ok(Some(Login { username: username.to_owned(), password }))
        }
        (Some(_), None) => Err(required(&PASSWORD)),
        (None, Some(_)) => Err(required(&USERNAME)),
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

fn recipients(text: &str) -> Option<Vec<Address>> {
    let mut all = Vec::new();
    for address in text.split(',').map(str::trim).filter(|address| !address.is_empty()) {
        let address: Address = address.parse().ok()?;
        if !all.contains(&address) {
            all.push(address);
        }
    }
    (1..=RECIPIENTS_MAX).contains(&all.len()).then_some(all)
}

/// An address, or a name before an address in angle brackets.
fn sender(text: &str) -> Option<Mailbox> {
    let Some((name, address)) = text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<')) else {
        return Some(Mailbox::new(None, text.trim().parse().ok()?));
    };
    let name = name.trim().trim_matches('"');
    Some(Mailbox::new((!name.is_empty()).then(|| name.to_owned()), address.trim().parse().ok()?))
}

impl Channel for Email {
    fn deliver<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Delivery> {
        within(DEADLINE, self.send(message)).map(Delivery::from).boxed()
    }
}

impl Email {
    async fn send(&self, message: &Message) -> Result<(), Trouble> {
        let left = self.left(&message.id);
        if !left.is_empty() {
            let letter = letter::compose(message, &self.from, &self.to)
                .map_err(|error| Trouble::refused(format!("no letter can be made: {error}")))?;
            let went = self.relay.hand_over(&self.tools, &self.from.email, &left, &letter).await;
            let secrets = self.relay.secrets();
            let secrets: Vec<_> = secrets.iter().map(|secret| secret.as_str()).collect();
            let taken = went.map_err(|trouble| trouble.told(&secrets))?;
            let late = self.note(&message.id, left, taken.into_iter().map(|taken| taken.told(&secrets)));
            if !late.is_empty() {
                return Err(Trouble::later(self.with_refused(late)));
            }
        }
        match self.with_refused(Vec::new()) {
            why if why.is_empty() => Ok(()),
            why => Err(Trouble::Refused { why }),
        }
    }

    /// Whom the message has not reached yet.
    fn left(&self, id: &str) -> Vec<Address> {
        let mut progress = self.progress.lock();
        if progress.id != id {
            *progress = Progress { id: id.to_owned(), ..Progress::default() };
        }
        let is_done = |to: &&Address| {
            progress.reached.contains(to) || progress.refused.iter().any(|(refused, _)| refused == *to)
        };
        self.to.iter().filter(|to| !is_done(to)).cloned().collect()
    }

    /// Remembers what is settled; answers what is not, in words.
    fn note(&self, id: &str, to: Vec<Address>, taken: impl Iterator<Item = Taken>) -> Vec<String> {
        let mut late = Vec::new();
        let mut progress = self.progress.lock();
        if progress.id != id {
            // Somebody sends another message through this channel at the same time.
            *progress = Progress { id: id.to_owned(), ..Progress::default() };
        }
        for (to, taken) in to.into_iter().zip(taken) {
            match taken {
                Taken::Yes => progress.reached.push(to),
                Taken::Later(why) => late.push(format!("{to}: {why}")),
                Taken::No(why) => progress.refused.push((to, why)),
            }
        }
        late
    }

    /// One sentence about everybody whom the message did not reach; empty when there is nobody.
    fn with_refused(&self, late: Vec<String>) -> String {
        let progress = self.progress.lock();
        let refused = progress.refused.iter().map(|(to, why)| format!("{to}: {why}"));
        let mut all: Vec<String> = late.into_iter().chain(refused).collect();
        // Each gets a share of the line, so that the last one is named too.
        let share = WHY_CHARS_MAX / (all.len().max(1) + 1);
        all.iter_mut().for_each(|one| *one = cut(one, share, |_| 1).into_owned());
        if !all.is_empty() && !progress.reached.is_empty() {
            all.push(format!("{} others have it", progress.reached.len()));
        }
        all.join("; ")
    }
}
