//! Recognises a browser that logged in before, so that strangers' guesses do not slow its owner down.

use crate::vault::{Place, Sealed, Vault, VaultError};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use engine::Secret;

const ID_BYTES: usize = 16;

/// A cookie for the browser that has just logged in as `name`: a random id, sealed for this name.
pub fn introduce(vault: &Vault, name: &str) -> Result<String, VaultError> {
    let mut id = [0; ID_BYTES];
    getrandom::fill(&mut id).map_err(|_| VaultError::Seal)?;
    vault.seal(place(name), &Secret::new(URL_SAFE_NO_PAD.encode(id))).map(String::from)
}

/// The browser's id, when the cookie is ours and was given for this name.
pub fn recognise(vault: &Vault, cookie: &str, name: &str) -> Option<String> {
    let id = vault.open(place(name), &Sealed::from(cookie.to_owned())).ok()?;
    Some(id.expose().clone())
}

fn place(name: &str) -> Place<'_> {
    Place { table: "users", column: "known_browser", row: name }
}
