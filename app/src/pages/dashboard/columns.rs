//! The table's columns: their words and what they show; how they order says `order.rs`.
//!
//! To add one: a variant, and a line in each `match`; nothing else knows the columns.

use crate::{format, i18n::Words, pages::device::reason};
use model::{Row, WanKind};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    State,
    Name,
    Site,
    Address,
    Beats,
    Response,
    Since,
    Reason,
    Cpu,
    Memory,
    Temperature,
    Voltage,
    Download,
    Upload,
    Wan,
    Uptime,
    Version,
    Model,
    ExternalIp,
    Reconnects,
    Webfig,
}

/// Which columns are shown, one bit each.
pub type ColumnSet = u32;

/// How wide the table may be in a browser that never told: a small laptop's.
pub const USUAL_ROOM: u32 = 1264;

/// The usual columns of a fleet with routers, the most telling first.
const OF_ROUTERS: [Column; 16] = [
    Column::Since,
    Column::Response,
    Column::Reason,
    Column::Download,
    Column::Upload,
    Column::Beats,
    Column::Site,
    Column::Cpu,
    Column::Memory,
    Column::Uptime,
    Column::Version,
    Column::Temperature,
    Column::Wan,
    Column::Model,
    Column::ExternalIp,
    Column::Webfig,
];

/// The same without routers.
const OF_OTHERS: [Column; 6] =
    [Column::Since, Column::Response, Column::Reason, Column::Beats, Column::Site, Column::Address];

/// What a phone's card tells, whatever columns a wider screen has.
const OF_CARD: ColumnSet = {
    let mut set = 0;
    let mut index = 0;
    let shown = [
        Column::Site,
        Column::Beats,
        Column::Response,
        Column::Since,
        Column::Reason,
        Column::Cpu,
        Column::Memory,
        Column::Download,
        Column::Upload,
        Column::Version,
    ];
    while index < shown.len() {
        set |= 1 << shown[index] as u32;
        index += 1;
    }
    set
};

impl Column {
    pub const ALL: [Column; 21] = [
        Column::State,
        Column::Name,
        Column::Site,
        Column::Address,
        Column::Beats,
        Column::Response,
        Column::Since,
        Column::Reason,
        Column::Cpu,
        Column::Memory,
        Column::Temperature,
        Column::Voltage,
        Column::Download,
        Column::Upload,
        Column::Wan,
        Column::Uptime,
        Column::Version,
        Column::Model,
        Column::ExternalIp,
        Column::Reconnects,
        Column::Webfig,
    ];

    pub fn bit(self) -> ColumnSet {
        1 << self as u32
    }

    /// State and name are always there.
    pub fn is_fixed(self) -> bool {
        matches!(self, Column::State | Column::Name)
    }

    /// Only routers have it.
    pub fn is_router(self) -> bool {
        self as u32 >= Column::Cpu as u32
    }

    /// What is shown until somebody chooses otherwise: the most telling columns that fit into `room` pixels.
    pub fn usual(has_routers: bool, room: u32) -> ColumnSet {
        let by_worth: &[Column] = if has_routers { &OF_ROUTERS } else { &OF_OTHERS };
        let mut left = room.saturating_sub(Column::State.width() + Column::Name.width());
        let fits = |column: &&Column| {
            let rest = left.checked_sub(column.width());
            left = rest.unwrap_or_default();
            rest.is_some()
        };
        by_worth.iter().take_while(fits).fold(0, |set, column| set | column.bit())
    }

    pub fn of_card() -> ColumnSet {
        OF_CARD
    }

    /// Class of its cells.
    pub fn class(self) -> &'static str {
        match self {
            Column::State => "c-state",
            Column::Name => "c-name",
            Column::Site => "c-site",
            Column::Address => "c-address",
            Column::Beats => "c-beats",
            Column::Response => "c-response num",
            Column::Since => "c-since num",
            Column::Reason => "c-reason",
            Column::Model => "c-model",
            Column::Version => "c-version",
            Column::ExternalIp => "c-external",
            Column::Cpu => "c-cpu num meter",
            Column::Memory => "c-memory num meter",
            Column::Temperature => "c-temperature num",
            Column::Voltage => "c-voltage num",
            Column::Wan => "c-wan",
            Column::Download => "c-download num",
            Column::Upload => "c-upload num",
            Column::Uptime => "c-uptime num",
            Column::Reconnects => "c-reconnects num",
            Column::Webfig => "c-webfig",
        }
    }

    /// In pixels, when the table is as narrow as it gets. The second column's place in the style depends on the first's.
    pub fn width(self) -> u32 {
        match self {
            Column::Temperature => 68,
            Column::Cpu => 70,
            Column::Wan => 74,
            Column::Memory => 76,
            Column::Response | Column::Voltage => 80,
            Column::Version => 88,
            Column::Webfig => 90,
            Column::Since | Column::Download | Column::Upload => 92,
            Column::Reconnects => 100,
            Column::Site => 112,
            Column::ExternalIp => 122,
            Column::Address => 126,
            Column::Uptime => 150,
            Column::State | Column::Model => 148,
            Column::Beats => 152,
            Column::Name => 176,
            Column::Reason => 170,
        }
    }

    pub fn label(self, words: Words) -> &'static str {
        match self {
            Column::State => words.column_state(),
            Column::Name => words.column_name(),
            Column::Site => words.column_site(),
            Column::Address => words.column_address(),
            Column::Beats => words.column_beats(),
            Column::Response => words.column_response(),
            Column::Since => words.column_since(),
            Column::Reason => words.column_reason(),
            Column::Model => words.column_model(),
            Column::Version => words.column_version(),
            Column::ExternalIp => words.column_external_ip(),
            Column::Cpu => words.column_cpu(),
            Column::Memory => words.column_memory(),
            Column::Temperature => words.column_temperature(),
            Column::Voltage => words.column_voltage(),
            Column::Wan => words.column_wan(),
            Column::Download => words.column_download(),
            Column::Upload => words.column_upload(),
            Column::Uptime => words.column_uptime(),
            Column::Reconnects => words.column_reconnects(),
            Column::Webfig => words.column_webfig(),
        }
    }

    /// The text of a plain cell; empty when not known, and for cells that are drawn.
    pub fn text(self, words: Words, row: &Row) -> String {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let Some(router) = row.live.router.as_ref().filter(|_| self.is_router()) else {
            return match self {
                Column::Site => text(&row.location),
                Column::Address => row.address.clone(),
                Column::Reason => reason(words, row).unwrap_or_default(),
                Column::Response => {
                    response_ms(row).map(|ms| format::milliseconds(words, ms)).unwrap_or_default()
                }
                _ => String::new(),
            };
        };
        match self {
            Column::Model => text(&router.model),
            Column::ExternalIp => text(&router.external_ip),
            Column::Cpu => told(router.cpu_percent, |v| format::percent(words, v)),
            Column::Memory => told(router.memory_percent, |v| format::percent(words, v)),
            Column::Temperature => told(router.temperature_celsius, |v| format::celsius(words, v)),
            Column::Voltage => told(router.voltage_volts, |v| format::volts(words, v)),
            Column::Wan => told(router.wan, |wan| wan_word(wan).to_owned()),
            Column::Download => told(router.rx_bps, |v| format::rate(words, v)),
            Column::Upload => told(router.tx_bps, |v| format::rate(words, v)),
            Column::Uptime => told(router.uptime_s, |v| format::uptime(words, v)),
            Column::Reconnects => router.reconnects.to_string(),
            _ => String::new(),
        }
    }

    /// A link has no order.
    pub fn is_sortable(self) -> bool {
        self != Column::Webfig
    }

    /// A first click on the header puts the largest first where that is what people look for.
    pub fn starts_descending(self) -> bool {
        matches!(
            self,
            Column::Beats
                | Column::Response
                | Column::Cpu
                | Column::Memory
                | Column::Temperature
                | Column::Download
                | Column::Upload
                | Column::Reconnects
        )
    }
}

fn told<T>(value: Option<T>, tell: impl FnOnce(T) -> String) -> String {
    value.map(tell).unwrap_or_default()
}

/// The way to the internet, as routers call it: the same in every language.
pub fn wan_word(wan: WanKind) -> &'static str {
    match wan {
        WanKind::Pppoe => "PPPoE",
        WanKind::Lte => "LTE",
        WanKind::Dhcp => "DHCP",
        WanKind::Static => "Static",
    }
}

/// The time of the first check that has one.
pub fn response_ms(row: &Row) -> Option<f32> {
    row.live.checks.iter().find_map(|check| check.time_ms)
}

#[cfg(test)]
mod tests;
