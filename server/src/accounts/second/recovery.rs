//! Ten codes on paper, each for one login without the authenticator. Only their hashes are kept.

use crate::{
    accounts::{Result, sessions::hex},
    store::StoreError,
};
use model::UserId;
use sha2::{Digest, Sha256};

pub const CODES: usize = 10;
/// 80 bits, so that a hash of it is not worth guessing at; in groups, for people who copy them by hand.
const CHARS: usize = 16;
const GROUP: usize = 4;
/// 32 letters and digits that are not taken for one another.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// New codes, as they are shown: `ABCD-EFGH-JKLM-NPQR`.
pub fn generate() -> Result<Vec<String>> {
    let codes = (0..CODES).map(|_| {
        let mut random = [0; CHARS];
        getrandom::fill(&mut random).map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let groups = random.chunks(GROUP).map(|group| {
            group.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect::<String>()
        });
        Ok(groups.collect::<Vec<_>>().join("-"))
    });
    codes.collect()
}

/// What is kept of the codes of this account.
pub fn hashes(id: UserId, codes: &[String]) -> Vec<String> {
    codes.iter().map(|code| hash(id, &super::totp::tidy(code))).collect()
}

/// The hash of a code without its dashes.
pub fn hash(id: UserId, code: &str) -> String {
    hex(&Sha256::digest(format!("recovery code of {id}: {code}")))
}
