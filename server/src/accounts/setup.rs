//! The one-time code that proves, on the first visit, that the visitor also sees the server's output.

use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// 32 letters and digits that are not taken for one another.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// 40 bits, which the throttle makes out of reach.
const CHARS: usize = 8;

/// Made anew at every start, in memory only.
pub struct SetupCode(Zeroizing<[u8; CHARS]>);

impl SetupCode {
    pub fn generate() -> Result<SetupCode, getrandom::Error> {
        let mut random = Zeroizing::new([0; CHARS]);
        getrandom::fill(&mut *random)?;
        Ok(SetupCode(Zeroizing::new(random.map(|byte| LETTERS[usize::from(byte % 32)]))))
    }

    /// Small letters, spaces and dashes are as people type.
    pub fn matches(&self, typed: &str) -> bool {
        let typed: Vec<u8> =
            typed.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_uppercase()).collect();
        typed.ct_eq(&*self.0).into()
    }
}

/// For the server's own output, and nowhere else: `ABCD-EFGH`.
impl fmt::Display for SetupCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            let dash = if index == CHARS / 2 { "-" } else { "" };
            write!(f, "{dash}{}", char::from(*byte))?;
        }
        Ok(())
    }
}

impl fmt::Debug for SetupCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_accepted_as_people_type_it_and_nothing_else_is() {
        let code = SetupCode::generate().unwrap();
        let shown = code.to_string();
        assert_eq!(shown.len(), CHARS + 1);
        assert!(code.matches(&shown));
        assert!(code.matches(&format!(" {} ", shown.replace('-', "").to_lowercase())));
        for wrong in ["", "-", "AAAA", &shown[..4], &format!("{shown}A"), "роутер"] {
            assert!(!code.matches(wrong), "{wrong:?}");
        }
        assert_ne!(shown, SetupCode::generate().unwrap().to_string());
    }
}
