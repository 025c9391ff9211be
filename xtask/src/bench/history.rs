//! A month of nine tunnels: what its samples take on disk beside Prometheus with the same samples, how fast they are
//! written, and how long a graph's question takes.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;

use super::Bench;
use super::table::{Line, Peer};
use crate::exec;
use crate::packages;
use crate::workspace::Profile;

/// Prometheus's own tool makes its blocks.
const PEER: &str = "promtool";
const PEER_PACKAGE: &str = "prometheus";

pub fn measure(bench: &Bench<'_>) -> Result<Vec<Line>> {
    if !exec::exists(PEER) {
        packages::install_at_rest(&[PEER_PACKAGE], bench.consent)?;
    }
    let workspace = bench.workspace;
    exec::run(workspace.cargo().args(["build", "--release", "--package", "month"]))?;
    let month = workspace.target.join(Profile::Release.folder()).join("month");
    let folder = TempDir::new()?;
    let ask = |what: &str, place: &Path| -> Result<Value> {
        let printed = exec::output(exec::clean(&month).arg(what).arg(place))?;
        serde_json::from_str(&printed).with_context(|| format!("month {what} prints JSON"))
    };
    let written = ask("write", &folder.path().join("month"))?;
    let number = |of: &Value, name: &str| of[name].as_f64().with_context(|| format!("{name} is a number"));
    let (chunks, chunked) = (number(&written, "chunk_bytes")?, number(&written, "chunked")?);
    let file_mb = number(&written, "file_bytes")? / 1e6;
    let theirs = prometheus_bytes(&month, folder.path())?;
    let speed = ask("speed", &folder.path().join("speed"))?;
    let samples = number(&speed, "written")?;
    let per_s = samples / number(&speed, "seconds")?;
    let cpu_us = number(&speed, "cpu_seconds")? / samples * 1e6;
    let smaller = Peer { name: "Prometheus", value: theirs / 1e6 };
    Ok(vec![
        Line::at_most("a round trip in its chunk", chunks / chunked, "bytes", 1.0),
        Line::at_most("a month of nine tunnels, chunks", chunks / 1e6, "MB", 1.0).with(smaller),
        Line::at_most("a month of nine tunnels, whole file", file_mb, "MB", 1.5),
        Line::at_least("samples written, of 10000 series", per_s, "/s", 5_000.0),
        // A tenth of a processor for 5,000 a second.
        Line::at_most("processor time of a sample written", cpu_us, "µs", 20.0),
        Line::at_most(
            "a month of one series, every sample, p99",
            number(&written, "points_p99_ms")?,
            "ms",
            20.0,
        ),
        Line::at_most(
            "a month of one series, by the hour, p99",
            number(&written, "hours_p99_ms")?,
            "ms",
            20.0,
        ),
    ])
}

/// What the chunks of Prometheus's blocks take for the same samples.
fn prometheus_bytes(month: &Path, folder: &Path) -> Result<f64> {
    let (text, blocks) = (folder.join("month.om"), folder.join("prometheus"));
    exec::run(exec::clean(month).arg("openmetrics").arg(&text))?;
    let make = ["tsdb", "create-blocks-from", "openmetrics"];
    exec::output(exec::clean(PEER).args(make).arg(&text).arg(&blocks))?;
    let mut bytes = 0;
    for block in fs::read_dir(&blocks)? {
        let chunks = block?.path().join("chunks");
        if chunks.is_dir() {
            for file in fs::read_dir(chunks)? {
                bytes += file?.metadata()?.len();
            }
        }
    }
    ensure!(bytes > 0, "{PEER} made no chunks");
    Ok(bytes as f64)
}
