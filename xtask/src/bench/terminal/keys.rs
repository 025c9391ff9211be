//! From a key to its echo: by a program at the far end that gives back each byte, so that it makes all of the way.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::prompt::{Prompt, Speed, draw_until};

/// One key in so many goes before those that count.
const WARM_UP_SHARE: usize = 20;
/// Keys are pressed one by one, at a machine that rests between them.
const BETWEEN: Duration = Duration::from_millis(2);
/// Split, so that the echo of the line itself is not taken for it.
const ECHO: &[u8] = b"stty raw -echo; echo be''gin; exec cat\r";

/// The times of so many keys at each of the two, pressed in turn; sorted, the quickest first.
pub fn measure(mut prompts: [&mut dyn Prompt; 2], keys: usize) -> Result<[Vec<Duration>; 2]> {
    for prompt in &mut prompts {
        prompt.type_in(ECHO)?;
        draw_until(*prompt, "begin\n", Speed::Any)?;
    }
    let mut times = [const { Vec::new() }; 2];
    let warm_up = keys.div_ceil(WARM_UP_SHARE);
    for (number, key) in (b'a'..=b'z').cycle().take(warm_up + keys).enumerate() {
        for (prompt, times) in prompts.iter_mut().zip(&mut times) {
            std::thread::sleep(BETWEEN);
            let began = Instant::now();
            prompt.type_in(&[key])?;
            let echo = prompt.hear()?;
            let took = began.elapsed();
            ensure!(echo == [key], "{echo:?} came back of the key {key}");
            if number >= warm_up {
                times.push(took);
            }
        }
    }
    times.iter_mut().for_each(|times| times.sort());
    Ok(times)
}
