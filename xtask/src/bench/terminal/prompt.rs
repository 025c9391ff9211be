//! A prompt at the far end, whichever way leads there.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

/// How the shell of [`super::sshd`] prompts.
pub const PROMPT: &str = "ready$ ";
/// Longer than anything here may take.
pub const PATIENCE: Duration = Duration::from_secs(120);
/// How much of what came last is looked at.
const TAIL_BYTES: usize = 64;

pub trait Prompt {
    fn type_in(&mut self, bytes: &[u8]) -> Result<()>;

    /// What is to be drawn next, waited for. Asking again says that the last was drawn.
    fn hear(&mut self) -> Result<&[u8]>;
}

/// How fast it is drawn.
#[derive(Clone, Copy)]
pub enum Speed {
    Any,
    BytesPerS(f64),
}

/// Draws until what was drawn ends with `wanted`; how many bytes that took.
pub fn draw_until(prompt: &mut dyn Prompt, wanted: &str, speed: Speed) -> Result<u64> {
    let mut tail = Vec::new();
    draw(prompt, speed, |heard, _| {
        tail.extend_from_slice(heard.get(heard.len().saturating_sub(TAIL_BYTES)..).unwrap_or_default());
        tail.drain(..tail.len().saturating_sub(TAIL_BYTES));
        tail.ends_with(wanted.as_bytes())
    })
}

/// Draws at least so many bytes.
pub fn draw_bytes(prompt: &mut dyn Prompt, bytes: u64, speed: Speed) -> Result<u64> {
    draw(prompt, speed, |_, drawn| drawn >= bytes)
}

fn draw(prompt: &mut dyn Prompt, speed: Speed, mut is_enough: impl FnMut(&[u8], u64) -> bool) -> Result<u64> {
    let (began, mut drawn) = (Instant::now(), 0);
    loop {
        let heard = prompt.hear()?;
        drawn += heard.len() as u64;
        if is_enough(heard, drawn) {
            return Ok(drawn);
        }
        if let Speed::BytesPerS(speed) = speed {
            let due = Duration::from_secs_f64(drawn as f64 / speed);
            std::thread::sleep(due.saturating_sub(began.elapsed()));
        }
        ensure!(began.elapsed() < PATIENCE, "what was waited for was not drawn in {} s", PATIENCE.as_secs());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws these pieces one by one, and then breaks off.
    struct Pieces(Vec<&'static [u8]>);

    impl Prompt for Pieces {
        fn type_in(&mut self, _: &[u8]) -> Result<()> {
            Ok(())
        }

        fn hear(&mut self) -> Result<&[u8]> {
            ensure!(!self.0.is_empty(), "nothing is left");
            Ok(self.0.remove(0))
        }
    }

    #[test]
    fn what_is_waited_for_is_found_at_the_end_though_it_came_in_pieces() {
        let long = b"ready$ is what it says, and much more before it says so again, at last: rea";
        let mut pieces = Pieces(vec![b"y\r\n", long, b"d", b"y$ ", b"more"]);
        assert_eq!(draw_until(&mut pieces, PROMPT, Speed::Any).unwrap(), 3 + long.len() as u64 + 4);
        assert_eq!(pieces.hear().unwrap(), b"more");
        assert!(draw_until(&mut pieces, PROMPT, Speed::Any).is_err());
    }

    #[test]
    fn so_many_bytes_are_drawn_and_no_piece_more() {
        let mut pieces = Pieces(vec![b"yes\r\n", b"yes\r\n", b"yes\r\n"]);
        assert_eq!(draw_bytes(&mut pieces, 6, Speed::BytesPerS(1e6)).unwrap(), 10);
    }
}
