//! Acts for whoever gave their password not long ago: a browser left open must not be enough for them.
//!
//! To guard an act: make it a method of [`Sure`] of its handle, and ask for that in the port.

use super::{Admin, Viewer};
use app::api::ApiError;
use model::{CredentialChange, DeviceDraft};
use std::ops::Deref;

/// How long a password counts as given.
const PASSWORD_COUNTS_MS: i64 = 12 * 3600 * 1000;

/// A handle whose holder gave the password within twelve hours, or is a program, which has none to give.
/// Only [`Viewer::sure`] and [`Admin::sure`] make one.
#[derive(Clone)]
pub struct Sure<H>(H);

impl<H> Deref for Sure<H> {
    type Target = H;

    fn deref(&self) -> &H {
        &self.0
    }
}

impl Viewer {
    pub fn sure(&self) -> Result<Sure<Viewer>, ApiError> {
        let now = self.program.clock.now();
        // Of a clock that was set back since nobody knows how long ago it was.
        let counts = |at| at <= now && now.since_ms(at) < PASSWORD_COUNTS_MS;
        if self.password_at.is_none_or(counts) {
            Ok(Sure(self.clone()))
        } else {
            Err(ApiError::PasswordNeeded)
        }
    }
}

impl Admin {
    pub fn sure(&self) -> Result<Sure<Admin>, ApiError> {
        self.0.sure()?;
        Ok(Sure(self.clone()))
    }

    /// The draft, ready to be stored.
    pub(super) fn permit(&self, draft: DeviceDraft) -> Result<Permitted, ApiError> {
        if matches!(draft.routeros, CredentialChange::Set(_)) || draft.ssh.is_grave() {
            self.sure()?;
        }
        Ok(Permitted(draft))
    }
}

/// A draft without a credential in it, or of somebody who is sure. Only [`Admin::permit`] makes one.
pub(super) struct Permitted(DeviceDraft);

impl Permitted {
    pub fn draft(self) -> DeviceDraft {
        self.0
    }
}
