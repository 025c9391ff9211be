//! `/metrics`: the program in numbers, for Prometheus.
//!
//! To add one: a field of [`Metrics`], a family here. Labels have few values, and never a device's name.

use super::exposition::{Exposition, Kind};
use crate::{
    backend::{Credential, Metrics},
    web::{
        Viewer,
        error::{ErrorBody, Failure},
    },
};
use Kind::{Counter, Gauge};
use axum::{
    http::{StatusCode, header},
    response::IntoResponse,
};
use model::{State, Timestamp, WorkerState};

/// The media type of the format, in the version that every collector reads.
const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The program in numbers, in the text format of Prometheus. With a token only: a collector has no session.
#[utoipa::path(get, path = "/metrics", tag = "Program", security(("token" = [])), responses(
    (status = 200, description = "Prometheus text format 0.0.4", body = String, content_type = "text/plain"),
    (status = 403, description = "A session must not be used here: send a token", body = ErrorBody),
))]
pub async fn show(Viewer(viewer): Viewer) -> Result<impl IntoResponse, Failure> {
    if let Credential::Session(_) = viewer.credential() {
        return Err(Failure::new(StatusCode::FORBIDDEN, "token_only", "send a token"));
    }
    Ok(([(header::CONTENT_TYPE, FORMAT)], text(&viewer.metrics())))
}

fn text(metrics: &Metrics) -> String {
    let mut text = Exposition::default();
    let build = [([("version", env!("CARGO_PKG_VERSION"))], 1)];
    text.many("routewarden_build_info", Gauge, "Which program this is.", build);
    watching(&mut text, metrics);
    recording(&mut text, metrics);
    people(&mut text, metrics);
    workers(&mut text, metrics);
    process(&mut text, metrics);
    text.into_text()
}

fn watching(text: &mut Exposition, metrics: &Metrics) {
    let devices = State::ALL.into_iter().map(|state| ([("state", state.word())], metrics.devices.of(state)));
    text.many("routewarden_devices", Gauge, "Devices by their state.", devices);
    let judged = metrics.judged.iter();
    let judged =
        judged.map(|(kind, judged, count)| ([("kind", kind.word()), ("outcome", judged.word())], *count));
    text.many("routewarden_checks_total", Counter, "Tries of checks, by kind and judgement.", judged);
    let late = &metrics.lateness;
    let help = "How late checks started.";
    text.times("routewarden_check_lateness_seconds", help, &late.up_to, (late.starts, late.sum));
    let sent = metrics.sent_lines.iter().map(|(fate, count)| ([("outcome", fate.word())], *count));
    let help = "Lines that came by syslog, by what became of them.";
    text.many("routewarden_syslog_lines_total", Counter, help, sent);
}

fn recording(text: &mut Exposition, metrics: &Metrics) {
    let writes = &metrics.writes;
    let help = "How long writing what was seen into the database took.";
    text.times("routewarden_database_write_seconds", help, &writes.up_to, (writes.written, writes.sum));
    let help = "Writes into the database that failed or were given up.";
    text.one("routewarden_database_write_failures_total", Counter, help, Some(writes.failed));
    let help = "Measured numbers that were written down.";
    text.one("routewarden_samples_written_total", Counter, help, Some(writes.samples));
    let is_recording = u8::from(metrics.unrecorded_since.is_none());
    text.one("routewarden_recording", Gauge, "Whether what is seen is written down.", Some(is_recording));
    let help = "Whether nothing answers any more, not even the gateway.";
    text.one("routewarden_cut_off", Gauge, help, Some(u8::from(metrics.cut_off_since.is_some())));
    let waiting = [
        ([("queue", "journal")], metrics.outcomes_waiting),
        ([("queue", "schedule")], metrics.commands_waiting),
    ];
    text.many("routewarden_queue_length", Gauge, "What waits, by whom it waits for.", waiting);
    let help = "Room left on the disk of the data folder.";
    text.one("routewarden_disk_free_bytes", Gauge, help, metrics.free_bytes);
}

fn people(text: &mut Exposition, metrics: &Metrics) {
    text.one("routewarden_live_sockets", Gauge, "Live sockets that are open.", Some(metrics.sockets));
    text.one(
        "routewarden_sessions",
        Gauge,
        "Sessions that were used since the start.",
        Some(metrics.sessions),
    );
}

fn workers(text: &mut Exposition, metrics: &Metrics) {
    let in_state = |state| metrics.workers.iter().filter(|worker| worker.state == state).count();
    let states = WorkerState::ALL.into_iter().map(|state| ([("state", state.word())], in_state(state)));
    text.many("routewarden_workers", Gauge, "Workers of the program by their state.", states);
    let restarts = metrics.workers.iter().map(|worker| ([("worker", worker.name)], worker.restarts));
    let help = "How often a worker was started again after a failure.";
    text.many("routewarden_worker_restarts_total", Counter, help, restarts);
}

/// By the names that every program has.
fn process(text: &mut Exposition, metrics: &Metrics) {
    let usage = &metrics.usage;
    let cpu = Some(usage.cpu.as_secs_f64());
    text.one("process_cpu_seconds_total", Counter, "Processor time used, in seconds.", cpu);
    let memory = usage.resident_bytes;
    text.one("process_resident_memory_bytes", Gauge, "Memory in use, without what is swapped out.", memory);
    text.one("process_open_fds", Gauge, "Open files and sockets.", usage.open_files);
    text.one("process_max_fds", Gauge, "How many files and sockets may be open.", usage.open_files_max);
    let started = Some(seconds(metrics.started_at));
    text.one(
        "process_start_time_seconds",
        Gauge,
        "When the program started, in seconds since 1970.",
        started,
    );
}

#[allow(clippy::cast_precision_loss)] // Milliseconds since 1970 are far below 2^52.
fn seconds(at: Timestamp) -> f64 {
    at.0 as f64 / 1000.0
}
