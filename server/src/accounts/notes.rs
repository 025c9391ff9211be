//! Small notes for the database (a session was seen, a token was used) that no request waits for.
//!
//! What is noted is true in memory already. A note that finds the queue full is lost, and so is one that
//! the database does not take: the next visit makes another.

use super::sessions::{SessionKey, Sessions};
use crate::store::{SessionRow, Store, in_time};
use engine::Duty;
use model::TokenId;
use tokio::sync::{Mutex, mpsc};

/// Notes waiting. Each session makes one a minute, each token one a second at most.
const WAITING_MAX: usize = 1024;

pub enum Note {
    /// Seen, and so alive for longer.
    Seen(SessionKey, SessionRow),
    Used(TokenId),
}

/// Where requests leave their notes.
#[derive(Clone)]
pub struct Notes(mpsc::Sender<Note>);

/// The other end of it, for the one worker that writes; the notes outlive the worker.
pub struct Waiting(Mutex<mpsc::Receiver<Note>>);

pub fn queue() -> (Notes, Waiting) {
    let (sender, receiver) = mpsc::channel(WAITING_MAX);
    (Notes(sender), Waiting(Mutex::new(receiver)))
}

impl Notes {
    pub fn leave(&self, note: Note) {
        if self.0.try_send(note).is_err() {
            tracing::debug!("a visit was not noted: the queue is full");
        }
    }
}

impl Waiting {
    /// Writes until told to stop, and then what is left.
    pub async fn write(&self, duty: &Duty, store: &Store, sessions: &Sessions) {
        let mut waiting = self.0.lock().await;
        while let Some(Some(note)) = duty.stop.run_until_cancelled(waiting.recv()).await {
            if let Err(error) = write(note, store, sessions).await {
                tracing::warn!(%error, "a visit could not be noted");
                duty.failed(error);
            }
            duty.ran();
        }
        drop(waiting);
        self.write_rest(store, sessions).await;
    }

    /// Writes what is waiting now, until the database fails.
    pub async fn write_rest(&self, store: &Store, sessions: &Sessions) {
        let mut waiting = self.0.lock().await;
        while let Ok(note) = waiting.try_recv() {
            if let Err(error) = write(note, store, sessions).await {
                tracing::warn!(%error, "the last visits could not be noted");
                return;
            }
        }
    }
}

async fn write(note: Note, store: &Store, sessions: &Sessions) -> crate::store::Result<()> {
    match note {
        Note::Seen(key, row) => {
            // Somebody ended it meanwhile, perhaps from another process.
            if !in_time(store.sessions().save(row)).await? {
                sessions.forget_one(key);
            }
            Ok(())
        }
        Note::Used(token) => in_time(store.tokens().used(token)).await,
    }
}
