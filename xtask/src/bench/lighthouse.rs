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
const VISITS: usize = 5;
const DEADLINE: Duration = Duration::from_secs(300);
const GOAL: f64 = 95.0;

/// The median of some visits counts, as Lighthouse itself advises: a single one is at the mercy of the moment.
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
        let median = median(&found[path]).with_context(|| format!("{path} has a score"))?;
        Ok(Line::at_least(format!("Lighthouse, performance of `{path}` on a phone"), median, "", GOAL))
    };
    Ok(vec![line("/login")?, line("/")?])
}

fn median(scores: &Value) -> Option<f64> {
    let mut scores = scores.as_array()?.iter().map(Value::as_f64).collect::<Option<Vec<_>>>()?;
    scores.sort_by(f64::total_cmp);
    scores.get(scores.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::median;
    use serde_json::json;

    #[test]
    fn the_median_counts_and_a_visit_without_a_score_is_not_overlooked() {
        assert_eq!(median(&json!([96, 99, 79, 97, 94])), Some(96.0));
        assert_eq!(median(&json!([96, null])), None);
        assert_eq!(median(&json!([])), None);
    }
}
