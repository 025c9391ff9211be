//! The program's own workers, for admins.

use super::{Admin, Program};
use engine::{WorkerReport, Workers};
use model::{Worker, WorkerError};

impl Program {
    /// Every long-lived worker of the process, by name.
    pub(super) fn reports(&self) -> Vec<WorkerReport> {
        let ours = self.workers.iter().flat_map(Workers::reports);
        let mut reports: Vec<_> = self.engine.workers().into_iter().chain(ours).collect();
        reports.sort_by_key(|report| report.name);
        reports
    }
}

impl Admin {
    /// Every worker by name.
    pub fn list_workers(&self) -> Vec<Worker> {
        self.0.program.reports().into_iter().map(shown).collect()
    }
}

fn shown(report: WorkerReport) -> Worker {
    let last_error = report.last_error.map(|(at, what)| WorkerError { at, what });
    Worker {
        name: report.name.to_owned(),
        state: report.state,
        started_at: report.started_at,
        last_run: report.last_run,
        last_error,
        restarts: report.restarts,
    }
}
