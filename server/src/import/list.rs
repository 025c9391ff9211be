//! A list of devices, as JSON or as CSV, in the words of the API.

use super::{
    Plan, Read, Unreadable,
    fields::{Fields, printable},
};
use crate::store::Entry;
use model::{CheckDraft, CheckKind, DeviceKind, FieldError, NewCredential, Settings};
use serde_json::{Map, Value};

/// The columns of a CSV list.
const COLUMNS: &[&str] = &[
    "name",
    "ip_address",
    "device_type",
    "description",
    "location",
    "vendor",
    "model",
    "parent",
    "tags",
    "enabled",
    "port",
    "routeros_username",
    "routeros_password",
    "routeros_port",
    "routeros_tls",
];

/// `devices`, and whatever else stood beside them.
pub fn read_json(devices: Value, rest: Map<String, Value>) -> Plan {
    let mut plan = Plan::default();
    let mut file = Fields::new(rest);
    match devices {
        Value::Array(devices) => {
            for (index, device) in devices.into_iter().enumerate() {
                let mut fields = Fields::of(device);
                let mut entry = read_device(&mut fields);
                entry.tags = read_tags(&mut fields);
                entry.checks = read_checks(&mut fields);
                entry.routeros = fields.inside("routeros", |login| read_login(login, ""));
                plan.entries.push(Read { at: format!("devices[{index}]"), entry, errors: fields.finish() });
            }
        }
        _ => file.refuse("devices", "error_form", "must be a list"),
    }
    plan.refused.extend(file.finish());
    plan
}

/// Counts lines as editors do: the reader's own count does not know that `\r\n` is one end, and leaves out empty ones.
struct Lines<'a> {
    text: &'a str,
    byte: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of what begins at a byte, or behind the ends of lines that are there. Only forward.
    fn at(&mut self, byte: u64) -> u64 {
        let bytes = self.text.as_bytes();
        let begin = usize::try_from(byte).unwrap_or(usize::MAX).clamp(self.byte, bytes.len());
        let ends = bytes[begin..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let passed = &bytes[self.byte..begin + ends];
        self.byte = begin + ends;
        self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.line
    }
}

/// Commas or semicolons between the cells, as spreadsheets write them.
pub fn read_csv(text: &str) -> Result<Plan, Unreadable> {
    let header = text.lines().next().unwrap_or_default();
    let delimiter = if header.contains(';') && !header.contains(',') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| Unreadable::Csv(error.to_string()))?.clone();
    if !["name", "ip_address"].iter().all(|column| header.iter().any(|name| name == *column)) {
        return Err(Unreadable::Unknown);
    }
    let mut plan = Plan::default();
    let unknown = header.iter().filter(|name| !COLUMNS.contains(name)).map(printable);
    plan.refused.extend(
        unknown.map(|name| FieldError::new(name, "error_unknown_field", "is not a column of a device list")),
    );
    let mut lines = Lines { text, byte: 0, line: 1 };
    for row in reader.records() {
        let row = row.map_err(|error| Unreadable::Csv(error.to_string()))?;
        let line = row.position().map_or(0, |position| lines.at(position.byte()));
        let cells = header.iter().zip(row.iter()).filter(|(name, _)| COLUMNS.contains(name));
        let cells = cells.map(|(name, cell)| (name.to_owned(), Value::String(cell.to_owned())));
        let mut fields = Fields::new(cells.collect());
        if row.len() != header.len() {
            let message = format!("has {} cells where the header has {}", row.len(), header.len());
            fields.refuse("", "error_form", message);
        }
        let mut entry = read_device(&mut fields);
        let tags = fields.text("tags");
        entry.tags = tags.map(|tags| tags.split(['|', ';', ',']).map(|tag| tag.trim().to_owned()).collect());
        let login = read_login(&mut fields, "routeros_");
        if login.username.is_empty() && (login.password.is_some() || login.port.is_some() || login.tls) {
            fields.missing("routeros_username");
        }
        entry.routeros = (!login.username.is_empty()).then_some(login);
        plan.entries.push(Read { at: format!("line {line}"), entry, errors: fields.finish() });
    }
    Ok(plan)
}

/// What both forms write alike.
fn read_device(fields: &mut Fields) -> Entry {
    let kinds = DeviceKind::ALL.map(DeviceKind::word).join(", ");
    Entry {
        name: fields.required("name"),
        address: fields.text("ip_address"),
        kind: fields.word("device_type", DeviceKind::from_word, &kinds),
        description: fields.text("description"),
        location: fields.text("location"),
        vendor: fields.text("vendor"),
        model: fields.text("model"),
        parent: fields.text("parent"),
        enabled: fields.switch("enabled"),
        port: fields.port("port"),
        ..Entry::default()
    }
}

fn read_tags(fields: &mut Fields) -> Option<Vec<String>> {
    let values = fields.list("tags")?;
    let tags: Option<Vec<String>> = values.iter().map(|tag| tag.as_str().map(str::to_owned)).collect();
    if tags.is_none() {
        fields.refuse("tags", "error_form", "must be a list of texts");
    }
    tags
}

fn read_checks(fields: &mut Fields) -> Option<Vec<CheckDraft>> {
    let mut checks = Vec::new();
    for (index, value) in fields.list("checks")?.into_iter().enumerate() {
        let at = format!("checks[{index}]");
        fields.put(&at, value);
        checks.extend(fields.inside(&at, read_check).flatten());
    }
    Some(checks)
}

fn read_check(fields: &mut Fields) -> Option<CheckDraft> {
    let kinds = CheckKind::ALL.map(CheckKind::word).join(", ");
    let kind = fields.word("kind", CheckKind::from_word, &kinds);
    if kind.is_none() {
        fields.missing("kind");
    }
    let draft = CheckDraft {
        kind: kind?,
        interval_s: fields.number("interval_seconds", model::INTERVAL_S),
        timeout_s: fields.number("timeout_seconds", model::TIMEOUT_S),
        settings: fields.inside("settings", read_check_settings).unwrap_or_default(),
    };
    Some(draft)
}

/// Texts, numbers and switches by any name: the check's kind judges them.
fn read_check_settings(fields: &mut Fields) -> Settings {
    let mut settings = Settings::new();
    for (name, value) in fields.rest() {
        let text = match value {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Bool(switch) => switch.to_string(),
            _ => {
                fields.refuse(&printable(&name), "error_form", "must be a text, a number, true or false");
                continue;
            }
        };
        settings.insert(name, text);
    }
    settings
}

fn read_login(fields: &mut Fields, mark: &str) -> NewCredential {
    NewCredential {
        username: fields.text(&format!("{mark}username")).unwrap_or_default(),
        password: fields.text(&format!("{mark}password")),
        port: fields.port(&format!("{mark}port")),
        tls: fields.switch(&format!("{mark}tls")).unwrap_or(false),
    }
}
