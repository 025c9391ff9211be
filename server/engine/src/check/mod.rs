//! A check asks one question of one device and reports what it saw.
//!
//! To add a kind: a word in `model::CheckKind`, a folder here that exports `KIND`, one line in [`KINDS`].
//! Form, validation, storage, scheduling and judging need nothing more.

use crate::{
    Clock, Observation, Watched,
    driver::{
        icmp::Pinger,
        resolve::Resolver,
        routeros::{Runtime, Session},
    },
};
use futures::future::BoxFuture;
use model::{CheckDraft, CheckForm, CheckKind, Field, FieldError, Input, Settings};
use std::{sync::Arc, time::Duration};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub mod icmp;
pub mod routeros;
pub mod tcp;
#[cfg(test)]
pub(crate) mod tests;

/// Every kind of check this program knows, in menu order.
pub const KINDS: &[Kind] = &[icmp::KIND, tcp::KIND, routeros::KIND];

/// What the form shows, and how its answers become a check.
pub struct Kind {
    pub kind: CheckKind,
    /// A locale key, never a sentence.
    pub label: &'static str,
    pub fields: &'static [FieldSpec],
    pub default_timeout_s: u32,
    /// Seconds between two rounds where nobody says otherwise; the device's own default when absent.
    pub default_interval_s: Option<u32>,
    /// Opens connections to the host, so that politeness towards the host counts them.
    pub connects: bool,
    /// Works only with the device's RouterOS login.
    pub needs_login: bool,
    pub build: fn(&BuildArgs<'_>) -> Result<Box<dyn Check>, FieldError>,
}

/// One setting of a kind.
pub struct FieldSpec {
    pub name: &'static str,
    /// A locale key.
    pub label: &'static str,
    pub input: Input,
    pub required: bool,
    pub default: Option<&'static str>,
}

/// What a kind is given to build a check from.
pub struct BuildArgs<'a> {
    pub watched: &'a Watched,
    pub check: &'a model::Check,
    pub tools: &'a Tools,
}

/// What all checks share.
#[derive(Clone)]
pub struct Tools {
    pub pinger: Pinger,
    pub resolver: Resolver,
    pub clock: Arc<dyn Clock>,
    /// Owns the tasks of router sessions.
    pub tracker: TaskTracker,
    /// Cancelled when the engine stops.
    pub stop: CancellationToken,
}

/// One question to one device.
pub trait Check: Send + Sync {
    /// Never fails: a target that does not answer is an answer. Ends within `timeout`.
    fn probe<'a>(&'a self, timeout: Duration) -> BoxFuture<'a, Observation>;

    /// Has its connection already, so that asking now opens none.
    fn is_connected(&self) -> bool {
        false
    }

    /// A person wants to know now: what was put off for the target's sake is not put off any longer.
    fn hurry(&self) {}

    /// The router session behind this check, for live rates.
    fn router(&self) -> Option<Session> {
        None
    }
}

impl Tools {
    /// What a router session needs.
    pub fn runtime(&self) -> Runtime {
        Runtime {
            clock: self.clock.clone(),
            resolver: self.resolver.clone(),
            tracker: self.tracker.clone(),
            stop: self.stop.clone(),
        }
    }
}

impl Kind {
    /// The kind behind the word.
    pub fn of(kind: CheckKind) -> Option<&'static Kind> {
        KINDS.iter().find(|known| known.kind == kind)
    }
}

impl FieldSpec {
    /// The setting's value: as given, else the default.
    pub fn value<'a>(&self, settings: &'a Settings) -> Option<&'a str> {
        settings.get(self.name).map(|text| text.trim()).filter(|text| !text.is_empty()).or(self.default)
    }

    /// What is wrong with the value, as a locale key and in English.
    pub(crate) fn refusal(&self, value: Option<&str>) -> Option<(&'static str, String)> {
        self.input.refusal(value, self.required)
    }
}

/// What the browser draws the forms from.
pub fn forms() -> Vec<CheckForm> {
    let field = |spec: &FieldSpec| Field {
        name: spec.name.to_owned(),
        label: spec.label.to_owned(),
        input: spec.input.clone(),
        required: spec.required,
        default: spec.default.map(str::to_owned),
    };
    let form = |kind: &Kind| CheckForm {
        kind: kind.kind,
        label: kind.label.to_owned(),
        interval_s: kind.default_interval_s,
        fields: kind.fields.iter().map(field).collect(),
    };
    KINDS.iter().map(form).collect()
}

/// Everything that is wrong with the settings, each at its field, such as `checks[0].settings.port`.
pub fn errors(drafts: &[CheckDraft], has_login: bool) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (index, draft) in drafts.iter().enumerate() {
        let Some(kind) = Kind::of(draft.kind) else {
            let why = "this program does not know this kind of check";
            errors.push(FieldError::new(format!("checks[{index}].kind"), "error_check_kind", why));
            continue;
        };
        if kind.needs_login && !has_login {
            let why = "needs a RouterOS login";
            errors.push(FieldError::new(format!("checks[{index}].kind"), "error_needs_login", why));
        }
        for spec in kind.fields {
            if let Some((code, why)) = spec.refusal(spec.value(&draft.settings)) {
                errors.push(FieldError::new(format!("checks[{index}].settings.{}", spec.name), code, why));
            }
        }
        for (name, _) in draft
            .settings
            .iter()
            .filter(|(name, _)| kind.fields.iter().all(|spec| spec.name != name.as_str()))
        {
            let at = format!("checks[{index}].settings.{name}");
            errors.push(FieldError::new(at, "error_unknown_setting", "is not a setting of this check"));
        }
    }
    errors
}

/// Makes a check of whatever kind.
pub fn build(args: &BuildArgs<'_>) -> Result<Box<dyn Check>, FieldError> {
    let kind = Kind::of(args.check.kind).ok_or_else(|| {
        FieldError::new("kind", "error_check_kind", "this program does not know this kind of check")
    })?;
    (kind.build)(args)
}

impl BuildArgs<'_> {
    /// A number setting, which must be there and in range: what is stored is not trusted blindly.
    pub fn number(&self, spec: &FieldSpec) -> Result<u32, FieldError> {
        let refuse =
            |(code, why): (&str, String)| FieldError::new(format!("settings.{}", spec.name), code, why);
        let value = spec.value(&self.check.settings);
        if let Some(refusal) = spec.refusal(value) {
            return Err(refuse(refusal));
        }
        value
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| refuse(("error_required", "is required".to_owned())))
    }
}

/// The words for a target that stays silent.
pub(crate) fn no_answer(within: Duration) -> String {
    format!("no answer within {} s", within.as_secs_f32())
}
