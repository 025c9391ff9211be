//! The SSH login of the device form, as typed.

use super::port;
use model::*;

/// For the terminal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ssh {
    pub is_on: bool,
    pub username: String,
    /// Empty keeps the stored one, as the key.
    pub password: String,
    pub private_key: String,
    pub port: String,
    pub has_legacy: bool,
}

impl Ssh {
    pub fn of(access: &SshAccess) -> Self {
        Self {
            is_on: true,
            username: access.username.clone(),
            port: access.port.map(|port| port.to_string()).unwrap_or_default(),
            has_legacy: access.has_legacy,
            ..Self::default()
        }
    }

    /// What saving means for the stored login.
    pub fn change(&self, stored: Option<&SshAccess>, errors: &mut Vec<FieldError>) -> SshChange {
        match (self.is_on, stored) {
            (false, None) => SshChange::Keep,
            (false, Some(_)) => SshChange::Remove,
            (true, Some(access)) if *self == Ssh::of(access) => SshChange::Keep,
            (true, _) => {
                let secret = |typed: &str| match typed {
                    "" => SecretChange::Keep,
                    typed => SecretChange::Set(typed.to_owned()),
                };
                SshChange::Set(NewSshLogin {
                    username: self.username.trim().to_owned(),
                    password: secret(&self.password),
                    private_key: secret(self.private_key.trim()),
                    port: port(&self.port, "ssh.port", errors),
                    has_legacy: self.has_legacy,
                })
            }
        }
    }
}
