//! The codes by which people at Telegram are bound to accounts: 80 random bits, kept as their SHA-256.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// 32 letters and digits that are not taken for one another.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const CHARS: usize = 16;

/// A new code as it is shown, `ABCD-EFGH-JKLM-NPQR`, and its hash. None when the system has no randomness.
pub fn generate() -> Option<(String, String)> {
    let mut random = Zeroizing::new([0; CHARS]);
    getrandom::fill(&mut *random).ok()?;
    let letter = |byte: &u8| LETTERS.get(usize::from(byte % 32)).copied().map_or('2', char::from);
    let parts: Vec<String> = random.chunks(4).map(|part| part.iter().map(letter).collect()).collect();
    let code = parts.join("-");
    let hash = hash_of(&code)?;
    Some((code, hash))
}

/// The hash of a code as people type it; nothing for what can be none.
pub fn hash_of(typed: &str) -> Option<String> {
    let plain = |c: char| (c != '-' && !c.is_whitespace()).then(|| c.to_ascii_uppercase());
    let plain: Zeroizing<String> = Zeroizing::new(typed.chars().filter_map(plain).collect());
    let is_one = plain.len() == CHARS && plain.bytes().all(|byte| LETTERS.contains(&byte));
    is_one.then(|| Sha256::digest(plain.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_as_people_type_it_and_no_other_is() {
        let (code, hash) = generate().unwrap();
        assert_eq!((code.len(), hash.len()), (CHARS + 3, 64));
        for typed in [code.to_lowercase(), code.replace('-', ""), code.replace('-', " ")] {
            assert_eq!(hash_of(&typed), Some(hash.clone()), "{typed}");
        }
        for wrong in ["", "-", &code[..18], &format!("{code}A"), "ЫЫЫЫ-ЫЫЫЫ-ЫЫЫЫ-ЫЫЫЫ", "0000-0000-0000-0000"]
        {
            assert_eq!(hash_of(wrong), None, "{wrong}");
        }
        assert_ne!(generate().unwrap().0, code);
    }
}
