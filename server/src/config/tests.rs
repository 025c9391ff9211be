//! Layers, refusals and what is printed.

use super::*;
use crate::{history::Retention, logs::Bounds, recordings::Limits};

fn load(file: &str, environment: &[(&str, &str)], flags: &[(&'static str, &str)]) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("routewarden.toml");
    std::fs::write(&path, file).unwrap();
    let environment = environment.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let sources = Sources { file: Some(path), environment: environment.collect::<BTreeMap<_, _>>() };
    let flags: Vec<_> = flags.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
    match Config::load(&flags, &sources) {
        Ok((config, _)) => Ok(config),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default() {
    let listen =
        |file, environment: &[_], flags: &[_]| load(file, environment, flags).unwrap().listen.to_string();
    let file = "listen = \"127.0.0.1:1\"";
    let environment = [("ROUTEWARDEN_LISTEN", "127.0.0.1:2")];
    assert_eq!(listen("", &[], &[]), "127.0.0.1:5000");
    assert_eq!(listen(file, &[], &[]), "127.0.0.1:1");
    assert_eq!(listen(file, &environment, &[]), "127.0.0.1:2");
    assert_eq!(listen(file, &environment, &[("listen", "127.0.0.1:3")]), "127.0.0.1:3");
    assert_eq!(listen(file, &[("PORT", "8080")], &[]), "127.0.0.1:8080");
    assert_eq!(listen(file, &[("PORT", "8080")], &[("listen", "127.0.0.1:3")]), "127.0.0.1:3");
}

#[test]
fn a_bad_value_is_refused_in_one_line_with_key_value_and_what_was_expected() {
    for (environment, key, value, expected) in [
        (("ROUTEWARDEN_LISTEN", "here"), "listen", "here", "an address and port"),
        (("PORT", "70000"), "port", "70000", "a number from 0 to 65535"),
        (("ROUTEWARDEN_DATABASE_URL", "oracle:x"), "database_url", "oracle:x", "sqlite:"),
        (("ROUTEWARDEN_TRUSTED_PROXY", "10.0.0.0/99"), "trusted_proxy", "10.0.0.0/99", "networks"),
        (("ROUTEWARDEN_OUTBOUND_ALLOW", "lan"), "outbound_allow", "lan", "networks"),
        (("ROUTEWARDEN_PUBLIC_URL", "monitor.example"), "public_url", "monitor.example", "https://"),
        (
            ("ROUTEWARDEN_PUBLIC_URL", "https://m.example/sub"),
            "public_url",
            "https://m.example/sub",
            "a host",
        ),
        (("ROUTEWARDEN_SESSION_DAYS", "0"), "session_days", "0", "1 to 1000"),
        (("BANDWIDTH_THRESHOLD_HIGH", "fast"), "bandwidth_threshold_high", "fast", "Mbit/s"),
        (("BANDWIDTH_THRESHOLD_LOW", "-1"), "bandwidth_threshold_low", "-1", "Mbit/s"),
        (("ROUTEWARDEN_KEEP_SAMPLES_DAYS", "0"), "keep_samples_days", "0", "from 1 on"),
        (("ROUTEWARDEN_RECORDINGS_QUOTA_MB", "much"), "recordings_quota_mb", "much", "from 1 on"),
        (("ROUTEWARDEN_LOG_FORMAT", "xml"), "log_format", "xml", "text or json"),
    ] {
        let said = load("", &[environment], &[]).unwrap_err();
        assert!(
            !said.contains('\n') && [key, value, expected].iter().all(|part| said.contains(part)),
            "{said}"
        );
    }
}

#[test]
fn an_unknown_key_in_the_file_is_refused_by_name() {
    let said = load("lissten = \"x\"", &[], &[]).unwrap_err();
    assert!(said.contains("lissten") && said.contains("listen"), "{said}");
}

#[test]
fn a_password_in_the_database_url_is_never_printed() {
    let sources = Sources {
        file: None,
        environment: [("ROUTEWARDEN_DATABASE_URL".to_owned(), "postgres://rw:hunter2@db/rw".to_owned())]
            .into(),
    };
    let (_, layers) = Config::load(&[], &sources).unwrap();
    let shown = layers.to_string();
    assert!(!shown.contains("hunter2") && shown.contains("rw:***@db"), "{shown}");
}

#[test]
fn no_password_is_printed_however_the_database_url_is_written() {
    for url in [
        "postgres://rw:hunter2@db:notaport/rw",
        "postgres://rw:hun/ter2@db/rw",
        "postgres://db/rw?user=rw&password=hunter2",
        "postgres://db/rw?sslmode=require&PASSWORD=hunter2#x",
        "oracle://rw:hunter2@[db/rw",
    ] {
        let sources = Sources {
            file: None,
            environment: [("ROUTEWARDEN_DATABASE_URL".to_owned(), url.to_owned())].into(),
        };
        let shown = match Config::load(&[], &sources) {
            Ok((_, layers)) => layers.to_string(),
            Err(error) => error.to_string(),
        };
        assert!(!shown.contains("ter2") && shown.contains("***"), "{url}: {shown}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_told_by_its_line_and_never_by_what_it_says() {
    let file = "listen = \"127.0.0.1:1\"\ndatabase_url = \"postgres://rw:hunter2@db/rw\nlog = 1\n";
    let said = load(file, &[], &[]).unwrap_err().to_string();
    assert!(said.contains("line 2") && !said.contains("hunter2"), "{said}");
}

#[test]
fn the_port_of_this_program_beats_the_port_of_the_platform() {
    let listen = |environment: &[_]| load("", environment, &[]).unwrap().listen.to_string();
    let (ours, platform) = (("ROUTEWARDEN_LISTEN", "0.0.0.0:2"), ("PORT", "8080"));
    assert_eq!(listen(&[ours, ("ROUTEWARDEN_PORT", "3")]), "0.0.0.0:3");
    assert_eq!(listen(&[ours, platform]), "0.0.0.0:2");
    assert_eq!(listen(&[platform, ("ROUTEWARDEN_PORT", "3")]), "127.0.0.1:3");
}

#[test]
fn every_database_of_the_store_is_accepted() {
    for url in ["sqlite://x.db", "postgres://db/rw", "postgresql://db/rw", "mysql://db/rw", "mariadb://db/rw"]
    {
        assert_eq!(load("", &[("ROUTEWARDEN_DATABASE_URL", url)], &[]).unwrap().database_url, url);
    }
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_is_passed_over() {
    use std::os::unix::ffi::OsStringExt;
    let garbled = (std::ffi::OsString::from("OTHER"), std::ffi::OsString::from_vec(vec![0xff]));
    let ours = ("ROUTEWARDEN_LOG".into(), "debug".into());
    let kept = layers::readable([garbled, ours].into_iter()).collect::<Vec<_>>();
    assert_eq!(kept, [("ROUTEWARDEN_LOG".to_owned(), "debug".to_owned())]);
}

#[test]
fn trusted_proxies_are_written_as_a_list_in_the_file_and_with_commas_elsewhere() {
    let file = load("trusted_proxy = [\"10.0.0.0/8\", \"::1\"]", &[], &[]).unwrap();
    let environment = load("", &[("ROUTEWARDEN_TRUSTED_PROXY", "10.0.0.0/8, ::1")], &[]).unwrap();
    assert_eq!(file.trusted_proxies, environment.trusted_proxies);
    assert_eq!(file.trusted_proxies.len(), 2);
}

#[test]
fn no_debug_output_shows_the_database_s_password() {
    let url = "postgres://rw:hunter2@db/rw";
    let config = load("", &[("ROUTEWARDEN_DATABASE_URL", url)], &[]).unwrap();
    let place = crate::cli::Place { database_url: Some(url.to_owned()), ..Default::default() };
    for shown in [format!("{config:?}"), format!("{place:?}")] {
        assert!(shown.contains("rw:***@db") && !shown.contains("hunter2"), "{shown}");
    }
}

#[test]
fn a_line_of_the_env_file_that_cannot_be_read_is_told_by_its_name_and_not_by_its_value() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".env");
    assert!(layers::read_environment(&path).unwrap().is_empty(), "there need not be one");
    std::fs::write(&path, "ROUTEWARDEN_LOG=debug\nROUTEWARDEN_DATABASE_URL=\"hunter2\n").unwrap();
    let said = layers::read_environment(&path).unwrap_err().to_string();
    assert!(said.contains("ROUTEWARDEN_DATABASE_URL") && !said.contains("hunter2"), "{said}");
    std::fs::write(&path, "ROUTEWARDEN_LOG=debug\n").unwrap();
    assert_eq!(layers::read_environment(&path).unwrap()["ROUTEWARDEN_LOG"], "debug");
}

#[test]
fn a_certificate_without_its_key_is_refused() {
    let said = load("", &[("ROUTEWARDEN_TLS_CERT", "cert.pem")], &[]).unwrap_err();
    assert_eq!(said, "tls_cert is set and tls_key is not: expected both or none");
    let both = [("ROUTEWARDEN_TLS_CERT", "cert.pem"), ("ROUTEWARDEN_TLS_KEY", "key.pem")];
    assert_eq!(load("", &both, &[]).unwrap().tls.unwrap().key, Path::new("key.pem"));
}

/// The file of the Debian package, which people take for the list of all there is.
const PACKAGED: &str = include_str!("../../../packaging/deb/routewarden.toml");

/// The keys of the packaged file with their values, those in comments too. Prose begins with `# `.
fn packaged() -> Vec<(&'static str, &'static str)> {
    let lines = PACKAGED.lines().filter(|line| !line.starts_with("# "));
    let lines = lines.map(|line| line.strip_prefix('#').unwrap_or(line)).filter(|line| !line.is_empty());
    lines.map(|line| line.split_once(" = ").unwrap()).collect()
}

#[test]
fn the_packaged_file_names_every_key_once_and_is_accepted_with_all_of_them() {
    let mut named: Vec<&str> = packaged().into_iter().map(|(key, _)| key).collect();
    let mut keys: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
    named.sort_unstable();
    keys.sort_unstable();
    assert_eq!(named, keys);
    let all = packaged().iter().map(|(key, value)| format!("{key} = {value}\n")).collect::<String>();
    load(&all, &[], &[]).unwrap();
    assert_eq!(load(PACKAGED, &[], &[]).unwrap().data_dir, Path::new("/var/lib/routewarden"));
}

#[test]
fn the_packaged_file_tells_the_defaults_as_they_are() {
    for key in KEYS {
        let (_, told) = packaged().into_iter().find(|(name, _)| *name == key.name).unwrap();
        if let Some(default) = key.default.filter(|default| !default.is_empty()) {
            assert_eq!(told.trim_matches('"'), default, "{}", key.name);
        }
    }
}

#[test]
fn the_readme_names_every_key_with_its_default() {
    let table = include_str!("../../../README.md").lines().filter(|line| line.starts_with('|'));
    let table: Vec<&str> = table.collect();
    for key in KEYS {
        let name = key.environment[0].strip_prefix("ROUTEWARDEN").unwrap();
        let row = table.iter().find(|row| row.contains(&format!("{name}`")));
        let row = row.unwrap_or_else(|| panic!("{} is not there", key.name));
        if let Some(default) = key.default.filter(|default| !default.is_empty()) {
            assert!(row.contains(&format!("`{default}`")), "{}: {row}", key.name);
        }
    }
}

#[test]
fn what_is_kept_is_as_usual_until_something_is_said() {
    let usual = load("", &[], &[]).unwrap().kept;
    assert_eq!(Retention::of(&usual), Retention::default());
    assert_eq!(Bounds::of(&usual), Bounds::default());
    assert_eq!(Limits::of(&usual), Limits::of(&BTreeMap::new()));
    let file = "keep_samples_days = 90\nlogs_max_rows = 5\nrecordings_keep_days = 7";
    let said = load(file, &[("ROUTEWARDEN_KEEP_HOURS_DAYS", "400")], &[]).unwrap().kept;
    let days = Retention { samples_days: Some(90), hours_days: Some(400), ..Retention::default() };
    assert_eq!(Retention::of(&said), days);
    assert_eq!(Bounds::of(&said), Bounds { rows: 5, ..Bounds::default() });
    assert_eq!(Limits::of(&said), Limits { keep_ms: 7 * 24 * 3_600_000, ..Limits::of(&usual) });
}

#[test]
fn a_bot_comes_with_its_chats_or_not_at_all_and_its_token_is_never_printed() {
    let bot = ("TELEGRAM_TOKEN", "123:secret-of-the-bot");
    let said = load("", &[bot], &[]).unwrap_err();
    assert!(said.contains("telegram_chat_id") && !said.contains("secret-of"), "{said}");
    let told = load("", &[bot, ("TELEGRAM_CHAT_ID", "-100, 7,")], &[]).unwrap();
    let telegram = told.telegram.clone().unwrap();
    assert_eq!(
        (telegram.chats, telegram.token.expose().as_str()),
        (vec!["-100".to_owned(), "7".to_owned()], bot.1)
    );
    assert!(!format!("{told:?}").contains("secret-of"));
    let environment =
        [bot, ("TELEGRAM_CHAT_ID", "7")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let sources = Sources { file: None, environment: environment.into() };
    let printed = Config::load(&[], &sources).unwrap().1.to_string();
    assert!(printed.contains("telegram_bot_token = \"***\"") && !printed.contains("secret-of"), "{printed}");
}
