//! The key file: one `v1 <id> <256-bit key, base64url>` a line, the last one being used for sealing.

use super::{VERSION, VaultError};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use std::{
    fs,
    io::{ErrorKind, Write},
    path::Path,
};
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;
/// Bytes of the key's hash that make its id: enough to tell keys apart, too few to learn from.
const ID_BYTES: usize = 4;

pub struct Key {
    pub id: String,
    pub bytes: Zeroizing<[u8; KEY_BYTES]>,
}

/// At least one key, the newest last.
pub struct Keys {
    older: Vec<Key>,
    newest: Key,
}

impl Keys {
    pub fn read_or_create(path: &Path) -> Result<Keys, VaultError> {
        match fs::metadata(path) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => create(path)?,
            Err(error) => return Err(file(path, &format!("cannot be read: {error}"))),
        }
        refuse_readable(path)?;
        let text = fs::read_to_string(path).map(Zeroizing::new);
        let text = text.map_err(|error| file(path, &format!("cannot be read: {error}")))?;
        let keys: Option<Vec<Key>> = text.lines().filter(|line| !line.trim().is_empty()).map(parse).collect();
        let mut older = keys.ok_or_else(|| file(path, "is damaged; put it back from where you keep it"))?;
        let newest =
            older.pop().ok_or_else(|| file(path, "holds no key; put it back from where you keep it"))?;
        Ok(Keys { older, newest })
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
    hash.iter().take(ID_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

/// Writes a new key beside the final name and links it there: a crash or a second process at the same
/// moment leaves either one whole file or none, and never replaces a key that something was sealed with.
fn create(path: &Path) -> Result<(), VaultError> {
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    getrandom::fill(&mut *bytes).map_err(|_| VaultError::Seal)?;
    let line = Zeroizing::new(format!("{VERSION} {} {}\n", id_of(&bytes), URL_SAFE_NO_PAD.encode(*bytes)));
    let draft = path.with_extension(format!("new-{}", std::process::id()));
    let written = write_private(&draft, &line).and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    });
    let removed = fs::remove_file(&draft);
    written.and(removed).map_err(|error| file(path, &format!("cannot be created: {error}")))
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
    let mode = mode.map_err(|error| file(path, &format!("cannot be read: {error}")))?;
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

fn file(path: &Path, what: &str) -> VaultError {
    VaultError::KeyFile(format!("the key file {} {what}", path.display()))
}
