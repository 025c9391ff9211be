//! Rows in, words out: shapes as documented, rows as recorded, and routers of the simulator.

mod memory;
mod rates;
mod reading;
mod recorded;
mod simulated;
mod way_out;
mod words;

use super::super::Row;
use model::Metrics;

fn row(pairs: &[(&str, &str)]) -> Row {
    Row::of(pairs)
}

/// What one reader makes of some rows.
fn read(reader: fn(&[Row], &mut Metrics), rows: &[Row]) -> Metrics {
    let mut metrics = Metrics::default();
    reader(rows, &mut metrics);
    metrics
}
