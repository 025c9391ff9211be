//! bcrypt hashes that came with imported accounts: verified until the owner's first login, never made.

use bcrypt::HashParts;
use std::str::FromStr;

/// How every such hash begins.
pub const MARK: &str = "$2";
/// The costliest that is accepted, which is what bcrypt's libraries make by default: a quarter of a second or
/// so. Until its owner's first login every guess at any name costs as much.
pub const COST_MAX: u32 = 12;
/// Characters of a hash that tell its kind and cost.
pub const HEAD_CHARS: i32 = 7;
const COST_MIN: u32 = 4;
/// For work that opens nothing.
const NOBODYS_SALT: [u8; 16] = *b"nobody lives her";

/// The cost of a bcrypt hash that may be tried; `None` for anything else.
pub fn cost(hash: &str) -> Option<u32> {
    let cost = head_cost(hash)?;
    HashParts::from_str(hash).is_ok().then_some(cost)
}

/// The same by the first [`HEAD_CHARS`] of a hash.
pub fn head_cost(head: &str) -> Option<u32> {
    // The fourth kind, 2x, marks hashes made by a faulty program.
    let rest = ["$2a$", "$2b$", "$2y$"].iter().find_map(|mark| head.strip_prefix(mark))?;
    let digits = rest.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))?;
    digits.parse().ok().filter(|cost| (COST_MIN..=COST_MAX).contains(cost))
}

pub(super) fn is_right(password: &str, hash: &str) -> bool {
    cost(hash).is_some() && bcrypt::verify(password, hash).unwrap_or(false)
}

/// Does what is missing between the work of a hash of cost `own`, if any, and that of one of cost `cover`.
pub(super) fn pay(password: &str, own: Option<u32>, cover: Option<u32>) {
    for cost in due(own, cover) {
        // The answer must not be optimised away.
        let _ = std::hint::black_box(bcrypt::hash_with_salt(password, cost, NOBODYS_SALT));
    }
}

/// A hash of each of these costs; 2^8 and 2^8 and 2^9 rounds are 2^10.
fn due(own: Option<u32>, cover: Option<u32>) -> std::ops::Range<u32> {
    match (own, cover) {
        (Some(own), Some(cover)) => own..cover,
        (None, Some(cover)) => cover..cover + 1,
        (_, None) => 0..0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Made by Python's bcrypt 5.0.
    const FOUR: &str = "$2b$04$nUNpNan6pbcBC4VdyBTwr.9/Cf1ht5Y70m20TiHRQ/kkDfvRkiEVK";

    #[test]
    fn only_a_whole_hash_of_a_bearable_cost_is_tried() {
        assert_eq!(cost(FOUR), Some(4));
        assert_eq!(cost(&FOUR.replace("$04$", "$12$")), Some(12));
        for bad in [
            "",
            "$2b$",
            "$2b$04$short",
            &FOUR.replace("$04$", "$13$"),
            &FOUR.replace("$04$", "$31$"),
            &FOUR.replace("$04$", "$03$"),
            &FOUR.replace("$04$", "$+4$"),
            &FOUR.replace("$2b$", "$2x$"),
            &FOUR.replace("$2b$", "$1$"),
            &FOUR.replace('9', "ж"),
            &format!("{FOUR}x"),
        ] {
            assert_eq!(cost(bad), None, "{bad}");
            assert!(!is_right("budi's old password", bad), "{bad}");
        }
    }

    #[test]
    fn a_password_opens_its_hash_under_each_of_its_marks() {
        for mark in ["$2a$", "$2b$", "$2y$"] {
            let hash = FOUR.replace("$2b$", mark);
            assert!(is_right("budi's old password", &hash), "{mark}");
            assert!(!is_right("budi's old passworD", &hash) && !is_right("", &hash), "{mark}");
        }
    }

    #[test]
    fn every_login_does_the_same_number_of_rounds() {
        let rounds =
            |own: Option<u32>, cover| -> u64 { due(own, cover).chain(own).map(|cost| 1u64 << cost).sum() };
        for own in [None, Some(4), Some(8), Some(10)] {
            assert_eq!(rounds(own, Some(10)), 1 << 10, "{own:?}");
        }
        assert_eq!((rounds(None, None), rounds(Some(4), None)), (0, 16));
    }
}
