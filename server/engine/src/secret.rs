//! An opened secret: usable by drivers, invisible to everything that prints or stores.

use std::fmt;
use zeroize::Zeroize;

/// A secret in the open. No `Serialize`, `Debug` hides it, memory is wiped when it goes.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    pub fn new(open: T) -> Self {
        Self(open)
    }

    /// The only way in: named so that a reader notices.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
