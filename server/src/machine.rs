//! What the machine has left, and what this process takes of it.

use rustix::{
    fs::{OFlags, statvfs},
    param::page_size,
    time::{ClockId, clock_gettime},
};
use std::{
    fs::{self, File, OpenOptions},
    io,
    path::Path,
    time::Duration,
};

/// Less free space than this in the data folder, and `/health` says that something is wrong: 64 MiB.
///
/// The database grows by a few megabytes a day at most, so there is time to act.
pub const FREE_BYTES_MIN: u64 = 64 << 20;
/// Less than this, and `doctor` says to look after it: 1 GiB.
pub const FREE_BYTES_SPARE: u64 = 1 << 30;

/// Bytes that this process may still write to the file system of `folder`.
pub fn free_bytes(folder: &Path) -> io::Result<u64> {
    let disk = statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// What this process takes; what the system does not tell is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// In memory, without what is swapped out.
    pub resident_bytes: Option<u64>,
    pub cpu: Duration,
    pub open_files: Option<u64>,
    pub open_files_max: Option<u64>,
}

impl Usage {
    pub fn now() -> Usage {
        let spent = clock_gettime(ClockId::ProcessCPUTime);
        let whole = Duration::from_secs(u64::try_from(spent.tv_sec).unwrap_or(0));
        Usage {
            resident_bytes: fs::read_to_string("/proc/self/statm").ok().and_then(|text| resident(&text)),
            cpu: whole + Duration::from_nanos(u64::try_from(spent.tv_nsec).unwrap_or(0)),
            // The reading itself has one open.
            open_files: fs::read_dir("/proc/self/fd")
                .ok()
                .map(|files| (files.count() as u64).saturating_sub(1)),
            open_files_max: open_files_max(),
        }
    }
}

/// How many files this process may have open; nothing where the system does not say.
pub fn open_files_max() -> Option<u64> {
    fs::read_to_string("/proc/self/limits").ok().and_then(|limits| soft_limit(&limits))
}

/// The soft limit, as Linux tells it.
fn soft_limit(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    match line.split_whitespace().next()? {
        "unlimited" => Some(u64::MAX),
        number => number.parse().ok(),
    }
}

/// Opens the file itself and nothing that a link in its place points to, and waits for nobody, as a pipe would: whoever
/// owns the folder could name any file of root's.
#[cfg(unix)]
pub fn open_itself(options: &mut OpenOptions, file: &Path) -> io::Result<File> {
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let file = options.custom_flags(flags).open(file)?;
    let about = file.metadata()?;
    // A file that has two names may be somebody else's under the other one.
    if !about.is_file() || about.nlink() > 1 {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file of its own; remove it"));
    }
    Ok(file)
}

#[cfg(not(unix))]
pub fn open_itself(options: &mut OpenOptions, file: &Path) -> io::Result<File> {
    options.open(file)
}

/// Gives `file` to the owner of `like`: what an admin does as root must not lock the server out.
#[cfg(unix)]
pub fn same_owner(like: &Path, file: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let file = open_itself(OpenOptions::new().read(true), file)?;
    let (like, own) = (fs::metadata(like)?, file.metadata()?);
    if (like.uid(), like.gid()) == (own.uid(), own.gid()) {
        return Ok(());
    }
    fchown(&file, Some(like.uid()), Some(like.gid()))
}

#[cfg(not(unix))]
pub fn same_owner(_like: &Path, _file: &Path) -> io::Result<()> {
    Ok(())
}

/// The second number is the pages in memory.
fn resident(statm: &str) -> Option<u64> {
    let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    pages.checked_mul(page_size() as u64)
}

/// Bytes as people read them.
pub fn in_words(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let (mut tenths, mut unit) = (bytes / 1024 * 10 + bytes % 1024 * 10 / 1024, UNITS[0]);
    for next in &UNITS[1..] {
        if tenths < 10_240 {
            break;
        }
        (tenths, unit) = (tenths / 1024, next);
    }
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_takes_something_and_leaves_something() {
        let usage = Usage::now();
        assert!(usage.resident_bytes.unwrap() > 1 << 20, "{usage:?}");
        assert!(usage.cpu > Duration::ZERO, "{usage:?}");
        let file = fs::File::open("/proc/self/statm").unwrap();
        assert!(Usage::now().open_files.unwrap() >= 4, "{usage:?}");
        drop(file);
        assert!(usage.open_files_max.is_none_or(|max| max >= usage.open_files.unwrap()), "{usage:?}");
        assert!(free_bytes(Path::new("/")).unwrap() > 0);
        assert!(free_bytes(Path::new("/nowhere/at/all")).is_err());
    }

    #[test]
    fn the_system_s_limit_is_read_as_linux_writes_it() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units\n\
                      Max processes             95767                95767                processes\n\
                      Max open files            1024                 524288               files\n";
        assert_eq!(soft_limit(limits), Some(1024));
        assert_eq!(
            soft_limit("Max open files            unlimited            unlimited            files"),
            Some(u64::MAX)
        );
        assert_eq!(soft_limit(""), None);
    }

    #[test]
    fn bytes_are_told_in_the_unit_that_suits_them() {
        for (bytes, words) in [
            (0, "0.0 KiB"),
            (1536, "1.5 KiB"),
            (64 << 20, "64.0 MiB"),
            (1 << 30, "1.0 GiB"),
            (3 << 40, "3.0 TiB"),
            (5000 << 40, "5000.0 TiB"),
        ] {
            assert_eq!(in_words(bytes), words);
        }
    }
}
