//! Much at once: how fast it goes by, and how soon somebody who has enough of it is heard.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::prompt::{PROMPT, Prompt, Speed, draw_bytes, draw_until};

/// An odd number, for the one in the middle.
const ROUNDS: usize = 3;
/// So much has gone by before somebody has enough.
const BEFORE_BYTES: u64 = 500_000;
/// A page that draws without end is behind what is sent; xterm.js draws 5 to 35 MB/s.
const DRAWN: Speed = Speed::BytesPerS(10e6);

/// Megabytes a second of a file at each of the two, in turn: of several rounds the one in the middle.
pub fn file(mut prompts: [&mut dyn Prompt; 2], path: &Path) -> Result<[f64; 2]> {
    let command = format!("cat {}\r", path.display());
    let mut speeds = [[0.0; ROUNDS]; 2];
    for round in 0..ROUNDS {
        for (prompt, speeds) in prompts.iter_mut().zip(&mut speeds) {
            let began = Instant::now();
            prompt.type_in(command.as_bytes())?;
            let bytes = draw_until(*prompt, PROMPT, Speed::Any)?;
            if let Some(speed) = speeds.get_mut(round) {
                *speed = bytes as f64 / 1e6 / began.elapsed().as_secs_f64();
            }
        }
    }
    println!("MB/s of each round: {speeds:?}");
    Ok(speeds.map(|mut speeds| {
        speeds.sort_by(f64::total_cmp);
        speeds.get(ROUNDS / 2).copied().unwrap_or_default()
    }))
}

/// From an interrupt to the prompt, so often at each of the two, in turn; sorted, the quickest first.
pub fn interrupts(mut prompts: [&mut dyn Prompt; 2], count: usize) -> Result<[Vec<Duration>; 2]> {
    let mut times = [const { Vec::new() }; 2];
    for _ in 0..count {
        for (prompt, times) in prompts.iter_mut().zip(&mut times) {
            prompt.type_in(b"yes flooding\r")?;
            draw_bytes(*prompt, BEFORE_BYTES, DRAWN)?;
            let began = Instant::now();
            prompt.type_in(b"\x03")?;
            draw_until(*prompt, PROMPT, DRAWN)?;
            times.push(began.elapsed());
        }
    }
    times.iter_mut().for_each(|times| times.sort());
    Ok(times)
}
