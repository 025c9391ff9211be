//! Each thing that can be wrong, with what helps.

use super::*;
use crate::{
    app,
    config::{Sources, TlsFiles},
    instance::Instance,
    machine::{FREE_BYTES_MIN, FREE_BYTES_SPARE},
    store::{Origin, Schema, Store, file_of, make_foreign},
};
use engine::SystemClock;
use model::Timestamp;
use std::{collections::BTreeMap, fs, net::TcpListener, path::Path, time::Duration};
use tempfile::TempDir;

const NOW: Timestamp = Timestamp(1_790_000_000_000);

/// A clock that stands still.
struct Still(Timestamp);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// A configuration in a folder of its own, on a file whatever database the tests run on.
fn home(more: &[(&str, &str)]) -> (Config, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data").display().to_string();
    let mut environment: BTreeMap<_, _> =
        more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    environment.insert("ROUTEWARDEN_DATA_DIR".to_owned(), data);
    environment.entry("ROUTEWARDEN_LISTEN".to_owned()).or_insert("127.0.0.1:0".to_owned());
    (Config::load(&[], &Sources { file: None, environment }).unwrap().0, folder)
}

async fn started(config: &Config) {
    let (_, store) = app::open(config, Origin::Server, Arc::new(SystemClock)).await.unwrap();
    store.close().await.unwrap();
}

/// What is said of a thing that is not fine.
fn said(findings: &[Finding], thing: &str) -> Vec<String> {
    let not_fine = findings.iter().filter(|found| found.thing == thing && found.verdict != Verdict::Fine);
    not_fine.map(|found| format!("{:?}: {found}", found.verdict)).collect()
}

#[tokio::test]
async fn a_sound_installation_has_nothing_but_its_key_beside_the_database_told() {
    let (config, folder) = home(&[]);
    started(&config).await;
    let mut out = Vec::new();
    run(&config, Arc::new(SystemClock), &mut out).await.unwrap();
    let told = String::from_utf8(out).unwrap();
    for line in
        ["✓ config", "✓ port", "✓ database  it opens", "✓ database  a change was tried", "✓ key", "✓ clock"]
    {
        assert!(told.contains(line), "{line} is not in\n{told}");
    }
    assert!(told.contains("! key") && told.contains("→ move it elsewhere"), "{told}");
    let elsewhere = folder.path().join("elsewhere.key");
    fs::rename(&config.key_file, &elsewhere).unwrap();
    let config = Config { key_file: elsewhere, ..config };
    assert_eq!(said(&data::key(&config).await, "key"), [""; 0]);
}

#[tokio::test]
async fn before_the_first_start_nothing_is_broken_and_nothing_is_made() {
    let (config, folder) = home(&[]);
    let findings = examine(&config, Arc::new(Still(NOW))).await;
    assert!(said(&findings, "database")[0].starts_with("Warning"), "{findings:?}");
    assert!(said(&findings, "key")[0].starts_with("Warning"), "{findings:?}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_key_that_is_missing_wrong_or_others_can_read_is_told() {
    let (config, _folder) = home(&[]);
    started(&config).await;
    let kept = config.key_file.with_extension("kept");
    fs::rename(&config.key_file, &kept).unwrap();
    let missing = said(&data::key(&config).await, "key");
    assert!(missing[0].starts_with("Broken") && missing[0].contains("is missing"), "{missing:?}");
    crate::vault::Vault::open_file(&config.key_file).unwrap();
    let wrong = said(&data::key(&config).await, "key");
    assert!(wrong[0].starts_with("Broken") && wrong[0].contains("secrets that do not open: 1"), "{wrong:?}");
    fs::rename(&kept, &config.key_file).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&config.key_file, fs::Permissions::from_mode(0o644)).unwrap();
        let open = said(&data::key(&config).await, "key");
        assert!(open[0].starts_with("Broken") && open[0].contains("chmod 600"), "{open:?}");
    }
    fs::write(&config.key_file, "v1 half").unwrap();
    assert!(said(&data::key(&config).await, "key")[0].starts_with("Broken"));
}

#[tokio::test]
async fn a_database_that_is_foreign_newer_damaged_or_gone_is_told() {
    let (config, folder) = home(&[]);
    started(&config).await;
    let file = file_of(&config.database_url).unwrap().unwrap();
    let told = async |config: &Config| said(&data::database(config).await.0, "database").join("\n");
    assert_eq!(told(&config).await, "");
    let whole = fs::read(&file).unwrap();
    let later = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_flying', 0)";
    drop(make_foreign(&file, later).await);
    assert!(told(&config).await.starts_with("Broken") && told(&config).await.contains("m9999_flying"));
    fs::write(&file, &whole).unwrap();
    drop(make_foreign(&file, "DELETE FROM seaql_migrations WHERE version LIKE 'm0005%'").await);
    assert!(told(&config).await.starts_with("Warning") && told(&config).await.contains("lacks 1"));
    let mut damaged = whole.clone();
    let half = damaged.len() / 2;
    damaged[half..].iter_mut().for_each(|byte| *byte = !*byte);
    fs::write(&file, damaged).unwrap();
    assert!(told(&config).await.contains("restore the last backup"), "{}", told(&config).await);
    fs::remove_file(&file).unwrap();
    drop(make_foreign(&file, "CREATE TABLE routers (id INTEGER)").await);
    assert!(told(&config).await.contains("no database of Routewarden's"));
    for url in ["postgres://nobody:hunter2@127.0.0.1:1/none", "mariadb://nobody:hunter2@127.0.0.1:1/none"] {
        let away = Config { database_url: url.to_owned(), ..config.clone() };
        let told = told(&away).await;
        assert!(told.starts_with("Broken") && !told.contains("hunter2"), "{told}");
    }
    drop(folder);
}

#[tokio::test]
async fn a_database_that_cannot_be_written_to_is_told() {
    let (config, _folder) = home(&[]);
    started(&config).await;
    // Somebody else writes and does not end.
    let file = file_of(&config.database_url).unwrap().unwrap();
    let busy = make_foreign(&file, "BEGIN IMMEDIATE; UPDATE counters SET value = value").await;
    let told = said(&data::database(&config).await.0, "database").join("\n");
    assert!(told.starts_with("Broken") && told.contains("cannot be written to"), "{told}");
    drop(busy);
}

#[tokio::test]
async fn a_running_server_and_its_database_are_left_alone() {
    let (config, _folder) = home(&[]);
    let (vault, store) = app::open(&config, Origin::Server, Arc::new(SystemClock)).await.unwrap();
    let findings = examine(&config, Arc::new(SystemClock)).await;
    assert_eq!(said(&findings, "database"), [""; 0]);
    store.audit().note(model::Act::LoggedIn, Some("anna"), None).await.unwrap();
    assert_eq!(store.sealed().survey(Some(&vault)).await.unwrap().unopened, []);
}

#[test]
fn the_clock_is_held_against_the_calendar_the_records_and_the_passing_of_time() {
    let began = (NOW, Instant::now());
    let after = |wall_ms: i64, passed_ms: u64| {
        (Timestamp(NOW.0 + wall_ms), began.1 + Duration::from_millis(passed_ms))
    };
    let judge = |now, latest| machine::clock(began, now, latest);
    assert_eq!(judge(after(900, 1000), Some(NOW)).verdict, Verdict::Fine);
    assert_eq!(judge(after(0, 0), Some(Timestamp(NOW.0 + 60_000))).verdict, Verdict::Fine);
    let ahead = judge(after(0, 0), Some(Timestamp(NOW.0 + 60_001)));
    assert!(ahead.verdict == Verdict::Broken && ahead.seen.contains("was set back"), "{ahead}");
    for stray in [after(3_600_000, 10), after(-1, 10), after(0, 501)] {
        assert_eq!(judge(stray, None).verdict, Verdict::Warning, "{stray:?}");
    }
    for never in [Timestamp(0), Timestamp(1_767_225_599_999), Timestamp(4_102_444_800_000)] {
        let odd = machine::clock((never, began.1), (never, began.1), None);
        assert!(odd.verdict == Verdict::Broken && odd.remedy.is_some(), "{odd}");
    }
}

#[tokio::test]
async fn a_clock_that_was_set_back_is_found_by_what_was_written_down() {
    let (config, _folder) = home(&[]);
    let store = Store::open(&config.database_url.clone(), Origin::Server, Arc::new(Still(NOW))).await;
    assert!(store.is_err(), "the folder is made by the first start");
    let (_, store) = app::open(&config, Origin::Server, Arc::new(Still(NOW))).await.unwrap();
    store.audit().note(model::Act::LoggedIn, Some("anna"), None).await.unwrap();
    store.close().await.unwrap();
    let earlier = Arc::new(Still(Timestamp(NOW.0 - 3_600_000)));
    let told = said(&examine(&config, earlier).await, "clock");
    assert!(told[0].starts_with("Broken") && told[0].contains("was set back"), "{told:?}");
}

#[test]
fn a_disk_that_fills_up_is_told_in_time() {
    let judge = |free| machine::judge_disk(Path::new("/data"), free).verdict;
    assert_eq!(judge(FREE_BYTES_MIN - 1), Verdict::Broken);
    assert_eq!(judge(FREE_BYTES_MIN), Verdict::Warning);
    assert_eq!(judge(FREE_BYTES_SPARE), Verdict::Fine);
    assert_eq!(machine::disk(Path::new("/no/such/folder/yet")).thing, "disk");
}

#[tokio::test]
async fn pings_that_may_not_be_sent_come_with_their_remedy() {
    let told = machine::judge_ping(Some("no permission to send pings. Allow them with `sysctl`")).to_string();
    assert_eq!(told, "✗ ping      no permission to send pings\n            → Allow them with `sysctl`");
    assert_eq!(machine::judge_ping(None).verdict, Verdict::Fine);
    assert_eq!(machine::ping().await.thing, "ping");
}

#[test]
fn a_port_is_free_ours_or_somebody_else_s() {
    let (config, _folder) = home(&[]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = Config { listen: listener.local_addr().unwrap(), ..config.clone() };
    let told = config::port(&taken);
    assert!(told.verdict == Verdict::Broken && told.seen.contains("another program"), "{told}");
    fs::create_dir_all(&config.data_dir).unwrap();
    let server = Instance::take(&config).unwrap();
    let told = config::port(&taken);
    assert!(told.verdict == Verdict::Fine && told.seen.contains(&std::process::id().to_string()), "{told}");
    drop((server, listener));
    assert_eq!(config::port(&taken).verdict, Verdict::Fine);
    let foreign = Config { listen: "192.0.2.1:5000".parse().unwrap(), ..config };
    let told = config::port(&foreign);
    assert!(told.verdict == Verdict::Broken && told.seen.contains("no address of this machine"), "{told}");
}

#[test]
fn a_certificate_that_cannot_be_used_is_told_and_so_is_a_key_for_everybody() {
    let (_, folder) = home(&[]);
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let files = TlsFiles { certificate: folder.path().join("cert.pem"), key: folder.path().join("key.pem") };
    assert_eq!(config::tls(None), []);
    assert_eq!(config::tls(Some(&files))[0].verdict, Verdict::Broken, "neither file is there");
    fs::write(&files.certificate, made.cert.pem()).unwrap();
    fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&files.key, fs::Permissions::from_mode(0o644)).unwrap();
        let told = said(&config::tls(Some(&files)), "tls");
        assert!(told[0].starts_with("Warning") && told[0].contains("chmod o="), "{told:?}");
        fs::set_permissions(&files.key, fs::Permissions::from_mode(0o640)).unwrap();
    }
    assert_eq!(said(&config::tls(Some(&files)), "tls"), [""; 0]);
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(&files.key, other.signing_key.serialize_pem()).unwrap();
    assert!(said(&config::tls(Some(&files)), "tls")[0].contains("do not go together"));
}

#[test]
fn plain_http_for_everybody_and_proxies_without_bound_are_warned_of() {
    let look = |more: &[(&str, &str)]| said(&config::look(&home(more).0), "config");
    assert_eq!(look(&[]), [""; 0]);
    let everybody = ("ROUTEWARDEN_LISTEN", "0.0.0.0:5000");
    assert!(look(&[everybody])[0].contains("plain HTTP"));
    assert_eq!(look(&[everybody, ("ROUTEWARDEN_TRUSTED_PROXY", "10.0.0.1")]), [""; 0]);
    assert!(look(&[("ROUTEWARDEN_TRUSTED_PROXY", "0.0.0.0/0")])[0].contains("believes"));
}

#[test]
fn every_state_of_the_schema_has_its_verdict() {
    let verdict = |schema| data::judge_schema(&schema).verdict;
    assert_eq!(verdict(Schema::Current), Verdict::Fine);
    assert_eq!(verdict(Schema::Older { missing: 1 }), Verdict::Warning);
    assert_eq!(verdict(Schema::Newer { unknown: vec!["m9".to_owned()] }), Verdict::Broken);
    assert_eq!(verdict(Schema::Foreign), Verdict::Broken);
}
