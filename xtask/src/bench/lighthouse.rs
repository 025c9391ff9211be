//! How fast Lighthouse finds the pages on a phone it simulates: a slow processor, a slow line.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use super::pace::Pace;
use super::program::Program;
use super::table::Line;
use crate::packages::Consent;
use crate::workspace::Workspace;
use crate::{exec, test};

const TUNNELS: usize = 9;
const VISITS: usize = 3;
const DEADLINE: Duration = Duration::from_secs(300);
const GOAL: f64 = 95.0;

/// The worst of some visits counts.
pub fn measure(
    mut program: Program,
    workspace: &Workspace,
    consent: Consent,
    pace: Pace,
) -> Result<Vec<Line>> {
    program.add_tunnels(TUNNELS)?;
    let cookies = program.log_in()?;
    let mut script = test::in_browser(workspace, consent, "node")?;
    script
        .arg("lighthouse.js")
        .env("ROUTEWARDEN_URL", format!("http://{}", program.address))
        .env("ROUTEWARDEN_COOKIES", cookies)
        .env("VISITS", pace.many(VISITS).to_string());
    let said = exec::tell_within(&mut script, "", DEADLINE)?;
    let found: Value = serde_json::from_str(said.trim()).context("the script prints its visits")?;
    let line = |path: &str| -> Result<Line> {
        let worst = worst(&found[path]).with_context(|| format!("{path} has a score"))?;
        Ok(Line::at_least(format!("Lighthouse, performance of `{path}` on a phone"), worst, "", GOAL))
    };
    Ok(vec![line("/login")?, line("/")?])
}

fn worst(scores: &Value) -> Option<f64> {
    scores.as_array()?.iter().map(Value::as_f64).collect::<Option<Vec<_>>>()?.into_iter().reduce(f64::min)
}

#[cfg(test)]
mod tests {
    use super::worst;
    use serde_json::json;

    #[test]
    fn the_worst_visit_counts_and_one_without_a_score_is_not_overlooked() {
        assert_eq!(worst(&json!([96, 94, 97])), Some(94.0));
        assert_eq!(worst(&json!([96, null])), None);
        assert_eq!(worst(&json!([])), None);
    }
}
