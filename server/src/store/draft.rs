//! A file that is being put together beside its final name: whole before it has it, and nobody else's.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

/// What follows the final name, and how much randomness after it.
const MARK: &str = ".new-";
const WORD_BYTES: usize = 8;
/// What SQLite keeps beside a database until it is folded in.
pub const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];
/// Those of them that hold what is not in the database itself.
pub const LASTING: [&str; 2] = ["-wal", "-journal"];

/// Removed when it is dropped before it got its name.
#[derive(Debug)]
pub struct Draft(PathBuf);

impl Draft {
    /// An empty one for `target`, mode 0600. What an earlier process that was killed left is swept away first.
    pub fn create(target: &Path) -> io::Result<Draft> {
        sweep(target)?;
        let mut word = [0; WORD_BYTES];
        getrandom::fill(&mut word).map_err(|error| io::Error::other(error.to_string()))?;
        let word: String = word.iter().map(|byte| format!("{byte:02x}")).collect();
        let path = beside(target, &format!("{MARK}{word}"));
        create_private(&path)?;
        Ok(Draft(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Copies `from` into it.
    pub fn fill(&self, from: &Path) -> io::Result<()> {
        io::copy(&mut File::open(from)?, &mut OpenOptions::new().write(true).truncate(true).open(&self.0)?)?;
        Ok(())
    }

    /// Copies what SQLite keeps beside `from`, where there is any.
    pub fn fill_companions(&self, from: &Path) -> io::Result<()> {
        for companion in LASTING {
            let mut source = match File::open(beside(from, companion)) {
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                opened => opened?,
            };
            io::copy(&mut source, &mut create_private(&beside(&self.0, companion))?)?;
        }
        Ok(())
    }

    /// Gives it its name, in the place of whatever has it. A power cut leaves the one or the other.
    pub fn put(self, target: &Path) -> io::Result<()> {
        File::open(&self.0)?.sync_all()?;
        fs::rename(&self.0, target)?;
        sync_folder(target)
    }

    /// Gives it its name, unless something has it.
    pub fn put_new(self, target: &Path) -> io::Result<()> {
        File::open(&self.0)?.sync_all()?;
        match fs::hard_link(&self.0, target) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(error),
            // Some file systems know no second name, such as those of memory sticks.
            Err(_) if !target.try_exists()? => fs::rename(&self.0, target)?,
            Err(_) => return Err(ErrorKind::AlreadyExists.into()),
        }
        sync_folder(target)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        for companion in COMPANIONS.iter().chain([&""]) {
            // What cannot be removed is swept by the next one.
            let _ = fs::remove_file(beside(&self.0, companion));
        }
    }
}

/// The name with something behind it.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Without this a power cut could take a name back.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder(path))?.sync_all() } else { Ok(()) }
}

/// The folder that it lies in.
pub fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Removes what was left half done for `target`: each draft holds a whole database.
fn sweep(target: &Path) -> io::Result<()> {
    let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for entry in fs::read_dir(folder(target))? {
        let entry = entry?;
        let found = entry.file_name().to_string_lossy().into_owned();
        let rest = found.strip_prefix(&name).and_then(|rest| rest.strip_prefix(MARK));
        let is_draft = rest.is_some_and(|rest| {
            let (word, companion) = rest.split_at_checked(2 * WORD_BYTES).unwrap_or((rest, ""));
            let is_word = word.len() == 2 * WORD_BYTES && word.bytes().all(|byte| byte.is_ascii_hexdigit());
            is_word && (companion.is_empty() || COMPANIONS.contains(&companion))
        });
        if is_draft {
            match fs::remove_file(entry.path()) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_draft_is_gone_unless_it_got_its_name_and_takes_nobody_elses() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("copy.db");
        drop(Draft::create(&target).unwrap());
        assert_eq!(names(folder.path()), [""; 0]);
        Draft::create(&target).unwrap().put_new(&target).unwrap();
        fs::write(&target, "first").unwrap();
        let refused = Draft::create(&target).unwrap().put_new(&target).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&target).unwrap(), "first");
        Draft::create(&target).unwrap().put(&target).unwrap();
        assert_eq!((fs::read_to_string(&target).unwrap().as_str(), names(folder.path()).len()), ("", 1));
    }

    #[test]
    fn what_a_killed_process_left_is_swept_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("copy.db");
        let left = ["copy.db.new-0123456789abcdef", "copy.db.new-0123456789abcdef-wal"];
        let kept = [
            "copy.db.new-",
            "copy.db.new-year",
            "copy.db.new-0123456789abcdef-x",
            "other.db.new-0123456789abcdef",
        ];
        for name in left.iter().chain(&kept) {
            fs::write(folder.path().join(name), "").unwrap();
        }
        drop(Draft::create(&target).unwrap());
        let mut expected = kept.map(str::to_owned);
        expected.sort();
        assert_eq!(names(folder.path()), expected);
    }
}
