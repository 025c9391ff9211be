//! Why a device is in its state, in words.

use super::{Schedule, slot::Device};
use model::{Check, CheckKind, CheckStatus, DeviceId, State};

/// Parents looked through for the one that is to blame.
const GENERATIONS_MAX: usize = 16;

impl Schedule {
    /// The words for a device that goes to `state`.
    pub(super) fn cause(&self, device: &Device, state: State, is_behind: bool) -> Option<String> {
        match state {
            State::Up | State::Paused => None,
            State::Unknown if self.sight.cut_off.is_some() && !device.is_ours => {
                Some("the monitor is cut off: nothing answers".to_owned())
            }
            State::Unknown if is_behind => {
                let blamed = &self.devices.get(&self.to_blame(device)?)?.known.device;
                Some(format!("behind {}, which is down", blamed.name))
            }
            State::Down | State::Degraded => self.words(device, |status| status == CheckStatus::Failed),
            State::Unknown => self.words(device, |_| true),
        }
    }

    /// The nearest parent that is down itself.
    pub(super) fn to_blame(&self, device: &Device) -> Option<DeviceId> {
        let mut blamed = device;
        for _ in 0..GENERATIONS_MAX {
            blamed = self.devices.get(&blamed.known.device.parent?)?;
            if !blamed.is_behind {
                break;
            }
        }
        Some(blamed.known.device.id)
    }

    /// What the deciding checks with such a status say; each with its name, where there are several.
    fn words(&self, device: &Device, is_meant: impl Fn(CheckStatus) -> bool) -> Option<String> {
        let checks = &device.known.device.checks;
        let is_alone = device.known.device.deciding_checks().count() == 1;
        let said = |slot: &super::Slot| {
            let why = slot.standing.why.as_deref().filter(|_| is_meant(slot.standing.status()))?;
            let never = slot.standing.status() == CheckStatus::NeverAnswered;
            let why = if never { format!("never answered: {why}") } else { why.to_owned() };
            let check = checks.get(slot.place).filter(|_| !is_alone);
            Some(check.map_or(why.clone(), |check| format!("{}: {why}", label(check))))
        };
        let all: Vec<_> = self.deciding(device).filter_map(said).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }
}

fn label(check: &Check) -> String {
    match check.kind {
        CheckKind::Icmp => "ping".to_owned(),
        CheckKind::Tcp => format!("TCP {}", check.settings.get("port").map_or("", String::as_str)),
        CheckKind::Routeros => "RouterOS".to_owned(),
    }
}
