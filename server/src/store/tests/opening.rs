//! Opening, closing, and several processes at once.

use super::*;
use engine::SystemClock;
use tokio::task::JoinSet;

async fn open(url: &str) -> Result<Store> {
    Store::open(url, Origin::Server, Arc::new(SystemClock)).await
}

#[tokio::test]
async fn a_url_that_no_driver_reads_is_refused_in_words_without_its_password() {
    for url in [
        "",
        "routewarden.db",
        "oracle://h/x",
        "postgres://user:hunter2@[bad/x",
        "mysql://user:hunter2@host:port/x",
        "mariadb://user:hunter2@:x:y",
        "mariadb:user:hunter2@host/x",
        "postgres:user:hunter2@host/x",
        "postgres://user:hunter2%ff@host/%ff",
        "postgres://user:hunter2@host:99999/x",
        "postgres://user:hunter2@host/x?sslmode=sideways",
        "mysql://user:hunter2@host/x?ssl-mode=sideways",
        "mysql://user:hunter2%ff@host/x",
        "sqlite::memory:",
        "sqlite://",
        "sqlite://x.db?mode=memory",
        "sqlite://x.db?mode=sideways",
    ] {
        let error = open(url).await.unwrap_err();
        assert!(matches!(error, StoreError::BadUrl(_)), "{url}: {error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_told_and_not_a_panic() {
    let error = open("sqlite:///nowhere/at/all/routewarden.db").await.unwrap_err();
    assert!(error.to_string().contains("/nowhere/at/all"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_its_owner_s_alone_and_its_log_too() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("routewarden.db");
    let _store = open(&format!("sqlite://{}", file.display())).await.unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", entry.path().display());
    }
    assert!(folder.path().join("routewarden.db-wal").exists(), "there is a write-ahead log");
}

#[tokio::test]
async fn everything_is_there_again_after_a_restart() {
    let temp = Store::open_temp().await;
    let parent = temp.devices().create(server("core"), &temp.vault).await.unwrap();
    let draft = DeviceDraft {
        parent: Some(parent.id),
        tags: vec!["a b".to_owned(), "ü".to_owned()],
        location: Some("Cikarang".to_owned()),
        ..router("edge-1")
    };
    let device = temp.devices().create(draft, &temp.vault).await.unwrap();
    temp.settings().set("timeout", "7").await.unwrap();
    temp.store.close().await.unwrap();
    let again = temp.again(Origin::Server).await;
    assert_eq!(again.devices().one(device.id).await.unwrap(), device);
    assert_eq!(again.settings().all().await.unwrap()["timeout"], "7");
    let login = again.devices().login(device.id, &temp.vault).await.unwrap().unwrap();
    assert_eq!((login.username.as_str(), login.password.expose().as_str()), ("watcher", "s3cret"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_write_and_read_at_once_and_nobody_meets_a_busy_database() {
    let temp = Arc::new(Store::open_temp().await);
    let command_line = temp.again(Origin::CommandLine).await;
    let mut work = JoinSet::new();
    for number in 0..60 {
        let (temp, command_line) = (temp.clone(), command_line.clone());
        work.spawn(async move {
            let store = if number % 3 == 0 { &command_line } else { &temp.store };
            let device = store.devices().create(server(&format!("s{number}")), &temp.vault).await.unwrap();
            store.devices().set_enabled(device.id, false).await.unwrap();
            store.devices().list().await.unwrap();
        });
    }
    while let Some(done) = work.join_next().await {
        done.unwrap();
    }
    let devices = temp.devices().list().await.unwrap();
    assert_eq!(devices.len(), 60);
    assert!(devices.iter().all(|device| !device.enabled && device.checks.len() == 1));
}

#[tokio::test]
async fn a_running_server_notices_what_the_command_line_changes_and_not_what_it_changed_itself() {
    let server_side = Store::open_temp().await;
    let before = server_side.changes().await.unwrap();
    server_side.devices().create(server("mine"), &server_side.vault).await.unwrap();
    server_side.users().create("anna", Role::Admin, String::new()).await.unwrap();
    assert_eq!(server_side.changes().await.unwrap(), before);
    let command_line = server_side.again(Origin::CommandLine).await;
    command_line.users().create("bert", Role::Viewer, String::new()).await.unwrap();
    assert_eq!(server_side.changes().await.unwrap(), before + 1);
    let _ = command_line.users().create("bert", Role::Viewer, String::new()).await.unwrap_err();
    assert_eq!(server_side.changes().await.unwrap(), before + 1, "what was refused changed nothing");
}

#[tokio::test]
async fn the_schema_goes_down_as_it_came_up() {
    use migration::{Migrator, MigratorTrait};
    let temp = Store::open_temp().await;
    temp.devices().create(router("edge-1"), &temp.vault).await.unwrap();
    Migrator::down(&temp.connections.writer, None).await.unwrap();
    Migrator::up(&temp.connections.writer, None).await.unwrap();
    assert_eq!(temp.devices().list().await.unwrap(), []);
}
