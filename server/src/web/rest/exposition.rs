//! The text in which Prometheus reads numbers: one family after the other, each with its help and its type.
//!
//! Written here because the crate that would write it brings twenty others along; a parser of the Prometheus
//! project's own reads it in the tests.

use std::{
    fmt::{Display, Write},
    time::Duration,
};

/// A label and its value.
pub type Label<'a> = (&'static str, &'a str);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Counter,
    Gauge,
}

/// The text so far.
#[derive(Debug, Default)]
pub struct Exposition(String);

impl Exposition {
    /// A family of one number; absent when there is none.
    pub fn one(&mut self, name: &str, kind: Kind, help: &str, value: Option<impl Display>) {
        let value = value.map(|value| value.to_string());
        let samples: Vec<_> = value.iter().map(|value| ([], value)).collect();
        self.many(name, kind, help, samples);
    }

    /// A family with labels.
    pub fn many<'a, const LABELS: usize>(
        &mut self,
        name: &str,
        kind: Kind,
        help: &str,
        samples: impl IntoIterator<Item = ([Label<'a>; LABELS], impl Display)>,
    ) {
        let mut samples = samples.into_iter().peekable();
        if samples.peek().is_none() {
            return;
        }
        self.head(name, if kind == Kind::Counter { "counter" } else { "gauge" }, help);
        for (labels, value) in samples {
            self.sample(name, &labels, value);
        }
    }

    /// A family of times: how many took up to so long each, how many all, and how long all together.
    pub fn times(&mut self, name: &str, help: &str, up_to: &[(Duration, u64)], all: (u64, Duration)) {
        self.head(name, "histogram", help);
        let bucket = format!("{name}_bucket");
        for (edge, count) in up_to {
            self.sample(&bucket, &[("le", &edge.as_secs_f64().to_string())], count);
        }
        self.sample(&bucket, &[("le", "+Inf")], all.0);
        self.sample(&format!("{name}_sum"), &[], all.1.as_secs_f64());
        self.sample(&format!("{name}_count"), &[], all.0);
    }

    pub fn into_text(self) -> String {
        self.0
    }

    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        // Writing into a text does not fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[Label<'_>], value: impl Display) {
        self.0.push_str(name);
        for (at, (label, text)) in labels.iter().enumerate() {
            let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(self.0, "{}{label}=\"{text}\"", if at == 0 { '{' } else { ',' });
        }
        let end = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.0, "{end} {value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_written_as_the_format_says() {
        let mut text = Exposition::default();
        text.one("up", Kind::Gauge, "One\nline, and a \\.", Some(1));
        text.one("nothing", Kind::Gauge, "Is not there.", None::<u64>);
        text.many(
            "seen_total",
            Kind::Counter,
            "Seen.",
            [([("a", "x\"y\\z\n"), ("b", "")], 2.5), ([("a", "é"), ("b", "c")], 0.0)],
        );
        text.times(
            "took_seconds",
            "Took.",
            &[(Duration::from_micros(1024), 1)],
            (2, Duration::from_millis(1500)),
        );
        let expected = "# HELP up One\\nline, and a \\\\.\n# TYPE up gauge\nup 1\n\
            # HELP seen_total Seen.\n# TYPE seen_total counter\n\
            seen_total{a=\"x\\\"y\\\\z\\n\",b=\"\"} 2.5\nseen_total{a=\"é\",b=\"c\"} 0\n\
            # HELP took_seconds Took.\n# TYPE took_seconds histogram\n\
            took_seconds_bucket{le=\"0.001024\"} 1\ntook_seconds_bucket{le=\"+Inf\"} 2\n\
            took_seconds_sum 1.5\ntook_seconds_count 2\n";
        assert_eq!(text.into_text(), expected);
    }
}
