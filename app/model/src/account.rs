//! People and programs that may look or act.

use crate::{Timestamp, TokenId, UserId};
use serde::{Deserialize, Serialize};

/// An admin changes things; a viewer sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Admin,
    Viewer,
}

impl Role {
    /// The word of the API, the command line and the database.
    pub fn word(self) -> &'static str {
        match self {
            Role::Admin => "admin",
            Role::Viewer => "viewer",
        }
    }

    /// The reverse of [`Role::word`].
    pub fn from_word(word: &str) -> Option<Role> {
        [Role::Admin, Role::Viewer].into_iter().find(|role| role.word() == word)
    }
}

/// An account, without anything secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub id: UserId,
    pub name: String,
    pub role: Role,
    pub enabled: bool,
    pub created_at: Timestamp,
    pub last_login_at: Option<Timestamp>,
    /// A login takes a code besides the password.
    pub has_second_factor: bool,
}

/// By what an account tells its sessions apart; it opens none of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionName(pub String);

/// One of the own sessions: a browser that is logged in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnSession {
    pub name: SessionName,
    /// Such as `Firefox · Linux`, as the browser calls itself.
    pub browser: Option<String>,
    /// Where the login came from.
    pub address: Option<String>,
    pub created_at: Timestamp,
    pub seen_at: Timestamp,
    /// The one that asks.
    pub is_this: bool,
}

/// The second factor of one's own account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondFactor {
    pub since: Timestamp,
    /// Recovery codes that were not used yet.
    pub codes_left: u32,
}

/// A second factor to be taken into an authenticator. It counts only once a code has shown that it was.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondFactorOffer {
    /// In base32, to be typed; shown here and nowhere else.
    pub secret: String,
    /// The same as an `otpauth://` address.
    pub address: String,
    /// The same as a picture to be scanned.
    pub picture: Picture,
    /// What brings the offer back with its first code; sealed, and good for an hour.
    pub sealed: String,
}

/// A square of dark modules, as one SVG path on a grid of `side` units.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    pub side: u32,
    pub path: String,
}

/// What a token may do, never more than its user's role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    Read,
    Write,
}

impl Scope {
    /// The word of the API, the command line and the database.
    pub fn word(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Write => "write",
        }
    }

    /// The reverse of [`Scope::word`].
    pub fn from_word(word: &str) -> Option<Scope> {
        [Scope::Read, Scope::Write].into_iter().find(|scope| scope.word() == word)
    }
}

/// An API token, without the token itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    pub id: TokenId,
    pub user: UserId,
    pub name: String,
    /// The first letters of the token, by which people tell theirs apart.
    pub prefix: String,
    pub scope: Scope,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

/// Who is looking at the page, and what the page must say about the place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visitor {
    /// Absent when nobody is logged in.
    pub user: Option<User>,
    /// The password was right, and the second factor's code is due before anybody is let in.
    pub is_code_due: bool,
    /// No admin exists yet: only `/setup` is of use.
    pub needs_setup: bool,
    /// The page came over plain HTTP from another machine.
    pub is_exposed: bool,
    /// What the browser asked for: `en`, `id` or `ru`.
    pub language: String,
    /// `light`, `dark` or `auto`.
    pub theme: String,
    /// How wide this browser's window was when its last page had woken up, in CSS pixels, where that is known.
    pub screen_px: Option<u32>,
    /// Which columns of the dashboard were chosen in this browser, one bit each.
    pub columns: Option<u32>,
}

impl Visitor {
    /// Whether an admin is looking: what to offer, never what to allow.
    pub fn is_admin(&self) -> bool {
        self.user.as_ref().is_some_and(|user| user.role == Role::Admin)
    }
}
