//! What the channel form holds while it is being filled in, and the draft it becomes. Pure.

use model::*;
use std::collections::{BTreeMap, BTreeSet};

/// The whole form, as typed.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    pub kind: ChannelKind,
    pub name: String,
    pub is_enabled: bool,
    pub language: String,
    pub severity: Severity,
    pub settings: BTreeMap<String, String>,
    /// Empty ones keep what is stored.
    pub secrets: BTreeMap<String, String>,
    /// Secrets to be taken away.
    pub removed: BTreeSet<String>,
}

impl Form {
    pub fn empty(kind: ChannelKind, language: &str) -> Self {
        Self {
            kind,
            name: String::new(),
            is_enabled: true,
            language: language.to_owned(),
            severity: Severity::Warning,
            settings: BTreeMap::new(),
            secrets: BTreeMap::new(),
            removed: BTreeSet::new(),
        }
    }

    /// The form of a channel that exists.
    pub fn of(channel: &Channel) -> Self {
        Self {
            kind: channel.kind,
            name: channel.name.clone(),
            is_enabled: channel.enabled,
            language: channel.language.clone(),
            severity: channel.severity,
            settings: channel.settings.clone().into(),
            secrets: BTreeMap::new(),
            removed: BTreeSet::new(),
        }
    }

    /// The draft that keeps every setting as it is.
    pub fn kept(&self) -> ChannelDraft {
        ChannelDraft {
            name: self.name.trim().to_owned(),
            kind: self.kind,
            enabled: self.is_enabled,
            language: self.language.clone(),
            severity: self.severity,
            settings: self.settings.clone().into(),
            secrets: BTreeMap::new(),
        }
    }

    /// What to send: only what this kind has fields for, for another one may have been filled in before.
    pub fn draft(&self, form: &ChannelForm) -> ChannelDraft {
        let mut draft = self.kept();
        let mut settings = BTreeMap::new();
        for ChannelField { field, is_secret, .. } in &form.fields {
            let name = &field.name;
            let typed = if *is_secret { self.secrets.get(name) } else { self.settings.get(name) };
            let typed = typed.filter(|text| !text.trim().is_empty());
            match (typed, is_secret) {
                (Some(text), true) => drop(draft.secrets.insert(name.clone(), Some(text.clone()))),
                (None, true) if self.removed.contains(name) => {
                    draft.secrets.insert(name.clone(), None);
                }
                (Some(text), false) => drop(settings.insert(name.clone(), text.trim().to_owned())),
                (None, _) => {}
            }
        }
        draft.settings = settings.into();
        draft
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, is_secret: bool) -> ChannelField {
        let field = Field {
            name: name.to_owned(),
            label: String::new(),
            input: Input::Text { max_chars: 10 },
            required: false,
            default: None,
        };
        ChannelField { field, is_secret, choices: Vec::new() }
    }

    #[test]
    fn a_draft_holds_what_its_kind_asks_for_and_no_secret_that_was_not_typed() {
        let fields = vec![field("url", false), field("secret", true), field("other", true)];
        let form = ChannelForm { kind: ChannelKind::Webhook, label: String::new(), fields };
        let mut typed = Form::empty(ChannelKind::Webhook, "en");
        typed.name = " hook ".to_owned();
        typed.settings.insert("url".to_owned(), " http://127.0.0.1/ ".to_owned());
        typed.settings.insert("chat_id".to_owned(), "1".to_owned());
        typed.secrets.insert("secret".to_owned(), " ".to_owned());
        let draft = typed.draft(&form);
        assert_eq!((draft.name.as_str(), draft.secrets.len()), ("hook", 0));
        let settings: Vec<_> =
            draft.settings.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        assert_eq!(settings, [("url", "http://127.0.0.1/")]);

        typed.removed.insert("secret".to_owned());
        typed.secrets.insert("other".to_owned(), "new".to_owned());
        let secrets: Vec<_> = typed.draft(&form).secrets.into_iter().collect();
        assert_eq!(secrets, [("other".to_owned(), Some("new".to_owned())), ("secret".to_owned(), None)]);
    }
}
