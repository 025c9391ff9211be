//! Versions of RouterOS, in the order in which they came out.

/// `7.15.2 (stable)`, `7.15rc2`: its numbers, then how finished it is. In this order of fields
/// versions compare as people expect: `7.15rc2` before `7.15` before `7.15.1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    numbers: Vec<u32>,
    stage: (Stage, u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Alpha,
    Beta,
    Candidate,
    Released,
}

impl Version {
    /// Never fails: what is no version is one without numbers.
    pub fn parse(text: &str) -> Self {
        let text = text.split_whitespace().next().unwrap_or_default();
        let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
        let (numbers, stage) = text.split_at(end);
        Self {
            numbers: numbers.split('.').filter_map(|number| number.parse().ok()).collect(),
            stage: staged(stage),
        }
    }

    /// Whether it is `wanted` or one of its kind: `7.14.3` is one of 7 and of 7.14, and `7.15rc2` of 7.15.
    pub fn is_one_of(&self, wanted: &Self) -> bool {
        let is_any = wanted.stage.0 == Stage::Released;
        self.numbers.starts_with(&wanted.numbers) && (is_any || self.stage == wanted.stage)
    }
}

fn staged(text: &str) -> (Stage, u32) {
    let digits = text.find(|letter: char| letter.is_ascii_digit()).unwrap_or(text.len());
    let (word, number) = text.split_at(digits);
    let stage = match word {
        "alpha" => Stage::Alpha,
        "beta" => Stage::Beta,
        "rc" => Stage::Candidate,
        _ => Stage::Released,
    };
    (stage, number.parse().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn a_candidate_comes_before_its_release_and_after_its_betas() {
        let order =
            ["6.49.17", "7.9", "7.15alpha1", "7.15beta4", "7.15beta10", "7.15rc2", "7.15 (stable)", "7.15.1"];
        let versions = order.map(Version::parse);
        assert!(versions.is_sorted_by(|a, b| a < b), "{versions:?}");
    }

    #[test]
    fn a_short_version_means_all_of_its_kind() {
        let check = |version: &str, wanted: &str| Version::parse(version).is_one_of(&Version::parse(wanted));
        assert!(check("7.14.3 (stable)", "7") && check("7.14.3", "7.14") && check("7.15rc2", "7.15"));
        assert!(check("7.15rc2", "7.15rc2") && !check("7.15rc1", "7.15rc2") && !check("7.15", "7.15rc2"));
        assert!(!check("7.14.3", "7.1") && !check("6.49", "7"));
    }
}
