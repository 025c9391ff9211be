//! Logins that wait for their code: in memory, behind a random word that only the browser has.
//!
//! No session exists yet, and a restart forgets them: the person logs in again.

use super::{login::LoggedIn, throttle::Bucket};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use engine::Secret;
use model::{Timestamp, User};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use std::{collections::HashMap, time::Duration};
use zeroize::Zeroizing;

/// How long a login waits for its code.
pub const WAIT_MAX: Duration = Duration::from_secs(5 * 60);
/// Most logins waiting at once for one account: the oldest makes room. Whoever knows its password must not
/// keep others from finishing theirs.
const WAITING_EACH_MAX: usize = 16;
const WORD_BYTES: usize = 32;

struct Half {
    done: LoggedIn,
    /// Where the guesses of this login are counted.
    buckets: Vec<Bucket>,
    since: Timestamp,
}

impl Half {
    fn is_late(&self, now: Timestamp) -> bool {
        u128::from(now.since_ms(self.since).unsigned_abs()) >= WAIT_MAX.as_millis()
    }
}

/// Each by the hash of its word.
#[derive(Default)]
pub struct Halves(Mutex<HashMap<[u8; 32], Half>>);

impl Halves {
    /// The word for a login whose password was right; `None` when the system has no randomness.
    pub fn begin(&self, done: LoggedIn, buckets: Vec<Bucket>, now: Timestamp) -> Option<Secret<String>> {
        let mut bytes = Zeroizing::new([0; WORD_BYTES]);
        getrandom::fill(&mut *bytes).ok()?;
        let word = Secret::new(URL_SAFE_NO_PAD.encode(*bytes));
        let mut waiting = self.0.lock();
        waiting.retain(|_, half| !half.is_late(now));
        let of_user = waiting.iter().filter(|(_, half)| half.done.user.id == done.user.id);
        let of_user: Vec<_> = of_user.map(|(key, half)| (half.since, *key)).collect();
        if of_user.len() >= WAITING_EACH_MAX
            && let Some((_, oldest)) = of_user.into_iter().min()
        {
            waiting.remove(&oldest);
        }
        waiting.insert(key(word.expose()), Half { done, buckets, since: now });
        Some(word)
    }

    /// Who waits behind this word, and where guesses of the code are counted.
    pub fn find(&self, word: &str, now: Timestamp) -> Option<(User, Vec<Bucket>)> {
        let waiting = self.0.lock();
        let half = waiting.get(&key(word)).filter(|half| !half.is_late(now))?;
        Some((half.done.user.clone(), half.buckets.clone()))
    }

    /// Takes the login out: once.
    pub fn end(&self, word: &str) -> Option<LoggedIn> {
        self.0.lock().remove(&key(word)).map(|half| half.done)
    }
}

fn key(word: &str) -> [u8; 32] {
    Sha256::digest(word).into()
}
