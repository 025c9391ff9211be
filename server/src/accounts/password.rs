//! Argon2id at 12 MiB and 3 passes (an OWASP profile), never more than two at once. Imported accounts have
//! a bcrypt hash until their first login.

use super::{imported, rules};
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use engine::Secret;
use model::FieldError;
use std::sync::Arc;
use tokio::sync::Semaphore;

const MEMORY_KIB: u32 = 12 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 1;
/// Two of 12 MiB: logins may not take the machine from the monitoring.
const AT_ONCE_MAX: usize = 2;
/// Working or waiting. At some 20 ms each the last in line waits a fifth of a second.
const QUEUE_MAX: usize = 18;
/// Costs as much to try as a real hash, and no password opens it.
const NOBODYS_HASH: &str =
    "$argon2id$v=19$m=12288,t=3,p=1$bm9ib2R5IGlzIGhlcmU$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The queue is full: try again in a moment.
#[derive(Debug, PartialEq, Eq)]
pub struct Busy;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Wrong,
    Right,
    /// Right, and hashed in another way than today's.
    Outdated,
}

/// Hashes and verifies, off the async threads.
#[derive(Clone)]
pub struct Passwords {
    working: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { working: Arc::new(Semaphore::new(AT_ONCE_MAX)), queue: Arc::new(Semaphore::new(QUEUE_MAX)) }
    }
}

impl Passwords {
    pub async fn hash(&self, password: Secret<String>) -> Result<String, Busy> {
        let hash =
            move || argon2()?.hash_password(password.expose().as_bytes()).ok().map(|hash| hash.to_string());
        self.work(hash).await?.ok_or(Busy)
    }

    /// Judges `password` against the account's hash, or does the same work for nobody's.
    pub async fn verify(&self, password: Secret<String>, hash: Option<String>) -> Result<Verdict, Busy> {
        self.work(move || verdict(password.expose(), hash.as_deref())).await
    }

    /// Judges a login. While some account has an imported hash, `cover` is the cost of the costliest: every
    /// login then pays for one such hash and one of ours, so that its time tells no account from another.
    pub async fn verify_login(
        &self,
        password: Secret<String>,
        hash: Option<String>,
        cover: Option<u32>,
    ) -> Result<Verdict, Busy> {
        self.work(move || {
            let own = hash.as_deref().and_then(imported::cost);
            if own.is_some() {
                verdict(password.expose(), None);
            }
            imported::pay(password.expose(), own, cover);
            verdict(password.expose(), hash.as_deref())
        })
        .await
    }

    /// Why the account `name` may not choose `password`; `field` is where it was typed.
    pub async fn refusal(
        &self,
        field: &str,
        name: &str,
        password: Secret<String>,
    ) -> Result<Option<FieldError>, Busy> {
        let (field, name) = (field.to_owned(), name.to_owned());
        self.work(move || rules::refusal(&field, &name, password.expose())).await
    }

    /// The permits go along into the thread: a request that is given up frees no room before its work ends.
    async fn work<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let place = self.queue.clone().try_acquire_owned().map_err(|_| Busy)?;
        let turn = self.working.clone().acquire_owned().await.map_err(|_| Busy)?;
        let done = tokio::task::spawn_blocking(move || {
            let answer = job();
            drop((place, turn));
            answer
        });
        done.await.map_err(|_| Busy)
    }
}

fn argon2() -> Option<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn verdict(password: &str, hash: Option<&str>) -> Verdict {
    if let Some(hash) = hash.filter(|hash| imported::cost(hash).is_some()) {
        return if imported::is_right(password, hash) { Verdict::Outdated } else { Verdict::Wrong };
    }
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NOBODYS_HASH)) else { return Verdict::Wrong };
    let is_right = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
    match (is_right && hash.is_some(), is_todays(&parsed)) {
        (false, _) => Verdict::Wrong,
        (true, true) => Verdict::Right,
        (true, false) => Verdict::Outdated,
    }
}

fn is_todays(hash: &PasswordHash) -> bool {
    let params = Params::try_from(hash);
    let is_same =
        |params: Params| (params.m_cost(), params.t_cost(), params.p_cost()) == (MEMORY_KIB, PASSES, LANES);
    hash.algorithm.as_str() == "argon2id" && params.is_ok_and(is_same)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[tokio::test]
    async fn a_password_opens_its_hash_and_nothing_else_does() {
        let passwords = Passwords::default();
        let hash = passwords.hash(secret("correct horse")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=12288,t=3,p=1$"), "{hash}");
        let judge = |word: &str, hash: &str| passwords.verify(secret(word), Some(hash.to_owned()));
        assert_eq!(judge("correct horse", &hash).await, Ok(Verdict::Right));
        assert_eq!(judge("correct horsf", &hash).await, Ok(Verdict::Wrong));
        assert_eq!(judge("", &hash).await, Ok(Verdict::Wrong));
        assert_eq!(judge("correct horse", "not a hash").await, Ok(Verdict::Wrong));
    }

    #[tokio::test]
    async fn nobody_s_hash_costs_the_same_work_and_opens_to_no_one() {
        assert!(is_todays(&PasswordHash::new(NOBODYS_HASH).unwrap()));
        assert_eq!(Passwords::default().verify(secret("anything"), None).await, Ok(Verdict::Wrong));
    }

    #[tokio::test]
    async fn a_hash_with_other_parameters_still_opens_and_is_told_apart() {
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 1, 1, None).unwrap());
        let hash = weak.hash_password(b"correct horse").unwrap().to_string();
        let verdict = Passwords::default().verify(secret("correct horse"), Some(hash)).await;
        assert_eq!(verdict, Ok(Verdict::Outdated));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn two_work_at_once_the_queue_has_an_end_and_a_turn_given_up_is_not_lost() {
        let passwords = Passwords::default();
        let (release, gate) = std::sync::mpsc::channel::<()>();
        let gate = Arc::new(std::sync::Mutex::new(gate));
        let (at_once, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let mut waiting = tokio::task::JoinSet::new();
        for _ in 0..QUEUE_MAX {
            let (passwords, gate) = (passwords.clone(), gate.clone());
            let (at_once, most) = (at_once.clone(), most.clone());
            let job = move || {
                most.fetch_max(at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                gate.lock().unwrap().recv().unwrap();
                at_once.fetch_sub(1, Ordering::SeqCst);
            };
            waiting.spawn(async move { passwords.work(job).await });
        }
        while passwords.queue.available_permits() > 0 || at_once.load(Ordering::SeqCst) < 2 {
            tokio::task::yield_now().await;
        }
        assert_eq!(passwords.verify(secret("one too many"), None).await, Err(Busy));
        for _ in 0..QUEUE_MAX {
            release.send(()).unwrap();
        }
        while let Some(done) = waiting.join_next().await {
            assert_eq!(done.unwrap(), Ok(()));
        }
        assert_eq!(most.load(Ordering::SeqCst), 2);
        assert_eq!(passwords.verify(secret("next"), None).await, Ok(Verdict::Wrong));
    }
}
