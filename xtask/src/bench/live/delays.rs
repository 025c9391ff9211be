//! Delays in milliseconds, counted so that thirty million of them need no more room than one.

/// Longer ones are counted as this long.
const LONGEST_MS: usize = 60_000;

pub struct Delays(Vec<u64>);

impl Default for Delays {
    fn default() -> Self {
        Self(vec![0; LONGEST_MS + 1])
    }
}

impl Delays {
    /// A clock that was set back makes no delay negative.
    pub fn add(&mut self, ms: i64) {
        let at = usize::try_from(ms).unwrap_or_default().min(LONGEST_MS);
        if let Some(count) = self.0.get_mut(at) {
            *count += 1;
        }
    }

    /// The delay that this share of all did not exceed; `None` without any.
    pub fn share_ms(&self, share: f64) -> Option<f64> {
        let all: u64 = self.0.iter().sum();
        let wanted = ((all as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        self.0
            .iter()
            .position(|count| {
                seen += count;
                seen >= wanted
            })
            .map(|ms| ms as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::Delays;

    #[test]
    fn percentiles_of_delays_are_exact_to_the_millisecond() {
        let mut delays = Delays::default();
        assert_eq!(delays.share_ms(0.99), None);
        (1..=100).for_each(|ms| delays.add(ms));
        assert_eq!((delays.share_ms(0.5), delays.share_ms(0.99)), (Some(50.0), Some(99.0)));
        delays.add(-5);
        delays.add(i64::MAX);
        assert_eq!((delays.share_ms(0.0), delays.share_ms(1.0)), (Some(0.0), Some(60_000.0)));
    }
}
