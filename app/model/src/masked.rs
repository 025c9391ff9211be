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
/// Names whose value is likely to follow with a blank alone. None of them is a menu of RouterOS, below which the next
/// word would be what is done.
const BARE: &[&str] = &["pass", "password", "passphrase", "pw", "psk"];
/// Words of switches, and the name whose value follows with a blank alone where one of them stands before it: `enable
/// secret hunter2`, `snmp-server community hunter2`. Elsewhere these names are menus of RouterOS, or of prose.
const OWNERS: &[(&str, &str)] = &[("enable", "secret"), ("username", "secret"), ("snmp-server", "community")];
/// What says, as numbers of one or two digits do, in which form the value behind it is: `secret sha512 $6$…`.
const FORMS: &[&str] = &["encrypted", "md5", "scrypt", "sha256", "sha512"];
/// The same of a password, and of a switch's secret: `password irreversible-cipher $1a$…`. Elsewhere they are words as any
/// other.
const PASSWORD_FORMS: &[&str] = &["cipher", "hash", "irreversible-cipher", "plaintext", "sha1", "simple"];
/// What says before the form whose such a value is, and whether a name or number belongs to it: `secret level 15 5 $1$…`,
/// `password manager plaintext hunter2`.
const WHOSE: &[(&str, bool)] =
    &[("level", true), ("manager", false), ("operator", false), ("role", true), ("user-name", true)];
/// What follows such a name and is no value.
const NO_VALUE: &[&str] = &[
    "add", "set", "get", "print", "find", "remove", "reset", "show", "where", "from", "in", "is", "do",
    "then",
];
/// Names that look like those of secrets and are none.
const OPEN: &[&str] = &["passthrough", "public-key", "ping", "host-key-size", "host-key-type"];
/// Words after which a name and its value follow with nothing but blanks between them.
const NAMING: &[&str] = &[":local", ":global", ":set", "local", "global"];

/// The command with `***` in the place of every secret that can be recognised.
pub fn masked_command(command: &str) -> String {
    let mut masked = String::with_capacity(command.len());
    let mut rest = command;
    // The word before the last, to know what is being named, and what a word of a switch says of what follows.
    let (mut before, mut owned) = (String::new(), None);
    let mut quote = None;
    while !rest.is_empty() {
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
        let end = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
        if end == 0 {
            let (marks, after) = rest.split_at(marks_in(rest, &mut quote));
            if marks.starts_with(|c: char| ENDS.contains(c)) {
                owned = None;
            }
            masked.push_str(marks);
            rest = after;
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
        if let Some(begin) = value_of(word, (before.as_str(), owned), after) {
            let (value, open) = value_in(&after[begin..], quote);
            masked.push_str(&after[..begin]);
            masked.push_str(MASK);
            rest = &after[begin + value..];
            quote = open;
        }
        before = word.to_ascii_lowercase();
        owned = OWNERS.iter().find(|(owner, _)| *owner == before).map(|(_, name)| *name).or(owned);
    }
    masked
}

/// The next character, with what it escapes, in bytes; a quote opens or closes what stands in quotes.
fn marks_in(rest: &str, quote: &mut Option<char>) -> usize {
    let mut letters = rest.chars();
    let (first, second) = (letters.next(), letters.next());
    match first {
        Some('\\') if *quote != Some('\'') && matches!(second, Some('"' | '\'' | '\\')) => return 2,
        Some(c @ ('"' | '\'')) if quote.is_none() => *quote = Some(c),
        _ if first == *quote => *quote = None,
        _ => {}
    }
    first.map_or(rest.len(), char::len_utf8)
}

/// `https://user:password@`: how far behind the word the credentials of an address go.
fn credentials_in(word: &str, after: &str) -> Option<usize> {
    let address = word.ends_with(':').then(|| after.strip_prefix("//")).flatten()?;
    let host = address.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(address.len());
    let path = address[..host].find('/').unwrap_or(host);
    // Of several the last: a password may hold one.
    address[..path].rfind('@').map(|at| 2 + at)
}

/// Where the value of a secret begins behind its name. Before it stands a word, and further before perhaps one of a
/// switch, of which it is the name.
fn value_of(name: &str, (before, owned): (&str, Option<&str>), after: &str) -> Option<usize> {
    let name = name.to_ascii_lowercase();
    let bare = name.trim_start_matches('-');
    let gap = after.len() - after.trim_start().len();
    if !is_secret(bare) {
        return None;
    }
    if let Some(value) = after[gap..].strip_prefix('=') {
        Some(gap + 1 + (value.len() - value.trim_start().len()))
    } else {
        let value = &after[gap..];
        let is_told = BARE.contains(&bare) || owned == Some(bare);
        let form = form_in(value, is_told && bare != "community");
        let is_bare = is_told || (bare == "secret" && form > 0);
        let form = if is_bare { form } else { 0 };
        let is_named =
            name.starts_with("--") || NAMING.contains(&before) || (is_bare && is_value(&value[form..]));
        (gap > 0 && is_named).then_some(gap + form)
    }
}

/// How many bytes before a value say in which form it is, and of a password, whose: switches write `password 7
/// 0822455D0A16`.
fn form_in(value: &str, is_password: bool) -> usize {
    let mut rest = value;
    while is_password && let Some(behind) = behind_whose(rest) {
        rest = behind;
    }
    let whose = &value[..value.len() - rest.len()];
    let is_form = |word: &str| {
        let word = word.to_ascii_lowercase();
        let is_of_password = is_password && PASSWORD_FORMS.contains(&word.as_str());
        is_number(&word) || FORMS.contains(&word.as_str()) || is_of_password
    };
    match plain_word(rest) {
        Some((form, word)) if is_form(form) && is_value(word) => value.len() - word.len(),
        // `level 15` may stand alone, the others before a form.
        _ if whose.split_whitespace().next_back().is_some_and(is_number) && is_value(rest) => whose.len(),
        _ => 0,
    }
}

/// What is behind a word of [`WHOSE`], and what belongs to it, where there is one.
fn behind_whose(text: &str) -> Option<&str> {
    let (word, behind) = plain_word(text)?;
    let (_, is_named) = WHOSE.iter().find(|(whose, _)| word.eq_ignore_ascii_case(whose))?;
    if *is_named { plain_word(behind).map(|(_, behind)| behind) } else { Some(behind) }
}

/// A word of letters and digits, and what is behind the blanks that follow it.
fn plain_word(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_'))?;
    let (word, rest) = text.split_at(end);
    let behind = rest.trim_start();
    (end > 0 && behind.len() < rest.len()).then_some((word, behind))
}

fn is_number(word: &str) -> bool {
    (1..=2).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether what follows a name may be its value, with nothing that says so.
fn is_value(value: &str) -> bool {
    let end = value.find(|c: char| c.is_whitespace() || ENDS.contains(c)).unwrap_or(value.len());
    let word = &value[..end];
    let is_plain = word.starts_with(|c: char| !"-/:$=#,.".contains(c))
        // At its end it is of base64.
        && !word.trim_end_matches('=').contains('=')
        && !NO_VALUE.contains(&word.to_ascii_lowercase().as_str());
    is_plain || is_hash(word) || word.starts_with(['"', '\''])
}

/// `$6$…`, as `crypt` writes it: no variable has such a name. Some kinds are letters, with a number of their own behind
/// them: `$y$j9T$…`, `$h$6$…`.
fn is_hash(word: &str) -> bool {
    let Some((kind, hash)) = word.strip_prefix('$').and_then(|rest| rest.split_once('$')) else {
        return false;
    };
    let is_lettered = matches!(kind, "c" | "gy" | "h" | "y") && hash.contains('$');
    is_lettered || (kind.len() <= 2 && kind.starts_with(|c: char| c.is_ascii_digit()))
}

fn is_secret(name: &str) -> bool {
    if OPEN.contains(&name) {
        return false;
    }
    let is_beginning = |whole: &str| name.len() >= 2 && whole.starts_with(name);
    let is_short = |part: &str| {
        let part = part.trim_end_matches(|c: char| c.is_ascii_digit());
        part == "pwd" || part.ends_with("pw")
    };
    if name.split(['-', '_', '.', ':']).any(is_short) {
        return true;
    }
    SECRET.iter().any(|part| name.contains(part)) || WHOLE.iter().any(|whole| is_beginning(whole))
}

/// What ends a word that stands in no quotes: behind it another command may begin, or where its output goes.
const ENDS: &str = ";]})[{(&|<>`";

/// How many bytes a value takes, inside of the quotes that are open before it, and what is open behind it.
///
/// It goes to its closing quote, or to what ends a word; never beyond the quotes that it stands in, and never over what
/// might be a command of its own: that must be seen.
fn value_in(value: &str, open: Option<char>) -> (usize, Option<char>) {
    // Quotes inside of quotes.
    if let (Some('"'), Some(inner)) = (open, value.strip_prefix("\\\"")) {
        let end = inner.find('"').unwrap_or(inner.len());
        let is_escaped = inner[..end].ends_with('\\');
        return (2 + end + usize::from(is_escaped), open);
    }
    let own = value.chars().next().filter(|c| matches!(c, '"' | '\'') && Some(*c) != open);
    let mut is_escaped = false;
    for (at, c) in value.char_indices().skip(usize::from(own.is_some())) {
        if is_escaped {
            is_escaped = false;
            continue;
        }
        is_escaped = c == '\\' && own != Some('\'') && open != Some('\'');
        if Some(c) == own {
            return (at + 1, open);
        }
        let is_end = Some(c) == open
            || match own {
                Some('"') => ["$[", "$(", "`"].iter().any(|begin| value[at..].starts_with(begin)),
                // To RouterOS it is no quote.
                Some(_) => c == ';',
                None => c.is_whitespace() || ENDS.contains(c),
            };
        if is_end {
            return (at, open.or(own));
        }
    }
    (value.len(), open.or(own))
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
            ("mysql --password='a b' -e y", "mysql --password=*** -e y"),
            ("sh -c 'x --password=a b' y", "sh -c 'x --password=*** b' y"),
            (
                "/system script add source=\"/user set 0 password=\\\"a b\\\" group=full\"",
                "/system script add source=\"/user set 0 password=*** group=full\"",
            ),
            ("/ip firewall mangle add passthrough=yes", "/ip firewall mangle add passthrough=yes"),
            ("[find password=x]", "[find password=***]"),
            ("/system script add source=\"pw=hunter2\"", "/system script add source=\"pw=***\""),
            (":global pw \"hunter8\"", ":global pw ***"),
            ("set admin-pw=x pwd2=y cpwd", "set admin-pw=*** pwd2=*** cpwd"),
            ("pass hunter6", "pass ***"),
            ("psk aHVudGVyMg==", "psk ***"),
            ("username ani password 7 0822455D0A16 role x", "username ani password 7 *** role x"),
            ("password 7", "password ***"),
            ("pass 7; halt", "pass ***; halt"),
            ("username ani password \"a=b c\" role x", "username ani password *** role x"),
            ("username ani password 'a b' role x", "username ani password *** role x"),
            ("enable secret 5 $1$abcd$Xf9v.x/", "enable secret 5 ***"),
            ("enable secret hunter2", "enable secret ***"),
            ("enable secret sha512 $6$abcd$Xf9v.x/", "enable secret sha512 ***"),
            ("username ani secret 9 $9$abcd$Xf9v.x/ role x", "username ani secret 9 *** role x"),
            ("username ani privilege 15 secret hunter2", "username ani privilege 15 secret ***"),
            ("username ani secret 10 $6$abcd$Xf9v", "username ani secret 10 ***"),
            ("username ani password 5 $5$abcd$Xf9v role x", "username ani password 5 *** role x"),
            ("username ani secret \"a b\" role x", "username ani secret *** role x"),
            ("secret 8 $8$abcd$Xf9v", "secret 8 ***"),
            ("secret 5; halt", "secret 5; halt"),
            ("snmp-server community hunter2 RO 10", "snmp-server community *** RO 10"),
            ("snmp-server community \"hunter2\" operator", "snmp-server community *** operator"),
            ("show snmp-server community", "show snmp-server community"),
            ("/snmp community print", "/snmp community print"),
            ("set community 65000:1 additive", "set community 65000:1 additive"),
            ("the secret of success is 5 words", "the secret of success is 5 words"),
            ("/ppp secret print", "/ppp secret print"),
            ("/ppp secret disable 0", "/ppp secret disable 0"),
            ("/ppp secret remove 5", "/ppp secret remove 5"),
            ("/user print where password from=x", "/user print where password from=x"),
            ("passwd root; pwd", "passwd root; pwd"),
            ("set power=1 pwr=2", "set power=1 pwr=2"),
            ("", ""),
        ] {
            assert_eq!(masked_command(command), masked, "{command}");
        }
    }

    #[test]
    fn what_says_in_which_form_a_secret_is_and_whose_stays_and_the_secret_goes() {
        for (command, masked) in [
            ("enable secret level 15 hunter2", "enable secret level 15 ***"),
            ("enable secret level 15 5 $1$abcd$Xf9v.x/", "enable secret level 15 5 ***"),
            ("enable password level 15 7 0822455D0A16", "enable password level 15 7 ***"),
            ("enable password Level 7 hunter2", "enable password Level 7 ***"),
            ("enable secret SHA512 $6$abcd$Xf9v.x/", "enable secret SHA512 ***"),
            ("enable secret MD5 $1$abcd$Xf9v.x/", "enable secret MD5 ***"),
            ("username ani secret Sha256 $5$abcd$Xf9v role x", "username ani secret Sha256 *** role x"),
            ("enable secret 0 $y$j9T$abcd$Xf9v", "enable secret 0 ***"),
            ("local-user ani password cipher hunter2", "local-user ani password cipher ***"),
            ("local-user ani password simple hunter2", "local-user ani password simple ***"),
            ("password irreversible-cipher $1a$abcd$Xf9v$", "password irreversible-cipher ***"),
            ("password hash $h$6$abcd$Xf9v", "password hash ***"),
            ("password cipher $c$3$abcd", "password cipher ***"),
            ("super password level 3 cipher hunter2", "super password level 3 cipher ***"),
            ("super password role network-admin simple x", "super password role network-admin simple ***"),
            ("password manager plaintext hunter2", "password manager plaintext ***"),
            ("password operator plaintext \"a b\"; halt", "password operator plaintext ***; halt"),
            ("password manager user-name ani sha1 0f1e2d", "password manager user-name ani sha1 ***"),
            ("password simple", "password ***"),
            ("password level 15", "password *** 15"),
            ("password level 15; halt", "password *** 15; halt"),
            ("password cipher; halt", "password ***; halt"),
            ("password cipher /system reboot", "password *** /system reboot"),
            ("password cipher $[halt]", "password *** $[halt]"),
            ("password manager \"; halt", "password *** \"; halt"),
            ("pass $y$x", "pass $y$x"),
            ("snmp-server community simple RO", "snmp-server community *** RO"),
            ("snmp-server community manager RO", "snmp-server community *** RO"),
            (
                "the secret hash of it, and a secret level 5 of it",
                "the secret hash of it, and a secret level 5 of it",
            ),
            ("/ppp secret disable simple", "/ppp secret disable simple"),
        ] {
            assert_eq!(masked_command(command), masked, "{command}");
        }
    }

    #[test]
    fn no_command_hides_behind_the_name_of_a_secret() {
        for (command, masked) in [
            (
                ":put \"pass=\"; /user add name=evil group=full comment=\"\"",
                ":put \"pass=***\"; /user add name=evil group=full comment=\"\"",
            ),
            (":put \"\\\" pass=\"; /system reboot \"\"", ":put \"\\\" pass=***\"; /system reboot \"\""),
            ("echo 'pass='; halt; echo ''", "echo 'pass=***'; halt; echo ''"),
            ("echo 'pass=\"'; halt; echo '\"'", "echo 'pass=***'; halt; echo '\"'"),
            (
                "/user set 0 password='; /user add name=evil comment='",
                "/user set 0 password=***; /user add name=evil comment='",
            ),
            ("echo pass=x&&halt", "echo pass=***&&halt"),
            ("echo pass=x|sh >f", "echo pass=***|sh >f"),
            ("echo pass=x>/etc/motd", "echo pass=***>/etc/motd"),
            ("echo pass=\"`halt`\"", "echo pass=***`halt`\""),
            ("/user set 0 password=[/user add name=evil]", "/user set 0 password=***[/user add name=evil]"),
            ("enable secret; halt", "enable secret; halt"),
            ("enable secret x; halt", "enable secret ***; halt"),
            ("enable secret $[halt]", "enable secret $[halt]"),
            ("enable secret /system reboot", "enable secret /system reboot"),
            ("enable secret 5 $1$a$[halt]", "enable secret 5 ***[halt]"),
            ("/user enable 0; /ppp secret disable 0", "/user enable 0; /ppp secret disable 0"),
            ("[/user enable 0] secret disable 0", "[/user enable 0] secret disable 0"),
            ("pass $1$a&halt", "pass ***&halt"),
            ("read pass; halt", "read pass; halt"),
            ("read pass && halt", "read pass && halt"),
            ("read pass /system reboot", "read pass /system reboot"),
            ("pass x&halt", "pass ***&halt"),
            (":put \"pass \"; /system reboot \"\"", ":put \"pass ***\"; /system reboot \"\""),
            (
                "/user set 0 password=\"$[/user add name=evil]\"",
                "/user set 0 password=***$[/user add name=evil]\"",
            ),
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
            // What stands in no quotes ends at these.
            let value = if is_quoted { value } else { value.replace(['&', '<', '>'], "_") };
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
