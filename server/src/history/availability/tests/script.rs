//! The same account by a plain script in another language, which knows nothing of this one.

use super::{
    properties::{Case, on_ticks},
    *,
};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use serde_json::{Value, json};
use std::{io::Write, process::Command};

const CASES: usize = 5_000;
const TARGETS: [f64; 6] = [0.0, 0.5, 0.9, 0.99, 0.999, 1.0];
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/history/availability/tests/recompute.py");

fn pairs(spans: &[Span]) -> Vec<[i64; 2]> {
    spans.iter().map(|span| [span.from.0, span.to.0]).collect()
}

/// A history with what this program makes of it.
fn line(case: &Case, target: f64) -> Value {
    let history = case.history();
    let sum = availability(&history, case.period);
    let budget = budget(target, &sum);
    let each = |outage: Outage| {
        json!({"start": outage.start.0, "end": outage.end.map(|end| end.0), "cause": outage.cause,
            "down_ms": outage.down_ms})
    };
    let outages: Vec<_> = outages(&history, case.period).into_iter().map(each).collect();
    let recorded = |transition: &Transition| {
        json!([transition.at.0, transition.from.word(), transition.to.word(), transition.cause])
    };
    json!({
        "created_at": case.created_at.0, "now": case.now.0, "period": [case.period.from.0, case.period.to.0],
        "transitions": case.transitions.iter().map(recorded).collect::<Vec<_>>(),
        "runs": pairs(&case.runs), "maintenance": pairs(&case.maintenance), "target": target,
        "result": {"up_ms": sum.up_ms, "degraded_ms": sum.degraded_ms, "down_ms": sum.down_ms,
            "unobserved_ms": sum.unobserved_ms, "excluded_ms": sum.excluded_ms, "uptime": sum.uptime,
            "allowed_ms": budget.allowed_ms, "used_ms": budget.used_ms, "left_ms": budget.left_ms,
            "outages": outages},
    })
}

#[test]
fn a_script_that_somebody_else_could_have_written_comes_to_the_same_account() {
    let mut runner = TestRunner::deterministic();
    let mut lines = String::new();
    for target in TARGETS.iter().cycle().take(CASES) {
        let case = on_ticks().new_tree(&mut runner).unwrap().current();
        lines += &format!("{}\n", line(&case, *target));
    }
    let mut histories = tempfile::NamedTempFile::new().unwrap();
    histories.write_all(lines.as_bytes()).unwrap();
    let mut script = Command::new("python3");
    let said = script.args([SCRIPT, "--compare"]).arg(histories.path()).output();
    let said = said.expect("python3 is installed");
    let [printed, counted] = [&said.stdout, &said.stderr].map(|said| String::from_utf8_lossy(said));
    assert!(said.status.success(), "{printed}{counted}");
    assert!(counted.starts_with(&format!("{CASES} histories with ")), "{counted}");
}
