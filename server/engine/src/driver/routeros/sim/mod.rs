//! Simulated routers that speak the API, for tests, benchmarks and the demo: thousands in one process.
//!
//! Their side of the wire is written apart from the driver's (`codec`), so that the two cannot share a
//! mistake; clients written by others keep it honest (`end2end/clients`). Rows have the shape of recorded
//! ones. To add a menu: an arm in `menus`. To add a misbehaviour: a word in [`Fault`].

pub(super) mod codec;
mod columns;
mod conversation;
mod device;
mod fault;
mod fleet;
mod login;
mod menus;
mod personality;
mod query;
mod router;
mod sentence;
#[cfg(test)]
mod tests;
mod tls;
mod traffic;
mod verbs;
mod wall;

pub use fault::Fault;
pub use fleet::{SimFleet, Spread, run};
pub use personality::{Hardware, Personality, Version, Way};
pub use router::SimRouter;

/// How a simulated router lets people in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoginStyle {
    /// 6.43 and later: name and password at once.
    #[default]
    Plain,
    /// Before 6.43: a challenge, and its MD5 response.
    Challenge,
}

/// An account on a simulated router.
#[derive(Clone, Debug)]
pub struct SimUser {
    pub name: String,
    pub password: String,
    /// The policies of the user's group, such as `read`.
    pub policies: Vec<&'static str>,
}

impl SimUser {
    /// What the onboarding text creates: may look, may not change.
    pub fn monitor(name: impl Into<String>, password: impl Into<String>) -> Self {
        let policies = model::POLICY.split(',').collect();
        Self { name: name.into(), password: password.into(), policies }
    }

    /// May also change.
    pub fn full(name: impl Into<String>, password: impl Into<String>) -> Self {
        let policies = vec!["api", "read", "write", "policy", "test", "sensitive", "reboot"];
        Self { name: name.into(), password: password.into(), policies }
    }
}

/// What all routers of a fleet have in common.
#[derive(Clone, Debug)]
pub struct SimOptions {
    pub users: Vec<SimUser>,
    pub login: LoginStyle,
    /// API-SSL with a self-signed certificate instead of the plain API.
    pub tls: bool,
    /// The first part of every router's identity.
    pub name: String,
}

impl Default for SimOptions {
    fn default() -> Self {
        Self {
            users: vec![SimUser::monitor("monitor", "look-only"), SimUser::full("admin", "admin")],
            login: LoginStyle::Plain,
            tls: false,
            name: "sim".into(),
        }
    }
}
