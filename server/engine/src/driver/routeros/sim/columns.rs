//! One row of a menu, in the router's order of columns.

use std::borrow::Cow;
use std::fmt::Display;

/// Names and values; every value is text, as on the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Columns(Vec<(Cow<'static, str>, String)>);

impl Columns {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.0.push((name.into(), value.to_string()));
        self
    }

    /// A flag that is left out while it is false, as version 7 does.
    pub fn flag(self, name: &'static str, is_set: bool) -> Self {
        if is_set { self.with(name, true) } else { self }
    }

    pub fn set(&mut self, name: &str, value: &str) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value.into(),
            None => self.0.push((name.to_owned().into(), value.into())),
        }
    }

    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value.as_str()))
    }

    /// Only the named columns, in the row's own order.
    pub fn only(mut self, names: &[&str]) -> Self {
        self.0.retain(|(name, _)| names.contains(&name.as_ref()));
        self
    }
}
