//! Where values come from, and which one counts.

use super::KEYS;
use std::{
    collections::BTreeMap,
    ffi::OsString,
    fmt,
    io::ErrorKind,
    path::{Path, PathBuf},
};

/// What the values are read from.
pub struct Sources {
    /// Named by a flag; `routewarden.toml` in the working directory otherwise.
    pub file: Option<PathBuf>,
    /// The environment, with the `.env` file beneath it.
    pub environment: BTreeMap<String, String>,
}

impl Sources {
    /// The environment of this process and the files of its working directory.
    pub fn of_this_process(file: Option<PathBuf>) -> Result<Self, BadConfig> {
        let mut environment = read_environment(Path::new(".env"))?;
        environment.extend(readable(std::env::vars_os()));
        Ok(Self { file, environment })
    }
}

/// The variables of a `.env` file, if there is one. A line that cannot be read is not passed over: it may be
/// the one that keeps something closed. What it says is not repeated, for it may be a password.
pub(super) fn read_environment(path: &Path) -> Result<BTreeMap<String, String>, BadConfig> {
    let refused = |why: String| BadConfig::Environment { file: path.display().to_string(), why };
    match path.try_exists() {
        Ok(true) => {}
        Ok(false) => return Ok(BTreeMap::new()),
        // Whoever may not look into the folder has no file there: `sudo -u` is run from any home.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => return Ok(BTreeMap::new()),
        Err(error) => return Err(refused(error.to_string())),
    }
    let lines = dotenvy::from_path_iter(path).map_err(|error| refused(without_content(&error)))?;
    lines.map(|line| line.map_err(|error| refused(without_content(&error)))).collect()
}

fn without_content(error: &dotenvy::Error) -> String {
    match error {
        dotenvy::Error::LineParse(line, at) => {
            let name = line.split_once('=').map_or("a line without =", |(name, _)| name.trim());
            format!("{name} cannot be read (character {at} of its line)")
        }
        error => error.to_string(),
    }
}

/// What is wrong with a file, without the line it is on: that may hold a password.
fn without_source(error: &str) -> String {
    let is_told = |line: &&str| !line.trim().is_empty() && !line.contains('|');
    error.lines().filter(is_told).map(str::trim).collect::<Vec<_>>().join(": ")
}

/// The variables that are text. Whatever else is in the environment is none of ours.
pub(super) fn readable(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> impl Iterator<Item = (String, String)> {
    variables.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// One value, and where it came from.
#[derive(Clone)]
pub struct Given {
    pub value: String,
    pub source: Source,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Default,
    File(String),
    Environment(&'static str),
    Flag,
}

impl Source {
    /// Of two sources that speak of the same, the stronger counts.
    pub(super) fn strength(&self) -> u8 {
        match self {
            Source::Default => 0,
            Source::File(_) => 1,
            // A platform sets it for whatever it runs; names of our own were meant for us.
            Source::Environment("PORT") => 2,
            Source::Environment(_) => 3,
            Source::Flag => 4,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Default => f.write_str("default"),
            Source::File(file) => write!(f, "file {file}"),
            Source::Environment(name) => write!(f, "environment {name}"),
            Source::Flag => f.write_str("flag"),
        }
    }
}

/// Why the program does not start.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadConfig {
    #[error("{key} = {value:?} ({source_name}): expected {expected}")]
    Value { key: &'static str, value: String, source_name: String, expected: &'static str },
    #[error("{file}: unknown key {key:?}: expected one of {}", names())]
    UnknownKey { file: String, key: String },
    #[error("{file}: {why}")]
    Environment { file: String, why: String },
    #[error("{key} is set and {missing} is not: expected both or none")]
    Alone { key: &'static str, missing: &'static str },
    #[error("{file}: expected a readable TOML file: {why}")]
    File { file: String, why: String },
}

fn names() -> String {
    KEYS.iter().map(|key| key.name).collect::<Vec<_>>().join(", ")
}

/// The strongest value of every key.
#[derive(Clone)]
pub struct Layers(BTreeMap<&'static str, Given>);

impl Layers {
    pub(super) fn read(flags: &[(&'static str, String)], sources: &Sources) -> Result<Layers, BadConfig> {
        let mut values = BTreeMap::new();
        let mut give = |key, value: &str, source| {
            values.insert(key, Given { value: value.to_owned(), source });
        };
        for key in KEYS {
            if let Some(default) = key.default {
                give(key.name, default, Source::Default);
            }
        }
        let (file, is_required) = match &sources.file {
            Some(file) => (file.as_path(), true),
            None => (Path::new("routewarden.toml"), false),
        };
        if is_required || file.exists() {
            for (key, value) in read_file(file)? {
                give(key, &value, Source::File(file.display().to_string()));
            }
        }
        for key in KEYS {
            let set = key.environment.iter().find_map(|name| Some((*name, sources.environment.get(*name)?)));
            if let Some((name, value)) = set {
                give(key.name, value, Source::Environment(name));
            }
        }
        for (key, value) in flags {
            give(key, value, Source::Flag);
        }
        Ok(Layers(values))
    }

    pub fn given(&self, key: &str) -> Option<&Given> {
        self.0.get(key)
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.given(key).map(|given| given.value.as_str())
    }

    pub(super) fn strength(&self, key: &str) -> u8 {
        self.given(key).map_or(0, |given| given.source.strength())
    }

    pub(super) fn parse<T>(
        &self,
        key: &'static str,
        expected: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, BadConfig> {
        let Some(Given { value, source }) = self.given(key) else { return Ok(None) };
        let refused = || BadConfig::Value {
            key,
            value: super::masked(value),
            source_name: source.to_string(),
            expected,
        };
        parse(value).map(Some).ok_or_else(refused)
    }
}

fn read_file(path: &Path) -> Result<Vec<(&'static str, String)>, BadConfig> {
    use config::{File, FileFormat, Source as _};
    let file = path.display().to_string();
    let refused = |why: config::ConfigError| BadConfig::File {
        file: file.clone(),
        why: without_source(&why.to_string()),
    };
    let table = File::from(path).format(FileFormat::Toml).collect().map_err(refused)?;
    let mut values = Vec::new();
    for (name, value) in table {
        let known = KEYS.iter().find(|key| key.name == name);
        let key = known.ok_or_else(|| BadConfig::UnknownKey { file: file.clone(), key: name })?;
        // A list is written with brackets in the file, with commas everywhere else.
        let text = match value.clone().into_array() {
            Ok(list) => list
                .into_iter()
                .map(config::Value::into_string)
                .collect::<Result<Vec<_>, _>>()
                .map(|list| list.join(",")),
            Err(_) => value.into_string(),
        };
        values.push((key.name, text.map_err(refused)?));
    }
    Ok(values)
}
