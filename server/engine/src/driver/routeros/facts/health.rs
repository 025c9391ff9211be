//! `/system/health`: version 6 answers one row keyed by sensor, version 7 a row per sensor. A device
//! without sensors answers nothing, or has no such menu.

use super::super::Row;
use super::words::{parse_decimal, text};
use model::{Metrics, Sensor};

/// Version 7's columns, and every sensor that version 6 is known to name.
pub const PROPLIST: &[&str] = &[
    "name",
    "value",
    "type",
    "temperature",
    "cpu-temperature",
    "board-temperature1",
    "board-temperature2",
    "sfp-temperature",
    "phy-temperature",
    "switch-temperature",
    "voltage",
    "jack-voltage",
    "2pin-voltage",
    "poe-in-voltage",
    "psu-voltage",
    "psu1-voltage",
    "psu2-voltage",
    "current",
    "psu1-current",
    "psu2-current",
    "power-consumption",
    "poe-out-consumption",
    "fan1-speed",
    "fan2-speed",
    "fan3-speed",
    "fan4-speed",
    "psu-state",
    "psu1-state",
    "psu2-state",
    "fan-state",
];

/// Most sensors kept of one router.
const SENSORS_MAX: usize = 64;

/// The device's own temperature, from the most to the least telling. Optical modules and PHYs run hot by
/// nature and never stand for the whole device.
const TEMPERATURES: [&str; 4] = ["temperature", "cpu-temperature", "board-temperature1", "board-temperature"];
/// The supply voltage, from the most to the least telling.
const VOLTAGES: [&str; 7] = [
    "voltage",
    "psu-voltage",
    "jack-voltage",
    "2pin-voltage",
    "poe-in-voltage",
    "psu1-voltage",
    "psu2-voltage",
];

/// Takes every sensor from the rows, and picks the two that a device is known by.
pub fn read(rows: &[Row], metrics: &mut Metrics) {
    metrics.sensors = sensors(rows);
    metrics.temperature_celsius = first_of(&TEMPERATURES, &metrics.sensors, |celsius| celsius > -274.0);
    // An input without a plug reads 0 V.
    metrics.voltage_volts = first_of(&VOLTAGES, &metrics.sensors, |volts| volts > 0.0);
}

fn sensors(rows: &[Row]) -> Vec<Sensor> {
    let by_row = rows.iter().filter_map(|row| {
        let name = text(row, "name")?;
        let unit = text(row, "type").unwrap_or_default();
        Some(Sensor { value: text(row, "value")?, name, unit })
    });
    let by_key = rows.iter().filter(|row| row.text("name").is_none()).flat_map(|row| {
        let sensor = |key: &&str| {
            Some(Sensor { name: (*key).to_owned(), value: text(row, key)?, unit: unit_of(key).to_owned() })
        };
        PROPLIST.iter().filter_map(sensor)
    });
    by_row.chain(by_key).take(SENSORS_MAX).collect()
}

/// The unit that version 6 leaves to the sensor's name.
fn unit_of(name: &str) -> &'static str {
    const SUFFIXES: [(&str, &str); 5] =
        [("voltage", "V"), ("-speed", "RPM"), ("consumption", "W"), ("current", "A"), ("-state", "")];
    if name.contains("temperature") {
        return "C";
    }
    SUFFIXES.iter().find(|(suffix, _)| name.ends_with(suffix)).map_or("", |(_, unit)| unit)
}

fn first_of(names: &[&str], sensors: &[Sensor], is_plausible: impl Fn(f32) -> bool) -> Option<f32> {
    names.iter().find_map(|name| {
        let sensor = sensors.iter().find(|sensor| sensor.name == *name)?;
        parse_decimal(&sensor.value).filter(|value| is_plausible(*value))
    })
}
