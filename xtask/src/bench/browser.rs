//! How soon the table can be used in Chromium, from the moment its address is entered.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use super::fleet;
use super::program::Program;
use super::table::Line;
use crate::packages::Consent;
use crate::workspace::Workspace;
use crate::{exec, test};

const VISITS: usize = 5;
const DEADLINE: Duration = Duration::from_secs(120);
const GOAL_MS: f64 = 1000.0;

/// The last device of the fleet is looked for: it is not among the rows of the first paint.
pub fn measure(
    program: &mut Program,
    workspace: &Workspace,
    consent: Consent,
    devices: usize,
) -> Result<Vec<Line>> {
    let cookies = program.log_in()?;
    let mut script = test::in_browser(workspace, consent, "node")?;
    script
        .arg("table-usable.js")
        .env("ROUTEWARDEN_URL", format!("http://{}", program.address))
        .env("ROUTEWARDEN_COOKIES", cookies)
        .env("ROUTEWARDEN_DEVICE", fleet::name(devices - 1))
        .env("VISITS", VISITS.to_string());
    let said = exec::tell_within(&mut script, "", DEADLINE)?;
    let visits: Vec<Value> = serde_json::from_str(said.trim()).context("the script prints its visits")?;
    let line = |what: &str, time: &str| -> Result<Line> {
        let median = median(&visits, time).with_context(|| format!("every visit has a {time} time"))?;
        Ok(Line::at_most(format!("Chromium, {devices} devices: {what}"), median, "ms", GOAL_MS))
    };
    Ok(vec![
        line("first row visible", "row")?,
        line("page awake", "awake")?,
        line("filter finds the last device", "found")?,
    ])
}

fn median(visits: &[Value], time: &str) -> Option<f64> {
    let mut times: Vec<f64> = visits.iter().map(|visit| visit[time].as_f64()).collect::<Option<_>>()?;
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::median;
    use serde_json::json;

    #[test]
    fn the_median_is_the_middle_one_and_a_visit_without_a_time_is_not_overlooked() {
        let visits = [json!({"row": 300.0}), json!({"row": 100.0}), json!({"row": 200.5})];
        assert_eq!(median(&visits, "row"), Some(200.5));
        assert_eq!(median(&[json!({"row": 1.0}), json!({"row": null})], "row"), None);
    }
}
