//! There and back again: backups under load, restores that are refused, and both of them killed anywhere.

use super::*;
use crate::{
    cli::backup::{self, Backup},
    config::Sources,
    store::{Origin, Store, cut_short, file_of, in_a_process, make_foreign},
};
use engine::SystemClock;
use model::{CredentialChange, DeviceDraft, DeviceKind, NewCredential, Timestamp};
use std::{collections::BTreeMap, path::Path};
use tempfile::TempDir;
use tokio::task::JoinSet;

/// An installation in a folder of its own. Always on a file, whatever database the tests run on.
struct Home {
    config: Config,
    folder: TempDir,
}

impl Home {
    fn new() -> Home {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data").display().to_string();
        let environment = BTreeMap::from([("ROUTEWARDEN_DATA_DIR".to_owned(), data)]);
        let config = Config::load(&[], &Sources { file: None, environment }).unwrap().0;
        Home { config, folder }
    }

    async fn open(&self) -> (Vault, Store) {
        crate::app::open(&self.config, Origin::Server, Arc::new(SystemClock)).await.unwrap()
    }

    /// With routers of these names.
    async fn with(names: &[&str]) -> Home {
        let home = Home::new();
        let (vault, store) = home.open().await;
        for name in names {
            store.devices().create(router(name), &vault).await.unwrap();
        }
        store.close().await.unwrap();
        home
    }

    fn database(&self) -> PathBuf {
        file_of(&self.config.database_url).unwrap().unwrap()
    }

    fn backup(&self) -> PathBuf {
        self.folder.path().join("backup.db")
    }

    async fn back_up(&self, force: bool) -> Result<String, String> {
        let mut output = Vec::new();
        let asked = Backup { file: self.backup(), force };
        let done = backup::run(asked, &self.config, &mut output).await;
        done.map(|()| String::from_utf8(output).unwrap()).map_err(|error| format!("{error:#}"))
    }

    async fn restore(&self, file: &Path, force: bool) -> Result<String, String> {
        let mut output = Vec::new();
        let asked = Restore { file: file.to_owned(), force };
        let done = run(asked, &self.config, Arc::new(SystemClock), &mut output).await;
        done.map(|()| String::from_utf8(output).unwrap()).map_err(|error| format!("{error:#}"))
    }

    /// The names of its devices, each with its login opened.
    async fn names(&self) -> Vec<String> {
        let (vault, store) = self.open().await;
        let watched = store.devices().watched(&vault).await.unwrap();
        assert_eq!(store.audit().verify(None).await.unwrap().fault, None);
        store.close().await.unwrap();
        let opened = watched.into_iter().filter(|(watched, _)| watched.routeros.is_some());
        opened.map(|(watched, _)| watched.device.name).collect()
    }

    /// What lies beside the database, by what follows its name.
    fn beside(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.config.data_dir).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut rest: Vec<_> =
            names.filter_map(|name| name.strip_prefix("routewarden.db").map(str::to_owned)).collect();
        rest.sort();
        rest
    }
}

fn router(name: &str) -> DeviceDraft {
    let login = NewCredential {
        username: "watcher".to_owned(),
        password: Some("planted-9f3a".to_owned()),
        port: None,
        tls: true,
    };
    DeviceDraft {
        routeros: CredentialChange::Set(login),
        ..DeviceDraft::new(name, DeviceKind::Router, "192.0.2.1")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_load_holds_all_that_was_accepted_before_it_and_comes_back_whole() {
    let home = Home::with(&["first"]).await;
    let (vault, store) = home.open().await;
    let session = crate::store::SessionRow {
        id_hash: "ab".repeat(32),
        user: None,
        data: "{}".to_owned(),
        created_at: Timestamp(1),
        seen_at: Timestamp(1),
        expires_at: Timestamp(i64::MAX),
        browser: None,
        address: None,
        password_at: None,
    };
    store.sessions().create(session).await.unwrap();
    let (vault, mut writing) = (Arc::new(vault), JoinSet::new());
    for writer in 0..4 {
        let (vault, store) = (vault.clone(), store.clone());
        writing.spawn(async move {
            for number in 0..25 {
                store.devices().create(router(&format!("r{writer}-{number}")), &vault).await.unwrap();
            }
        });
    }
    let mut accepted = 0;
    while accepted < 10 {
        accepted = store.devices().list().await.unwrap().len();
    }
    let told = home.back_up(false).await.unwrap();
    assert!(told.contains("secret.key"), "{told}");
    while let Some(done) = writing.join_next().await {
        done.unwrap();
    }
    store.close().await.unwrap();

    let bytes = fs::read(home.backup()).unwrap();
    assert_eq!(bytes[18..20], [1, 1], "one file, without a log beside it");
    let key = fs::read_to_string(&home.config.key_file).unwrap();
    for planted in ["planted-9f3a", key.split_whitespace().nth(2).unwrap()] {
        assert!(!bytes.windows(planted.len()).any(|window| window == planted.as_bytes()));
    }
    assert_eq!(fs::read_dir(home.folder.path()).unwrap().count(), 2, "the data folder and the backup");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(home.backup()).unwrap().permissions().mode() & 0o777, 0o600);
    }

    let told = home.restore(&home.backup(), false).await.unwrap();
    let aside = home.beside().into_iter().find(|name| name.starts_with(".before-restore-")).unwrap();
    assert!(told.contains(&aside), "{told}");
    let restored = home.names().await;
    assert!(restored.len() >= accepted && restored.contains(&"first".to_owned()), "{accepted} {restored:?}");
    let (_, store) = home.open().await;
    assert_eq!(store.sessions().all().await.unwrap(), [], "nobody's ended session comes back");
    store.close().await.unwrap();
    fs::rename(home.config.data_dir.join(format!("routewarden.db{aside}")), home.database()).unwrap();
    assert_eq!(home.names().await.len(), 101, "what was put aside is whole");
}

#[tokio::test]
async fn a_file_that_is_there_is_replaced_only_by_force_and_the_database_never() {
    let home = Home::with(&["a"]).await;
    home.back_up(false).await.unwrap();
    let before = fs::read(home.backup()).unwrap();
    let refused = home.back_up(false).await.unwrap_err();
    assert!(refused.contains("--force"), "{refused}");
    assert_eq!(fs::read(home.backup()).unwrap(), before);
    let (vault, store) = home.open().await;
    store.devices().create(router("b"), &vault).await.unwrap();
    store.close().await.unwrap();
    home.back_up(true).await.unwrap();
    assert_ne!(fs::read(home.backup()).unwrap(), before);
    let onto_itself = Backup { file: home.database(), force: true };
    let refused = backup::run(onto_itself, &home.config, &mut Vec::new()).await.unwrap_err();
    assert!(format!("{refused:#}").contains("is the database itself"), "{refused:#}");
    let key = fs::read(&home.config.key_file).unwrap();
    let onto_the_key = Backup { file: home.config.key_file.clone(), force: true };
    let refused = backup::run(onto_the_key, &home.config, &mut Vec::new()).await.unwrap_err();
    assert!(format!("{refused:#}").contains("is no backup"), "{refused:#}");
    assert_eq!(fs::read(&home.config.key_file).unwrap(), key);
    let refused = home.restore(&home.database(), true).await.unwrap_err();
    assert!(refused.contains("is the database itself"), "{refused}");
    assert_eq!(home.names().await, ["a", "b"]);
    let nowhere = Backup { file: home.folder.path().join("no/such/folder/x.db"), force: false };
    backup::run(nowhere, &home.config, &mut Vec::new()).await.unwrap_err();
}

#[tokio::test]
async fn a_running_server_keeps_its_database() {
    let home = Home::with(&["a"]).await;
    home.back_up(false).await.unwrap();
    let server = Instance::take(&home.config).unwrap();
    let refused = home.restore(&home.backup(), true).await.unwrap_err();
    assert!(refused.contains("is running") && refused.contains("stop it"), "{refused}");
    drop(server);
    // Somebody else who has it open, such as a subcommand.
    let (vault, store) = home.open().await;
    let refused = home.restore(&home.backup(), true).await.unwrap_err();
    assert!(refused.contains("another program has the database open"), "{refused}");
    store.devices().create(router("b"), &vault).await.unwrap();
    store.close().await.unwrap();
    assert_eq!(home.names().await, ["a", "b"]);
    assert_eq!(home.beside(), [""], "nothing is left behind");
    home.restore(&home.backup(), false).await.unwrap();
    assert_eq!(home.names().await, ["a"]);
}

#[tokio::test]
async fn a_wrong_file_is_refused_in_words_and_changes_nothing() {
    let home = Home::with(&["a"]).await;
    home.back_up(false).await.unwrap();
    let whole = fs::read(home.backup()).unwrap();
    let file = |name: &str| home.folder.path().join(name);
    fs::write(file("empty"), "").unwrap();
    fs::write(
        file("text"),
        "a letter to my aunt, longer than the head of a database would ever be, and then some",
    )
    .unwrap();
    drop(make_foreign(&file("foreign"), "CREATE TABLE routers (id INTEGER)").await);
    fs::copy(home.backup(), file("newer")).unwrap();
    let later = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_flying', 0)";
    drop(make_foreign(&file("newer"), later).await);
    fs::write(file("cut"), &whole[..whole.len() / 2]).unwrap();
    let mut damaged = whole.clone();
    // Past the schema on the first pages, and in more than one table's.
    let from = damaged.len() / 2;
    damaged[from..].iter_mut().for_each(|byte| *byte = !*byte);
    fs::write(file("damaged"), damaged).unwrap();
    for (name, why) in [
        ("empty", "no database of Routewarden's"),
        ("text", "no database of Routewarden's"),
        ("foreign", "no database of Routewarden's"),
        ("newer", "newer Routewarden (it knows m9999_flying)"),
        ("cut", "the database is damaged"),
        ("damaged", "the database is damaged"),
        ("missing", "does not exist"),
    ] {
        let refused = home.restore(&file(name), true).await.unwrap_err();
        assert!(refused.contains(why) && refused.contains(name), "{name}: {refused}");
        assert_eq!(home.beside(), [""], "{name}");
    }
    assert_eq!(home.names().await, ["a"]);
}

#[tokio::test]
async fn a_backup_whose_key_is_not_at_hand_is_restored_only_by_force() {
    let home = Home::with(&["a"]).await;
    home.back_up(false).await.unwrap();
    let (vault, store) = home.open().await;
    let id = vault.key_ids().remove(0);
    let kept = fs::read_to_string(&home.config.key_file).unwrap();
    store.sealed().rotate(&vault, |_| {}).await.unwrap();
    store.close().await.unwrap();

    let refused = home.restore(&home.backup(), false).await.unwrap_err();
    assert!(refused.contains(&id) && refused.contains("--force"), "{refused}");
    assert_eq!((home.beside(), home.names().await), (vec![String::new()], vec!["a".to_owned()]));
    let rotated = fs::read_to_string(&home.config.key_file).unwrap();
    fs::remove_file(&home.config.key_file).unwrap();
    let refused = home.restore(&home.backup(), false).await.unwrap_err();
    assert!(refused.contains(&id) && refused.contains("secret.key"), "{refused}");
    // As the words say: the old key beside the new one.
    private(&home.config.key_file, &(kept + &rotated));
    home.restore(&home.backup(), false).await.unwrap();
    assert_eq!(home.names().await, ["a"]);

    fs::remove_file(&home.config.key_file).unwrap();
    private(&home.config.key_file, &rotated);
    let told = home.restore(&home.backup(), true).await.unwrap();
    assert!(told.contains("warning") && told.contains(&id), "{told}");
    let asides = home.beside().iter().filter(|name| name.starts_with(".before-restore-")).count();
    assert_eq!(asides, 2, "each restore keeps what was there");
}

fn private(file: &Path, text: &str) {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).unwrap().write_all(text.as_bytes()).unwrap();
}

#[tokio::test]
async fn a_damaged_database_is_put_aside_with_all_that_belongs_to_it() {
    let home = Home::with(&["a"]).await;
    home.back_up(false).await.unwrap();
    fs::write(home.database(), "this was a database once, and something has written over it since then")
        .unwrap();
    fs::write(crate::store::beside(&home.database(), "-wal"), "its log").unwrap();
    home.restore(&home.backup(), false).await.unwrap();
    let beside = home.beside();
    assert!(
        beside.iter().any(|name| name.starts_with(".before-restore-") && name.ends_with("-wal")),
        "{beside:?}"
    );
    assert_eq!(home.names().await, ["a"]);
}

#[tokio::test]
async fn an_empty_machine_is_restored_onto() {
    let (home, other) = (Home::with(&["a"]).await, Home::new());
    home.back_up(false).await.unwrap();
    fs::create_dir_all(&other.config.data_dir).unwrap();
    private(&other.config.key_file, &fs::read_to_string(&home.config.key_file).unwrap());
    let told = other.restore(&home.backup(), false).await.unwrap();
    assert!(!told.contains("before-restore"), "{told}");
    assert_eq!(other.names().await, ["a"]);
}

#[test]
fn a_backup_killed_anywhere_leaves_a_whole_file_or_none_and_the_next_one_works() {
    let home = in_a_process(Home::with(&["a"]));
    let mut steps = 1;
    loop {
        let _ = fs::remove_file(home.backup());
        let came_to_its_end = in_a_process(cut_short(steps, home.back_up(false))).is_some();
        if home.backup().exists() {
            in_a_process(home.restore(&home.backup(), false))
                .unwrap_or_else(|why| panic!("after {steps} steps: {why}"));
        }
        in_a_process(home.back_up(true)).unwrap_or_else(|why| panic!("after {steps} steps: {why}"));
        if came_to_its_end {
            break;
        }
        steps += 1;
    }
    assert!(steps > 5, "a backup takes more than {steps} steps");
}

#[test]
fn a_restore_killed_anywhere_leaves_the_one_database_or_the_other() {
    let home = in_a_process(Home::with(&["new"]));
    let backup = {
        let old = in_a_process(Home::with(&["old"]));
        fs::copy(&old.config.key_file, home.folder.path().join("old.key")).unwrap();
        let both = fs::read_to_string(&old.config.key_file).unwrap()
            + &fs::read_to_string(&home.config.key_file).unwrap();
        private(&home.config.key_file, &both);
        in_a_process(old.back_up(false)).unwrap();
        fs::copy(old.backup(), home.backup()).unwrap();
        home.backup()
    };
    in_a_process(home.back_up_to("present.db")).unwrap();
    let present = home.folder.path().join("present.db");
    let mut steps = 1;
    loop {
        let came_to_its_end = in_a_process(cut_short(steps, home.restore(&backup, false))).is_some();
        let names = in_a_process(home.names());
        assert!(names == ["new"] || names == ["old"], "after {steps} steps: {names:?}");
        if names == ["old"] {
            let is_kept = home.beside().iter().any(|name| name.starts_with(".before-restore-"));
            assert!(is_kept, "after {steps} steps");
            in_a_process(home.restore(&present, false)).unwrap();
        }
        if came_to_its_end {
            assert_eq!(names, ["old"]);
            break;
        }
        steps += 1;
    }
    assert!(steps > 10, "a restore takes more than {steps} steps");
    let drafts = home.beside().into_iter().filter(|name| name.starts_with(".new-")).count();
    assert_eq!(drafts, 0);
}

impl Home {
    async fn back_up_to(&self, name: &str) -> anyhow::Result<()> {
        let asked = Backup { file: self.folder.path().join(name), force: false };
        backup::run(asked, &self.config, &mut Vec::new()).await
    }
}

#[tokio::test]
async fn a_database_on_a_server_of_its_own_is_left_to_that_server_s_tool() {
    let home = Home::new();
    for (url, there, back) in [
        ("postgres://rw:hunter2@db/watch", "pg_dump", "pg_restore"),
        ("mariadb://rw:hunter2@db/watch", "mariadb-dump", "mariadb --host=db"),
    ] {
        let config = Config { database_url: url.to_owned(), ..home.config.clone() };
        let asked = Backup { file: home.backup(), force: false };
        let told = backup::run(asked, &config, &mut Vec::new()).await.unwrap_err().to_string();
        assert!(told.contains(there) && told.contains("db") && !told.contains("hunter2"), "{told}");
        let asked = Restore { file: home.backup(), force: false };
        let told = run(asked, &config, Arc::new(SystemClock), &mut Vec::new()).await.unwrap_err().to_string();
        assert!(told.contains(back) && !told.contains("hunter2"), "{told}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn whoever_restores_as_root_leaves_the_files_to_their_owner() {
    use std::os::unix::fs::{MetadataExt, chown};
    const SERVER: u32 = 4242;
    let home = Home::with(&["a"]).await;
    home.back_up(false).await.unwrap();
    let give = |file: &Path| chown(file, Some(SERVER), Some(SERVER));
    // Only root may give files away; whoever else runs this has nothing to see to.
    if give(&home.config.data_dir).is_err() {
        return;
    }
    give(&home.database()).unwrap();
    give(&home.config.key_file).unwrap();
    home.restore(&home.backup(), false).await.unwrap();
    Vault::open_file(&home.config.key_file).unwrap().add_key().unwrap();
    for entry in fs::read_dir(&home.config.data_dir).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().uid(), SERVER, "{}", entry.path().display());
    }
}
