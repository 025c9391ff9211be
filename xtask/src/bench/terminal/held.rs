//! What open terminals hold of the program's memory: at rest, and in floods that nobody reads, or somebody slowly, or
//! as fast as they come.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::Account;
use super::page::Page;
use super::prompt::Prompt;
use crate::bench::program::Program;

const POLL: Duration = Duration::from_millis(100);
/// What no recording makes shorter than it is.
const FLOOD: &[u8] = b"base64 /dev/urandom\r";
/// What the program needs once, for whichever terminal is the first, is no terminal's: what the database keeps of what
/// was written, 2 MB of pages at most, and what compresses on each processor.
const WARM_UP_BYTES: u64 = 8_000_000;
/// So many terminals at the same time, for two processors.
const WARM_UP_PAGES: usize = 2;
/// What each page reads in a second when it reads slowly.
const SLOWLY_BYTES_PER_S: f64 = 64_000.0;

/// Kilobytes of each terminal, one on each device, in each state: the most that was seen in so long a time of it.
pub fn measure(
    program: &Program,
    accounts: &mut [Account],
    devices: &[i64],
    watch: Duration,
) -> Result<Vec<(&'static str, f64)>> {
    warm_up(accounts.first_mut().context("there are accounts")?, devices)?;
    let before = program.resident_mb()?;
    let each = |resident_mb: f64| (resident_mb - before) * 1000.0 / devices.len() as f64;
    let count = accounts.len();
    let mut pages = Vec::new();
    for (number, device) in devices.iter().enumerate() {
        let account = accounts.get_mut(number % count).context("accounts take turns")?;
        pages.push(Reader { page: Page::open(account, *device)?, read: 0 });
    }
    let at_rest = most(program, watch, |_| {
        std::thread::sleep(POLL);
        Ok(())
    })?;
    for reader in &mut pages {
        reader.page.type_in(FLOOD)?;
    }
    let unread = most(program, watch, |_| {
        std::thread::sleep(POLL);
        Ok(())
    })?;
    let slowly = most(program, watch, |passed| {
        std::thread::sleep(POLL);
        let wanted = (passed.as_secs_f64() * SLOWLY_BYTES_PER_S) as u64;
        pages.iter_mut().try_for_each(|reader| reader.read_up_to(wanted))
    })?;
    let at_once = most(program, watch, |_| {
        let began = Instant::now();
        while began.elapsed() < POLL {
            pages.iter_mut().try_for_each(Reader::read)?;
        }
        Ok(())
    })?;
    Ok(vec![
        ("at rest", each(at_rest)),
        ("in floods that nobody reads", each(unread)),
        ("in floods that are read slowly", each(slowly)),
        ("in floods that are read as they come", each(at_once)),
    ])
}

struct Reader {
    page: Page,
    read: u64,
}

impl Reader {
    fn read(&mut self) -> Result<()> {
        self.read += self.page.hear()?.len() as u64;
        Ok(())
    }

    fn read_up_to(&mut self, wanted: u64) -> Result<()> {
        while self.read < wanted {
            self.read()?;
        }
        Ok(())
    }
}

fn warm_up(account: &mut Account, devices: &[i64]) -> Result<()> {
    let mut pages = Vec::new();
    for device in devices.iter().take(WARM_UP_PAGES) {
        let mut page = Page::open(account, *device)?;
        page.type_in(FLOOD)?;
        pages.push(Reader { page, read: 0 });
    }
    while pages.iter().any(|reader| reader.read < WARM_UP_BYTES) {
        pages.iter_mut().try_for_each(Reader::read)?;
    }
    Ok(())
}

/// The most that the program holds while `step` is done again and again, in megabytes.
fn most(program: &Program, watch: Duration, mut step: impl FnMut(Duration) -> Result<()>) -> Result<f64> {
    let (began, mut most_mb) = (Instant::now(), 0.0);
    while began.elapsed() < watch {
        step(began.elapsed())?;
        most_mb = program.resident_mb()?.max(most_mb);
    }
    Ok(most_mb)
}
