//! One's own sessions: listed, and ended one by one or all but this.

use super::{
    Result,
    sessions::{SessionKey, Sessions, hex},
};
use crate::store::{Ended, SessionRow, StoreError, in_time};
use model::{OwnSession, SessionName, User};
use sha2::{Digest, Sha256};

const NAME_CHARS: usize = 32;

impl Sessions {
    /// The sessions of this account that still live, the newest first.
    pub async fn list(&self, user: &User, this: SessionKey) -> Result<Vec<OwnSession>> {
        let rows = in_time(self.rows().of(user.id)).await?;
        let (now, this) = (self.now(), this.to_string());
        let live = rows.into_iter().filter(|row| row.expires_at > now);
        Ok(live.map(|row| told(row, &this)).collect())
    }

    /// Ends one of them.
    pub async fn end(&self, user: &User, name: &SessionName) -> Result<()> {
        let rows = self.rows().of(user.id).await?;
        let row = rows.into_iter().find(|row| name_of(&row.id_hash) == *name).ok_or(StoreError::NotFound)?;
        let at = [row.browser, row.address].into_iter().flatten().collect::<Vec<_>>().join(", ");
        let ended = self.rows().end(user.id, &row.id_hash, Ended { account: &user.name, what: &at }).await;
        // Also where no answer came: it may have ended.
        self.forget_hashed(&row.id_hash);
        Ok(ended?)
    }

    /// Ends all of them but `this`.
    pub async fn end_others(&self, user: &User, this: SessionKey) -> Result<()> {
        let told = Ended { account: &user.name, what: "all others" };
        let ended = self.rows().end_others(user.id, &this.to_string(), told).await;
        self.forget_with(&ended, user.id, Some(this));
        Ok(ended?)
    }

    /// The password was given again in this session.
    pub(super) async fn password_given(&self, key: SessionKey) -> std::result::Result<(), StoreError> {
        let now = self.now();
        self.rows().password_given(&key.to_string(), now).await?;
        self.note_password(key, now);
        Ok(())
    }
}

fn told(row: SessionRow, this: &str) -> OwnSession {
    OwnSession {
        name: name_of(&row.id_hash),
        is_this: row.id_hash == this,
        browser: row.browser,
        address: row.address,
        created_at: row.created_at,
        seen_at: row.seen_at,
    }
}

/// A hash of the hash: what the database knows a session by stays here.
fn name_of(id_hash: &str) -> SessionName {
    let mut name = hex(&Sha256::digest(format!("name of {id_hash}")));
    name.truncate(NAME_CHARS);
    SessionName(name)
}
