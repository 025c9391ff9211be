//! Writes a month of nine tunnels as the program itself would, reads it again, and prints what that cost as JSON; or
//! writes the same samples for Prometheus. For `cargo xtask bench`.

mod generate;
mod past;

use anyhow::{Context, Result, bail};
use engine::{Clock, Fleet, SystemClock};
use generate::{INTERVAL_S, RoundTrips};
use model::*;
use serde_json::json;
use server::{
    history::{Recorder, STEPS_S},
    journal::{Ledger, Sampled},
    store::{Origin, Store},
    vault::Vault,
};
use std::{
    fs,
    io::{BufWriter, Write},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

const BEGIN_MS: i64 = 1_790_000_000_000;
const ROUNDS: i64 = 30 * 86_400 / INTERVAL_S;
/// Nine tunnels by TCP, and three hosts that are pinged.
const TCP: usize = 9;
const SERIES: usize = 12;
/// Series that are written side by side when speed is what is asked for.
const MANY: usize = 10_000;
const MANY_ROUNDS: i64 = 60;
/// What the journal writes at once at most.
const BATCH: usize = 1_024;
const QUERIES: usize = 200;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [_, "write", folder] => write(Path::new(folder)).await,
        [_, "speed", folder] => speed(Path::new(folder)).await,
        [_, "past", folder, end_ms] => write_past(Path::new(folder), end_ms.parse()?).await,
        [_, "openmetrics", file] => openmetrics(Path::new(file)),
        _ => bail!(
            "month write FOLDER | month speed FOLDER | month past FOLDER END_MS | month openmetrics FILE"
        ),
    }
}

fn subject(series: usize) -> String {
    if series < TCP { format!("tcp:{}", 8000 + series) } else { "icmp".to_owned() }
}

async fn create(folder: &Path, clock: Arc<dyn Clock>) -> Result<(Store, Vault)> {
    fs::create_dir_all(folder)?;
    let url = format!("sqlite://{}", folder.join("routewarden.db").display());
    let store = Store::open(&url, Origin::Server, clock).await?;
    let vault = Vault::open_file(&folder.join("secret.key"))?;
    store.open_audit(&vault).await?;
    Ok((store, vault))
}

/// A data folder to start the program on, for looking at the past with one's own eyes.
async fn write_past(folder: &Path, end_ms: i64) -> Result<()> {
    let (store, vault) = create(folder, Arc::new(past::Standing(past::begin_ms(end_ms)))).await?;
    past::write(&store, &vault, end_ms).await?;
    Ok(store.close().await?)
}

async fn open(folder: &Path, devices: usize) -> Result<(Store, Vec<DeviceId>)> {
    let (store, vault) = create(folder, Arc::new(SystemClock)).await?;
    let mut ids = Vec::new();
    for number in 0..devices {
        let draft = DeviceDraft::new(format!("tunnel-{number}"), DeviceKind::Server, "127.0.0.1");
        ids.push(store.devices().create(draft, &vault).await?.id);
    }
    Ok((store, ids))
}

fn sampled(device: DeviceId, subject: &str, round: i64, ms: Option<f64>) -> Sampled {
    let value = ms.map_or(Reading::NoAnswer, Reading::Number);
    let sample = Sample { measure: Measure::RoundTrip, subject: subject.to_owned(), value };
    Sampled { device, at: Timestamp(BEGIN_MS + round * INTERVAL_S * 1_000), sample }
}

async fn write(folder: &Path) -> Result<()> {
    let (store, devices) = open(folder, TCP).await?;
    let recorder = Recorder::open(
        store.clone(),
        Fleet::new(Arc::new(SystemClock)),
        Arc::new(SystemClock),
        Arc::default(),
    )
    .await?;
    let mut trips: Vec<_> = (0..SERIES as u64).map(RoundTrips::new).collect();
    for round in 0..ROUNDS {
        let mut samples = Vec::new();
        for (series, trips) in trips.iter_mut().enumerate() {
            let device = devices.get(series % TCP).copied().context("there is a device")?;
            samples.push(sampled(device, &subject(series), round, trips.next_ms()));
        }
        recorder.append(&[], &samples).await?;
        while recorder.tidy().await? {}
    }
    let device = devices.first().copied().context("there is a device")?;
    let (id, key) = recorder.series(device).into_iter().next().context("it has a series")?;
    let span = (Timestamp(BEGIN_MS), Timestamp(BEGIN_MS + ROUNDS * INTERVAL_S * 1_000));
    let (mut fine, mut coarse) = (Vec::new(), Vec::new());
    for _ in 0..QUERIES {
        let began = Instant::now();
        let points = recorder.points(id, &key, span).await?;
        fine.push(began.elapsed());
        anyhow::ensure!(points.len() as i64 == ROUNDS, "{} of {ROUNDS} samples came back", points.len());
        let began = Instant::now();
        recorder.steps(&[(id, key.clone())], STEPS_S[1], span).await?;
        coarse.push(began.elapsed());
    }
    let sizes = store.samples().sizes().await?;
    store.close().await?;
    let file_bytes = fs::metadata(folder.join("routewarden.db"))?.len();
    println!(
        "{}",
        json!({
            "samples": ROUNDS * SERIES as i64,
            "chunk_bytes": sizes.chunk_bytes,
            "chunked": sizes.chunked,
            "file_bytes": file_bytes,
            "points_p99_ms": p99_ms(&mut fine),
            "hours_p99_ms": p99_ms(&mut coarse),
        })
    );
    Ok(())
}

fn p99_ms(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    let at = (times.len() * 99 / 100).min(times.len().saturating_sub(1));
    times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
}

async fn speed(folder: &Path) -> Result<()> {
    let (store, devices) = open(folder, MANY).await?;
    let recorder = Recorder::open(
        store.clone(),
        Fleet::new(Arc::new(SystemClock)),
        Arc::new(SystemClock),
        Arc::default(),
    )
    .await?;
    let mut trips: Vec<_> = (0..MANY as u64).map(RoundTrips::new).collect();
    let (began, cpu) = (Instant::now(), cpu_s()?);
    let mut written = 0u64;
    for round in 0..MANY_ROUNDS {
        let all = devices.iter().zip(&mut trips);
        let samples: Vec<_> =
            all.map(|(device, trips)| sampled(*device, "icmp", round, trips.next_ms())).collect();
        for part in samples.chunks(BATCH) {
            recorder.append(&[], part).await?;
            written += part.len() as u64;
        }
        while recorder.tidy().await? {}
    }
    let (took, cpu) = (began.elapsed(), cpu_s()? - cpu);
    store.close().await?;
    println!("{}", json!({ "written": written, "seconds": took.as_secs_f64(), "cpu_seconds": cpu }));
    Ok(())
}

/// Processor time of this process so far, its database's threads included.
fn cpu_s() -> Result<f64> {
    /// Of the kernel's user interface on every Linux.
    const TICKS_A_SECOND: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').context("a name stands between brackets")?;
    // utime and stime, the 14th and 15th of proc(5).
    let used = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    Ok(used as f64 / TICKS_A_SECOND)
}

/// The same month in the text that `promtool tsdb create-blocks-from openmetrics` reads.
fn openmetrics(file: &Path) -> Result<()> {
    let mut out = BufWriter::new(fs::File::create(file)?);
    writeln!(out, "# TYPE round_trip_ms gauge")?;
    for series in 0..SERIES {
        let mut trips = RoundTrips::new(series as u64);
        for round in 0..ROUNDS {
            if let Some(ms) = trips.next_ms() {
                let at = BEGIN_MS / 1_000 + round * INTERVAL_S;
                let device = series % TCP;
                writeln!(
                    out,
                    "round_trip_ms{{device=\"tunnel-{device}\",check=\"{}\"}} {ms:.1} {at}",
                    subject(series)
                )?;
            }
        }
    }
    writeln!(out, "# EOF")?;
    Ok(out.flush()?)
}
