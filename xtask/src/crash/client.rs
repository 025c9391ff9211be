//! One who writes, and remembers what was accepted.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::dice::Dice;
use crate::http::{Client, Refused};

/// Beyond so many devices one is removed rather than added.
const DEVICES_MAX: usize = 12;

/// How long the server may outlive a connection that broke, and how often that is looked at.
const PATIENCE: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(1);

/// A device as far as anybody changes it here: its id, and its description.
#[derive(Clone, PartialEq)]
struct Device {
    id: u64,
    description: String,
}

/// What was asked and not answered.
enum Asked {
    Create(String),
    Change(String),
    Remove,
}

pub struct Writer {
    number: u64,
    dice: Dice,
    written: u64,
    /// What is there, by name: every change of it was accepted.
    known: BTreeMap<String, Device>,
    /// The change that the kill came upon, and the device's name.
    open: Option<(String, Asked)>,
    pub accepted: u64,
    pub unanswered: u64,
}

impl Writer {
    pub fn new(number: u64, dice: Dice) -> Self {
        Self { number, dice, written: 0, known: BTreeMap::new(), open: None, accepted: 0, unanswered: 0 }
    }

    /// Writes until the server is gone. An error when it refuses anything while it is there.
    pub fn write(&mut self, mut client: Client, is_over: &AtomicBool) -> Result<()> {
        loop {
            let (name, asked) = self.choose();
            self.open = Some((name.clone(), asked));
            let Err(error) = self.ask(&mut client, &name) else {
                self.open = None;
                self.accepted += 1;
                continue;
            };
            self.unanswered += 1;
            ensure!(!error.is::<Refused>(), "{error:#}");
            // The connection breaks a moment before we are told that the server is to be gone.
            let broken = Instant::now();
            while !is_over.load(Ordering::Relaxed) {
                ensure!(
                    broken.elapsed() < PATIENCE,
                    "the connection broke while the server was there: {error:#}"
                );
                std::thread::sleep(LOOK);
            }
            return Ok(());
        }
    }

    fn choose(&mut self) -> (String, Asked) {
        self.written += 1;
        let text = format!("value {} of {}", self.written, self.number);
        let some = self.known.len() as u64;
        let name = (some > 0).then(|| self.dice.within(0..some) as usize);
        let name = name.and_then(|index| self.known.keys().nth(index).cloned());
        match (name, self.dice.within(0..4)) {
            (Some(name), 0) => (name, Asked::Remove),
            (Some(name), 1 | 2) => (name, Asked::Change(text)),
            (Some(name), _) if self.known.len() >= DEVICES_MAX => (name, Asked::Remove),
            _ => (format!("device-{}-{}", self.number, self.written), Asked::Create(text)),
        }
    }

    /// Sends what is open and, once it is accepted, knows it.
    fn ask(&mut self, client: &mut Client, name: &str) -> Result<()> {
        let Some((_, asked)) = &self.open else { bail!("nothing is open") };
        let body = |description: &str| {
            // Refused at once by this host, so that states are written as well.
            let address = format!("127.1.{}.1", self.number + 1);
            json!({"name": name, "ip_address": address, "device_type": "tunnel", "port": 9,
                "description": description})
            .to_string()
        };
        let path = |id: u64| format!("/api/devices/{id}");
        let id = self.known.get(name).map(|device| device.id).unwrap_or_default();
        match asked {
            Asked::Create(text) => {
                let answer = client.post("/api/devices", &body(text))?;
                let made: Value = serde_json::from_str(&answer.body)?;
                let device = Device { id: id_of(&made)?, description: text.clone() };
                self.known.insert(name.to_owned(), device);
            }
            Asked::Change(text) => {
                client.put(&path(id), &body(text))?;
                self.known.insert(name.to_owned(), Device { id, description: text.clone() });
            }
            Asked::Remove => {
                client.delete(&path(id))?;
                self.known.remove(name);
            }
        }
        Ok(())
    }

    /// Holds what is known against what was found, and settles what was open.
    pub fn compare(&mut self, found: &BTreeMap<String, Value>) -> Result<()> {
        let mine = format!("device-{}-", self.number);
        let mut found_mine = BTreeMap::new();
        for (name, device) in found.iter().filter(|(name, _)| name.starts_with(&mine)) {
            let description = device["description"].as_str().unwrap_or_default().to_owned();
            found_mine.insert(name.clone(), Device { id: id_of(device)?, description });
        }
        if let Some((name, asked)) = self.open.take() {
            let (before, after) = (self.known.get(&name), found_mine.get(&name));
            let has_happened = match (&asked, after) {
                (Asked::Remove, None) => true,
                (Asked::Create(text), Some(device)) => device.description == *text,
                (Asked::Change(text), Some(device)) => {
                    device.description == *text && before.is_some_and(|before| before.id == device.id)
                }
                _ => false,
            };
            ensure!(has_happened || before == after, "{name}: half of a change is there");
            match after.cloned() {
                Some(device) => self.known.insert(name, device),
                None => self.known.remove(&name),
            };
        }
        for name in self.known.keys().chain(found_mine.keys()) {
            let tell =
                |device: Option<&Device>| device.map_or("nothing".to_owned(), |it| it.description.clone());
            let (known, found) = (self.known.get(name), found_mine.get(name));
            ensure!(known == found, "{name}: accepted was {}, found is {}", tell(known), tell(found));
        }
        Ok(())
    }
}

fn id_of(device: &Value) -> Result<u64> {
    device["id"].as_u64().context("a device has an id")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writer(open: Option<(&str, Asked)>) -> Writer {
        let mut writer = Writer::new(1, Dice::new().unwrap());
        writer.known.insert("device-1-1".to_owned(), Device { id: 7, description: "old".to_owned() });
        writer.open = open.map(|(name, asked)| (name.to_owned(), asked));
        writer
    }

    fn found(devices: &[(&str, u64, &str)]) -> BTreeMap<String, Value> {
        let each = devices.iter().map(|(name, id, description)| {
            ((*name).to_owned(), json!({"id": id, "description": description}))
        });
        each.collect()
    }

    #[test]
    fn an_accepted_change_that_is_lost_or_undone_is_noticed() {
        let there = found(&[("device-1-1", 7, "old"), ("device-2-1", 8, "somebody else's")]);
        writer(None).compare(&there).unwrap();
        for lost in [vec![], vec![("device-1-1", 7, "older")], vec![("device-1-1", 9, "old")]] {
            writer(None).compare(&found(&lost)).unwrap_err();
        }
        let risen = found(&[("device-1-1", 7, "old"), ("device-1-2", 8, "removed before")]);
        writer(None).compare(&risen).unwrap_err();
    }

    #[test]
    fn what_was_not_answered_may_have_happened_whole_or_not_at_all() {
        let change = || Some(("device-1-1", Asked::Change("new".to_owned())));
        let create = || Some(("device-1-2", Asked::Create("made".to_owned())));
        for description in ["old", "new"] {
            writer(change()).compare(&found(&[("device-1-1", 7, description)])).unwrap();
        }
        writer(change()).compare(&found(&[("device-1-1", 7, "half")])).unwrap_err();
        writer(change()).compare(&found(&[])).unwrap_err();
        writer(Some(("device-1-1", Asked::Remove))).compare(&found(&[])).unwrap();
        let mut writer = writer(create());
        let both = found(&[("device-1-1", 7, "old"), ("device-1-2", 8, "made")]);
        writer.compare(&both).unwrap();
        writer.compare(&both).unwrap();
    }
}
