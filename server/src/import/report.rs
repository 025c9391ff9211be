//! What became of a file, line by line, in words for a terminal.

use super::{Read, ReadAccount, fields::printable};
use model::FieldError;
use std::{collections::BTreeMap, fmt};

/// What became, or would become, of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Added,
    /// The names of the fields.
    Changed(Vec<&'static str>),
    Unchanged,
    /// An account of that name was there, and is left as it is.
    Kept,
    Refused,
}

#[derive(Clone, Debug)]
pub struct Line {
    /// Where in the file; empty for the file as a whole.
    pub at: String,
    /// The device, or `user` and the account.
    pub name: String,
    pub what: What,
    pub errors: Vec<FieldError>,
}

impl Line {
    pub(super) fn of(read: Read, what: What) -> Line {
        Line { at: read.at, name: printable(&read.entry.name), what, errors: read.errors }
    }

    pub(super) fn of_account(read: ReadAccount, what: What) -> Line {
        let name = format!("user {} ({})", printable(&read.account.name), read.account.role.word());
        Line { at: read.at, name, what, errors: read.errors }
    }

    pub(super) fn outside(error: FieldError) -> Line {
        Line { at: String::new(), name: String::new(), what: What::Refused, errors: vec![error] }
    }
}

#[derive(Debug)]
pub struct Report {
    pub lines: Vec<Line>,
    pub settings: BTreeMap<String, String>,
    pub notes: Vec<String>,
    pub is_dry_run: bool,
}

impl Report {
    /// Nothing was applied, because a line was refused.
    pub fn is_refused(&self) -> bool {
        self.lines.iter().any(|line| line.what == What::Refused)
    }

    fn count(&self, is_it: impl Fn(&What) -> bool) -> usize {
        self.lines.iter().filter(|line| is_it(&line.what)).count()
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match &self.what {
            What::Added => writeln!(f, "added      {name}"),
            What::Changed(fields) => writeln!(f, "changed    {name}: {}", fields.join(", ")),
            What::Unchanged => writeln!(f, "unchanged  {name}"),
            What::Kept => writeln!(f, "kept       {name}: there is one of that name, left as it is"),
            What::Refused => {
                let at = [self.at.as_str(), name].into_iter().filter(|part| !part.is_empty());
                let at = at.collect::<Vec<_>>().join(" ");
                self.errors.iter().try_for_each(|error| {
                    let parts = [at.as_str(), &error.field].into_iter().filter(|part| !part.is_empty());
                    writeln!(f, "refused    {}: {}", parts.collect::<Vec<_>>().join(": "), error.message)
                })
            }
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| line.fmt(f))?;
        self.settings.iter().try_for_each(|(name, value)| writeln!(f, "setting    {name} = {value}"))?;
        if !self.settings.is_empty() && !self.is_refused() {
            writeln!(f, "note       a running server takes settings over when it is started again")?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "note       {note}"))?;
        let added = self.count(|what| *what == What::Added);
        let changed = self.count(|what| matches!(what, What::Changed(_)));
        let unchanged = self.count(|what| matches!(what, What::Unchanged | What::Kept));
        match (self.count(|what| *what == What::Refused), self.is_dry_run) {
            (0, false) => writeln!(f, "{added} added, {changed} changed, {unchanged} unchanged"),
            (0, true) => {
                writeln!(f, "dry run: {added} would be added, {changed} changed, {unchanged} unchanged")
            }
            (1, _) => writeln!(f, "1 line was refused, so nothing was applied"),
            (refused, _) => writeln!(f, "{refused} lines were refused, so nothing was applied"),
        }
    }
}
