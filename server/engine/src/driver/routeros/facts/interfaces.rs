//! `/interface`: the ports and their counters; rates are counted over the interval that was measured.

use super::super::Row;
use super::words::{flag, text, whole};
use model::Interface;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

pub const PROPLIST: &[&str] = &[
    "name",
    "type",
    "comment",
    "mac-address",
    "actual-mtu",
    "mtu",
    "running",
    "disabled",
    "rx-byte",
    "tx-byte",
    "rx-error",
    "tx-error",
    "link-downs",
];

/// Not the dynamic ones: a concentrator has thousands of them, one for each customer's session.
pub const QUERY: &[&str] = &["?dynamic=true", "?#!"];

/// Most interfaces kept of one router.
pub const INTERFACES_MAX: usize = 1024;
/// Most bytes kept of them: room for that many with comments of ordinary length. They are kept thrice, here,
/// in the fleet and as the names of counters, and with the other rows shall be less than 2 MiB.
pub const INTERFACES_BYTES_MAX: usize = 320 * 1024;
/// Counters of some chips move once a second: over less, a rate is noise.
const MEASURE_MIN: Duration = Duration::from_secs(1);

/// The interfaces as they are now, without rates.
pub fn read(rows: &[Row]) -> Vec<Interface> {
    let mut bytes = 0;
    let fits = |interface: &Interface| {
        bytes += size(interface);
        bytes <= INTERFACES_BYTES_MAX
    };
    rows.iter().take(INTERFACES_MAX).filter_map(read_one).take_while(fits).collect()
}

/// What keeping an interface costs.
pub fn size(interface: &Interface) -> usize {
    let optional = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let texts = interface.name.len() + interface.kind.len();
    size_of::<Interface>() + texts + optional(&interface.comment) + optional(&interface.mac)
}

fn read_one(row: &Row) -> Option<Interface> {
    let mtu = whole(row, "actual-mtu").or_else(|| whole(row, "mtu"));
    Some(Interface {
        name: text(row, "name")?,
        kind: text(row, "type").unwrap_or_default(),
        comment: text(row, "comment"),
        mac: text(row, "mac-address"),
        mtu: mtu.and_then(|mtu| u32::try_from(mtu).ok()),
        is_running: flag(row, "running"),
        is_disabled: flag(row, "disabled"),
        rx_bytes: whole(row, "rx-byte"),
        tx_bytes: whole(row, "tx-byte"),
        rx_bps: None,
        tx_bps: None,
        rx_errors: whole(row, "rx-error"),
        tx_errors: whole(row, "tx-error"),
        link_downs: whole(row, "link-downs"),
    })
}

/// The counters of the last reading, by interface name: RouterOS moves its internal numbers.
#[derive(Default)]
pub struct Counters {
    at: Option<Instant>,
    last: HashMap<String, Reading>,
}

/// One interface's counters, and the rate they gave.
#[derive(Clone, Copy, Default)]
struct Reading {
    bytes: Option<(u64, u64)>,
    rate: Option<(u64, u64)>,
}

impl Counters {
    /// Fills in the rates since the last reading, and remembers this one.
    pub fn measure(&mut self, now: Instant, interfaces: &mut [Interface]) {
        let elapsed = self.at.map(|at| now.saturating_duration_since(at));
        let is_too_soon = elapsed.is_some_and(|elapsed| elapsed < MEASURE_MIN);
        let mut next = HashMap::with_capacity(interfaces.len());
        for interface in interfaces.iter_mut() {
            let last = self.last.get(&interface.name).copied().unwrap_or_default();
            let reading = if is_too_soon {
                last
            } else {
                let bytes = interface.rx_bytes.zip(interface.tx_bytes);
                Reading { bytes, rate: elapsed.and_then(|elapsed| rate(last.bytes?, bytes?, elapsed)) }
            };
            (interface.rx_bps, interface.tx_bps) = reading.rate.unzip();
            next.insert(interface.name.clone(), reading);
        }
        self.last = next;
        if !is_too_soon {
            self.at = Some(now);
        }
    }

    /// Forgets everything: the router rebooted, and its counters began anew.
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

/// Bits per second in both directions. A counter that went back was reset, by hand or by a reboot: that is
/// a gap, never a spike.
fn rate(from: (u64, u64), to: (u64, u64), elapsed: Duration) -> Option<(u64, u64)> {
    Some((bits_per_second(from.0, to.0, elapsed)?, bits_per_second(from.1, to.1, elapsed)?))
}

fn bits_per_second(from: u64, to: u64, elapsed: Duration) -> Option<u64> {
    let bits = u128::from(to.checked_sub(from)?) * 8;
    let per_second = (bits * 1_000_000).checked_div(elapsed.as_micros())?;
    u64::try_from(per_second).ok()
}
