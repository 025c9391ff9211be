//! The dashboard's file as it is, as it was in older versions, and as nobody should have made it.

use super::*;
use crate::{
    accounts::{Accounts, Entry, LogIn, SetupCode},
    import::Report,
    store::{Origin, Store, Temp, make_foreign},
};
use engine::Secret;
use model::{CheckKind, Device};
use proptest::prelude::*;
use std::{path::PathBuf, time::Duration};

/// Made by Python's sqlite3, cryptography and bcrypt.
const FILE: &[u8] = include_bytes!("testdata/routers.sqlite");
/// The same as statements.
const STATEMENTS: &str = include_str!("testdata/routers.sql");
const KEY: &str = include_str!("testdata/fernet.key");
const VECTORS: &str = include_str!("testdata/fernet.json");

/// A database with a file of the dashboard's beside it.
struct Desk {
    temp: Temp,
    file: PathBuf,
    keys: KeyPlaces,
}

impl Desk {
    /// The file as the dashboard left it, under a name of its owner's choice, with the key in a `.env`.
    async fn new() -> Desk {
        let desk = Desk::empty().await;
        std::fs::write(&desk.file, FILE).unwrap();
        desk
    }

    /// A file made of these statements.
    async fn of(statements: &str) -> Desk {
        let desk = Desk::empty().await;
        drop(make_foreign(&desk.file, statements).await);
        desk
    }

    async fn empty() -> Desk {
        let temp = Store::open_temp().await;
        let folder = temp.folder.path().join("dashboard");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join(".env"), format!("# dashboard\nSECRET=x\nFERNET_KEY={KEY}")).unwrap();
        Desk { temp, file: folder.join("backup of monday"), keys: KeyPlaces::default() }
    }

    async fn read(&self) -> Result<Plan, Unreadable> {
        read_database(&self.file, &self.keys).await
    }

    async fn import(&self, is_dry_run: bool) -> Report {
        self.read().await.unwrap().apply(&self.temp.store, &self.temp.vault, is_dry_run).await.unwrap()
    }

    async fn device(&self, name: &str) -> Device {
        let devices = self.temp.devices().list().await.unwrap();
        devices.into_iter().find(|device| device.name == name).unwrap()
    }

    async fn users(&self) -> Vec<(String, Role)> {
        self.temp.users().list().await.unwrap().into_iter().map(|user| (user.name, user.role)).collect()
    }

    async fn hash(&self, name: &str) -> String {
        self.temp.users().named(name).await.unwrap().unwrap().password_hash
    }

    fn accounts(&self) -> Accounts {
        let code = SetupCode::generate().unwrap();
        let (store, clock) = (self.temp.store.clone(), self.temp.clock.clone());
        Accounts::new(store, self.temp.vault.clone(), clock, code, Duration::from_secs(60))
    }
}

fn login(name: &str, password: &str) -> LogIn {
    let from = "198.51.100.7".parse().unwrap();
    LogIn { name: name.to_owned(), password: Secret::new(password.to_owned()), from, known_browser: None }
}

fn refused(report: &Report) -> Vec<String> {
    let text = report.to_string();
    text.lines().filter_map(|line| line.strip_prefix("refused    ")).map(str::to_owned).collect()
}

#[tokio::test]
async fn routers_come_over_with_their_logins_and_users_with_their_roles() {
    let desk = Desk::new().await;
    let report = desk.import(false).await;
    let expected = "added      Kantor Pusat\n\
        added      Menara Utara\n\
        added      Gudang\n\
        added      user ani (admin)\n\
        added      user budi (viewer)\n\
        added      user citra (viewer)\n\
        note       user citra: the role \"operator\" is none of ours; taken as a viewer\n\
        note       admins there and so here: ani\n";
    assert!(report.to_string().starts_with(expected), "{report}");
    assert!(report.to_string().ends_with("6 added, 0 changed, 0 unchanged\n"), "{report}");

    let device = desk.device("Menara Utara").await;
    assert_eq!((device.kind, device.address.as_str()), (DeviceKind::Router, "tower.example.net"));
    assert_eq!(
        device.checks.iter().map(|check| check.kind).collect::<Vec<_>>(),
        [CheckKind::Icmp, CheckKind::Routeros]
    );
    let mut logins = Vec::new();
    for (watched, _) in desk.temp.devices().watched(&desk.temp.vault).await.unwrap() {
        let login = watched.routeros.unwrap();
        let password = login.password.expose().clone();
        logins.push((
            watched.device.name,
            watched.device.enabled,
            login.username,
            password,
            login.port,
            login.tls,
        ));
    }
    logins.sort();
    let login = |name: &str, enabled, user: &str, password: &str, port, tls| {
        (name.to_owned(), enabled, user.to_owned(), password.to_owned(), Some(port), tls)
    };
    assert_eq!(
        logins,
        [
            login("Gudang", false, "admin", "", 18728, false),
            login("Kantor Pusat", true, "monitor", "look-only", 8728, false),
            login("Menara Utara", true, "monitor", "пароль роутера", 8729, true),
        ]
    );
    let users = [("ani", Role::Admin), ("budi", Role::Viewer), ("citra", Role::Viewer)];
    assert_eq!(desk.users().await, users.map(|(name, role)| (name.to_owned(), role)));
}

#[tokio::test]
async fn the_file_and_what_is_beside_it_stay_as_they_were() {
    let desk = Desk::new().await;
    desk.import(false).await;
    assert_eq!(std::fs::read(&desk.file).unwrap(), FILE);
    assert_eq!(std::fs::read_dir(desk.file.parent().unwrap()).unwrap().count(), 2, "the file and the .env");
    assert!(is_database(FILE) && !is_database(STATEMENTS.as_bytes()) && !is_database(b""));
}

#[tokio::test]
async fn an_imported_admin_ends_the_set_up_and_a_password_is_hashed_anew_at_its_first_login() {
    let desk = Desk::new().await;
    let accounts = desk.accounts();
    assert!(accounts.needs_setup().await.unwrap());
    let beside = desk.temp.again(Origin::CommandLine).await;
    desk.read().await.unwrap().apply(&beside, &desk.temp.vault, false).await.unwrap();
    assert!(!accounts.needs_setup().await.unwrap());
    for name in ["ani", "budi"] {
        let before = desk.hash(name).await;
        assert!(before.starts_with("$2b$"));
        assert!(accounts.log_in(login(name, &format!("{name}'s old passworD"))).await.is_err());
        assert_eq!(desk.hash(name).await, before, "a guess changes nothing");
        desk.temp.clock.forward(60_000);
        let password = format!("{name}'s old password");
        let Entry::In(done) = accounts.log_in(login(name, &password)).await.unwrap() else {
            panic!("a code")
        };
        assert_eq!(done.user.name, name);
        assert!(desk.hash(name).await.starts_with("$argon2id$v=19$m=12288,t=3,p=1$"));
        accounts.log_in(login(name, &password)).await.unwrap();
    }
    assert!(accounts.log_in(login("nobody", "citra's old password")).await.is_err());
}

#[tokio::test]
async fn the_same_file_again_changes_nothing_and_accounts_that_are_there_are_kept() {
    let desk = Desk::new().await;
    let hash = "a hash of ours".to_owned();
    desk.temp.users().create("ani", Role::Viewer, hash.clone()).await.unwrap();
    let report = desk.import(false).await.to_string();
    assert!(
        report.contains("kept       user ani (admin): there is one of that name, left as it is\n"),
        "{report}"
    );
    assert!(!report.contains("admins there"), "{report}");
    assert_eq!((desk.hash("ani").await, desk.users().await[0].1), (hash, Role::Viewer));
    let again = desk.import(false).await;
    assert!(again.to_string().ends_with("0 added, 0 changed, 6 unchanged\n"), "{again}");
}

#[tokio::test]
async fn a_dry_run_says_the_same_and_changes_nothing() {
    let desk = Desk::new().await;
    let dry = desk.import(true).await;
    assert!(dry.to_string().ends_with("dry run: 6 would be added, 0 changed, 0 unchanged\n"), "{dry}");
    assert_eq!((desk.users().await.len(), desk.temp.devices().list().await.unwrap().len()), (0, 0));
    assert_eq!(dry.lines.len(), desk.import(false).await.lines.len());
}

#[tokio::test]
async fn the_key_is_found_where_it_is_said_to_be() {
    let mut desk = Desk::new().await;
    let folder = desk.file.parent().unwrap().to_owned();
    let (env, other) = (folder.join(".env"), folder.join("other"));
    desk.read().await.unwrap();
    std::fs::remove_file(&env).unwrap();
    assert_eq!(desk.read().await.unwrap_err(), Unreadable::KeyMissing);
    assert!(Unreadable::KeyMissing.to_string().contains("FERNET_KEY"), "{}", Unreadable::KeyMissing);
    desk.keys.environment = Some(KEY.to_owned());
    desk.read().await.unwrap();
    desk.keys = KeyPlaces { file: Some(other.clone()), environment: Some("no key".to_owned()) };
    assert!(matches!(desk.read().await.unwrap_err(), Unreadable::KeyFile { .. }));
    for text in [KEY.to_owned(), format!("FERNET_KEY=\"{}\"\n", KEY.trim())] {
        std::fs::write(&other, text).unwrap();
        desk.read().await.unwrap();
    }
    std::fs::write(&other, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
    let at = other.display().to_string();
    assert_eq!(desk.read().await.unwrap_err(), Unreadable::KeyWrong { at: at.clone() });
    std::fs::write(&other, "a password, perhaps").unwrap();
    assert_eq!(desk.read().await.unwrap_err(), Unreadable::KeyMalformed { at });
}

#[tokio::test]
async fn an_older_file_has_fewer_columns_and_no_users() {
    let old = "CREATE TABLE Routers(Name, host); INSERT INTO routers VALUES('edge', '192.0.2.1');";
    let desk = Desk::of(old).await;
    let report = desk.import(false).await;
    assert_eq!(report.to_string(), "added      edge\n1 added, 0 changed, 0 unchanged\n");
    let edge = desk.device("edge").await;
    assert!(edge.enabled && edge.routeros.is_none());
    let desk = Desk::of(
        "CREATE TABLE users(username, password_hash);\
        INSERT INTO users VALUES('ani', '$2b$04$nUNpNan6pbcBC4VdyBTwr.9/Cf1ht5Y70m20TiHRQ/kkDfvRkiEVK');",
    )
    .await;
    desk.import(false).await;
    assert_eq!(desk.users().await, [("ani".to_owned(), Role::Viewer)]);
    let none = Desk::of("CREATE TABLE clients(name);").await.read().await.unwrap_err();
    assert_eq!(none, Unreadable::UnknownDatabase);
}

#[tokio::test]
async fn what_the_dashboard_had_not_folded_in_yet_is_read_too() {
    let desk = Desk::empty().await;
    let statements = format!("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; {STATEMENTS}");
    let _running = make_foreign(&desk.file, &statements).await;
    let wal = PathBuf::from(format!("{}-wal", desk.file.display()));
    let before = std::fs::read(&wal).unwrap();
    assert!(!before.is_empty());
    assert!(!desk.import(false).await.is_refused());
    assert_eq!(desk.users().await.len(), 3);
    assert_eq!(std::fs::read(&wal).unwrap(), before);
}

#[tokio::test]
async fn one_refused_line_takes_everything_back_and_every_wrong_line_is_told() {
    let vectors: serde_json::Value = serde_json::from_str(VECTORS).unwrap();
    let foreign = vectors["foreign"].as_str().unwrap();
    let statements = format!(
        "{STATEMENTS}
        INSERT INTO routers VALUES(4, 'a/b', '192.0.2.4', 'x', '{foreign}', 70000, 'maybe');
        INSERT INTO routers VALUES(5, 'plain', '192.0.2.5', 'x', 'in the clear', 8728, 1);
        INSERT INTO routers VALUES(6, 'half', 'no such host!', '', 'in the clear', 8728, 1);
        INSERT INTO routers VALUES(7, CAST(x'ff' AS TEXT), hex(zeroblob(3000)), 'x', '', 8728, 1);
        INSERT INTO users VALUES(4, 'dewi lestari', '$2b$04$nUNpNan6pbcBC4VdyBTwr.9/Cf1ht5Y70m20TiHRQ/kkDfvRkiEVK', 'viewer');
        INSERT INTO users VALUES(5, 'eka', '$2b$31$nUNpNan6pbcBC4VdyBTwr.9/Cf1ht5Y70m20TiHRQ/kkDfvRkiEVK', 'admin');
        INSERT INTO users VALUES(6, 'fajar', 'plain words', 'admin');"
    );
    let desk = Desk::of(&statements).await;
    let report = desk.import(false).await;
    let mut lines = refused(&report);
    lines.sort();
    let expected = [
        "routers[3] a/b: enabled: must be true or false",
        "routers[3] a/b: password: was encrypted with another key, or damaged",
        "routers[3] a/b: port: must be a whole number, 1 to 65535",
        "routers[4] plain: password: is not encrypted in the dashboard's way (Fernet)",
        "routers[5] half: username: is required",
        "routers[6]: host: must be text of at most 4096 bytes",
        "routers[6]: name: must be text of at most 4096 bytes",
        "routers[6]: password: is required",
        "users[3] user dewi lestari (viewer): username: must be 1 to 64 letters, digits or one of . _ - @",
        "users[4] user eka (admin): password_hash: is not a bcrypt hash of cost 4 to 12",
        "users[5] user fajar (admin): password_hash: is not a bcrypt hash of cost 4 to 12",
    ];
    assert_eq!(lines, expected);
    assert!(report.to_string().ends_with("7 lines were refused, so nothing was applied\n"), "{report}");
    assert!(desk.users().await.is_empty() && desk.temp.devices().list().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_file_that_would_run_or_never_end_is_not_followed() {
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)";
    let views = format!(
        "CREATE VIEW routers AS {endless} SELECT i AS name, '192.0.2.1' AS host FROM n;
        CREATE VIEW users AS {endless} SELECT i AS username FROM n;"
    );
    assert_eq!(Desk::of(&views).await.read().await.unwrap_err(), Unreadable::UnknownDatabase);
    let many = format!(
        "CREATE TABLE routers(name, host);
        INSERT INTO routers {endless} SELECT i, '192.0.2.1' FROM n LIMIT {};",
        ENTRIES_MAX + 1
    );
    assert_eq!(Desk::of(&many).await.read().await.unwrap_err(), Unreadable::TooMany);
}

#[tokio::test]
async fn a_file_too_large_or_none_at_all_is_said_in_a_line() {
    let desk = Desk::empty().await;
    assert!(matches!(desk.read().await.unwrap_err(), Unreadable::Database(_)), "no file");
    let file = std::fs::File::create(&desk.file).unwrap();
    file.set_len(u64::try_from(FILE_BYTES_MAX).unwrap() + 1).unwrap();
    assert_eq!(desk.read().await.unwrap_err(), Unreadable::Database("too large".to_owned()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn a_damaged_file_never_panics(
        at in prop::collection::vec((0..FILE.len(), any::<u8>()), 1..40),
        length in 16..=FILE.len(),
    ) {
        let mut bytes = FILE.to_vec();
        at.into_iter().for_each(|(at, byte)| bytes[at] = byte);
        bytes.truncate(length);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("routers.db");
        std::fs::write(&file, bytes).unwrap();
        let keys = KeyPlaces { file: None, environment: Some(KEY.to_owned()) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let _ = runtime.block_on(read_database(&file, &keys));
    }
}
