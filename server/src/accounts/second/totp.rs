//! Codes by time: six digits, a new one every 30 seconds, of a secret of 160 bits (RFC 6238 with SHA-1, which is
//! what every authenticator knows).

use crate::{accounts::Result, store::StoreError, vault::VaultError};
use engine::Secret;
use model::{Picture, Timestamp};
use qrcodegen::{QrCode, QrCodeEcc};
use std::fmt::Write;
use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

const ISSUER: &str = "Routewarden";
const SECRET_BYTES: usize = 20;
const DIGITS: u8 = 6;
/// Steps before and after now that count: authenticators' clocks are up to half a minute wrong.
const SKEW: u16 = 1;
/// White modules around a picture, which scanners need.
const QUIET: i32 = 4;
/// Longest code looked at: more than a recovery code with its dashes.
const CODE_CHARS_MAX: usize = 40;

/// What a phone makes codes with, and this program checks them by.
pub struct Authenticator(Totp);

impl Authenticator {
    /// With a new secret, for the account of this name.
    pub fn generate(name: &str) -> Result<Self> {
        let mut bytes = Zeroizing::new([0; SECRET_BYTES]);
        getrandom::fill(&mut *bytes).map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Self::of(name, totp_rs::Secret::new_stack(*bytes))
    }

    /// With a secret in base32.
    pub fn open(name: &str, secret: &Secret<String>) -> Result<Self> {
        let secret = totp_rs::Secret::try_from_base32(secret.expose());
        Self::of(name, secret.map_err(|_| StoreError::from(VaultError::Form))?)
    }

    fn of(name: &str, secret: totp_rs::Secret) -> Result<Self> {
        let totp = Builder::new()
            .with_digits(DIGITS)
            .with_skew(SKEW)
            .with_secret(secret)
            .with_account_name(name)
            .with_issuer(Some(ISSUER))
            .build();
        Ok(Self(totp.map_err(|_| StoreError::from(VaultError::Form))?))
    }

    /// In base32.
    pub fn secret(&self) -> Secret<String> {
        Secret::new(self.0.secret().to_base32())
    }

    /// As an `otpauth://` address.
    pub fn address(&self) -> Result<Secret<String>> {
        let address = self.0.to_url().map_err(|_| StoreError::from(VaultError::Form))?;
        Ok(Secret::new(address))
    }

    /// The step whose code this is, if it is near enough to `now`.
    pub fn step_of(&self, code: &str, now: Timestamp) -> Option<i64> {
        let now_s = u64::try_from(now.0 / 1000).ok()?;
        is_code(code).then(|| self.0.check(code, now_s)).flatten().and_then(|step| i64::try_from(step).ok())
    }
}

/// As people type it, without what they type between: in capitals, for codes on paper.
pub fn tidy(code: &str) -> String {
    let letters = code.chars().filter(char::is_ascii_alphanumeric).take(CODE_CHARS_MAX);
    letters.map(|letter| letter.to_ascii_uppercase()).collect()
}

/// Whether it has the form of a code of an authenticator.
pub fn is_code(code: &str) -> bool {
    code.len() == usize::from(DIGITS) && code.bytes().all(|byte| byte.is_ascii_digit())
}

/// A picture of `text` for cameras.
pub fn picture(text: &str) -> Result<Picture> {
    let too_long = |_| StoreError::from(VaultError::Seal);
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(too_long)?;
    let mut path = String::new();
    for y in 0..code.size() {
        let row: Vec<bool> = (0..code.size()).map(|x| code.get_module(x, y)).collect();
        let mut x = 0;
        for run in row.chunk_by(|left, right| left == right) {
            let width = run.len();
            if run[0] {
                // Writing into a string cannot fail.
                let _ = write!(path, "M{} {}h{width}v1h-{width}z", x + QUIET, y + QUIET);
            }
            x += i32::try_from(width).unwrap_or_default();
        }
    }
    Ok(Picture { side: (code.size() + 2 * QUIET).unsigned_abs(), path })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp(seconds * 1000)
    }

    #[test]
    fn the_codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: the last six digits of its eight.
        let secret = Secret::new(totp_rs::Secret::new_stack(*b"12345678901234567890").to_base32());
        let authenticator = Authenticator::open("anna", &secret).unwrap();
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(authenticator.step_of(code, at(seconds)), Some(seconds / 30), "{code}");
        }
    }

    #[test]
    fn a_clock_may_be_wrong_by_one_step_and_no_more() {
        let authenticator = Authenticator::generate("anna").unwrap();
        let now: i64 = 1_790_000_010;
        let code = authenticator.0.generate(now.unsigned_abs()).to_string();
        let seen = [-60, -30, 0, 30, 60].map(|off| authenticator.step_of(&code, at(now + off)));
        let step = Some(now / 30);
        assert_eq!(seen, [None, step, step, step, None]);
        for wrong in ["", "12345", "1234567", "12345a", "١٢٣٤٥٦"] {
            assert_eq!(authenticator.step_of(wrong, at(now)), None, "{wrong}");
        }
    }

    #[test]
    fn a_secret_goes_into_the_address_and_back_whatever_the_name() {
        for name in ["anna", "ani@example.net", "Мария"] {
            let made = Authenticator::generate(name).unwrap();
            let read = Totp::from_url(made.address().unwrap().expose()).unwrap();
            assert_eq!(read.secret().to_base32(), *made.secret().expose());
            assert_eq!((read.issuer(), read.account_name()), (Some(ISSUER), name));
            let again = Authenticator::open(name, &made.secret()).unwrap();
            assert_eq!(again.secret(), made.secret());
        }
    }

    #[test]
    fn a_picture_has_its_three_corners_and_room_around() {
        let Picture { side, path } = picture("otpauth://totp/Routewarden:anna?secret=ABC").unwrap();
        // The outer edge of a corner is seven modules wide.
        for corner in [
            "M4 4h7v1h-7z".to_owned(),
            format!("M{} 4h7v1h-7z", side - 11),
            format!("M4 {}h7v1h-7z", side - 5),
        ] {
            assert!(path.contains(&corner), "{corner} in {path}");
        }
        assert!(path.len() < 20_000);
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        assert_eq!(tidy(" 123 456 "), "123456");
        assert_eq!(tidy("abcd-efgh"), "ABCDEFGH");
        assert!(tidy(&"x".repeat(1 << 20)).len() <= CODE_CHARS_MAX);
    }
}
