//! Looks for what was planted, in every form in which it could have got somewhere.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use std::collections::BTreeSet;

/// Secrets, and where they may be found all the same.
#[derive(Default)]
pub struct Hunt {
    planted: Vec<(&'static str, String)>,
    found: Vec<String>,
}

impl Hunt {
    /// Gives the secret back, for whoever needs it.
    pub fn plant(&mut self, name: &'static str, secret: impl Into<String>) -> String {
        let secret = secret.into();
        assert!(secret.len() >= 9, "{name}: too short to be found by itself and not by chance");
        self.planted.push((name, secret.clone()));
        secret
    }

    /// How many secrets there are. What was planted under one name, such as ten codes, is one.
    pub fn count(&self) -> usize {
        self.planted.iter().map(|(name, _)| name).collect::<BTreeSet<_>>().len()
    }

    /// Notes what of it is in `bytes`, but for what is allowed to be there.
    pub fn search(&mut self, place: &str, bytes: &[u8], allowed: &[&str]) {
        let text = String::from_utf8_lossy(bytes);
        for (name, secret) in self.planted.iter().filter(|(name, _)| !allowed.contains(name)) {
            for (form, needle) in forms(secret) {
                if let Some(at) = text.find(&needle) {
                    let around: String = text[..at].chars().rev().take(100).collect();
                    let around: String = around.chars().rev().collect();
                    self.found.push(format!("{name} in {form} form in {place}, after: {around}"));
                }
            }
        }
    }

    #[track_caller]
    pub fn found_nothing(mut self) {
        self.found.sort();
        self.found.dedup();
        assert!(self.found.is_empty(), "{}", self.found.join("\n"));
    }
}

fn forms(secret: &str) -> Vec<(&'static str, String)> {
    let bytes = secret.as_bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let url: String = url::form_urlencoded::byte_serialize(bytes).collect();
    let json = serde_json::to_string(secret).unwrap();
    let mut forms = vec![
        ("plain", secret.to_owned()),
        ("JSON", json.trim_matches('"').to_owned()),
        ("URL", url.replace('+', "%20")),
        ("form", url),
        ("hex", hex.to_uppercase()),
        ("hex", hex),
        ("HTML", secret.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")),
    ];
    // Inside of something longer it begins at any of three places of a group.
    for before in 0..3 {
        let shifted = [&vec![0; before][..], bytes].concat();
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let whole = engine.encode(&shifted);
            forms.push(("base64", whole[[0, 2, 3][before]..shifted.len() * 8 / 6].to_owned()));
        }
    }
    forms
}

#[test]
fn what_is_there_is_found_in_every_form() {
    let secret = "pä&ss w\"ord+1<2";
    for before in ["", "a", "ab", "abc"] {
        for encoded in [
            format!("{before}{secret}"),
            STANDARD_NO_PAD.encode(format!("{before}{secret}{before}")),
            URL_SAFE_NO_PAD.encode(format!("{before}{secret}{before}")),
            url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
            serde_json::json!({"x": secret}).to_string(),
        ] {
            let mut hunt = Hunt::default();
            hunt.plant("it", secret);
            hunt.search("there", encoded.as_bytes(), &["another"]);
            assert!(!hunt.found.is_empty(), "{encoded}");
        }
    }
}
