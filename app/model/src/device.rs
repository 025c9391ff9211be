//! A device: anything watched.

use crate::{
    Check, CheckDraft, CredentialChange, DeviceId, FieldError, PinnedHostKey, RouterosAccess, SlaTarget,
    SshAccess, SshChange, Timestamp, address, device_name, line, routeros_port,
};
use serde::{Deserialize, Serialize};

/// Most checks one device may have.
pub const CHECKS_MAX: usize = 16;
/// Most tags one device may have.
pub const TAGS_MAX: usize = 16;

/// What a device is; `device_type` in the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    Router,
    Switch,
    WifiAp,
    Server,
    Firewall,
    Tunnel,
}

impl DeviceKind {
    pub const ALL: [DeviceKind; 6] = [
        DeviceKind::Router,
        DeviceKind::Switch,
        DeviceKind::WifiAp,
        DeviceKind::Server,
        DeviceKind::Firewall,
        DeviceKind::Tunnel,
    ];

    /// The word of the API and of the database.
    pub fn word(self) -> &'static str {
        match self {
            DeviceKind::Router => "router",
            DeviceKind::Switch => "switch",
            DeviceKind::WifiAp => "wifi_ap",
            DeviceKind::Server => "server",
            DeviceKind::Firewall => "firewall",
            DeviceKind::Tunnel => "tunnel",
        }
    }

    /// The reverse of [`DeviceKind::word`].
    pub fn from_word(word: &str) -> Option<DeviceKind> {
        DeviceKind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Seconds between two rounds where a check says nothing else.
    pub fn default_interval_s(self) -> u32 {
        if self == DeviceKind::Tunnel { 30 } else { 60 }
    }
}

/// A device as it is stored and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    pub id: DeviceId,
    /// Unique.
    pub name: String,
    pub kind: DeviceKind,
    /// IP address or host name; `ip_address` in the API.
    pub address: String,
    pub description: Option<String>,
    /// The site; `location` in the API.
    pub location: Option<String>,
    pub vendor: Option<String>,
    pub model: Option<String>,
    /// What this device is reached through.
    pub parent: Option<DeviceId>,
    pub tags: Vec<String>,
    pub enabled: bool,
    /// The uptime that is promised of it.
    pub sla_target: Option<SlaTarget>,
    pub checks: Vec<Check>,
    pub routeros: Option<RouterosAccess>,
    pub ssh: Option<SshAccess>,
    /// What it proves itself with by SSH, once somebody accepted it.
    pub host_key: Option<PinnedHostKey>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Device {
    /// One of which nothing more is known, that nobody asks yet.
    pub fn new(id: DeviceId, name: impl Into<String>, kind: DeviceKind, address: impl Into<String>) -> Self {
        let draft = DeviceDraft::new(name, kind, address);
        Self {
            id,
            name: draft.name,
            kind,
            address: draft.address,
            description: draft.description,
            location: draft.location,
            vendor: draft.vendor,
            model: draft.model,
            parent: draft.parent,
            tags: draft.tags,
            enabled: draft.enabled,
            sla_target: draft.sla_target,
            checks: Vec::new(),
            routeros: None,
            ssh: None,
            host_key: None,
            created_at: Timestamp::default(),
            updated_at: Timestamp::default(),
        }
    }

    /// The checks whose failure takes the device down: a tunnel's TCP checks, any other's all.
    pub fn deciding_checks(&self) -> impl Iterator<Item = &Check> {
        let only_tcp =
            self.kind == DeviceKind::Tunnel && self.checks.iter().any(|c| c.kind == crate::CheckKind::Tcp);
        self.checks.iter().filter(move |check| !only_tcp || check.kind == crate::CheckKind::Tcp)
    }

    /// Refuses to send the stored password where it was not given for: to another address or port, or in the
    /// clear after all.
    pub fn keep_password(&self, address: &str, port: Option<u16>, tls: bool) -> Result<(), FieldError> {
        let Some(access) = &self.routeros else { return Ok(()) };
        let is_same_port = access.port == port || access.used_port() == routeros_port(port, tls);
        if self.address == address && is_same_port && (tls || !access.tls) {
            return Ok(());
        }
        let message = "must be given again when the address or the port changes, or TLS is switched off";
        Err(FieldError::new("routeros.password", "error_password_again", message))
    }
}

/// A device as a person or program asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceDraft {
    pub name: String,
    pub kind: DeviceKind,
    pub address: String,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub location: Option<String>,
    #[serde(default)]
    pub vendor: Option<String>,
    #[serde(default)]
    pub model: Option<String>,
    #[serde(default)]
    pub parent: Option<DeviceId>,
    #[serde(default)]
    pub tags: Vec<String>,
    pub enabled: bool,
    #[serde(default)]
    pub sla_target: Option<SlaTarget>,
    /// `None`: what the kind gets by itself on creation, unchanged on a change.
    #[serde(default)]
    pub checks: Option<Vec<CheckDraft>>,
    #[serde(default)]
    pub routeros: CredentialChange,
    #[serde(default)]
    pub ssh: SshChange,
}

impl DeviceDraft {
    /// One of which nothing more is said: it gets what its kind gets by itself.
    pub fn new(name: impl Into<String>, kind: DeviceKind, address: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind,
            address: address.into(),
            description: None,
            location: None,
            vendor: None,
            model: None,
            parent: None,
            tags: Vec::new(),
            enabled: true,
            sla_target: None,
            checks: None,
            routeros: CredentialChange::Keep,
            ssh: SshChange::Keep,
        }
    }

    /// Everything that is wrong and can be seen without the database, each at its field.
    pub fn errors(&self) -> Vec<FieldError> {
        let optional = |field: &str, text: &Option<String>, max| {
            text.as_ref().map_or(Ok(()), |text| line(field, text, max))
        };
        let mut errors: Vec<FieldError> = [
            device_name(&self.name),
            address(&self.address),
            optional("description", &self.description, 500),
            optional("location", &self.location, 64),
            optional("vendor", &self.vendor, 64),
            optional("model", &self.model, 64),
        ]
        .into_iter()
        .filter_map(Result::err)
        .collect();
        if self.tags.len() > TAGS_MAX {
            errors.push(FieldError::new("tags", "error_too_many", format!("must have at most {TAGS_MAX}")));
        }
        for (index, tag) in self.tags.iter().enumerate() {
            let field = format!("tags[{index}]");
            if tag.trim().is_empty() {
                errors.push(FieldError::new(field, "error_required", "must not be empty"));
            } else if let Err(error) = line(&field, tag, 32) {
                errors.push(error);
            }
        }
        let checks = self.checks.as_deref().unwrap_or_default();
        if checks.len() > CHECKS_MAX {
            errors.push(FieldError::new(
                "checks",
                "error_too_many",
                format!("must have at most {CHECKS_MAX}"),
            ));
        }
        for (index, check) in checks.iter().enumerate() {
            errors.extend(check.errors(&format!("checks[{index}]")));
        }
        if let CredentialChange::Set(credential) = &self.routeros {
            errors.extend(credential.errors());
        }
        if let SshChange::Set(login) = &self.ssh {
            errors.extend(login.errors());
        }
        errors
    }

    /// What is wrong with it as a change of `before`: the stored password may have to be given again.
    pub fn password_error(&self, before: &Device) -> Option<FieldError> {
        let (port, tls) = match (&self.routeros, &before.routeros) {
            (CredentialChange::Keep, Some(access)) => (access.port, access.tls),
            (CredentialChange::Set(login), _) if login.password.is_none() => (login.port, login.tls),
            _ => return None,
        };
        before.keep_password(&self.address, port, tls).err()
    }

    /// The same of what is stored for SSH.
    pub fn ssh_error(&self, before: &Device) -> Option<FieldError> {
        let access = before.ssh.as_ref()?;
        let message = "must be given again, as the private key, when the address or the port changes";
        access
            .leads_elsewhere(self.address == before.address, &self.ssh)
            .then(|| FieldError::new("ssh.password", "error_password_again", message))
    }
}

impl crate::NewCredential {
    /// What is wrong with the login, at `routeros.…`.
    pub fn errors(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.username.is_empty() {
            errors.push(FieldError::new("routeros.username", "error_required", "is required"));
        } else if let Err(error) = line("routeros.username", &self.username, 64) {
            errors.push(error);
        }
        if let Some(Err(error)) = self.password.as_ref().map(|p| line("routeros.password", p, 256)) {
            errors.push(error);
        }
        if self.port == Some(0) {
            errors.push(FieldError::new("routeros.port", "error_port", "must be 1 to 65535"));
        }
        errors
    }
}
