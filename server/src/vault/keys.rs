//! The key file: one `v1 <id> <256-bit key, base64url>` a line, the last one being used for sealing.
//!
//! It is only ever replaced as a whole, so that whoever reads it finds one whole state of it or another.

use super::{VERSION, VaultError};
use crate::machine::same_owner;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use std::{
    fs,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;
/// Bytes of the key's hash that make its id: enough to tell keys apart, too few to learn from.
const ID_BYTES: usize = 4;
/// What the name of a key that is being created ends with, instead of the key's own ending, and how much
/// randomness follows.
const DRAFT: &str = "new-";
const DRAFT_WORD_BYTES: usize = 8;
/// How often a new state of the file is put together again when somebody swept its draft away.
const REPLACE_TRIES: usize = 5;

#[derive(Clone)]
pub struct Key {
    pub id: String,
    pub bytes: Zeroizing<[u8; KEY_BYTES]>,
}

/// At least one key, the newest last.
pub struct Keys {
    older: Vec<Key>,
    newest: Key,
    /// Which state of the file these were read from.
    pub stamp: Stamp,
}

/// By this a file is known to have been replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    number: u64,
}

impl Stamp {
    pub fn of(path: &Path) -> Result<Stamp, VaultError> {
        let data = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
        #[cfg(unix)]
        let number = std::os::unix::fs::MetadataExt::ino(&data);
        #[cfg(not(unix))]
        let number = 0;
        Ok(Stamp { modified: data.modified().ok(), length: data.len(), number })
    }
}

impl Keys {
    pub fn read_or_create(path: &Path) -> Result<Keys, VaultError> {
        match fs::metadata(path) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => create(path)?,
            Err(error) => return Err(unreadable(path, &error)),
        }
        if let Err(error) = sweep_drafts(path) {
            // The key itself is whole, and its folder may be one that nothing can be written to.
            tracing::warn!(%error, key_file = %path.display(), "old drafts of the key cannot be removed");
        }
        Self::read(path)
    }

    /// Reads what must be there.
    pub fn read(path: &Path) -> Result<Keys, VaultError> {
        // Taken first: a file that is replaced meanwhile is read once more later, and never once too little.
        let stamp = Stamp::of(path)?;
        refuse_readable(path)?;
        let text = fs::read_to_string(path).map(Zeroizing::new);
        let text = text.map_err(|error| unreadable(path, &error))?;
        let keys: Option<Vec<Key>> = text.lines().filter(|line| !line.trim().is_empty()).map(parse).collect();
        let mut older = keys.ok_or_else(|| file(path, "is damaged; put it back from where you keep it"))?;
        let newest =
            older.pop().ok_or_else(|| file(path, "holds no key; put it back from where you keep it"))?;
        older.retain(|key| key.id != newest.id);
        Ok(Keys { older, newest, stamp })
    }

    /// Adds a new key, which is the newest from now on.
    pub fn add(&self, path: &Path) -> Result<Keys, VaultError> {
        let mut lines = self.lines(|_| true);
        lines.push_str(&new_line()?);
        replace(path, &lines)?;
        Self::read(path)
    }

    /// Drops what `is_needed` does not name; the newest always stays.
    pub fn keep(&self, path: &Path, is_needed: impl Fn(&str) -> bool) -> Result<Keys, VaultError> {
        replace(path, &self.lines(|key| is_needed(&key.id) || key.id == self.newest.id))?;
        Self::read(path)
    }

    fn lines(&self, wanted: impl Fn(&Key) -> bool) -> Zeroizing<String> {
        let mut lines = Zeroizing::new(String::with_capacity(LINE_ROOM * (self.older.len() + 2)));
        for key in self.older.iter().chain([&self.newest]).filter(|key| wanted(key)) {
            lines.push_str(&line(key));
        }
        lines
    }

    pub fn newest(&self) -> &Key {
        &self.newest
    }

    pub fn find(&self, id: &str) -> Option<&Key> {
        std::iter::once(&self.newest).chain(&self.older).find(|key| key.id == id)
    }

    pub fn ids(&self) -> Vec<&str> {
        self.older.iter().chain([&self.newest]).map(|key| key.id.as_str()).collect()
    }
}

/// A line whose id does not fit its key is as damaged as one that cannot be read.
fn parse(line: &str) -> Option<Key> {
    let mut words = line.split_whitespace();
    let (version, id, key) = (words.next()?, words.next()?, words.next()?);
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(key).ok()?);
    let bytes: Zeroizing<[u8; KEY_BYTES]> = Zeroizing::new(bytes.as_slice().try_into().ok()?);
    let fits = version == VERSION && id == id_of(&bytes) && words.next().is_none();
    fits.then(|| Key { id: id.to_owned(), bytes })
}

fn id_of(key: &[u8; KEY_BYTES]) -> String {
    let hash = Sha256::new().chain_update("routewarden key id|").chain_update(key).finalize();
    hex(hash.get(..ID_BYTES).unwrap_or_default())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Longer than any line, so that a text of them grows in one place and leaves no copies in memory.
const LINE_ROOM: usize = 80;

fn line(key: &Key) -> Zeroizing<String> {
    let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(*key.bytes));
    Zeroizing::new(format!("{VERSION} {} {}\n", key.id, *text))
}

fn new_line() -> Result<Zeroizing<String>, VaultError> {
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    getrandom::fill(&mut *bytes).map_err(|_| VaultError::Seal)?;
    Ok(line(&Key { id: id_of(&bytes), bytes }))
}

/// A name nobody has used: in a container every process has the same number.
fn draft_of(path: &Path) -> Result<PathBuf, VaultError> {
    let mut word = [0; DRAFT_WORD_BYTES];
    getrandom::fill(&mut word).map_err(|_| VaultError::Seal)?;
    Ok(path.with_extension(format!("{DRAFT}{}", hex(&word))))
}

/// Writes a new key beside the final name and links it there: a crash or a second process at the same
/// moment leaves either one whole file or none, and never replaces a key that something was sealed with.
fn create(path: &Path) -> Result<(), VaultError> {
    let (draft, line) = (draft_of(path)?, new_line()?);
    let written = write_private(&draft, &line).and_then(|()| match fs::hard_link(&draft, path) {
        // Another process was first; it may have swept our draft away already.
        Err(_) if path.exists() => Ok(()),
        linked => linked,
    });
    let removed = remove(&draft);
    let kept = written.and(removed).and_then(|()| sync_folder(path));
    kept.map_err(|error| file(path, &format!("cannot be created: {error}")))
}

/// Puts a new state of the file in the place of the old one, under the same owner.
fn replace(path: &Path, text: &str) -> Result<(), VaultError> {
    let failed = |error: std::io::Error| file(path, &format!("cannot be replaced: {error}"));
    for _ in 0..REPLACE_TRIES {
        let draft = draft_of(path)?;
        let put = write_private(&draft, text)
            .and_then(|()| same_owner(path, &draft))
            .and_then(|()| fs::rename(&draft, path));
        match put {
            Ok(()) => return sync_folder(path).map_err(failed),
            // Another process that opened the file took the draft for one that was left behind.
            Err(error) if error.kind() == ErrorKind::NotFound && path.exists() => {}
            Err(error) => {
                // What cannot be removed either is swept with the next opening.
                let _ = remove(&draft);
                return Err(failed(error));
            }
        }
    }
    Err(file(path, "cannot be replaced: other processes keep removing its draft"))
}

/// Removes what a process that was killed while creating the key left of it: each draft holds a key.
///
/// To be called only once the key has its final name, so that a process that is just creating it loses nothing.
fn sweep_drafts(path: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(folder(path))? {
        let entry = entry?;
        if is_draft(path, &entry.file_name().to_string_lossy()) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

fn is_draft(path: &Path, name: &str) -> bool {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let word = name.strip_prefix(&*stem).and_then(|rest| rest.strip_prefix('.')?.strip_prefix(DRAFT));
    word.is_some_and(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Removes a file; one that is gone already is no failure.
fn remove(path: &Path) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Without this a power cut could take the key's name back, and keep what was sealed with it.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    if cfg!(unix) { fs::File::open(folder(path))?.sync_all() } else { Ok(()) }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(unix)]
fn refuse_readable(path: &Path) -> Result<(), VaultError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).map(|data| data.permissions().mode());
    let mode = mode.map_err(|error| unreadable(path, &error))?;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let remedy =
        format!("can be read by others (mode {:04o}); run: chmod 600 {}", mode & 0o7777, path.display());
    Err(file(path, &remedy))
}

#[cfg(not(unix))]
fn refuse_readable(_path: &Path) -> Result<(), VaultError> {
    Ok(())
}

fn unreadable(path: &Path, error: &std::io::Error) -> VaultError {
    file(path, &format!("cannot be read: {error}"))
}

fn file(path: &Path, what: &str) -> VaultError {
    VaultError::KeyFile(format!("the key file {} {what}", path.display()))
}
