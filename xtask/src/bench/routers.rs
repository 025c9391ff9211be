//! A thousand simulated routers at 30 s: what they cost, and that each saw one login.

use std::path::Path;

use anyhow::Result;

use super::program::Program;
use super::table::Line;

pub fn measure(_program: Program, _binary: &Path) -> Result<Vec<Line>> {
    Ok(Vec::new())
}
