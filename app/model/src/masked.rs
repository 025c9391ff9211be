//! Commands as they may be written down and shown: without the secrets that somebody put into them.
//!
//! Better one value too many than one too few: RouterOS takes abbreviated names, so the beginnings of secrets' names
//! count as well.

const MASK: &str = "***";
/// What is in the name of a secret.
const SECRET: &[&str] =
    &["pass", "secret", "key", "token", "psk", "credential", "community", "http-header", "http-data", "pin"];
/// Names that people abbreviate.
const WHOLE: &[&str] = &[
    "password",
    "passphrase",
    "secret",
    "pre-shared-key",
    "preshared-key",
    "private-key",
    "wpa-pre-shared-key",
    "wpa2-pre-shared-key",
    "authentication-password",
    "encryption-password",
    "new-password",
    "old-password",
];
/// Names that look like those of secrets and are none.
const OPEN: &[&str] = &["passthrough", "public-key", "ping", "host-key-size", "host-key-type"];
/// Words after which a name and its value follow with nothing but blanks between them.
const NAMING: &[&str] = &[":local", ":global", ":set", "local", "global"];

/// The command with `***` in the place of every secret that can be recognised.
pub fn masked_command(command: &str) -> String {
    let mut masked = String::with_capacity(command.len());
    let mut rest = command;
    // The word before the last, to know what is being named.
    let mut before = String::new();
    while !rest.is_empty() {
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
        let end = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
        if end == 0 {
            let mut letters = rest.chars();
            masked.extend(letters.next());
            rest = letters.as_str();
            continue;
        }
        let (word, after) = rest.split_at(end);
        if let Some(credentials) = credentials_in(word, after) {
            masked.push_str(word);
            masked.push_str("//");
            masked.push_str(MASK);
            rest = &after[credentials..];
            before.clear();
            continue;
        }
        masked.push_str(word);
        rest = after;
        if let Some((gap, value)) = value_of(word, &before, after) {
            masked.push_str(&after[..gap]);
            masked.push_str(MASK);
            rest = &after[gap + value..];
        }
        before = word.to_ascii_lowercase();
    }
    masked
}

/// `https://user:password@`: how far behind the word the credentials of an address go.
fn credentials_in(word: &str, after: &str) -> Option<usize> {
    let address = word.ends_with(':').then(|| after.strip_prefix("//")).flatten()?;
    let host = address.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(address.len());
    let path = address[..host].find('/').unwrap_or(host);
    // Of several the last: a password may hold one.
    address[..path].rfind('@').map(|at| 2 + at)
}

/// Where the value of a secret begins behind its name, and how long it is.
fn value_of(name: &str, before: &str, after: &str) -> Option<(usize, usize)> {
    let name = name.to_ascii_lowercase();
    let bare = name.trim_start_matches('-');
    let gap = after.len() - after.trim_start().len();
    if !is_secret(bare) {
        return None;
    }
    let begin = if let Some(value) = after[gap..].strip_prefix('=') {
        gap + 1 + (value.len() - value.trim_start().len())
    } else if gap > 0 && (name.starts_with("--") || NAMING.contains(&before)) {
        gap
    } else {
        return None;
    };
    Some((begin, length_of(&after[begin..])))
}

fn is_secret(name: &str) -> bool {
    if OPEN.contains(&name) {
        return false;
    }
    let is_beginning = |whole: &str| name.len() >= 2 && whole.starts_with(name);
    SECRET.iter().any(|part| name.contains(part)) || WHOLE.iter().any(|whole| is_beginning(whole))
}

/// How many bytes a value takes: to the closing quote, or to what ends a word.
fn length_of(value: &str) -> usize {
    let Some(inner) = value.strip_prefix('"') else {
        return value.find(|c: char| c.is_whitespace() || ";]})".contains(c)).unwrap_or(value.len());
    };
    let mut is_escaped = false;
    for (at, c) in inner.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 2,
            _ => {}
        }
    }
    value.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn secrets_are_masked_and_the_rest_stays() {
        for (command, masked) in [
            ("/ip address print", "/ip address print"),
            ("/user set admin password=hunter2 group=full", "/user set admin password=*** group=full"),
            ("/user add name=x pas=hunter2", "/user add name=x pas=***"),
            (
                "/ppp secret add name=x password=\"a b\\\" c\" service=any",
                "/ppp secret add name=x password=*** service=any",
            ),
            ("/ppp secret print", "/ppp secret print"),
            ("/ip ipsec identity add secret = x y", "/ip ipsec identity add secret = *** y"),
            ("set wpa2-pre-shared-key=x; /quit", "set wpa2-pre-shared-key=***; /quit"),
            ("set PASSWORD=x", "set PASSWORD=***"),
            (":global password \"x\"", ":global password ***"),
            ("mysql --password x -e y", "mysql --password *** -e y"),
            ("/tool fetch url=https://ani:p@ss@h.example/a", "/tool fetch url=https://***@h.example/a"),
            ("/tool fetch url=https://h.example/a@b", "/tool fetch url=https://h.example/a@b"),
            ("set password=\"never closed", "set password=***"),
            ("/ip firewall mangle add passthrough=yes", "/ip firewall mangle add passthrough=yes"),
            ("[find password=x]", "[find password=***]"),
            ("", ""),
        ] {
            assert_eq!(masked_command(command), masked, "{command}");
        }
    }

    proptest! {
        #[test]
        fn the_value_of_a_secret_never_stays(
            name in proptest::sample::select(WHOLE),
            value in "Q[a-zA-Z0-9!@#%^&*+=,.?/<>-]{7,20}Q",
            is_quoted: bool,
            before in "[a-z0-9 =/-]{0,20}",
            after in "[a-z0-9 =/-]{0,20}",
        ) {
            let told = if is_quoted { format!("\"{value}\"") } else { value.clone() };
            let masked = masked_command(&format!("{before} {name}={told} {after}"));
            prop_assert!(!masked.contains(&value), "{}", masked);
        }

        #[test]
        fn any_text_is_masked(text: String) {
            masked_command(&text);
        }
    }
}
