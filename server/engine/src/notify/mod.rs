//! A channel takes one message to one place and says how that went. It never queues, repeats, chooses or words.
//!
//! To add a kind: a word in `model::ChannelKind`, a folder here that exports `KIND`, one line in [`KINDS`].
//! Form and validation need nothing more.

use crate::{Clock, Secret, check, driver::resolve::Resolver};
use futures::future::BoxFuture;
use model::{
    ChannelField, ChannelForm, ChannelKind, Field, FieldError, Input, Settings, Severity, Timestamp,
};
use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use thiserror::Error;
use tokio::time::timeout;

pub mod email;
mod guard;
mod http;
#[cfg(test)]
mod sim;
pub mod telegram;
#[cfg(test)]
mod tests;
mod text;
pub mod web_push;
pub mod webhook;

pub use guard::{Lookup, Names};

/// Every kind of channel this program knows, in menu order.
pub const KINDS: &[Kind] = &[telegram::KIND, email::KIND, webhook::KIND, web_push::KIND];

/// Words of one's own, for every kind; without them a message has the program's.
static WORDS: [FieldSpec; 2] = [
    FieldSpec::open(words("title_template", "channel_title_template", 200)),
    FieldSpec::open(words("body_template", "channel_body_template", 2_000)),
];

const fn words(name: &'static str, label: &'static str, max_chars: u32) -> check::FieldSpec {
    check::FieldSpec { name, label, input: Input::Template { max_chars }, required: false, default: None }
}

/// How long a delivery may take in all, whatever the far end does; mail servers get more.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// A message, already in words.
#[derive(Clone, Debug)]
pub struct Message {
    /// The delivery's own number, the same at every try: receivers can tell a repetition by it.
    pub id: String,
    /// One line.
    pub title: String,
    /// Plain text; lines end with \n.
    pub body: String,
    /// What it is about: of messages about the same the last one takes the place of those before, where it can.
    pub thread: String,
    /// The page it is about, within the program.
    pub path: String,
    /// The same page as a link, when the program knows its own address.
    pub url: Option<String>,
    pub severity: Severity,
    pub at: Timestamp,
    /// What programs read beside the words.
    pub data: serde_json::Value,
}

/// How a delivery went. Each `why` is one line that holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The far end has accepted it.
    Delivered,
    /// May mend itself; `after` is what the far end asked for.
    Later { why: String, after: Option<Duration> },
    /// Will not mend by itself: settings, or what is said, must change first.
    Refused { why: String },
    /// The place itself is no more, and nothing will ever be taken there again.
    Gone { why: String },
}

/// Why something asked of the far end was not done: what [`Delivery`] says when it is not `Delivered`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    Later { why: String, after: Option<Duration> },
    Refused { why: String },
    Gone { why: String },
}

/// One place where people are told.
pub trait Channel: Send + Sync {
    /// Never fails: a place that cannot be reached is an answer. Ends within [`DEADLINE`], or
    /// [`email::DEADLINE`].
    fn deliver<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Delivery>;

    /// The same with buttons under it; without them where a place has none.
    fn deliver_with<'a>(
        &'a self,
        message: &'a Message,
        _buttons: &'a [telegram::Pressable],
    ) -> BoxFuture<'a, Delivery> {
        self.deliver(message)
    }
}

/// What the form shows, and how its answers become a channel.
pub struct Kind {
    pub kind: ChannelKind,
    /// A locale key, never a sentence.
    pub label: &'static str,
    pub fields: &'static [FieldSpec],
    pub build: fn(&BuildArgs<'_>) -> Result<Box<dyn Channel>, FieldError>,
}

/// One input of a kind.
pub struct FieldSpec {
    pub spec: check::FieldSpec,
    /// Comes apart from the settings, opened for the channel alone.
    pub is_secret: bool,
    /// The only values it takes, where they are few; the kind itself refuses others.
    pub choices: &'static [&'static str],
}

/// Opened secrets of a channel by field name.
pub type Secrets = BTreeMap<String, Secret<String>>;

/// What a kind is given to build a channel from.
pub struct BuildArgs<'a> {
    pub settings: &'a Settings,
    pub secrets: &'a Secrets,
    pub tools: &'a Tools,
}

/// What all channels share.
#[derive(Clone)]
pub struct Tools {
    http: http::Http,
    names: Names,
    clock: Arc<dyn Clock>,
    tls: Arc<ClientConfig>,
    /// Who we are to push services.
    vapid: Option<Arc<web_push::Vapid>>,
}

impl Tools {
    /// Channels that trust the certificate authorities that browsers trust.
    pub fn new(resolver: Resolver, clock: Arc<dyn Clock>) -> Result<Self, NoClient> {
        Self::with(Names::of(resolver), clock, Vec::new())
    }

    /// The same with other names, and with more authorities.
    pub fn with(
        names: Names,
        clock: Arc<dyn Clock>,
        authorities: Vec<CertificateDer<'static>>,
    ) -> Result<Self, NoClient> {
        let tls = tls(authorities)?;
        let http = http::Http::new(&names, clock.clone(), &tls)?;
        Ok(Self { http, names, clock, tls: Arc::new(tls), vapid: None })
    }

    /// The same for browsers too, which subscribe to this key.
    pub fn with_vapid(self, vapid: web_push::Vapid) -> Self {
        Self { vapid: Some(Arc::new(vapid)), ..self }
    }

    /// The public half of the key that browsers subscribe to.
    pub fn push_key(&self) -> Option<&str> {
        self.vapid.as_ref().map(|vapid| vapid.public())
    }
}

/// No channel can be made on this machine.
#[derive(Debug, Error)]
pub enum NoClient {
    #[error("no HTTP client could be made")]
    Http(#[from] reqwest::Error),
    #[error("no TLS client could be made")]
    Tls(#[from] rustls::Error),
}

/// The one way in which channels speak TLS.
fn tls(authorities: Vec<CertificateDer<'static>>) -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for authority in authorities {
        roots.add(authority)?;
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

impl Kind {
    /// The kind behind the word.
    pub fn of(kind: ChannelKind) -> Option<&'static Kind> {
        KINDS.iter().find(|known| known.kind == kind)
    }

    /// Its own fields, and those of every kind.
    fn all_fields(&self) -> impl Iterator<Item = &FieldSpec> {
        self.fields.iter().chain(&WORDS)
    }
}

impl FieldSpec {
    pub(crate) const fn open(spec: check::FieldSpec) -> Self {
        Self { spec, is_secret: false, choices: &[] }
    }

    pub(crate) const fn secret(spec: check::FieldSpec) -> Self {
        Self { spec, is_secret: true, choices: &[] }
    }

    pub(crate) const fn one_of(spec: check::FieldSpec, choices: &'static [&'static str]) -> Self {
        Self { spec, is_secret: false, choices }
    }

    /// Where errors of this field are shown.
    fn place(&self) -> String {
        let group = if self.is_secret { "secrets" } else { "settings" };
        format!("{group}.{}", self.spec.name)
    }
}

/// What the browser draws the forms from.
pub fn forms() -> Vec<ChannelForm> {
    let field = |FieldSpec { spec, is_secret, choices }: &FieldSpec| {
        let field = Field {
            name: spec.name.to_owned(),
            label: spec.label.to_owned(),
            input: spec.input.clone(),
            required: spec.required,
            default: spec.default.map(str::to_owned),
        };
        let choices = choices.iter().map(|choice| (*choice).to_owned()).collect();
        ChannelField { field, is_secret: *is_secret, choices }
    };
    let form = |kind: &Kind| ChannelForm {
        kind: kind.kind,
        label: kind.label.to_owned(),
        fields: kind.all_fields().map(field).collect(),
    };
    KINDS.iter().map(form).collect()
}

/// Everything that is wrong, each at its field, such as `settings.chat_id` or `secrets.token`.
pub fn errors(kind: ChannelKind, args: &BuildArgs<'_>) -> Vec<FieldError> {
    let Some(kind) = Kind::of(kind) else { return vec![unknown_kind()] };
    let mut errors: Vec<_> = kind.all_fields().filter_map(|field| args.refusal(field)).collect();
    let settings = args.settings.iter().map(|(name, _)| (name, false));
    let secrets = args.secrets.keys().map(|name| (name, true));
    for (name, is_secret) in settings.chain(secrets) {
        if !kind.all_fields().any(|field| field.spec.name == name && field.is_secret == is_secret) {
            let group = if is_secret { "secrets" } else { "settings" };
            let why = "is not a setting of this channel";
            errors.push(FieldError::new(format!("{group}.{name}"), "error_unknown_setting", why));
        }
    }
    if errors.is_empty() {
        // What only the kind itself can judge.
        errors.extend((kind.build)(args).err());
    }
    errors
}

/// Makes a channel of whatever kind.
pub fn build(kind: ChannelKind, args: &BuildArgs<'_>) -> Result<Box<dyn Channel>, FieldError> {
    let kind = Kind::of(kind).ok_or_else(unknown_kind)?;
    (kind.build)(args)
}

fn unknown_kind() -> FieldError {
    FieldError::new("kind", "error_channel_kind", "this program does not know this kind of channel")
}

impl BuildArgs<'_> {
    /// The field's value, as given or by default; nothing when it may be left empty and is.
    fn value(&self, field: &FieldSpec) -> Result<Option<&str>, FieldError> {
        match self.refusal(field) {
            Some(error) => Err(error),
            None => Ok(self.given(field)),
        }
    }

    /// The value of a field that must be there: what is stored is not trusted blindly.
    fn needed(&self, field: &FieldSpec) -> Result<&str, FieldError> {
        self.value(field)?.ok_or_else(|| FieldError::new(field.place(), "error_required", "is required"))
    }

    fn is_on(&self, field: &FieldSpec) -> Result<bool, FieldError> {
        Ok(self.value(field)? == Some("true"))
    }

    /// A secret that must be there.
    fn secret(&self, field: &FieldSpec) -> Result<Secret<String>, FieldError> {
        self.needed(field).map(|open| Secret::new(open.to_owned()))
    }

    fn given(&self, field: &FieldSpec) -> Option<&str> {
        if field.is_secret {
            let open = self.secrets.get(field.spec.name).map(|secret| secret.expose().as_str());
            open.filter(|open| !open.is_empty()).or(field.spec.default)
        } else {
            field.spec.value(self.settings)
        }
    }

    fn refusal(&self, field: &FieldSpec) -> Option<FieldError> {
        let (code, why) = field.spec.refusal(self.given(field))?;
        Some(FieldError::new(field.place(), code, why))
    }
}

/// The work, unless it takes longer than `deadline`.
async fn within<T>(deadline: Duration, work: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    match timeout(deadline, work).await {
        Ok(done) => done,
        Err(_) => Err(Trouble::later(check::no_answer(deadline))),
    }
}

impl Trouble {
    fn later(why: impl Into<String>) -> Self {
        Trouble::Later { why: why.into(), after: None }
    }

    fn refused(why: impl Into<String>) -> Self {
        Trouble::Refused { why: why.into() }
    }

    /// What may be told of it, given the secrets that the far end could have repeated.
    fn told(self, secrets: &[&str]) -> Self {
        let told = |why: String| text::why(&why, secrets);
        match self {
            Trouble::Later { why, after } => Trouble::Later { why: told(why), after },
            Trouble::Refused { why } => Trouble::Refused { why: told(why) },
            Trouble::Gone { why } => Trouble::Gone { why: told(why) },
        }
    }
}

impl From<Result<(), Trouble>> for Delivery {
    fn from(went: Result<(), Trouble>) -> Self {
        match went {
            Ok(()) => Delivery::Delivered,
            Err(Trouble::Later { why, after }) => Delivery::Later { why, after },
            Err(Trouble::Refused { why }) => Delivery::Refused { why },
            Err(Trouble::Gone { why }) => Delivery::Gone { why },
        }
    }
}
