//! Where the dashboard's key is: in a file that is named, in the environment, or in the `.env` beside the
//! database.

use super::fernet::Key;
use crate::import::Unreadable;
use std::{
    fs,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// The variable's name, there and here.
pub const VARIABLE: &str = "FERNET_KEY";
/// Largest file that may hold a key.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// What the person gave.
#[derive(Clone, Default)]
pub struct KeyPlaces {
    pub file: Option<PathBuf>,
    /// The variable's value.
    pub environment: Option<String>,
}

/// A key, and in words where it was.
pub struct Found {
    pub key: Key,
    pub at: String,
}

impl KeyPlaces {
    /// The first that is there counts, and has to be a key.
    pub(super) fn find(&self, database: &Path) -> Result<Found, Unreadable> {
        let env_file = database.with_file_name(".env");
        let (text, at) = if let Some(file) = &self.file {
            let at = file.display().to_string();
            let text = read(file).map_err(|error| Unreadable::KeyFile { at: at.clone(), error })?;
            (in_lines(&text).unwrap_or(text), at)
        } else if let Some(text) = &self.environment {
            (Zeroizing::new(text.clone()), format!("{VARIABLE} in the environment"))
        } else {
            let text = read(&env_file).ok().and_then(|text| in_lines(&text)).ok_or(Unreadable::KeyMissing)?;
            (text, env_file.display().to_string())
        };
        match Key::parse(&text) {
            Some(key) => Ok(Found { key, at }),
            None => Err(Unreadable::KeyMalformed { at }),
        }
    }
}

/// The variable's value among the lines of a `.env`.
fn in_lines(text: &str) -> Option<Zeroizing<String>> {
    let mut variables = dotenvy::from_read_iter(text.as_bytes()).flatten();
    variables.find(|(name, _)| name == VARIABLE).map(|(_, value)| Zeroizing::new(value))
}

fn read(file: &Path) -> Result<Zeroizing<String>, String> {
    let metadata = fs::metadata(file).map_err(|error| error.to_string())?;
    if !metadata.is_file() || metadata.len() > FILE_BYTES_MAX {
        return Err("is no file with a key".to_owned());
    }
    fs::read_to_string(file).map(Zeroizing::new).map_err(|error| error.to_string())
}
