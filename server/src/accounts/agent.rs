//! What a browser calls itself, as a few known words: nothing of what it sent is kept as it came.

/// Of what a browser sends, as much is looked at.
const LOOKED_AT_BYTES: usize = 512;
/// Longest version shown.
const VERSION_CHARS_MAX: usize = 4;

/// By the mark that tells them apart; those who claim to be others too come first.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("OPR/", "Opera"),
    ("YaBrowser/", "Yandex"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
    ("curl/", "curl"),
    ("Wget/", "Wget"),
];
const SYSTEMS: &[(&str, &str)] = &[
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// Such as `Firefox 152 · Linux`; `None` for what is not known.
pub fn told(agent: &str) -> Option<String> {
    let mut end = agent.len().min(LOOKED_AT_BYTES);
    while !agent.is_char_boundary(end) {
        end -= 1;
    }
    let agent = &agent[..end];
    let browser = BROWSERS.iter().find_map(|(mark, name)| {
        let (_, rest) = agent.split_once(mark)?;
        let version: String = rest.chars().take_while(char::is_ascii_digit).take(VERSION_CHARS_MAX).collect();
        Some(if version.is_empty() { (*name).to_owned() } else { format!("{name} {version}") })
    });
    let system = SYSTEMS.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| (*name).to_owned());
    let parts: Vec<String> = [browser, system].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

#[cfg(test)]
mod tests {
    use super::told;
    use proptest::prelude::*;

    #[test]
    fn browsers_are_told_apart_by_what_only_they_say() {
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
        for (agent, expected) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0", "Firefox 152 · Linux"),
            (
                &format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit} Chrome/156.0.0.0 Safari/537.36"),
                "Chrome 156 · Windows",
            ),
            (
                &format!(
                    "Mozilla/5.0 (Windows NT 10.0) {webkit} Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0"
                ),
                "Edge 156 · Windows",
            ),
            (
                &format!(
                    "Mozilla/5.0 (Linux; Android 15; Pixel 8) {webkit} Chrome/156.0 Mobile Safari/537.36"
                ),
                "Chrome 156 · Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
                "Safari 19 · iPhone",
            ),
            ("curl/8.14.1", "curl 8"),
            ("Firefox/999999999", "Firefox 9999"),
        ] {
            assert_eq!(told(agent).as_deref(), Some(expected), "{agent}");
        }
        for unknown in ["", "Mozilla/5.0", "<script>alert(1)</script>", "\u{202e}"] {
            assert_eq!(told(unknown), None, "{unknown}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_sent_becomes_a_short_name_of_ours(agent in ".{0,700}", mark in "(Firefox/|Version/|Linux)?") {
            if let Some(name) = told(&format!("{agent}{mark}{agent}")) {
                prop_assert!(name.chars().count() <= 40, "{name}");
                prop_assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ' || c == '·'), "{name}");
            }
        }
    }
}
