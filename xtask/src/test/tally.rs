//! How many checks passed and failed, and how that is read out of what test programs print.

use std::fmt;
use std::ops::AddAssign;

#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
}

impl Tally {
    /// A step that broke before it could count is one failure.
    pub fn failure() -> Self {
        Self { passed: 0, failed: 1 }
    }

    /// One check that was made here; what it came to is said.
    pub fn test(outcome: anyhow::Result<()>) -> Self {
        match outcome {
            Ok(()) => Self { passed: 1, failed: 0 },
            Err(error) => {
                println!("{error:#}");
                Self::failure()
            }
        }
    }

    /// A gate (format, lints, bundle size) is no test: it counts only when it fails.
    pub fn gate(is_open: bool) -> Self {
        if is_open { Self::default() } else { Self::failure() }
    }

    /// A program that failed without naming a failure (it did not compile, say) is one failure.
    pub fn judged(self, succeeded: bool) -> Self {
        Self { failed: self.failed.max(u64::from(!succeeded)), ..self }
    }

    /// Reads cargo's `test result: ok. 12 passed; 1 failed; 0 ignored; ...`.
    pub fn read_cargo(&mut self, line: &str) {
        let Some(result) = line.trim().strip_prefix("test result: ") else { return };
        let count = |what: &str| {
            result
                .split([';', '.'])
                .find_map(|part| part.trim().strip_suffix(what)?.trim().parse::<u64>().ok())
                .unwrap_or_default()
        };
        *self += Self { passed: count("passed"), failed: count("failed") };
    }

    /// Reads a line of the Test Anything Protocol.
    pub fn read_tap(&mut self, line: &str) {
        if line.starts_with("ok ") {
            self.passed += 1;
        } else if line.starts_with("not ok ") {
            self.failed += 1;
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn cargos_summaries_add_up() {
        let mut tally = Tally::default();
        tally.read_cargo("test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out");
        tally.read_cargo("test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured");
        tally.read_cargo("test a_test ... ok");
        assert_eq!(tally, Tally { passed: 16, failed: 2 });
    }

    #[test]
    fn a_failure_without_a_count_still_counts() {
        assert_eq!(Tally { passed: 3, failed: 0 }.judged(false), Tally { passed: 3, failed: 1 });
        assert_eq!(Tally { passed: 3, failed: 2 }.judged(false), Tally { passed: 3, failed: 2 });
        assert_eq!(Tally { passed: 3, failed: 0 }.judged(true), Tally { passed: 3, failed: 0 });
    }

    #[test]
    fn tap_lines_are_counted() {
        let mut tally = Tally::default();
        ["1..2", "ok 1 - login", "not ok 2 - print", "# ok"].iter().for_each(|line| tally.read_tap(line));
        assert_eq!(tally, Tally { passed: 1, failed: 1 });
    }
}
