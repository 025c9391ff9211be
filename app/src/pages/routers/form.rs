//! What the device form holds while it is being filled in, and the draft it becomes.
//!
//! Pure: numbers stay as typed until they are read, so that what is wrong can be said at the field.

mod ssh;

use model::*;
pub use ssh::Ssh;

/// Kinds that can run RouterOS, and so may have a login.
pub const ROUTEROS_KINDS: [DeviceKind; 4] =
    [DeviceKind::Router, DeviceKind::Switch, DeviceKind::WifiAp, DeviceKind::Firewall];

/// The whole form, as typed. Two equal forms mean that nothing would be lost.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Form {
    /// Absent until a card is chosen.
    pub kind: Option<DeviceKind>,
    pub name: String,
    pub address: String,
    pub location: String,
    pub description: String,
    pub vendor: String,
    pub model: String,
    pub parent: Option<DeviceId>,
    pub tags: Vec<String>,
    pub is_enabled: bool,
    /// A percentage, or nothing.
    pub sla_target: String,
    pub checks: Vec<CheckRow>,
    pub login: Login,
    pub ssh: Ssh,
    /// A person changed the checks: the kind's defaults no longer replace them.
    pub has_own_checks: bool,
    /// Whether a person wants the login, once they said so: then a kind that may have one no longer decides.
    pub own_login: Option<bool>,
    /// The check that went with the login, for when it comes back.
    parked: Option<CheckRow>,
    /// Numbers the rows, so that a row keeps its inputs while others come and go.
    rows_made: u32,
}

/// One check, as typed.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckRow {
    pub key: u32,
    pub kind: CheckKind,
    pub interval: String,
    pub timeout: String,
    pub settings: Settings,
}

/// The RouterOS login, as typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Login {
    pub is_on: bool,
    pub username: String,
    /// Empty keeps the stored one.
    pub password: String,
    pub port: String,
    pub tls: bool,
}

/// Gives a macro the names of all that people fill in.
macro_rules! of_all {
    ($what:ident) => {
        $what!(
            kind,
            name,
            address,
            location,
            description,
            vendor,
            model,
            parent,
            tags,
            is_enabled,
            sla_target,
            checks,
            login,
            ssh
        )
    };
}

impl Form {
    /// An empty form for a new device.
    pub fn empty() -> Self {
        let login = Login { username: "routewarden".to_owned(), tls: true, ..Login::default() };
        Self { is_enabled: true, login, ..Self::default() }
    }

    /// The form of a device that exists.
    pub fn of(device: &Device) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let row = |(key, check): (u32, &Check)| CheckRow {
            key,
            kind: check.kind,
            interval: check.interval_s.to_string(),
            timeout: check.timeout_s.to_string(),
            settings: check.settings.clone(),
        };
        let checks: Vec<CheckRow> = (0..).zip(&device.checks).map(row).collect();
        Self {
            kind: Some(device.kind),
            name: device.name.clone(),
            address: device.address.clone(),
            location: text(&device.location),
            description: text(&device.description),
            vendor: text(&device.vendor),
            model: text(&device.model),
            parent: device.parent,
            tags: device.tags.clone(),
            is_enabled: device.enabled,
            sla_target: device.sla_target.map(|target| target.percent().to_string()).unwrap_or_default(),
            rows_made: checks.len() as u32,
            checks,
            login: device.routeros.as_ref().map_or_else(|| Self::empty().login, Login::of),
            ssh: device.ssh.as_ref().map(Ssh::of).unwrap_or_default(),
            has_own_checks: true,
            own_login: Some(device.routeros.is_some()),
            parked: None,
        }
    }

    /// What was sent, as the server now has it. Its rows keep their keys, so that each keeps its inputs.
    pub fn saved_as(&self, device: &Device) -> Self {
        let mut saved = Self::of(device);
        saved.rows_made = self.rows_made;
        for (at, row) in saved.checks.iter_mut().enumerate() {
            row.key = match self.checks.get(at).filter(|sent| sent.kind == row.kind) {
                Some(sent) => sent.key,
                None => {
                    saved.rows_made += 1;
                    saved.rows_made - 1
                }
            };
        }
        saved
    }

    /// Takes what the server made of what was `sent`; what a person changed since then stays.
    pub fn rebase(&mut self, sent: &Self, saved: &Self) {
        let typed = std::mem::replace(self, saved.clone());
        macro_rules! keep {
            ($($field:ident),+) => { $(if typed.$field != sent.$field { self.$field = typed.$field; })+ };
        }
        of_all!(keep);
        keep!(has_own_checks, own_login, parked);
        self.rows_made = typed.rows_made.max(saved.rows_made);
    }

    /// Whether somebody else saved another value, where one was typed here too.
    pub fn collides(&self, before: &Self, saved: &Self) -> bool {
        macro_rules! any {
            ($($field:ident),+) => {
                $((self.$field != before.$field && saved.$field != before.$field && self.$field != saved.$field))||+
            };
        }
        of_all!(any)
    }

    /// Takes a kind; a form whose checks nobody touched gets the kind's own.
    pub fn choose_kind(&mut self, kind: DeviceKind, forms: &[CheckForm]) {
        self.kind = Some(kind);
        let may_log_in = ROUTEROS_KINDS.contains(&kind);
        self.switch_login(may_log_in && self.own_login.unwrap_or(kind == DeviceKind::Router), forms);
        self.take_default_checks(forms);
    }

    /// Turns the RouterOS login on or off, with the check that needs it.
    pub fn set_login(&mut self, is_on: bool, forms: &[CheckForm]) {
        self.own_login = Some(is_on);
        self.switch_login(is_on, forms);
    }

    fn switch_login(&mut self, is_on: bool, forms: &[CheckForm]) {
        if self.login.is_on == is_on {
            return;
        }
        self.login.is_on = is_on;
        let is_asked = self.checks.iter().any(|check| check.kind == CheckKind::Routeros);
        match (is_on, is_asked) {
            (true, false) => match self.parked.take() {
                Some(row) => self.checks.push(row),
                None => self.push_check(CheckKind::Routeros, forms),
            },
            (false, true) => {
                self.parked = self.checks.iter().find(|check| check.kind == CheckKind::Routeros).cloned();
                self.checks.retain(|check| check.kind != CheckKind::Routeros);
            }
            _ => {}
        }
    }

    /// Adds a check with its kind's defaults.
    pub fn push_check(&mut self, kind: CheckKind, forms: &[CheckForm]) {
        let defaults = |form: &CheckForm| {
            let filled = |field: &Field| Some((field.name.clone(), field.default.clone()?));
            form.fields.iter().filter_map(filled).collect()
        };
        self.checks.push(CheckRow {
            key: self.rows_made,
            kind,
            interval: String::new(),
            timeout: String::new(),
            settings: forms.iter().find(|form| form.kind == kind).map(defaults).unwrap_or_default(),
        });
        self.rows_made += 1;
    }

    /// The row with this key, while it exists.
    pub fn row(&self, key: u32) -> Option<&CheckRow> {
        self.checks.iter().find(|row| row.key == key)
    }

    /// Changes a row; from now on the checks are a person's own.
    pub fn change_row(&mut self, key: u32, change: impl FnOnce(&mut CheckRow)) {
        self.has_own_checks = true;
        if let Some(row) = self.checks.iter_mut().find(|row| row.key == key) {
            change(row);
        }
    }

    pub fn remove_check(&mut self, key: u32) {
        self.has_own_checks = true;
        self.checks.retain(|row| row.key != key);
    }

    fn take_default_checks(&mut self, forms: &[CheckForm]) {
        if self.has_own_checks {
            return;
        }
        self.checks.clear();
        self.parked = None;
        let kinds: &[CheckKind] = match self.kind {
            None => &[],
            Some(DeviceKind::Tunnel) => &[CheckKind::Tcp, CheckKind::Icmp],
            Some(_) if self.login.is_on => &[CheckKind::Icmp, CheckKind::Routeros],
            Some(_) => &[CheckKind::Icmp],
        };
        for kind in kinds {
            self.push_check(*kind, forms);
        }
    }

    /// Where the row stands now: the index that the server's errors name.
    pub fn index_of(&self, key: u32) -> Option<usize> {
        self.checks.iter().position(|check| check.key == key)
    }

    /// What the kinds of the checks refuse, to be told together with everything else.
    pub fn settings_errors(&self, forms: &[CheckForm]) -> Vec<FieldError> {
        let of_check = |(index, check): (usize, &CheckRow)| {
            let fields = forms.iter().filter(|form| form.kind == check.kind).flat_map(|form| &form.fields);
            let refused = |field: &Field| {
                let given = check.settings.get(&field.name).map(String::as_str);
                let (code, why) = field.input.refusal(field.value(given), field.required)?;
                Some(FieldError::new(format!("checks[{index}].settings.{}", field.name), code, why))
            };
            fields.filter_map(refused).collect::<Vec<_>>()
        };
        self.checks.iter().enumerate().flat_map(of_check).collect()
    }

    /// What to send, or everything wrong that can be seen without the server.
    pub fn draft(&self, stored: Option<&Device>) -> Result<DeviceDraft, Vec<FieldError>> {
        let Some(kind) = self.kind else {
            return Err(vec![FieldError::new("device_type", "error_required", "is required")]);
        };
        let mut errors = Vec::new();
        let checks = self.checks.iter().enumerate();
        let checks = checks.map(|(index, row)| row.draft(index, &mut errors)).collect();
        let routeros = self.login.change(stored.and_then(|device| device.routeros.as_ref()), &mut errors);
        let ssh = self.ssh.change(stored.and_then(|device| device.ssh.as_ref()), &mut errors);
        let draft = DeviceDraft {
            name: self.name.trim().to_owned(),
            kind,
            address: self.address.trim().to_owned(),
            description: filled(&self.description),
            location: filled(&self.location),
            vendor: filled(&self.vendor),
            model: filled(&self.model),
            parent: self.parent,
            tags: self.tags.clone(),
            enabled: self.is_enabled,
            sla_target: sla_target(&self.sla_target, &mut errors),
            checks: Some(checks),
            routeros,
            ssh,
        };
        errors.extend(draft.errors());
        errors.extend(stored.and_then(|stored| draft.password_error(stored)));
        errors.extend(stored.and_then(|stored| draft.ssh_error(stored)));
        if errors.is_empty() { Ok(draft) } else { Err(errors) }
    }
}

impl CheckRow {
    fn draft(&self, index: usize, errors: &mut Vec<FieldError>) -> CheckDraft {
        let mut seconds =
            |text: &str, field: &str| number(text, || format!("checks[{index}].{field}"), errors);
        CheckDraft {
            kind: self.kind,
            interval_s: seconds(&self.interval, "interval_seconds"),
            timeout_s: seconds(&self.timeout, "timeout_seconds"),
            settings: self
                .settings
                .iter()
                .filter_map(|(name, text)| Some((name.clone(), filled(text)?)))
                .collect(),
        }
    }
}

impl Login {
    fn of(access: &RouterosAccess) -> Self {
        Self {
            is_on: true,
            username: access.credential.username.clone(),
            password: String::new(),
            port: access.port.map(|port| port.to_string()).unwrap_or_default(),
            tls: access.tls,
        }
    }

    /// What saving means for the stored login.
    fn change(&self, stored: Option<&RouterosAccess>, errors: &mut Vec<FieldError>) -> CredentialChange {
        match (self.is_on, stored) {
            (false, None) => CredentialChange::Keep,
            (false, Some(_)) => CredentialChange::Remove,
            (true, Some(access)) if *self == Login::of(access) => CredentialChange::Keep,
            (true, _) => {
                if stored.is_none() && self.password.is_empty() {
                    errors.push(FieldError::new("routeros.password", "error_required", "is required"));
                }
                CredentialChange::Set(self.credential(errors))
            }
        }
    }

    /// The login as the server takes it.
    pub fn credential(&self, errors: &mut Vec<FieldError>) -> NewCredential {
        NewCredential {
            username: self.username.trim().to_owned(),
            password: (!self.password.is_empty()).then(|| self.password.clone()),
            port: port(&self.port, "routeros.port", errors),
            tls: self.tls,
        }
    }
}

/// The text without its surrounding spaces, if anything is left.
fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The promise typed, if any; a comma is a point to many.
fn sla_target(text: &str, errors: &mut Vec<FieldError>) -> Option<SlaTarget> {
    let text = text.trim().trim_end_matches('%').trim_end().replace(',', ".");
    if text.is_empty() {
        return None;
    }
    let target = text.parse().ok().and_then(SlaTarget::from_percent);
    if target.is_none() {
        let why = "must be above 0 and at most 100";
        errors.push(FieldError::new("sla_target", "error_out_of_range", why));
    }
    target
}

/// The number typed, if any; what is not one is an error at `field`.
fn number<N: std::str::FromStr>(
    text: &str,
    field: impl FnOnce() -> String,
    errors: &mut Vec<FieldError>,
) -> Option<N> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let number = text.parse().ok();
    if number.is_none() {
        errors.push(FieldError::new(field(), "error_number", "must be a whole number in range"));
    }
    number
}

/// The port typed, if any; what is none is an error at `field`.
fn port(text: &str, field: &str, errors: &mut Vec<FieldError>) -> Option<u16> {
    let text = text.trim();
    let port = text.parse::<u16>().ok().filter(|port| *port > 0);
    if port.is_none() && !text.is_empty() {
        errors.push(FieldError::new(field, "error_port", "must be 1 to 65535"));
    }
    port
}

#[cfg(test)]
mod tests;
